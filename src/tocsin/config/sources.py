"""sources, expect: where signals come from, with keys from the environment; and examples that must come true."""

import re
from typing import Any

from msgspec import Struct

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.fields import BAD, Field, Many, Record, Schema, Table, empty, misshapen
from tocsin.config.hours import minute_of
from tocsin.config.measures import DAY_WORD, ID_WORD, SOME_TIME
from tocsin.config.services import SERVICE
from tocsin.config.targets import ABSOLUTE, PRIORITY
from tocsin.config.tree import Mapping, Node, Scalar, plain
from tocsin.config.words import Choice, Flag, Text, Word, WrongError, text_of
from tocsin.core.ids import SourceId
from tocsin.core.routing.source import Source

ACTIVE = ("alertmanager", "generic")
"""Intakes with an engine. Others are kept as text, checked and reported as not yet active."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class KeyWord(Struct, frozen=True):
    """`${NAME}`: the environment variable that holds the secret; a secret itself is refused and never repeated."""

    words: str = "a ${VARIABLE} of the environment"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Scalar) or empty(node):
            return misshapen(node, self.words, reader)
        match = _VARIABLE.fullmatch(node.text)
        if match:
            return match.group(1)
        reader.complain("F025", node.at, "a key that is not ${VARIABLE}: secrets never stand in a rulebook")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "pattern": f"^{_VARIABLE.pattern}$"}


class Routed(Struct, frozen=True):
    """A service's id, or `label:NAME` to read it from that label."""

    words: str = "a service's id, or label:NAME"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, str) and re.fullmatch(r"label:[A-Za-z_][A-Za-z0-9_.-]*", text):
            return text
        return SERVICE.read(node, reader)

    def schema(self, shared: Schema) -> Schema:
        return {"anyOf": [SERVICE.schema(shared), {"type": "string", "pattern": "^label:[A-Za-z_][A-Za-z0-9_.-]*$"}]}


def _source(name: str, values: dict[str, Any], at: Place, reader: Reader) -> Source:
    intake = values["intake"]
    if intake not in ACTIVE and (hint := nearest(intake, ACTIVE)):
        reader.complain("F035", at, f"source {name}: {intake} is no intake that is built in", hint)
    elif intake not in ACTIVE:
        reader.complain("N004", at, f"source {name}: intake {intake} is parsed and checked, not yet active")
    elif "key" not in values:
        reader.complain("P009", at, f"source {name} has no key")
    return Source(SourceId(name), **({"scope": name} | values))


SOURCES = Table(
    ID_WORD,
    Record(
        "source",
        "One integration that sends signals.",
        (
            Field("intake", ID_WORD, "the format it speaks", required=True, example="alertmanager"),
            Field(
                "service",
                Routed(),
                "a service's id, or `label:NAME`",
                default="the signal's own",
                example="label:service",
            ),
            Field(
                "kind",
                Choice(("incident", "complaint", "security", "request")),
                "what its signals become",
                default="incident",
            ),
            Field("key", KeyWord(), "the environment variable with its secret", example='"${TOCSIN_KEY_SCRIPTS}"'),
            Field("scope", ID_WORD, "shared by sources that report the same things", default="the source's id"),
        ),
    ),
    "ids",
    _source,
    partial=True,
)

_SIGNAL = Record(
    "expected signal",
    "The signal of an expectation.",
    (
        Field("service", SERVICE, "the service it names"),
        Field("severity", Text(100), "the sender's claim"),
        Field("kind", Choice(("incident", "complaint", "security", "request")), "what it is", default="incident"),
        Field("title", Text(1000), "its headline"),
        Field("labels", Table(Text(200), Text(1000), "labels"), "its labels"),
        Field("reported_by", Choice(("tool", "person")), "who sent it", default="tool"),
    ),
)


def _local(text: str) -> str:
    day, _space, time = text.partition(" ")
    match = re.fullmatch(r"([0-9]{2}):([0-9]{2})", time)
    if not match or minute_of(*match.groups()) is None:
        raise WrongError(f"{text!r} is not a local time", 'write "2026-03-29 02:30"')
    return f"{DAY_WORD.convert(day)} {time}"


def _as_written(_values: dict[str, Any], node: Mapping, _reader: Reader) -> Any:
    """What was checked is kept in its own words, for the verifier."""
    return plain(node)


EXPECT = Many(
    Record(
        "expectation",
        "An example that must come true on every change. Parsed and checked, not yet active.",
        (
            Field("signal", _SIGNAL, "what comes in", required=True),
            Field(
                "at", Word("a local time", "F016", _local), "when, in the rulebook's zone", example='"2026-03-29 02:30"'
            ),
            Field("nobody_answers", Flag(), "nobody acknowledges", default="false"),
            Field("priority", PRIORITY, "what priority it gets"),
            Field("reaches", ABSOLUTE, "who must be reached"),
            Field("within", SOME_TIME, "by when", example="5m"),
        ),
        _as_written,
    ),
    single=False,
)
