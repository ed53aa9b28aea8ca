"""Anything that can post: JSON, a form, or a bare query, in the sender's own words."""
