"""What differs between two versions: which rules, and which lines of which files."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff

from msgspec import Struct

from tocsin.config import Change, diff, loads
from tocsin.store.rulebooks import Version

MOST_LINES = 2_000
"""Lines of a difference that are shown."""

LONGEST = 20_000
"""Lines of a file that are compared one by one: it takes the square of them where all are different."""


class FileDifference(Struct, frozen=True):
    """Of one file: each line with what became of it: `+`, `-`, `@` (the place), or nothing."""

    file: str
    lines: tuple[tuple[str, str], ...]
    cut: bool


class Compared(Struct, frozen=True):
    """`changes` is None where one of the two is no rulebook that this program reads."""

    changes: tuple[Change, ...] | None
    files: tuple[FileDifference, ...]


def compared(before: Version | None, after: Version) -> Compared:
    """From one to the other; from nothing, where there was none before."""
    return compared_texts({} if before is None else before.texts, after.texts)


def compared_texts(before: Mapping[str, str], after: Mapping[str, str]) -> Compared:
    """The same, of texts by file name."""
    old, new = loads(before).rulebook if before else None, loads(after).rulebook
    changes = diff(old, new) if old is not None and new is not None else None
    return Compared(changes, tuple(_files(before, after)))


def _files(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[FileDifference]:
    for file in sorted({*before, *after}):
        old, new = before.get(file, "").split("\n"), after.get(file, "").split("\n")
        if old == new:
            continue
        if max(len(old), len(new)) > LONGEST:
            yield FileDifference(file, (), cut=True)
            continue
        lines = [_line(one) for one in unified_diff(old, new, lineterm="", n=3)][2:]
        yield FileDifference(file, tuple(lines[:MOST_LINES]), len(lines) > MOST_LINES)


def _line(text: str) -> tuple[str, str]:
    sign = text[:1]
    return (sign, text) if sign in ("+", "-", "@") else ("", text)
