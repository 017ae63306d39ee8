"""A local cloud that takes a real deployment."""
