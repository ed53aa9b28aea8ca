"""What opens in a simulation: a service with a priority, or a signal from a file, at a time of somebody's choice."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from msgspec.structs import replace

from tocsin.cli.known import instead
from tocsin.cli.output import MistakeError, safe
from tocsin.cli.rules import Rules
from tocsin.cli.times import read_time, show_time
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import SourceId
from tocsin.core.instant import Instant, format_duration
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind, Signal
from tocsin.core.world import World
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.registry import intakes, receive
from tocsin.lab.meant import Scene
from tocsin.lab.whatif import LONGEST, with_severity

SIMULATION = SourceId("simulation")


@Parameter(name="*")
@dataclass(frozen=True)
class Opening:
    """What is wrong, and when."""

    service: Annotated[str, Parameter(help="the id of the service that breaks")] = ""
    priority: Annotated[Priority | None, Parameter(help="how bad it is; P2 where nothing says it")] = None
    severity: Annotated[str, Parameter(help="the sender's word for how bad it is, in place of --priority")] = ""
    kind: Annotated[Kind, Parameter(help="what it counts as")] = "incident"
    label: Annotated[tuple[str, ...], Parameter(help="name=value of the signal; may be given several times")] = ()
    signal: Annotated[
        str,
        Parameter(
            help="a file with the signal in the form of the generic intake; - reads standard input",
            allow_leading_hyphen=True,
        ),
    ] = ""
    source: Annotated[str, Parameter(help="the id of the source that reports: --signal is read in its format")] = ""
    at: Annotated[
        str,
        Parameter(help="when it opens, such as 2027-03-28 02:30, or +2h; now without it", allow_leading_hyphen=True),
    ] = ""
    until: Annotated[
        str,
        Parameter(help="until when it is watched; +8h is eight hours after the opening", allow_leading_hyphen=True),
    ] = "+8h"


def scene_of(opening: Opening, rules: Rules, now: Instant) -> tuple[Scene, str]:
    """The scene, and what it shows in a line. MistakeError for whatever does not exist."""
    book = rules.rulebook
    world = World(book, compile_all(book.conditions), rules.facts)
    source = _source(opening.source, book)
    world, signal = _from_file(opening, world, source) if opening.signal else _made(opening, world)
    at = read_time(opening.at or "now", book.timezone, now)
    until = read_time(opening.until, book.timezone, at)
    if not at < until <= at + LONGEST:
        hint = f"at most {format_duration(LONGEST)} are watched: write --until +8h, or a later time"
        raise MistakeError(f"it cannot be watched until {opening.until}", hint)
    scene = Scene(world, at, until, signal, source, rules.names)
    return scene, _heading(opening, signal)


def when(scene: Scene) -> str:
    """When it opens, on the organisation's clock."""
    zone = scene.world.rulebook.timezone
    return f"{show_time(scene.at, zone)} ({zone})"


def _heading(opening: Opening, signal: Signal) -> str:
    named = opening.service or signal.service or signal.labels.get("service", "") or "no service"
    graded = bool(opening.severity or opening.signal)
    bad = f"severity {signal.severity or 'unknown'}" if graded else opening.priority or "P2"
    return f"{safe(named)}, {safe(bad)}" + (f", {opening.kind}" if opening.kind != "incident" else "")


def _source(name: str, book: Rulebook) -> SourceId:
    if name and name not in book.sources:
        raise MistakeError(f"there is no source {name}", instead(name, book.sources))
    return SourceId(name) if name else SIMULATION


def _made(opening: Opening, world: World) -> tuple[World, Signal]:
    """A signal that says what the options say."""
    services = world.rulebook.services
    if not opening.service and not opening.label:
        hint = f"give --service ID ({', '.join(sorted(services)[:8])}), or --signal FILE"
        raise MistakeError("it is not said what breaks", hint)
    if opening.service and opening.service not in services:
        raise MistakeError(f"there is no service {opening.service}", instead(opening.service, services))
    if opening.priority and opening.severity:
        raise MistakeError("--priority and --severity both say how bad it is", "give one of them")
    severity = opening.severity.lower()
    if not severity:
        world, severity = with_severity(world, opening.priority or "P2")
    title = f"{opening.service or 'something'} is down"
    labels = dict(_label(one) for one in opening.label)
    signal = Signal("what-if", "trigger", title, severity=severity, kind=opening.kind, service=opening.service)
    return world, replace(signal, labels=labels)


def _label(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"([^=\s]+)=(.*)", text, re.DOTALL)
    if match is None:
        raise MistakeError(f"{text!r} is not a label", "write --label site=london")
    return match[1], match[2]


def _from_file(opening: Opening, world: World, source: SourceId) -> tuple[World, Signal]:
    """The one signal of a file, read as the source's intake reads it."""
    if opening.service or opening.priority or opening.severity or opening.label:
        raise MistakeError("--signal says what is wrong by itself", "leave --service, --priority and --label out")
    body = sys.stdin.buffer.read() if opening.signal == "-" else Path(opening.signal).read_bytes()
    known = world.rulebook.sources.get(source)
    intake = intakes().get(known.intake if known is not None else "generic", intakes()["generic"])
    reading = receive(intake, Arrival(source, body, "application/json"))
    if isinstance(reading, Refusal):
        raise MistakeError(f"{opening.signal}: {reading.text}", reading.hint)
    triggers = [one for one in reading if one.action == "trigger"]
    if len(triggers) != 1 or triggers[0].raw:
        what = "is no signal that can be read" if any(one.raw for one in reading) else f"has {len(triggers)} signals"
        raise MistakeError(f"{opening.signal} {what}", "give one that triggers, as JSON")
    return world, triggers[0]
