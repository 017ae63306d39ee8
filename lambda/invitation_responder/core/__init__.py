"""Decisions and what follows from them, as values. Pure: no AWS, no environment, no clock."""
