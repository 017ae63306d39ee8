"""The policy language: the types of its source, and its compiler."""
