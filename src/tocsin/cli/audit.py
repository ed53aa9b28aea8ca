"""`tocsin audit`: what was administered, by whom: accounts, tokens, keys, rulebooks, overrides, broken glass."""

import json
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.cli.options import DATABASE, Database, Format, introduce, within
from tocsin.cli.output import safe, say_json, table
from tocsin.cli.reading import exists, reading
from tocsin.cli.times import show_time
from tocsin.core.instant import format_instant
from tocsin.store import audit_log
from tocsin.store.audit_log import Entry

app = introduce(
    "audit",
    """
tocsin audit
tocsin audit --what account
tocsin audit --limit 1000 --format json
""",
    "The newest first. Each entry is chained to the one before it; tocsin doctor verifies the whole chain.",
)


@app.default
def audit(
    *,
    what: Annotated[str, Parameter(help="of one kind alone: account, token.made, ...")] = "",
    limit: Annotated[int, Parameter(help="how many at most"), within(int, 1, 100_000)] = 50,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Show the latest entries."""
    found: list[Entry] = []
    if exists(database):
        with reading(database) as connection:
            found = audit_log.latest(connection, limit, None, what)
    if form == "json":
        say_json({"entries": [_as_data(one) for one in found]})
        return
    rows = [(str(one.n), show_time(one.at, "UTC"), one.actor, one.what, one.object, _details(one)) for one in found]
    table(("n", "at", "by", "what", "of", "details"), rows)


def _details(one: Entry) -> str:
    told: dict[str, Any] = json.loads(one.details)
    return safe(", ".join(f"{name} {value}" for name, value in told.items() if value not in (None, "", [])))[:80]


def _as_data(one: Entry) -> dict[str, Any]:
    told = {"n": one.n, "at": format_instant(one.at), "actor": one.actor, "what": one.what, "object": one.object}
    return {**told, "details": json.loads(one.details), "hash": one.hash.hex()}
