"""Rules about what the roles of workloads may do: more than the pods that become them can need."""
