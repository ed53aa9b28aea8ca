"""What a single value may be: a converted word, a number, a flag, a choice, a text, a name of something else."""

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from tocsin.config.complaints import Reader, nearest
from tocsin.config.fields import BAD, Bad, Schema, empty, misshapen
from tocsin.config.tree import Node, Scalar

ID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"


class WrongError(ValueError):
    """A word that cannot be read; `hint` replaces the hint of the code where it knows better."""

    def __init__(self, text: str, hint: str = "", code: str = "") -> None:
        super().__init__(text)
        self.hint = hint
        self.code = code


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What cannot be kept, or commands a terminal, or turns round what is read; written as an escape it comes this far."""


def text_of(node: Node, wanted: str, reader: Reader) -> str | Bad:
    """The text of a scalar that has one; control characters and ${...} are refused here, for every field."""
    if not isinstance(node, Scalar) or empty(node):
        return misshapen(node, wanted, reader)
    if "${" in node.text:
        reader.complain("F024", node.at, f"{node.text!r} would be read as it stands")
        return BAD
    if _CONTROL.search(node.text):
        reader.complain("Y011", node.at, "a control character in a text")
        return BAD
    return node.text


class Word(Struct, frozen=True):
    """A text that `convert` turns into a value; what it refuses becomes a complaint of `code`."""

    words: str
    code: str
    convert: Callable[[str], Any]
    pattern: str = ""
    quoted: bool = False

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        try:
            return self.convert(text)
        except WrongError as problem:
            reader.complain(problem.code or self.code, node.at, str(problem), problem.hint)
        except ValueError as problem:
            what, _sign, hint = str(problem).partition("; ")
            reader.complain(self.code, node.at, what, hint)
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "pattern": f"^{self.pattern}$"} if self.pattern else {"type": "string"}


class Whole(Struct, frozen=True):
    """A whole number within bounds."""

    least: int = 0
    most: int = 1_000_000

    @property
    def words(self) -> str:
        return f"a whole number from {self.least} to {self.most:,}"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if re.fullmatch(r"[0-9]{1,9}", text) and self.least <= int(text) <= self.most:
            return int(text)
        reader.complain("F006", node.at, f"{text!r} is not {self.words}", "write one, in digits")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(Struct, frozen=True):
    """true or false, and no other way to say it."""

    words: str = "true or false"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if text in ("true", "false"):
            return text == "true"
        reader.complain("F007", node.at, f"{text!r} is neither true nor false")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "boolean"}


class Choice(Struct, frozen=True):
    """One of a few words."""

    options: tuple[str, ...]
    code: str = "F005"

    @property
    def words(self) -> str:
        return f"one of {', '.join(self.options)}"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad) or text in self.options:
            return text
        hint = nearest(text, self.options) or f"write {self.words}"
        reader.complain(self.code, node.at, f"{text!r} is not {self.words}", hint)
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"enum": list(self.options)}


class Text(Struct, frozen=True):
    """Any text of a reasonable length."""

    longest: int = 1000
    words: str = "a text"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if text.strip() and len(text) <= self.longest:
            return text.strip()
        what = "is empty" if not text.strip() else f"is longer than {self.longest} characters"
        reader.complain("F012", node.at, f"the text {what}", "shorten it" if text.strip() else "write something")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


class Ref(Struct, frozen=True):
    """The id of something that another section defines."""

    section: str
    words: str
    also: tuple[str, ...] = ()

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if text not in self.also:
            reader.mention(self.section, text, node.at)
        return text

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "pattern": f"^{ID}$"}
