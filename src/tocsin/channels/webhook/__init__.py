"""A signed POST to somebody's own program, guarded against reaching into our network."""
