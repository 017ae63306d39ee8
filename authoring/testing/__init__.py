"""Policy tests: handshakes, the decision that is expected about each, and how much of a policy they show."""
