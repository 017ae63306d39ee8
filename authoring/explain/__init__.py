"""The explanation of a decision: the reasons for it, and the nearest changes that would alter it."""
