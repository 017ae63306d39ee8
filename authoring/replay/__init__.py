"""What was decided before, and what a policy would have decided instead. Everything here only reads."""
