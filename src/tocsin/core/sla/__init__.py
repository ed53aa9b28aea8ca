"""Promises with a clock: SLA (customer), OLA (team), contract (vendor). Parsed and kept; the clocks come later."""
