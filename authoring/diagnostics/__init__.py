"""The diagnostics of a policy: their type, the catalog of lints and their wording."""
