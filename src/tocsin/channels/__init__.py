"""Notifications out, replies in: one folder per kind; none knows another, none knows the store."""
