"""rolecall: who does your pod become? A static linter for AWS workload identity on Kubernetes."""

__version__ = "0.1.0"
