"""RULEBOOK FILES. Pure: text <-> rulebook, with every complaint at once, each with its place and a hint."""

from tocsin.config.complaints import Complaint, excerpt
from tocsin.config.diff import Change, diff
from tocsin.config.dump import dump
from tocsin.config.edit import EditError, edit
from tocsin.config.files import load
from tocsin.config.load import Loaded, loads
from tocsin.config.people import Seed
from tocsin.config.schema import schema

__all__ = [
    "Change",
    "Complaint",
    "EditError",
    "Loaded",
    "Seed",
    "diff",
    "dump",
    "edit",
    "excerpt",
    "load",
    "loads",
    "schema",
]
