"""THE LIVE LOOPS: the only caller of decide, the only reader of the clock."""
