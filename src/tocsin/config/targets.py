"""Whom, when and how bad: targets, expressions, and values that differ by priority."""

import re
from typing import Any

from msgspec import Struct

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.fields import BAD, Bad, Kind, Schema, empty, misshapen
from tocsin.config.tree import Mapping, Node, Scalar
from tocsin.config.words import ID, Choice, text_of
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.routing.criteria import CriteriaError, compile_condition


class TargetWord(Struct, frozen=True):
    """Whom a step names. `absolute` refuses the words that only mean something within an incident."""

    absolute: bool = False
    words: str = "a target"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        target = _target(text)
        if target is None:
            reader.complain("F022", node.at, f"{text!r} is not a target", _target_hint(text))
            return BAD
        if self.absolute and target.kind in ("word", "manager", "channel"):
            reader.complain("R009", node.at, f"{text!r} only means something within an incident")
            return BAD
        _mention(target, node.at, reader)
        return target

    def schema(self, _shared: Schema) -> Schema:
        words = "" if self.absolute else "|channel:.+|manager:[1-9]|" + "|".join(re.escape(word) for word in WORDS)
        return {"type": "string", "pattern": f"^(?:(?:person|team|schedule|role):{ID}{words})$"}


SECTIONS: dict[TargetKind, str] = {"person": "people", "team": "teams", "schedule": "schedules", "role": "roles"}


def _mention(target: Target, at: Place, reader: Reader) -> None:
    section = SECTIONS.get(target.kind)
    if section:
        reader.mention(section, target.name, at)
    elif target.kind == "channel":
        reader.complain("N005", at, f"{target}: set its address with the store's people")


def _target(text: str) -> Target | None:
    if text in WORDS:
        return Target("word", text)
    kind, colon, name = text.partition(":")
    if kind == "manager" and re.fullmatch("[1-9]", name):
        return Target("manager", name)
    if colon and (kind in SECTIONS or kind == "channel") and re.fullmatch(ID, name):
        return Target(kind, name)  # type: ignore[arg-type]
    return None


def _target_hint(text: str) -> str:
    kind, colon, _name = text.partition(":")
    if kind == "manager":
        return "write manager:1 to manager:9"
    if colon:
        return nearest(kind, [*SECTIONS, "channel", "manager"])
    return nearest(text, WORDS) or (f"write person:{text} or team:{text}" if re.fullmatch(ID, text) else "")


class Expression(Struct, frozen=True):
    """A CEL expression, quoted, compiled here so that its mistakes have a line."""

    words: str = "an expression in quotes"

    def read(self, node: Node, reader: Reader) -> Any:
        if isinstance(node, Mapping) or (isinstance(node, Scalar) and not empty(node) and not node.style):
            reader.complain("C004", node.at, "an expression without quotes")
            return BAD
        if not isinstance(node, Scalar) or empty(node):
            return misshapen(node, self.words, reader, "quote the whole expression")
        try:
            condition = compile_condition(node.text)
        except CriteriaError as problem:
            text = f"{problem.text}, at character {problem.column} of the expression"
            reader.complain(_CRITERIA[problem.kind], _inside(node, problem), text, problem.hint)
            return BAD
        for hours in sorted(condition.hours):
            reader.mention("hours", hours, node.at)
        return node.text

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": 4096}


_CRITERIA = {"compile": "C001", "type": "C002", "order": "C003", "cost": "C005"}


def _inside(node: Scalar, problem: CriteriaError) -> Place:
    """The place within a quoted expression on one line; in a block, the line below its sign."""
    if node.style in ("'", '"'):
        column = problem.column if problem.line == 1 else 0
        return Place(node.at.file, node.at.line, node.at.column + column)
    return Place(node.at.file, node.at.line + problem.line, problem.column)


class ByPriority(Struct, frozen=True):
    """A value for each priority, `{P1: 30m, else: 4h}`, or one for all; `else` is written out."""

    kind: Kind

    @property
    def words(self) -> str:
        return f"{self.kind.words}, or one for each priority"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            value = self.kind.read(node, reader)
            return BAD if value is BAD else dict.fromkeys(PRIORITIES, value)
        given: dict[str, Any] = {}
        for key, value in node.entries:
            if key.text not in (*PRIORITIES, "else"):
                reader.complain("F023", key.at, f"{key.text!r} is not a priority", "write P1 to P5, or else")
            given[key.text] = self.kind.read(value, reader)
        if not given:
            return misshapen(node, self.words, reader, "name at least one priority, or else")
        if any(value is BAD or key not in (*PRIORITIES, "else") for key, value in given.items()):
            return BAD
        return {p: given.get(p, given.get("else")) for p in PRIORITIES if p in given or "else" in given}

    def schema(self, shared: Schema) -> Schema:
        one = self.kind.schema(shared)
        each = dict.fromkeys((*PRIORITIES, "else"), one)
        return {"anyOf": [one, {"type": "object", "properties": each, "additionalProperties": False}]}


PRIORITY = Choice(PRIORITIES, "F023")
TARGET = TargetWord()
ABSOLUTE = TargetWord(absolute=True)
