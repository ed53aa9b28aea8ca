"""`tocsin demo`: an example organisation, a server, and an incident played at a pace that can be watched."""

import itertools
import os
import signal
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
from cyclopts import Parameter

from tocsin.cli.demo_scenes import ASIDE, FIRST, LATER, Line, Player, Print, Script
from tocsin.cli.demo_stage import Stage, free_port
from tocsin.cli.options import introduce, within
from tocsin.cli.output import Form, MistakeError, note
from tocsin.cli.times import show_time
from tocsin.core.instant import format_instant

app = introduce(
    "demo",
    """
tocsin demo
tocsin demo --port 9000 --folder ./demo
tocsin demo --once --fast --format json
""",
    "It starts a server of its own on loopback with waits of seconds; nothing is sent, every message is kept in the "
    "outbox where it can be read. Without --folder everything is gone when it ends. Ctrl-C stops it.",
)

ZONE = "Europe/London"
BETWEEN = 40.0
"""Seconds between two incidents."""


@app.default
def demo(
    *,
    port: Annotated[
        int, Parameter(help="the port to serve on; the next free one if it is in use"), within(int, 1, 65_535)
    ] = 8400,
    folder: Annotated[Path | None, Parameter(help="keep database and log here; else in a temporary folder")] = None,
    once: Annotated[bool, Parameter(help="stop after the first incident")] = False,
    fast: Annotated[bool, Parameter(help="four times as fast")] = False,
    form: Annotated[Form, Parameter(name="--format", help="the story as text, or as one JSON object a line")] = "text",
    leash: Annotated[bool, Parameter(show=False, help="stop when the process that started it has ended")] = False,
) -> None:
    """Play until Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupted)
    if leash:
        threading.Thread(target=_stop_after, args=[os.getppid()], daemon=True).start()
    show = _printer(form)
    with ExitStack() as closing:
        where = folder or Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-demo-")))
        note("starting a server of its own ...")
        chosen = free_port("127.0.0.1", port)
        stage = closing.enter_context(Stage(where.absolute(), "127.0.0.1", chosen, fast=fast))
        _introduce(stage, show)
        try:
            for script in [FIRST] if once else itertools.chain([FIRST], itertools.cycle(LATER)):
                _play(stage, script, show, fast=fast)
                if not once:
                    _pause(stage, BETWEEN / (4 if fast else 1))
        except KeyboardInterrupt:
            note("\nstopping: what has begun is finished first")


def _stop_after(parent: int) -> None:
    """Stop when this process has another parent, because the one it had was killed and could not tell us."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _introduce(stage: Stage, show: Print) -> None:
    show(Line(f"Acme Retail is on {stage.url} (stop with Ctrl-C)", style="bold"))
    note("Waits are seconds here, minutes and hours in examples/acme.yaml. Report something yourself:")
    body = '{"key": "mine", "action": "trigger", "title": "It is on fire", "labels": {"service": "checkout"}}'
    note(f"  curl -H 'Authorization: Bearer {stage.key}' -H 'Content-Type: application/json' \\")
    note(f"    -d '{body}' {stage.url}/in/scripts\n")


def _play(stage: Stage, script: Script, show: Print, *, fast: bool) -> None:
    player = Player(stage, script, show, fast=fast)
    player.play()
    show(Line(f"{stage.url}/incidents/{player.incident} has the whole timeline\n"))


def _pause(stage: Stage, seconds: float) -> None:
    """Wait; the site stays up for looking around."""
    note(f"the next incident comes in {seconds:.0f} s; Ctrl-C stops")
    for _ in range(int(seconds * 5)):
        if stage.ended:
            raise MistakeError("the server has ended", f"see {stage.folder / 'serve.log'}")
        time.sleep(0.2)


def _printer(form: Form) -> Print:
    """Lines in colour where there is a terminal; or one JSON object a line."""
    if form == "json":
        return _show_json
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    return lambda line: console.print(Text(_written(line), line.style))


def _show_json(line: Line) -> None:
    told = {"at": format_instant(line.at) if line.at else None, "elapsed": line.elapsed, "incident": line.incident}
    print(msgspec.json.encode({**told, "text": line.text.strip()}).decode(), flush=True)


def _written(line: Line) -> str:
    """`16:24:27  +0:10  INC-1  Step 3 ...`; what belongs to no incident stands as it is."""
    if not line.at:
        return line.text
    clock = show_time(line.at, ZONE, seconds=True)[11:19]
    which = f"{line.incident}  " if line.style != ASIDE else ""
    return f"{clock}  +{line.elapsed // 60}:{line.elapsed % 60:02}  {which}{line.text}"
