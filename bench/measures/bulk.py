"""A hundred alerts per POST: Alertmanager's webhook groups become incidents of a hundred alerts, then repeat."""

from pathlib import Path

from bench import alerts
from bench.figures import Measured, Target
from bench.load import Flood, Flooded, flood, shown, warm
from bench.measures.ingest import INTAKE, again, one_tocsin, rows_of
from bench.progress import say
from bench.scale import Scale
from bench.servers import alertmanager

TITLE = "Ingest, 100 alerts per POST"
ALERTS = 100
LIVE = 50
"""Groups that repeat."""

WARM = 10

OURS = Flood("/in/prometheus", alerts.BEARER, alerts.webhook(ALERTS), connections=16)
THEIRS = Flood("/api/v2/alerts", alerts.JSON, alerts.for_alertmanager(ALERTS), connections=16)
WORKS = {"new groups": Target(1.0, " x"), "repeats": Target(1.0, " x")}


def measure(scale: Scale, folder: Path) -> Measured:
    """Rounds of both kinds of work on all systems; rates and costs are those of one alert."""
    rows = []
    for kind in scale.stores:
        rounds = [_round(kind, scale, folder, n) for n in range(scale.runs)]
        for work, target in WORKS.items():
            anchor = rows_of("Alertmanager, in memory", work, rounds, each=ALERTS)
            rows += [anchor, rows_of(f"tocsin, {kind}", work, rounds, anchor, target, ALERTS)]
    runs = f"{scale.runs} runs of {scale.seconds} s each; figures are alerts"
    return Measured(TITLE, tuple(row for row in rows if row is not None), (shown(OURS),), runs)


def _round(kind: str, scale: Scale, folder: Path, n: int) -> dict[tuple[str, str], Flooded]:
    say(f"bulk on {kind}: round {n + 1} of {scale.runs}")
    found: dict[tuple[str, str], Flooded] = {}
    with one_tocsin(kind, folder, f"bulk-{n}", INTAKE) as ours, alertmanager(folder) as anchor:
        both = ((anchor, "Alertmanager, in memory", THEIRS), (ours, f"tocsin, {kind}", OURS))
        present = [(server, name, what) for server, name, what in both if server is not None]
        for server, name, what in present:
            warm(server, what, WARM)
            found[name, "new groups"] = flood(server, what, scale.seconds, folder)
        for server, name, what in present:
            found[name, "repeats"] = again(server, what, scale, folder, LIVE)
    return found
