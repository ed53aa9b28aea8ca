"""Only some parts of tocsin over one store: `python -m bench.serving --parts web,engine ...`.

The command line refuses this on SQLite, where one process does everything. The benchmark wants to know what the
intake costs while nobody sends, and what the timers cost while nobody posts.
"""

import argparse
import asyncio
from pathlib import Path

import uvloop
from msgspec.structs import replace

from bench.clock import AheadClock
from tocsin import app
from tocsin.core.instant import format_instant
from tocsin.engine.clock import Clock, SystemClock
from tocsin.lib import logs
from tocsin.settings import Settings, from_environment


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving")
    parser.add_argument("--parts", default="web,engine,dispatch")
    parser.add_argument("--rulebook", type=Path)
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ahead", type=int, default=0, help="microseconds that the clock is ahead of the machine's")
    given = parser.parse_args()
    logs.configure(lambda: format_instant(SystemClock().now()), as_json=False)
    settings = from_environment(rulebook=given.rulebook, database=given.database, port=given.port)
    serve(replace(settings, parts=frozenset(given.parts.split(","))), AheadClock(given.ahead))


def serve(settings: Settings, clock: Clock) -> None:
    """As `app.serve` does, without its word on SQLite."""
    parts = app.join(settings, clock)
    try:
        sockets = app.listening(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(app.run(parts, sockets))
    finally:
        parts.ledger.close()


if __name__ == "__main__":
    main()
