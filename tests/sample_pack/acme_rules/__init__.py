"""Acme's own rules about workload identity."""
