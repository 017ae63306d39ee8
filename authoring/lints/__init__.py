"""What a policy may say and yet hardly means: one function a lint."""
