"""schedules: rotations as layers with their hand-offs, or one that follows another."""

import re
from typing import Any

from tocsin.config.complaints import Place, Reader
from tocsin.config.fields import BAD, Bad, Field, Many, Record, Table
from tocsin.config.hours import WEEKDAYS, minute_of
from tocsin.config.measures import DAY_WORD, ID_WORD, ZONE
from tocsin.config.people import HOURS, SCHEDULE
from tocsin.config.tree import Mapping
from tocsin.config.words import Choice, Ref, Text, Whole
from tocsin.core.ids import ScheduleId
from tocsin.core.oncall.schedule import Rotation, Schedule

_HANDOFF = {
    "hourly": re.compile(r"()([0-9]{2}):([0-9]{2})"),
    "daily": re.compile(r"()([0-9]{2}):([0-9]{2})"),
    "weekly": re.compile(r"([a-z]{3}) ([0-9]{2}):([0-9]{2})"),
    "monthly": re.compile(r"([0-9]{1,2}) ([0-9]{2}):([0-9]{2})"),
}
_EXAMPLE = {"hourly": '"09:00"', "daily": '"09:00"', "weekly": "mon 09:00", "monthly": "1 09:00"}


def _handoff(turn: str, text: str) -> dict[str, Any] | None:
    """The fields of a rotation that a hand-off sets, or None when it does not fit the turn."""
    match = _HANDOFF[turn].fullmatch(" ".join(text.lower().split()))
    minute = minute_of(*match.group(2, 3)) if match else None
    if match is None or minute is None:
        return None
    if turn == "weekly":
        return {"weekday": WEEKDAYS.index(match.group(1)), "minute": minute} if match.group(1) in WEEKDAYS else None
    if turn == "monthly":
        return {"monthday": int(match.group(1)), "minute": minute} if 1 <= int(match.group(1)) <= 28 else None
    return {"minute": minute}


def _rotation(values: dict[str, Any], node: Mapping, reader: Reader) -> Rotation | Bad:
    people = tuple("" if person == "none" else person for person in values.pop("people"))
    text, turn = values.pop("handoff"), values["turn"]
    handoff = _handoff(turn, text)
    if handoff is None:
        key = node.get("handoff") or node
        hint = f"{turn} is handed over at {_EXAMPLE[turn]}" + (", on day 1 to 28" if turn == "monthly" else "")
        reader.complain("F020", key.at, f"{text!r} is not a hand-off of {turn} turns", hint)
        return BAD
    if not any(people):
        reader.complain("R007", node.at, "a rotation with nobody in it", "name at least one person")
        return BAD
    if values.get("ends", "9999") <= values["starts"]:
        reader.complain("F016", node.at, "the rotation ends before it starts", "ends is the first day without it")
        return BAD
    return Rotation(**(values | handoff | {"people": people}))


ROTATION = Record(
    "rotation",
    "One layer of a schedule: people take turns, handing over at a wall-clock time.",
    (
        Field(
            "people",
            Many(Ref("people", "a person's id", also=("none",)), at_least=1),
            "who takes turns, in order; `none` is a deliberate gap",
            required=True,
            example="[dana, eve]",
        ),
        Field(
            "turn",
            Choice(("hourly", "daily", "weekly", "monthly")),
            "the unit of a turn",
            required=True,
            example="weekly",
        ),
        Field("every", Whole(1, 1000), "a turn is that many units", default="1"),
        Field(
            "handoff",
            Text(40),
            'weekly `mon 09:00`, daily and hourly `"09:00"`, monthly `1 09:00`',
            required=True,
            example="mon 09:00",
        ),
        Field(
            "starts",
            DAY_WORD,
            "the first turn begins at the first hand-off on or after this day",
            required=True,
            example="2026-01-05",
        ),
        Field("ends", DAY_WORD, "the first day without it", default="never"),
        Field("only", HOURS, "restricts the layer to these hours", default="always"),
    ),
    _rotation,
)


def _schedule(name: str, values: dict[str, Any], at: Place, reader: Reader) -> Schedule | Bad:
    if "follows" in values and "rotations" in values:
        reader.complain("F033", at, f"schedule {name} both follows and rotates", "make it two schedules")
        return BAD
    if "follows" not in values and not values.get("rotations"):
        reader.complain("R007", at, f"schedule {name} has nobody on it")
        return BAD
    if "by" in values and "follows" not in values:
        reader.complain("F002", at, f"schedule {name} has by without follows", "add follows: another schedule")
        return BAD
    zone = values.get("timezone", reader.timezone)
    follows = values.get("follows")
    return Schedule(ScheduleId(name), zone, values.get("rotations", ()), follows, values.get("by", 1) if follows else 0)


SCHEDULES = Table(
    ID_WORD,
    Record(
        "schedule",
        "Who is on call when: rotations of which the later wins, or another schedule some turns later.",
        (
            Field("timezone", ZONE, "the zone of its hand-offs", default="the rulebook's"),
            Field("rotations", Many(ROTATION, single=False), "layers; the later wins where it is on"),
            Field("follows", SCHEDULE, "derives it from another: whoever takes over there next is on here"),
            Field("by", Whole(1, 100), "that many turns later", default="1"),
        ),
    ),
    "ids",
    _schedule,
    partial=True,
)
