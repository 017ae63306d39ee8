"""A whole organization: the sweep of each of its accounts, one after the other."""
