"""An escalation policy: two ladders of steps, and the walk along them."""
