"""Which formats there are: every folder beside this file, and what other packages offer as `tocsin.intake`."""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from tocsin.intake.bounds import bounded
from tocsin.intake.contract import Arrival, Intake, Reading, Refusal
from tocsin.intake.unreadable import unreadable

WHOLE_LIMIT = 4 << 20
"""Bytes of a body that are read; a longer one is kept as a raw signal of its first 64 KiB.

A thousand alerts of 4 KiB each: a storm must not turn into something that nobody can read nor its source resolve.
"""

REFUSED_ABOVE = 8 << 20
"""Bytes of a body above which it is refused."""


class Absent(Struct, frozen=True):
    """A format that was offered and could not be loaded, and why: `tocsin doctor` says so."""

    name: str
    why: str


@cache
def intakes() -> dict[str, Intake]:
    """All formats by name. A folder here wins over a foreign package of the same name."""
    return {name: found for name, found in _found().items() if isinstance(found, Intake)}


def absent() -> tuple[Absent, ...]:
    """What could not be loaded; one broken package never costs the others."""
    return tuple(found for found in _found().values() if isinstance(found, Absent))


@cache
def _found() -> dict[str, Intake | Absent]:
    found: dict[str, Intake | Absent] = {}
    for point in entry_points(group="tocsin.intake"):
        try:
            offered = point.load()
        except Exception as error:  # noqa: BLE001 - foreign code, reported by `absent`
            found[point.name] = Absent(point.name, f"{type(error).__name__}: {error}")
            continue
        whole = isinstance(offered, Intake)
        found[point.name] = _foreign(offered) if whole else Absent(point.name, "the entry point is no tocsin Intake")
    home = Path(__file__).parent
    return found | {path.parent.name: _own(path.parent.name) for path in sorted(home.glob("*/read.py"))}


def _foreign(intake: Intake) -> Intake:
    """The same format with its signals kept within bounds, which our own readers do themselves."""

    def read(arrival: Arrival) -> Reading:
        reading = intake.read(arrival)
        return reading if isinstance(reading, Refusal) else tuple(bounded(signal) for signal in reading)

    return Intake(intake.name, read, intake.guide)


def _own(name: str) -> Intake:
    module = import_module(f"tocsin.intake.{name}.read")
    return Intake(name, module.read, (files("tocsin.intake") / name / "guide.md").read_text("utf-8"))


def receive(intake: Intake, arrival: Arrival) -> Reading:
    """Read one request within the limits. Whatever a reader does, the caller gets signals or a refusal."""
    if len(arrival.body) > REFUSED_ABOVE:
        hint = "Send fewer alerts at a time; Alertmanager's max_alerts does that."
        return Refusal(413, f"The body is {len(arrival.body)} bytes; {REFUSED_ABOVE} is the most.", hint)
    if len(arrival.body) > WHOLE_LIMIT:
        return (unreadable(arrival, f"the body is {len(arrival.body)} bytes; {WHOLE_LIMIT} is the most that is read"),)
    if not arrival.body.strip() and not arrival.query:
        return Refusal(400, "The request is empty.", f"Post what the guide of {intake.name} shows.")
    try:
        return intake.read(arrival)
    except Exception as error:  # noqa: BLE001 - a reader's own fault must not lose what was sent
        return (unreadable(arrival, f"the reader failed: {type(error).__name__}"),)
