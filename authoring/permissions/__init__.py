"""A policy as IAM: the function's role, and the service control policy."""
