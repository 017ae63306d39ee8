"""The diagnostics of a policy: their type, their catalogue and their wording."""
