"""The audit log, read: what was administered, by whom; the newest first."""

import msgspec
from litestar import get
from litestar.params import FromQuery
from msgspec import Struct

from tocsin.api.here import Asked, here
from tocsin.api.v1.plain import when
from tocsin.store import audit_log
from tocsin.store.audit_log import Entry

MOST = 500

LAST = 2**62
"""No entry has a greater number; a cursor may be any."""


class EntryView(Struct, frozen=True):
    """One deed. `hash` covers it and the entry before it: whoever keeps it can prove that nothing was taken back."""

    n: int
    at: str | None
    actor: str
    what: str
    object: str
    details: msgspec.Raw
    hash: str


class Audit(Struct, frozen=True):
    """Some entries; `cursor` leads to earlier ones, null at the first."""

    entries: tuple[EntryView, ...]
    cursor: int | None


@get("/audit", opt={"verb": "audit.read"}, sync_to_thread=True)
def audit(request: Asked, what: FromQuery[str] = "", limit: FromQuery[int] = 100, cursor: FromQuery[int] = 0) -> Audit:
    """`what` is a kind (`account.role`) or its first part (`account`)."""
    limit = max(1, min(limit, MOST))
    before = min(cursor, LAST) if cursor > 0 else None
    found = here(request).read(lambda connection: audit_log.latest(connection, limit + 1, before, what))
    shown = found[:limit]
    return Audit(tuple(_view(one) for one in shown), shown[-1].n if len(found) > limit else None)


def _view(one: Entry) -> EntryView:
    return EntryView(one.n, when(one.at), one.actor, one.what, one.object, msgspec.Raw(one.details), one.hash.hex())
