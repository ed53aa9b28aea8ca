"""A STORY: a whole incident as a plain file, and whether it would happen again by these rules."""
