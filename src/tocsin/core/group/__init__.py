"""A parent and its children: one tree of incidents that belong together, held back no longer than allowed."""
