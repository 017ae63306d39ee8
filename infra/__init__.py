"""The deployment to AWS: the CDK app, its stack, and the function's bundle."""
