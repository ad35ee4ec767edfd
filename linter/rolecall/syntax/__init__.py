"""Text to trees: YAML, JSON, Dockerfiles, and JSON inside other syntaxes."""
