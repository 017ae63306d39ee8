"""Controls of the embedded AWS for tests: its clock, its faults, its quotas."""
