"""What it costs to prove a large organisation: 1,000 services, 300 schedules, 2,000 people, over 400 days."""

import subprocess
import sys
from pathlib import Path

from bench.figures import Measured, Row, Target, series
from bench.organisation import PEOPLE, SCHEDULES, SERVICES
from bench.progress import say
from bench.scale import Scale

TITLE = "Proof of a large organisation"
SECONDS = Target(10, " s", most=True)
MEMORY = Target(1024, " MB", most=True)
PROGRAM = """
import resource, time
from bench.organisation import facts, rulebook
from tocsin.core.instant import parse_instant
from tocsin.core.routing.criteria import Conditions
from tocsin.lab.verifier.case import Case
start = parse_instant("2026-01-05T09:00:00Z")
case = Case(rulebook(), Conditions({}), start, facts(start))
before = time.process_time()
proof = case.proof
spent = time.process_time() - before
stretches = sum(len(one) for one in {id(line): line for row in proof.rows for way in row.ways
                                     for line in (way.first, way.responder, way.management, way.last)}.values())
print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(proof.rows), stretches,
      len(proof.disagreements))
"""


def measure(scale: Scale, folder: Path) -> Measured:  # noqa: ARG001  every measure is given a folder
    """Each round in a process of its own: processor seconds, and the most memory that it ever held."""
    rounds = []
    for n in range(scale.runs):
        say(f"check: round {n + 1} of {scale.runs}")
        done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
        rounds.append([float(word) for word in done.stdout.split()])
    work = f"{SERVICES:,} services, {SCHEDULES} schedules, {PEOPLE:,} people, 400 days"
    note = f"{rounds[0][2]:,.0f} rows, {rounds[0][3]:,.0f} stretches, {rounds[0][4]:.0f} disagreements"
    seconds, memory = series(" s", (one[0] for one in rounds)), series(" MB", (one[1] for one in rounds))
    rows = (
        Row(work, "tocsin, CPU", seconds, None, None, SECONDS, note),
        Row("the same", "tocsin, memory at most", memory, None, None, MEMORY),
    )
    return Measured(TITLE, rows, ("one process, one core",), f"{scale.runs} runs")
