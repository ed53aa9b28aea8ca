"""Who is on call: schedules, overrides and absences, the roster at an instant, and targets resolved to people."""
