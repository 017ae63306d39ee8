"""AWS on this machine: AWS Organizations' handshakes in moto, a local cloud to deploy to, and a demo."""
