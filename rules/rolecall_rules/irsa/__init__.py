"""IAM roles for service accounts: annotations, bindings and what keeps them from working."""
