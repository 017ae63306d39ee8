"""A local cloud for real deployments."""
