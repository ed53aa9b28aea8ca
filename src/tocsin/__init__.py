"""tocsin: from the moment something is reported until somebody has dealt with it, it never falls silent."""

__version__ = "0.1.0"
