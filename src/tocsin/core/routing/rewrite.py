"""From an expression as people write it to one that only reads plain data, so that judging it needs no callbacks."""

import re

from msgspec import Struct

from tocsin.core.routing.vocabulary import NAMES

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<text>[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"
                               |'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
      | (?P<name>[A-Za-z_]\w*)
      | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?\w*)
      | (?P<sign>&&|\|\||[=!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"""(['"])([^\\\n]*)\1""")
_PRIORITY = re.compile(r"P[1-5]")
_WALKS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_VARIABLES = frozenset(row.name for row in NAMES)


class Token(Struct, frozen=True):
    """A piece of source: `kind` is text, name, number or sign; `start` is its offset in characters."""

    kind: str
    text: str
    start: int


class Plan(Struct, frozen=True):
    """`source` over plain data, and what that data must hold: variables, labels, hours, and durations as written."""

    source: str
    variables: frozenset[str]
    labels: frozenset[str]
    hours: frozenset[str]
    durations: frozenset[str]


class NotPlainError(ValueError):
    """A function was given something else than a text in quotes; `start` is the offset of the function's name."""

    def __init__(self, function: str, start: int) -> None:
        super().__init__(f"{function}(...) takes one text in quotes")
        self.function = function
        self.start = start


def tokens(source: str) -> list[Token]:
    """Split an expression; white space and comments are left out. Never fails: what is no token is a sign."""
    found = (Token(match.lastgroup or "sign", match.group(), match.start()) for match in _TOKEN.finditer(source))
    return [token for token in found if token.kind != "space"]


def plan(source: str) -> Plan:
    """Rewrite an expression that has passed the check; NotPlainError when reports or in_hours lack a plain text."""
    writer = _Writer()
    text = writer.write(tokens(source))
    return Plan(
        text,
        frozenset(writer.variables),
        frozenset(writer.labels),
        frozenset(writer.hours),
        frozenset(writer.durations),
    )


def costly(source: str) -> int | None:
    """The offset of what could cost too much: inside a walk over a list, another walk or a `+`; else None."""
    found = tokens(source)
    for at, token in enumerate(found[:-1]):
        walks = token.text in _WALKS and found[at + 1].text == "(" and at and found[at - 1].text == "."
        inner = found[at + 2 : _closed(found, at + 1)] if walks else []
        for piece in inner:
            if piece.text == "+" or piece.text in _WALKS:
                return piece.start
    return None


def _plain(found: list[Token]) -> str | None:
    """The content of a single simple text literal, or None."""
    match = _PLAIN.fullmatch(found[0].text) if len(found) == 1 else None
    return match.group(2) if match else None


def _closed(found: list[Token], at: int) -> int:
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(found)):
        if found[index].kind == "sign" and found[index].text in "([{":
            depth += 1
        elif found[index].kind == "sign" and found[index].text in ")]}":
            depth -= 1
            if depth == 0:
                return index
    return len(found)


class _Writer:
    """Walks the tokens once, writing the rewritten text and noting what it needs."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.labels: set[str] = set()
        self.hours: set[str] = set()
        self.durations: set[str] = set()

    def write(self, found: list[Token]) -> str:
        parts: list[str] = []
        at = 0
        while at < len(found):
            text, at = self._one(found, at)
            parts.append(text)
        return " ".join(parts)

    def _one(self, found: list[Token], at: int) -> tuple[str, int]:
        """The rewritten text of what starts at `at`, and the index behind it."""
        token = found[at]
        if token.kind != "name" or (at and found[at - 1].text == "."):
            return token.text, at + 1
        words = [piece.text for piece in found[at : at + 4]]
        if words[:2] == ["has", "("]:
            return self._has(found, at)
        if words[:3] == ["calendar", ".", "in_hours"]:
            return self._call(found, at + 2)
        if words[1:2] == ["("] and token.text in ("at_least", "reports", "in_hours"):
            return self._call(found, at)
        if words[1:2] == ["."] and ".".join(words[0:3:2]) in _VARIABLES:
            return self._variable(found, at)
        return (token.text[1:] if _PRIORITY.fullmatch(token.text) else token.text), at + 1

    def _has(self, found: list[Token], at: int) -> tuple[str, int]:
        """has() asks for what is really there, so the labels inside are those that came."""
        end = _closed(found, at + 1)
        inner = found[at + 2 : end]
        self.variables.update(name for name in _VARIABLES if "".join(piece.text for piece in inner).startswith(name))
        return "has(" + "".join(piece.text for piece in inner) + ")", end + 1

    def _call(self, found: list[Token], at: int) -> tuple[str, int]:
        """A function becomes a comparison, or a look into a table of answers prepared for exactly its arguments."""
        end = _closed(found, at + 1)
        function, inner = found[at].text, found[at + 2 : end]
        if function == "at_least":
            self.variables.add("incident.priority")
            return f"(incident.priority <= ({self.write(inner)}))", end + 1
        argument = _plain(inner)
        if argument is None:
            raise NotPlainError(function, found[at].start)
        (self.durations if function == "reports" else self.hours).add(argument)
        return f"{function}[{inner[0].text}]", end + 1

    def _variable(self, found: list[Token], at: int) -> tuple[str, int]:
        name = f"{found[at].text}.{found[at + 2].text}"
        following = [piece.text for piece in found[at + 3 : at + 6]]
        if name == "signal.labels" and following[:1] == ["["]:
            return self._indexed(found, at + 3)
        if name == "signal.labels" and following[:1] == ["."] and following[2:3] != ["("]:
            self.labels.add(following[1])
            return f'label["{following[1]}"]', at + 5
        self.variables.add(name)
        return name, at + 3

    def _indexed(self, found: list[Token], at: int) -> tuple[str, int]:
        """A label by a name in brackets: known beforehand, or asked for at the time."""
        end = _closed(found, at)
        inner = found[at + 1 : end]
        name = _plain(inner)
        if name is not None:
            self.labels.add(name)
            return f"label[{inner[0].text}]", end + 1
        self.variables.add("signal.labels")
        text = self.write(inner)
        return f"(({text}) in signal.labels ? signal.labels[{text}] : '')", end + 1
