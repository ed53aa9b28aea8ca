"""The live engine as a stage, as the program ships it: its door, store, timers and dispatcher on a virtual clock."""

from tocsin.cli.live import Live

__all__ = ["Live"]
