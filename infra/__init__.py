"""AWS for real: the CDK app, its stack, and the bundle that it ships."""
