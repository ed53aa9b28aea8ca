"""Hostile texts, written by ourselves: one file a kind, one text a line, comments after `# `."""

import random
import re
from functools import cache
from pathlib import Path

from tocsin.intake.bounds import CONTROLS

HERE = Path(__file__).parent / "corpora"
SIGNAL = ("xss", "headers", "csv", "terminal", "templates")
"""The kinds that a monitored host may write into an alert."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
KEPT = "=:,;[]."
"""What makes several values of one, where a format looks for that; harmless by itself."""

_DROPPED = re.compile(f"[{CONTROLS}]")
_ESCAPE = re.compile(r"\\(\\|n|r|t|0|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
_SHORT = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t", "0": "\0"}


@cache
def corpus(kind: str) -> tuple[str, ...]:
    """All texts of a kind."""
    lines = (HERE / f"{kind}.txt").read_text("utf-8").splitlines()
    return tuple(_ESCAPE.sub(_meant, line) for line in lines if line and not line.startswith("# "))


def _meant(match: "re.Match[str]") -> str:
    return _SHORT.get(match[1]) or ("\0" if match[1] == "0" else chr(int(match[1][1:], 16)))


@cache
def everything() -> tuple[str, ...]:
    """What a signal may carry, and what is only long, empty or odd."""
    odd = ("", " ", "\n", "x" * 9_000, "<" * 5_000, "&" * 5_000, "\u0301" * 2_000, "ẞ" * 3_000, "\U0001f525" * 2_000)
    return tuple(text for kind in SIGNAL for text in corpus(kind)) + odd


def twin(text: str) -> str:
    """A harmless text of the same length and lines, another one for another text; what parts values is as it was."""
    seen = "".join(letter for letter in text if letter.isspace() or not _DROPPED.match(letter))
    if not seen.strip():
        return text  # nothing of it is ever seen
    dice = random.Random(" ".join(seen.split()))
    return "".join(letter if letter.isspace() or letter in KEPT else dice.choice(LETTERS) for letter in seen)
