"""What is done once, however often it is sent: the Idempotency-Key and its answer are kept in the same transaction"""

import asyncio
from collections.abc import Callable
from typing import NoReturn, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.api.here import Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.v1.acts import once_of
from tocsin.engine.swapping import at_once
from tocsin.store.contract import Answer, Tx

S = TypeVar("S")
T = TypeVar("T", bound=Struct)


async def once(request: Asked, kind: type[T], change: Callable[[Tx], T]) -> T:
    """The answer of `change`, made in one transaction; or of the first time, where its key was sent before.

    The roster is read anew.
    """
    try:
        return await _kept(request, change, lambda made: made, lambda kept: msgspec.json.decode(kept, type=kind))
    finally:
        await asyncio.to_thread(here(request).site.worlds.refresh)


async def once_shown(request: Asked, change: Callable[[Connection], S], id_of: Callable[[S], str]) -> S:
    """The same for what shows a secret, once: kept is that it was made and its id, nothing of the secret itself.

    Raises Problem 409 `made` where its key was sent before. Everybody who was remembered is looked up again.
    """
    try:
        return await _kept(request, lambda tx: change(tx.connection), id_of, _made)
    finally:
        here(request).gate.forget()


async def _kept(
    request: Asked, change: Callable[[Tx], S], keep: Callable[[S], object], again: Callable[[bytes], S]
) -> S:
    """What `change` makes, and what to `keep` of it under the request's key; where that was sent before, `again`."""
    at, key = here(request), once_of(request)
    id_ = f"api:{caller_of(request).by}:{request.method} {request.url.path}:{key}" if key else ""

    def body(tx: Tx) -> S:
        if id_ and (kept := tx.answers([id_]).get(id_)) is not None:
            return again(kept)
        made = change(tx)
        if id_:
            tx.record_answers([Answer(id_, msgspec.json.encode(keep(made)), at.now())])
        return made

    return await asyncio.to_thread(at_once, at.site.ledger, body)  # again where the same key was a moment faster


def _made(kept: bytes) -> NoReturn:
    detail = "This was made when its Idempotency-Key was sent first; what was shown then cannot be shown again."
    hint = "Revoke or replace it if that answer was lost, and ask for another with a new key."
    raise Problem(409, "made", detail, hint, id=msgspec.json.decode(kept, type=str))
