"""Rules about EKS Pod Identity: associations and the trust of their roles."""
