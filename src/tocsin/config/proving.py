"""expect, allow: examples that must come true on every change, and findings that are accepted for a time."""

import re
from typing import Any

from tocsin.config.complaints import Reader
from tocsin.config.fields import Field, Many, Record, Table
from tocsin.config.hours import minute_of
from tocsin.config.measures import DAY_WORD, ID_WORD, SOME_TIME
from tocsin.config.services import SERVICE
from tocsin.config.targets import ABSOLUTE, PRIORITY
from tocsin.config.tree import Mapping
from tocsin.config.words import Choice, Flag, Text, Whole, Word, WrongError
from tocsin.core.catalogue.allowance import Allowance
from tocsin.core.routing.expectation import Expectation, Sample

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
        Field("affected_users", Whole(), "how many users it says are affected", default="0"),
        Field("wants_escalation", Flag(), "whether the sender asks for a manager", default="false"),
    ),
    lambda values, _node, _reader: Sample(**values),
)


def _local(text: str) -> str:
    day, _space, time = text.partition(" ")
    match = re.fullmatch(r"([0-9]{2}):([0-9]{2})", time)
    if not match or minute_of(*match.groups()) is None:
        raise WrongError(f"{text!r} is not a local time", 'write "2026-03-29 02:30"')
    return f"{DAY_WORD.convert(day)} {time}"


def _expectation(values: dict[str, Any], node: Mapping, reader: Reader) -> Expectation:
    if "priority" not in values and "reaches" not in values:
        reader.complain("P010", node.at, "an expectation that expects nothing")
    return Expectation(**values)


EXPECT = Many(
    Record(
        "expectation",
        "An example that must come true on every change. Whoever is called first acknowledges, unless nobody answers.",
        (
            Field("signal", _SIGNAL, "what comes in", required=True),
            Field(
                "at",
                Word("a local time", "F016", _local),
                "when, in the rulebook's zone",
                default="at every instant of 400 days",
                example='"2026-03-29 02:30"',
            ),
            Field("nobody_answers", Flag(), "nobody acknowledges", default="false"),
            Field("priority", PRIORITY, "what priority it gets"),
            Field("reaches", ABSOLUTE, "who must be called or told"),
            Field("within", SOME_TIME, "by when", default="1d", example="5m"),
        ),
        _expectation,
    ),
    single=False,
)

ALLOW = Many(
    Record(
        "allowance",
        "A finding that is accepted for a time. One that has expired or matches nothing is a finding itself.",
        (
            Field("finding", ID_WORD, "the check, by its name or code", required=True, example="lone-responder"),
            Field(
                "at",
                Text(400),
                "the place as `tocsin check` names it, with all below it",
                required=True,
                example="teams.mail",
            ),
            Field("reason", Text(500), "why it is accepted", required=True, example='"two people only until March"'),
            Field("until", DAY_WORD, "the first day on which it no longer is", required=True, example="2027-03-01"),
        ),
        lambda values, _node, _reader: Allowance(**values),
    ),
    single=False,
)
