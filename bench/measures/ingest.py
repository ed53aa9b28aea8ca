"""One signal per POST over 64 connections: new incidents, and repeats of live alerts. Alertmanager takes turns."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from bench import alerts
from bench.figures import Measured, Row, Target, ratio, series
from bench.load import Flood, Flooded, flood, preload, shown, warm
from bench.postgres import store
from bench.progress import say
from bench.rules import rulebook
from bench.scale import Scale
from bench.servers import Server, alertmanager, tocsin

TITLE = "Ingest, one signal per POST, 64 connections"
LIVE = 500
"""Alerts that repeat."""

WARM = 200

OURS = Flood("/in/scripts", alerts.BEARER, alerts.generic())
THEIRS = Flood("/api/v2/alerts", alerts.JSON, alerts.for_alertmanager())
INTAKE = "web,engine"
"""Nobody sends while this is measured: what is to be sent waits in the outbox."""


def measure(scale: Scale, folder: Path) -> Measured:
    """Rounds of all kinds of work on all systems, one after the other."""
    rows = [row for kind in scale.stores for row in _on(kind, scale, folder)]
    return Measured(TITLE, tuple(rows), (shown(OURS),), f"{scale.runs} runs of {scale.seconds} s each")


def _on(kind: str, scale: Scale, folder: Path) -> Iterator[Row]:
    rounds = [_round(kind, scale, folder, n) for n in range(scale.runs)]
    anchors = {work: rows_of("Alertmanager, in memory", work, rounds) for work in ("new incidents", "repeats")}
    yield from (row for row in anchors.values() if row is not None)
    limits = {"new incidents": Target(0.5, " x"), "repeats": Target(0.7, " x"), "new incidents, pages leaving": None}
    for work, target in limits.items():
        row = rows_of(f"tocsin, {kind}", work, rounds, anchors.get(work.partition(",")[0]), target)
        if row is not None:
            yield row


Rounds = list[dict[tuple[str, str], Flooded]]


def rows_of(
    system: str, work: str, rounds: Rounds, anchor: Row | None = None, target: Target | None = None, each: int = 1
) -> Row | None:
    """The row of one kind of work on one system; None where it was not measured."""
    found = [one[system, work] for one in rounds if (system, work) in one]
    if not found:
        return None
    rate = series("/s", (one.rate * each for one in found))
    refused = sum(one.refused for one in found)
    latency = f"answered in p50 {found[-1].p50:.1f} ms, p99 {found[-1].p99:.1f} ms"
    note = f"{latency}; {refused} refused" if refused else latency
    beside = ratio(rate, anchor.result if anchor else None)
    return Row(work, system, rate, series(" us", (one.cpu / each for one in found)), beside, target, note)


def _round(kind: str, scale: Scale, folder: Path, n: int) -> dict[tuple[str, str], Flooded]:
    say(f"ingest on {kind}: round {n + 1} of {scale.runs}")
    found: dict[tuple[str, str], Flooded] = {}
    ours, theirs = f"tocsin, {kind}", "Alertmanager, in memory"
    with one_tocsin(kind, folder, f"ingest-{n}", INTAKE) as tocsin_, alertmanager(folder) as anchor:
        both = ((anchor, theirs, THEIRS), (tocsin_, ours, OURS))
        present = [(server, name, what) for server, name, what in both if server is not None]
        for server, name, what in present:
            warm(server, what, WARM)
            found[name, "new incidents"] = flood(server, what, scale.seconds, folder)
        for server, name, what in present:
            found[name, "repeats"] = again(server, what, scale, folder, LIVE)
    with one_tocsin(kind, folder, f"ingest-all-{n}") as whole:
        warm(whole, OURS, WARM)
        found[ours, "new incidents, pages leaving"] = flood(whole, OURS, scale.seconds, folder)
    return found


def again(server: Server, what: Flood, scale: Scale, folder: Path, live: int) -> Flooded:
    """Repeats of `live` alerts that are there already."""
    cycle = replace(what, first=10_000_000, cycle=live)
    preload(server, cycle)
    return flood(server, cycle, scale.seconds, folder)


@contextmanager
def one_tocsin(kind: str, folder: Path, name: str, parts: str = "") -> Iterator[Server]:
    """A tocsin over a new, empty store."""
    with store(kind, folder, name) as url, tocsin(folder, url, rulebook(folder), parts, name) as server:
        yield server
