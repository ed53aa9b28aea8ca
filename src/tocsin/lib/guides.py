"""Guides, written in a little Markdown, as blocks that a page can show: headings, texts, lists, tables and code."""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

_CODE = re.compile(r"`([^`]+)`")
_BAR = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


class Part(Struct, frozen=True):
    """A piece of a line; `code` is what machines read."""

    text: str
    code: bool = False


Line = tuple[Part, ...]


class Block(Struct, frozen=True):
    """One block. `lines` are those of a text, the points of a list; `rows` the cells of a table, its head first."""

    kind: Literal["heading", "text", "list", "table", "code"]
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    code: str = ""


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a guide, in order."""
    lines = text.strip().splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
        elif lines[at].startswith("```"):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("```")), len(lines))
            yield Block("code", code="\n".join(lines[at + 1 : end]))
            at = end + 1
        else:
            end = next((n for n in range(at, len(lines)) if _ends(lines[n])), len(lines))
            yield _block(lines[at:end])
            at = end


def _ends(line: str) -> bool:
    return not line.strip() or line.startswith("```")


def _block(lines: list[str]) -> Block:
    if lines[0].startswith("#"):
        return Block("heading", (parts(lines[0].lstrip("# ")),))
    if lines[0].startswith("|"):
        cells = [line.strip().strip("|").split(" |") for line in lines if not _BAR.fullmatch(line.strip())]
        return Block("table", rows=tuple(tuple(parts(cell) for cell in row) for row in cells))
    if lines[0].startswith("- "):
        joined = "\n".join(lines).removeprefix("- ").split("\n- ")
        return Block("list", tuple(parts(" ".join(point.split())) for point in joined))
    return Block("text", (parts(" ".join(line.strip() for line in lines)),))


def parts(line: str) -> Line:
    """A line in pieces."""
    found = _CODE.split(line.strip())
    return tuple(Part(text, code=bool(n % 2)) for n, text in enumerate(found) if text)
