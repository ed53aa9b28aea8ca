"""ONE FILE PER CHECK: its code, its rule, its hint."""
