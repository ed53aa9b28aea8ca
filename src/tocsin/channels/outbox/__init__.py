"""The built-in outbox: nothing leaves, everything that would have been sent can be read."""
