"""Controllers that fetch secrets, certificates or credentials for others, and what they authenticate to AWS with."""
