"""RULEBOOK FILES. Pure: text <-> rulebook, with every complaint at once, each with its place and a hint."""

from tocsin.config.complaints import Complaint, excerpt
from tocsin.config.files import load
from tocsin.config.load import Loaded, loads
from tocsin.config.people import Seed

__all__ = ["Complaint", "Loaded", "Seed", "excerpt", "load", "loads"]
