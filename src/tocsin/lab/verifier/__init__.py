"""PROOF. What holds of a rulebook for every service, priority and instant to come, and where it does not, and why."""
