"""sources: where signals come from, with keys from the environment."""

import re
from typing import Any

from msgspec import Struct

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.fields import BAD, Field, Record, Schema, Table, empty, misshapen
from tocsin.config.measures import ID_WORD
from tocsin.config.services import SERVICE
from tocsin.config.tree import Node, Scalar
from tocsin.config.words import Choice, text_of
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
