"""Why one handshake is decided as it is, and what would change that."""
