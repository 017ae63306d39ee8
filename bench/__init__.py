"""Measurements of a sweep: one module a question, run as in `python -m bench.organization`."""
