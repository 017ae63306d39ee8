"""Recorded handshakes and decisions, and what another policy decides about them. Nothing here answers a handshake."""
