"""From files to a tree of text with places. Knows no policy."""
