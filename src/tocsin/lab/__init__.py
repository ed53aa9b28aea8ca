"""QUESTIONS ASKED OF THE RULES. Pure: the same core on a virtual clock, with no store, no clock and no chance."""
