"""What several pages show: an incident's facts, its ladders, its timeline, its messages, as plain values."""
