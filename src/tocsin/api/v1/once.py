"""What is done once, however often it is sent: the Idempotency-Key and its answer are kept in the same transaction"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from tocsin.api.here import Asked, caller_of, here
from tocsin.api.v1.acts import once_of
from tocsin.store.contract import Answer, Tx
from tocsin.store.errors import Conflict

T = TypeVar("T", bound=Struct)


async def once(request: Asked, kind: type[T], change: Callable[[Tx], T]) -> T:
    """The answer of `change`, made in one transaction; or of the first time, where its key was sent before.

    Everybody who was remembered is looked up again, and the roster is read anew.
    """
    at, key = here(request), once_of(request)
    id_ = f"api:{caller_of(request).by}:{request.method} {request.url.path}:{key}" if key else ""

    def body(tx: Tx) -> T:
        if id_ and (kept := tx.answers([id_]).get(id_)) is not None:
            return msgspec.json.decode(kept, type=kind)
        made = change(tx)
        if id_:
            tx.record_answers([Answer(id_, msgspec.json.encode(made), at.now())])
        return made

    def run() -> T:
        try:
            return at.site.ledger.transact(body)
        except Conflict:  # another request with this key was a moment faster
            return at.site.ledger.transact(body)

    try:
        return await asyncio.to_thread(run)
    finally:
        await asyncio.to_thread(at.site.worlds.refresh)
