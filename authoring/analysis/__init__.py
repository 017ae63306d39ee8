"""The semantics of policies: exact answers about all handshakes, each shown by a witness."""
