"""CloudFormation and SAM templates, evaluated as far as reading can: what depends on the stack stays unknown."""
