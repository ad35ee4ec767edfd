"""Results for people and machines: text, JSON, SARIF, GitHub annotations."""
