"""How a test controls the embedded AWS: its clock, its faults, its quotas."""
