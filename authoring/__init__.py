"""All that happens to a policy before it ships, and the `responder` command."""
