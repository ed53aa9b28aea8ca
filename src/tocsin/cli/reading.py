"""Looking into a database, whether or not a server is running on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

from sqlalchemy import Connection

from tocsin import channels
from tocsin.channels.contract import STANDS_IN_FOR
from tocsin.cli.output import MistakeError
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.url import parse


def exists(database: str) -> bool:
    """Whether there is something to open; of a server nobody knows before asking it."""
    file = parse(database).file
    return file is None or file.exists()


def shown(database: str) -> str:
    """The address without its password."""
    return parse(database).shown


def methods() -> frozenset[str]:
    """The names of all channels there are, without loading them: what a person may be reached by.

    Without a mail server the outbox stands in for those that are none of ours, as it does in a server that has none.
    """
    folders = (path.parent.name for path in Path(channels.__file__).parent.glob("*/send.py"))
    kept = () if os.environ.get("TOCSIN_SMTP") else STANDS_IN_FOR
    return frozenset({*folders, *kept, *(point.name for point in entry_points(group="tocsin.channels"))})


@contextmanager
def opened(database: str) -> Iterator[SqlLedger]:
    """The database, for reading alone; MistakeError when there is none."""
    address = parse(database)
    if address.engine == "sqlite" and address.file is None:
        raise MistakeError("a database in memory is gone with its process", "give --database sqlite:///FILE")
    if not exists(database):
        raise MistakeError(f"there is no database at {address.shown}", "give --database URL, or start `tocsin serve`")
    ledger = open_ledger(database, write=False, remembered=0)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def reading(database: str) -> Iterator[Connection]:
    """A connection that sees one consistent state of it."""
    with opened(database) as ledger, ledger.read() as connection:
        yield connection
