"""What a sweep costs, measured: one module a question, run as in `python -m bench.organization`."""
