"""The lints: the ways in which a valid policy hardly means what it says, a function for each question."""
