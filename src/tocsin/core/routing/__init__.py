"""From a signal to a report: which service, which policy, which priority, and what the criteria raise."""
