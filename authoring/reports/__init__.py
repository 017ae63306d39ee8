"""What commands found, as text for people and in the formats of other programs."""
