"""The results of commands, as text for people and in the formats of other programs."""
