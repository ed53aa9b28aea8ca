"""Times and lists as the texts of findings show them, the same in every language."""

from collections.abc import Iterable

from tocsin.core.calendar.zones import format_day, local
from tocsin.core.instant import DAY, MINUTE, SECOND, Duration, Instant, Period
from tocsin.lab.verifier.finding import Path

LISTED = 8
"""How many names a text gives before it only counts."""


def home(service: str) -> Path:
    """The place of a service in the rulebook; of what names no known one, that of `unrouted`."""
    return ("services", service) if service else ("unrouted",)


def served(services: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Services for a text that lists them, and which it is: it has other words where what names none is among them."""
    known = dict.fromkeys(services)
    named = [one for one in known if one]
    which = "" if len(named) == len(known) else ".too" if named else ".nowhere"
    return which, {"services": listed(named)}


def of_ladder(where: Path, functional: str, management: str) -> str:
    """The text that says on which of a policy's two ladders a step stands."""
    return management if where[2] == "hierarchical" else functional


def wall(at: Instant, zone: str) -> str:
    """What the wall clock shows: `2027-03-28 02:30`; seconds and less only where they are not zero."""
    shown = local(zone, at)
    second, rest = divmod(at % MINUTE, SECOND)
    less = f".{rest:06}" if rest else ""
    told = f"{format_day(shown.day)} {shown.minute // 60:02}:{shown.minute % 60:02}"
    return told + (f":{second:02}{less}" if second or rest else "")


def lasting(length: Duration) -> str:
    """A duration as the rulebook writes them, to the second: `3d14h`."""
    days, rest = divmod(length, DAY)
    return str(Period(days, rest // SECOND * SECOND))


def listed(names: Iterable[str]) -> str:
    """Names in their order, the rest of a long list as a number."""
    known = list(dict.fromkeys(names))
    more = f" +{len(known) - LISTED}" if len(known) > LISTED else ""
    return ", ".join(known[:LISTED]) + more
