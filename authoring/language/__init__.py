"""The policy language: what an author may write, and how that becomes a compiled policy."""
