"""Notifications to browsers that were asked for them: sealed for one device, acknowledged from the lock screen."""
