"""Credentials and variables that keep a container from the identity it was given."""
