"""What policies mean: which handshakes there are for them, and how they are answered."""
