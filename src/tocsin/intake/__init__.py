"""Signals in: one folder per format, each a pure translation from bytes to signals."""
