"""Rules about what the roles of workloads may do, and who shares them."""
