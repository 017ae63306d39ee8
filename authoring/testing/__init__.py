"""Policy tests: handshakes with the decisions that are expected about them, and the coverage of a policy."""
