"""A story performed on a stage, and two performances compared: as `tocsin story run` does."""

from tocsin.lab.story.performance import comparable, difference, perform

__all__ = ["comparable", "difference", "perform"]
