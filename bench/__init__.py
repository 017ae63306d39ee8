"""Measurements of what users pay for: one module a question, run as in `python -m bench organization`."""
