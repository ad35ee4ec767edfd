"""How IAM decides: patterns, conditions, trust policies, permissions."""
