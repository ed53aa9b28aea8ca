"""MEMORY. Streams of events, what is due, what is to be sent: bytes and a few columns to read, and no rule at all."""
