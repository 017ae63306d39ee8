"""Recorded handshakes and decisions, and the decisions of a policy about them instead. Nothing here answers or decides anew in AWS."""
