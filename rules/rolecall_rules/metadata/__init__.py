"""Rules about the instance metadata service, through which a pod becomes its node."""
