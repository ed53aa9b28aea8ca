"""The desk of a team: whose turn it is, what each of its people has in hand, and what came from and went to others."""
