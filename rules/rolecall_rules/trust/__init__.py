"""Rules about whom a role's trust policy admits."""
