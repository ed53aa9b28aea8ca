"""The benchmark: how fast, how late, how large, beside systems that people know, on whatever machine this is."""
