"""What can be wrong with a policy, each with its place, and how that is worded."""
