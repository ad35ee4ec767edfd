"""Trees to entities of the common model, one module a format."""
