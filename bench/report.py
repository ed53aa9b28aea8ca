"""Figures as Markdown: printed at the end, and with `--keep` written into README.md where they were before."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench import machine
from bench.figures import Measured, Row
from bench.scale import Scale

HOME = Path(__file__).parent
RESULTS = HOME / "results"
README = HOME / "README.md"
HEAD = """\
| work | system | median (lowest to highest) | CPU each | beside the anchor | target | |
|---|---|---|---|---|---|---|
"""


def section(name: str, number: int, measured: Measured, scale: Scale, load: str) -> str:
    """One measure: what was run, on what, and its table."""
    form = "" if scale.name == "short" else f" --{scale.name}"
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    lines = [
        f"### {number}. {measured.title}",
        "",
        f"`python -m bench {name}{form}`, {when}: {measured.runs}. {machine.line()}; {load}.",
        *(part for command in measured.commands for part in ("", command)),
    ]
    return "\n".join(lines) + "\n\n" + HEAD + "".join(_line(row) for row in measured.rows)


def _line(row: Row) -> str:
    cells = (row.work, row.system, row.result, row.cpu, row.ratio, row.verdict, row.note)
    return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |\n"


def save(name: str, measured: Measured, scale: Scale, load: str) -> Path:
    """All values as JSON, for whoever wants to compare."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}-{scale.name}.json"
    found = {"machine": machine.line(), "load": load, "scale": scale, "measured": measured}
    file.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    return file


def keep(name: str, text: str) -> None:
    """Put a section between its marks in README.md."""
    before = README.read_text("utf-8")
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not marks.search(before):
        raise ValueError(f"README.md has no marks for {name}")
    README.write_text(marks.sub(lambda found: f"{found[1]}{text}{found[2]}", before), "utf-8")
