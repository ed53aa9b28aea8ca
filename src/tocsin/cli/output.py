"""What a command says: text or JSON on standard output, complaints beside it, and nothing that commands a terminal."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

Form = Literal["text", "json"]

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links, the clipboard
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # strings for the device
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
_SPACES = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class MistakeError(Exception):
    """Something that whoever typed the command can put right: what is wrong, and what helps."""

    def __init__(self, what: str, hint: str = "", status: int = 2) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.status = status


def safe(text: object) -> str:
    """One line of a text that came from outside: no escape sequences, controls or turned-round writing in it."""
    return _CONTROLS.sub("", _SPACES.sub(" ", _ESCAPES.sub("", str(text))))


def say(text: str = "") -> None:
    """A line of the answer, on standard output."""
    print(text)


def note(text: str) -> None:
    """A line about the work, on standard error."""
    print(text, file=sys.stderr, flush=True)


def say_json(value: Any) -> None:
    """The answer for programs; what a terminal could take for a command stands as an escape."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    print(_UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns under their headings; the last one may be as wide as it likes. Nothing is cut: it can be piped."""
    cells = [[safe(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
    for row in [[name.upper() for name in header], *cells]:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def complain(what: str, hint: str = "") -> None:
    """One line what is wrong and, where something helps, one line what does."""
    note(f"tocsin: {safe(what)}")
    if hint:
        note(f"  hint: {safe(hint)}")
