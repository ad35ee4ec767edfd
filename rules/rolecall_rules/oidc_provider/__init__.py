"""Rules about the OIDC providers of IAM: the issuer that each stands for, and the audiences that it accepts."""
