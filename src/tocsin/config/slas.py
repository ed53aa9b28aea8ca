"""slas: promises with their clocks and levels. Parsed and checked; the clocks are not yet active."""

import re
from typing import Any

from tocsin.config.complaints import Place, Reader
from tocsin.config.fields import Field, Many, Record, Table
from tocsin.config.measures import ID_WORD, SOME_TIME
from tocsin.config.people import HOURS
from tocsin.config.policies import ACTION
from tocsin.config.targets import ByPriority
from tocsin.config.tree import Mapping
from tocsin.config.words import Choice, Word, WrongError
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.ids import SlaId
from tocsin.core.sla.target import Level, Sla


def _percent(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,3})%", text)
    if not match or not 1 <= int(match.group(1)) <= 500:
        hint = f"write {text}%" if re.fullmatch("[0-9]{1,3}", text) else ""
        raise WrongError(f"{text!r} is not a percentage from 1% to 500%", hint)
    return int(match.group(1))


PERCENT = Word("a percentage", "F021", _percent, "[0-9]{1,3}%")
LEVELS = Table(PERCENT, ACTION, "percentages")


def _make(values: dict[str, Any], node: Mapping, reader: Reader) -> dict[str, Any]:
    levels, targets = node.get("levels"), node.get("targets")
    for key, _value in levels.entries if isinstance(levels, Mapping) else ():
        if key.text not in values["targets"]:
            reader.complain("P006", key.at, f"levels for {key.text!r}, which is no target here", "add the target")
    for key, _value in targets.entries if isinstance(targets, Mapping) else ():
        missing = [priority for priority in PRIORITIES if priority not in values["targets"][key.text]]
        if missing:
            reader.complain("P007", key.at, f"{key.text} promises nothing for {', '.join(missing)}")
    return values


def _sla(name: str, values: dict[str, Any], at: Place, reader: Reader) -> Sla:
    reader.complain("N001", at, f"sla {name}: parsed and checked, not yet active")
    steps = {
        target: tuple(Level(percent, action) for percent, action in levels.items())
        for target, levels in values.pop("levels", {}).items()
    }
    for field in ("pause_on", "stops_on"):
        values[field] = tuple(sorted(values.get(field, ())))
    return Sla(SlaId(name), levels=steps, **values)


SLAS = Table(
    ID_WORD,
    Record(
        "sla",
        "A promise with a clock. Parsed and checked, not yet active.",
        (
            Field(
                "targets",
                Table(ID_WORD, ByPriority(SOME_TIME), "targets"),
                "respond, update, resolve or another name",
                required=True,
                example="{respond: {P1: 15m, else: 4h}}",
            ),
            Field("hours", HOURS, "its clock runs only in these hours", default="always"),
            Field(
                "starts",
                Choice(("opening", "hand_over", "acceptance")),
                "what starts the clock; hand_over: the first of the ladder",
                default="opening",
            ),
            Field("pause_on", Many(ID_WORD, distinct=True), "reasons of waiting that stop the clock"),
            Field(
                "stops_on", Many(ID_WORD, distinct=True), "what ends it before the resolution", example="[workaround]"
            ),
            Field(
                "levels",
                Table(ID_WORD, LEVELS, "targets"),
                "what happens on the way to a breach",
                example="{resolve: {75%: {inform: team.lead}}}",
            ),
        ),
        _make,
    ),
    "ids",
    _sla,
    partial=True,
)
