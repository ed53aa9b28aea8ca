"""Starts the program again and again without paying for its imports: each start is a fork that has opened nothing.

Speaks JSON over the socket whose number it is given: {"arguments", "environment", "folder", "log"} in, the pid out. Its
children are processes of their own, with their own session; when the other end is gone it ends, and they with it.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

WARM = """alembic.command sqlalchemy.dialects.postgresql.psycopg sqlalchemy.dialects.sqlite.pysqlite
    uvicorn.protocols.http.httptools_impl tocsin.app tocsin.cli.serve tocsin.store.dialect_postgres
    tocsin.store.dialect_sqlite""".split()
"""What the program imports only when it is needed: here, so that no child has to."""

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def _become(order: dict[str, Any]) -> int:
    """In the child: the program as its own command line would have started it."""
    from tocsin.cli.main import run

    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    return run(order["arguments"])


def main() -> None:
    """Import everything, then fork on demand."""
    from tocsin.channels.registry import kinds
    from tocsin.config import load

    for name in WARM:
        import_module(name)
    kinds()
    load(Path(__file__).parents[2] / "examples" / "acme.yaml")
    assert threading.active_count() == 1, "a fork of threads is not the program"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as channel, channel.makefile("rb") as orders:
        channel.send(b"ready\n")
        for line in orders:
            pid = os.fork()
            if pid == 0:
                channel.detach()
                os._exit(_become(json.loads(line)))
            channel.send(b"%d\n" % pid)


if __name__ == "__main__":
    main()
