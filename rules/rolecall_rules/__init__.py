"""The built-in rule pack: one file a rule, grouped by family."""
