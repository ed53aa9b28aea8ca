"""Version 1 of the API: incidents and what can be done to them, on call, outbox, tokens, the rulebook."""
