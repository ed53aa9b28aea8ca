"""Writes the reference of the command line from what the commands say of themselves."""

import argparse
import io
import os
import sys
from pathlib import Path

from cyclopts import App
from rich.console import Console

from tocsin.cli.main import COMMANDS, command

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
HEAD = """# The command line

Written by `make docs` from what `tocsin COMMAND --help` says.

Answers go to standard output, progress and complaints to standard error. With `--format json` the answer is one JSON
document with stable keys. A command exits 0 when all went well, 1 when it found something (`check`, `doctor`), 2 when
something must be put right first: then one line says what is wrong, and a second one what helps.

While `tocsin serve` runs on a SQLite database, commands that write are carried out by it, through `FILE.sock` beside
the database; whoever may open that file is the operator. Without a server they open the database themselves. Text that
came from outside is shown without control characters and escape sequences.

Durations are written `30s 5m 2h 1d` or as a sum, `1h30m`. Times are RFC 3339 (`2026-03-29T01:30:00Z`), or on the
organisation's clock (`2026-03-29 02:30`, `2026-03-29`), or relative (`now`, `+2h`, `-1d`).
"""


def help_of(name: str, *rest: str) -> str:
    """What `tocsin NAME REST --help` says, without its boxes."""
    app = command(name)
    app.help_formatter = "plain"
    said = io.StringIO()
    app.help_print(list(rest), console=Console(file=said, width=120, color_system=None))
    return "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())


def section(level: int, *names: str) -> str:
    """A heading and what the command says of itself."""
    return f"{'#' * level} tocsin {' '.join(names)}\n\n```text\n{help_of(*names)}\n```\n"


def children(group: App) -> list[tuple[str, ...]]:
    """The commands of a group, and of the groups in it."""
    found: list[tuple[str, ...]] = []
    for name in group:
        if not name.startswith("-"):
            deeper = [(name, *rest) for rest in children(group[name])]
            found += deeper or [(name,)]
    return found


def page() -> str:
    """The whole page: a section for each command, and one for each command of a group."""
    parts = [HEAD]
    for name in COMMANDS:
        parts.append(section(2, name))
        parts.extend(section(3, name, *rest) for rest in children(command(name)))
    return "\n".join(parts)


def main() -> int:
    """Write the page, or with --check say whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when the page is out of date")
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        del os.environ[name]
    text = page()
    if parser.parse_args().check:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
