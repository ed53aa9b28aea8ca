"""Which channels there are: every folder beside this file, and what other packages offer as `tocsin.channels`."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from msgspec import Struct

from tocsin.channels.contract import Channel, Kind, Wiring


class Absent(Struct, frozen=True):
    """A channel that was offered and could not be loaded, and why: `tocsin doctor` says so."""

    name: str
    why: str


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by name. A folder here wins over a foreign package of the same name."""
    return {name: found for name, found in _found().items() if isinstance(found, Kind)}


def lacking(method: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that a channel waits for; none for one that is not there."""
    kind = kinds().get(method)
    return () if kind is None else tuple(name for name in kind.needs if not environment.get(name))


def absent() -> tuple[Absent, ...]:
    """What could not be loaded; one broken package never costs the others."""
    return tuple(found for found in _found().values() if isinstance(found, Absent))


@cache
def _found() -> Mapping[str, Kind | Absent]:
    found: dict[str, Kind | Absent] = {}
    for point in entry_points(group="tocsin.channels"):
        try:
            offered = point.load()
        except Exception as error:  # noqa: BLE001 - foreign code, reported by `absent`
            found[point.name] = Absent(point.name, f"{type(error).__name__}: {error}")
            continue
        whole = isinstance(offered, Kind)
        found[point.name] = offered if whole else Absent(point.name, "the entry point is no tocsin Kind")
    folders = (path.parent.name for path in sorted(Path(__file__).parent.glob("*/send.py")))
    return found | {name: import_module(f"tocsin.channels.{name}.send").KIND for name in folders}


def build(wiring: Wiring) -> dict[str, Channel]:
    """Senders for all kinds whose settings are there. ValueError names a setting that is wrong."""
    built = ((name, kind.build(wiring)) for name, kind in kinds().items())
    return {name: channel for name, channel in built if channel is not None}
