"""Where signed roots are told outside: a file on another disk, one JSON line for each root, only ever appended to."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.instant import format_instant
from tocsin.store.audit import Finding
from tocsin.store.roots import Root, after

TAIL = 4096
"""Bytes at the end in which the last line is found."""

SHOWN = 20
"""Findings of one kind that are told one by one."""


class Told(Struct, frozen=True):
    """One line. The times are for people: `digest` covers them, and through it all roots before."""

    root: int
    since: str
    until: str
    streams: int
    digest: str
    signature: str


def told(root: Root) -> Told:
    """A root as it is told outside; digest and signature in hexadecimal."""
    since, until = format_instant(max(root.since, 0)), format_instant(root.until)
    return Told(root.n, since, until, root.streams, root.digest.hex(), root.signature.hex())


def catch_up(path: Path, connection: Connection) -> int:
    """Append every root that is not there yet, durably; how many. OSError when the file cannot be written.

    After an outage of either side it goes on where it stopped; while another process is at it, it is left alone.
    """
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        tail = _tail(file)
        missing = _missing(file, tail, connection)
        if missing:
            torn = b"" if tail.endswith(b"\n") or not tail else b"\n"
            file.write(torn + b"".join(msgspec.json.encode(told(root)) + b"\n" for root in missing))
            file.flush()
            os.fsync(file.fileno())
        return len(missing)


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - TAIL, 0))
    return file.read()


def _missing(file: IO[bytes], tail: bytes, connection: Connection) -> Sequence[Root]:
    """Those behind the last line; where the database does not know that one, all that the whole file does not."""
    *_, last = (None, *_read(tail.splitlines()[-1:]))
    if last is not None:
        found = after(connection, last.root - 1)
        if found and told(found[0]) == last:
            return found[1:]
    file.seek(0)
    known = {line.digest for line in _read(file) if line is not None}
    return [root for root in after(connection) if root.digest.hex() not in known]


def _read(lines: Iterable[bytes]) -> Iterator[Told | None]:
    """Line by line; None for one that cannot be read."""
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=Told)
        except msgspec.DecodeError:
            yield None


def compare(path: Path, roots: Sequence[Root]) -> Iterator[Finding]:
    """What the file outside says against what the database holds. OSError when it cannot be read."""
    known = {root.n: told(root) for root in roots}
    found: set[int] = set()
    wrong = []
    with path.open("rb") as file:
        for number, line in enumerate(_read(file), 1):
            if line is None:
                wrong.append(Finding("sink-unreadable", f"{path} line {number}", "no root can be read in it", _TORN))
            elif line.root not in known:
                wrong.append(Finding("root-gone", f"root {line.root}", "it was told outside and is not here", _TAKEN))
            elif known[line.root] != line:
                wrong.append(Finding("root-rewritten", f"root {line.root}", "it is not what was told outside", _TAKEN))
            else:
                found.add(line.root)
    yield from wrong[:SHOWN]
    if wrong[SHOWN:]:
        yield Finding("sink-differs", str(path), f"{len(wrong) - SHOWN} more lines differ", _TAKEN)
    if missing := sorted(known.keys() - found):
        text = f"{len(missing)} of {len(known)} roots are not in it, from root {missing[0]} on"
        yield Finding("root-untold", str(path), text, _UNTOLD)


_TORN = "a line that was cut off when the power failed is followed by the same root, whole; else the file was changed"
_TAKEN = "history was taken back: compare with a backup; a database that was restored from an older one looks the same"
_UNTOLD = "the server tells them within a minute; see its log for root_not_told, and TOCSIN_ROOTS where it runs"
