"""A complaint says where, what and what helps; a file's complaints are collected, never only the first."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from tocsin.config.codes import CODES, Severity


class Place(Struct, frozen=True, order=True):
    """Where in which file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """As compilers write it, so that editors can jump to it."""
        return f"{self.file}:{self.line}:{self.column}"


class Complaint(Struct, frozen=True):
    """One thing wrong or worth knowing. `text` says what is wrong, `hint` what helps ('' where nothing is known)."""

    file: str
    line: int
    column: int
    code: str
    severity: Severity
    text: str
    hint: str = ""

    def __str__(self) -> str:
        """One line: place, severity, code, what, and the hint."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code}: {self.text}{hint}"


class Mention(Struct, frozen=True):
    """A name that must be defined in `section`; `at` is where it was mentioned."""

    section: str
    name: str
    at: Place


class Reader:
    """What reading needs besides the text: where complaints go, which names were mentioned, the default zone."""

    def __init__(self, timezone: str = "UTC") -> None:
        self.timezone = timezone
        self.complaints: list[Complaint] = []
        self.mentions: list[Mention] = []

    def complain(self, code: str, at: Place, text: str, hint: str = "") -> None:
        """Note one; without a hint of its own it carries the one of its code."""
        row = CODES[code]
        self.complaints.append(
            Complaint(at.file, at.line, at.column, code, row.severity, text, hint or row.hint),
        )

    def mention(self, section: str, name: str, at: Place) -> None:
        """Note that `name` must be defined in `section`."""
        self.mentions.append(Mention(section, name, at))


def nearest(name: str, known: Any) -> str:
    """`did you mean x?` for the closest of the known names, or ''."""
    close = get_close_matches(name.lower(), {str(word).lower(): word for word in known}, n=1, cutoff=0.6)
    by_lower = {str(word).lower(): str(word) for word in known}
    return f"did you mean {by_lower[close[0]]}?" if close else ""


def excerpt(complaint: Complaint, texts: Mapping[str, str]) -> str:
    """The line complained about with a caret under its column; '' when the text is not at hand."""
    lines = texts.get(complaint.file, "").splitlines()
    if not 0 < complaint.line <= len(lines):
        return ""
    line = lines[complaint.line - 1].replace("\t", " ")
    return f"  {line}\n  {' ' * (complaint.column - 1)}^"
