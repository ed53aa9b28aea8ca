"""A kind of alert that comes again and again: counted by incident, and named recurring when it comes too often."""
