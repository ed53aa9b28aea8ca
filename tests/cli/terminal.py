"""The real program, run as people and scripts run it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ACME = ROOT / "examples" / "acme.yaml"


class Ran(NamedTuple):
    """What one command did."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as the one JSON document that it is."""
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """The surroundings of a command: ours without any of tocsin's own settings, and what is given."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return plain | {"COLUMNS": "200", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"} | more


def tocsin(*arguments: object, cwd: Path | None = None, **more: str) -> Ran:
    """Run `tocsin ARGUMENTS` to its end."""
    line = [sys.executable, "-m", "tocsin", *map(str, arguments)]
    done = subprocess.run(
        line,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(**more),
        cwd=cwd,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def in_process(capsys: Any, *arguments: object) -> Ran:
    """The same without a process of its own: quicker, where only what is said matters."""
    from tocsin.cli.main import run

    status = run([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return Ran(status, out, err)
