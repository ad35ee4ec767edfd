"""Rules about the roles that EC2 nodes run as: whatever they may do, every pod on the node may do."""
