"""THE RULES. Pure functions and frozen values: no I/O, no clock, no chance, no logs."""
