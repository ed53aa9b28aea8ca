"""`python -m bench`: measure all, or what is named; print tables, keep the values, never judge a build by them."""

import argparse
import os
import signal
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

from msgspec.structs import replace

from bench import machine, report
from bench.progress import say
from bench.scale import FULL, SCALES, SMOKE, Scale
from tocsin.lib import logs

MEASURES = (
    *("ingest", "bulk", "handoff", "storm", "memory", "growth", "workers", "screens", "screens_postgres", "check"),
    "lifetimes",
)
"""In the order of the targets that they are for; what is not built yet has no number here."""


def main() -> int:
    """Measure; 1 when a measure could not be made, whatever its figures are."""
    names, scale, kept = _given()
    logs.configure(lambda: "bench", as_json=False, level="ERROR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    load = machine.load()
    say(f"{machine.line()}; {load}")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", ignore_cleanup_errors=True) as place:
        os.environ["TMPDIR"] = place
        for name in names:
            failed += not _one(name, scale, load, Path(place), kept)
    return min(failed, 1)


def _given() -> tuple[tuple[str, ...], Scale, bool]:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"one or more of {', '.join(MEASURES)}")
    for scale in (FULL, SMOKE):
        parser.add_argument(f"--{scale.name}", dest="scale", action="store_const", const=scale.name, default="short")
    parser.add_argument("--runs", type=int, help="rounds instead of those of the form")
    parser.add_argument("--keep", action="store_true", help="write the tables into bench/README.md")
    given = parser.parse_args()
    unknown = [name for name in given.measures if name not in MEASURES]
    if unknown:
        parser.error(f"there is no measure {unknown[0]}; there are {', '.join(MEASURES)}")
    scale = SCALES[given.scale]
    names = tuple(name for name in MEASURES if name in given.measures or not given.measures)
    return names, replace(scale, runs=given.runs or scale.runs), given.keep


def _one(name: str, scale: Scale, load: str, folder: Path, kept: bool) -> bool:
    """One measure; a failure is shown and does not cost the others."""
    try:
        measured = import_module(f"bench.measures.{name}").measure(scale, folder)
    except Exception:  # noqa: BLE001  whatever went wrong, the next measure may go right
        traceback.print_exc()
        say(f"{name}: FAILED")
        return False
    text = report.section(name, MEASURES.index(name) + 1, measured, scale, load)
    print(f"\n{text}", flush=True)
    say(f"{name}: values in {report.save(name, measured, scale, load).relative_to(report.HOME.parent)}")
    if kept:
        report.keep(name, text)
    return True


if __name__ == "__main__":
    sys.exit(main())
