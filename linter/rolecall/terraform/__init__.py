"""Terraform evaluated statically, as far as it can be."""
