"""The demo, and the playground on the local cloud."""
