"""The lints: one function for each way in which a valid policy hardly means what it says."""
