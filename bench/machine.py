"""What the figures were measured on, in one line, and whether it was quiet."""

import os
import platform
from pathlib import Path

QUIET = 0.3
"""Load per core below which nothing else can have mattered."""


def line() -> str:
    """Processor, cores, memory, kernel, Python, SQLite."""
    import pysqlite3.dbapi2 as sqlite

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite.sqlite_version}"
    )


def load() -> str:
    """The load before anything was measured, and a warning where the machine had other things to do."""
    one = os.getloadavg()[0]
    busy = one / (os.cpu_count() or 1) > QUIET
    return f"load {one:.1f} at the start" + (": NOT QUIET, trust the ratios alone" if busy else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [
        value.strip() for name, _, value in (line.partition(":") for line in lines) if name.strip() == "model name"
    ]
    return names[0] if names else platform.machine()
