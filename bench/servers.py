"""The systems under measure, each a process of its own on the loopback: tocsin as it is served, and Alertmanager."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from bench.alerts import KEY
from bench.processes import Process, free_port, python, running, wait_for

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

ENVIRONMENT = {
    "TOCSIN_KEY_PROMETHEUS": KEY,
    "TOCSIN_KEY_SCRIPTS": KEY,
    "TOCSIN_WEBHOOK_ALLOW": "127.0.0.0/8",
    "TOCSIN_SECRET": "the secret of every benchmark is known to all",
}

_SILENT = """\
route: {receiver: nobody}
receivers: [{name: nobody}]
"""

_CALLING = """\
route: {receiver: sink, group_by: ["..."], group_wait: 0s, group_interval: 5m, repeat_interval: 4h}
receivers: [{name: sink, webhook_configs: [{url: "http://127.0.0.1:%d/", send_resolved: false}]}]
"""


class Server(Struct, frozen=True):
    """A running system: where it listens, and the process to watch."""

    name: str
    port: int
    process: Process


def environment() -> dict[str, str]:
    """Ours, without what the caller's own tocsin may be set to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return kept | ENVIRONMENT


@contextmanager
def tocsin(
    folder: Path, database: str, rulebook: Path | None, parts: str = "", name: str = "tocsin", ahead: int = 0
) -> Iterator[Server]:
    """`tocsin serve`, or with `parts` only those of it, on a clock that is `ahead` by so many microseconds."""
    port = free_port()
    module, more = ("bench.serving", ["--parts", parts, "--ahead", str(ahead)]) if parts else ("tocsin", ["serve"])
    book = ["--rulebook", str(rulebook)] if rulebook else []
    command = [*python(module, *more), *book, "--database", database, "--port", str(port)]
    with running(command, folder, name, environment()) as process:
        if not parts or "web" in parts:
            wait_for(process, port, "/in/nobody", "POST")
        yield Server("tocsin", port, process)


@contextmanager
def alertmanager(folder: Path, sink: int | None = None) -> Iterator[Server | None]:
    """The anchor: all in memory, no cluster. With `sink`, each alert is a group of its own and called out at once."""
    if ALERTMANAGER is None:
        yield None
        return
    port = free_port()
    config = folder / f"alertmanager-{port}.yml"
    config.write_text(_CALLING % sink if sink else _SILENT, "utf-8")
    command = [
        ALERTMANAGER, f"--config.file={config}", f"--storage.path={folder / f'alertmanager-{port}'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error",
    ]  # fmt: skip
    with running(command, folder, f"alertmanager-{port}") as process:
        wait_for(process, port, "/-/ready")
        yield Server("Alertmanager", port, process)
