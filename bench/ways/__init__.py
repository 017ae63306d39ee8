"""The ways to sweep an organization: a module each, whose `sweep` lists and answers the handshakes of some accounts."""
