"""From files to a tree of text with places. Compiles nothing."""
