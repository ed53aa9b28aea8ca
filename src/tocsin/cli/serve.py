"""`tocsin serve`: everything in one process, until it is told to stop."""

import logging
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tocsin.cli.options import introduce, within
from tocsin.cli.output import Form, MistakeError, note, safe

app = introduce(
    "serve",
    """
tocsin serve --rulebook examples/acme.yaml
tocsin serve --database postgresql://tocsin@db/tocsin --host 0.0.0.0 --port 8400
tocsin serve --database postgresql://tocsin@db/tocsin --only engine
""",
    "TOCSIN_SMTP (smtp://user:pass@host:587) is the mail server, TOCSIN_URL the public address that links begin with, "
    "TOCSIN_SECRET what they are signed with: made and kept beside the store if absent. TOCSIN_ROOTS is a file on "
    "another disk that every five minutes hears a signed root over all that happened. The keys of sources are in the "
    "variables that the rulebook names. Without a rulebook it starts all the same, and the first admin makes one at "
    "/start. One that makes the proof worse than what is in force does not start, as `tocsin apply` would refuse it. "
    "SIGTERM and Ctrl-C finish what has begun, then stop.",
)


@app.default
def serve(
    *,
    rulebook: Annotated[
        Path | None, Parameter(env_var="TOCSIN_RULEBOOK", help="put this file or folder in force; else what was before")
    ] = None,
    database: Annotated[
        str | None,
        Parameter(env_var="TOCSIN_DATABASE", help="sqlite:///FILE (default tocsin.db) or postgresql://user@host/name"),
    ] = None,
    host: Annotated[str, Parameter(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="the port to listen on"), within(int, 1, 65_535)] = 8400,
    only: Annotated[
        Literal["web", "engine", "dispatch"] | None, Parameter(help="only this part, beside others on one PostgreSQL")
    ] = None,
    form: Annotated[Form, Parameter(name="--format", help="log lines on standard error as text, or as json")] = "text",
    demo: Annotated[bool, Parameter(show=False)] = False,
    leash: Annotated[bool, Parameter(show=False, help="stop when standard input ends: with whoever holds it")] = False,
) -> None:
    """Start all parts, or one."""
    from tocsin import app as application
    from tocsin.core.instant import format_instant
    from tocsin.engine.applying import UnusableRulebookError
    from tocsin.engine.clock import SystemClock
    from tocsin.engine.weighing import WorseRulebookError
    from tocsin.engine.worlds import NoRulebookError
    from tocsin.lib import logs
    from tocsin.settings import from_environment

    clock = SystemClock()
    logs.configure(lambda: format_instant(clock.now()), as_json=form == "json")
    for noisy in ("alembic", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        settings = from_environment(
            os.environ, rulebook=rulebook, database=database, host=host, port=port, only=only, demo=demo
        )
        if "web" in settings.parts:
            must_be_free(settings.host, settings.port)
        if form == "text":
            note(f"starting {f'on {settings.url}' if only in (None, 'web') else f'the {only}'}; stop with Ctrl-C")
        application.serve(settings, note, sys.stdin.fileno() if leash else None)
    except UnusableRulebookError as unusable:
        for complaint in unusable.complaints[:20]:
            note(str(complaint))
        raise MistakeError("the rulebook cannot be used", f"tocsin check {rulebook} shows each line") from None
    except WorseRulebookError as worse:
        for one in worse.told:
            note(safe(one))
        forced = f'tocsin apply {rulebook} --force --reason "why" puts it in force all the same'
        raise MistakeError(str(worse), f"{forced}; without --rulebook version {worse.version} goes on") from None
    except NoRulebookError:
        raise MistakeError("no rulebook is in force", "give --rulebook PATH, or run tocsin apply PATH") from None
    except ValueError as wrong:
        raise MistakeError(str(wrong)) from wrong


def must_be_free(host: str, port: int) -> None:
    """MistakeError when something listens there already, or when it is no address of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, OverflowError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise MistakeError(
            f"cannot listen on {host}:{port}: {why}", "give another with --port, or stop the other"
        ) from None
