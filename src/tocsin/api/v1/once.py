"""What is done once, however often it is sent: the Idempotency-Key and its answer are kept in the same transaction"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.api.here import Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.v1.acts import once_of
from tocsin.store.contract import Answer, Ledger, Tx
from tocsin.store.errors import Conflict

S = TypeVar("S")
T = TypeVar("T", bound=Struct)


async def once(request: Asked, kind: type[T], change: Callable[[Tx], T]) -> T:
    """The answer of `change`, made in one transaction; or of the first time, where its key was sent before.

    Everybody who was remembered is looked up again, and the roster is read anew.
    """
    at, id_ = here(request), _id(request)

    def body(tx: Tx) -> T:
        if id_ and (kept := tx.answers([id_]).get(id_)) is not None:
            return msgspec.json.decode(kept, type=kind)
        made = change(tx)
        if id_:
            tx.record_answers([Answer(id_, msgspec.json.encode(made), at.now())])
        return made

    try:
        return await asyncio.to_thread(_transact, at.site.ledger, body)
    finally:
        await asyncio.to_thread(at.site.worlds.refresh)


async def once_shown(request: Asked, change: Callable[[Connection], S], id_of: Callable[[S], str]) -> S:
    """The same for what shows a secret, once: kept is that it was made and its id, nothing of the secret itself.

    Raises Problem 409 `made` where its key was sent before. Everybody who was remembered is looked up again.
    """
    at, id_ = here(request), _id(request)

    def body(tx: Tx) -> S:
        if id_ and (kept := tx.answers([id_]).get(id_)) is not None:
            raise _made(kept)
        made = change(tx.connection)
        if id_:
            tx.record_answers([Answer(id_, msgspec.json.encode(id_of(made)), at.now())])
        return made

    try:
        return await asyncio.to_thread(_transact, at.site.ledger, body)
    finally:
        at.gate.forget()


def _id(request: Asked) -> str:
    """Under what the answer is kept; '' where no key was sent."""
    key = once_of(request)
    return f"api:{caller_of(request).by}:{request.method} {request.url.path}:{key}" if key else ""


def _transact(ledger: Ledger, body: Callable[[Tx], S]) -> S:
    try:
        return ledger.transact(body)
    except Conflict:  # another request with this key was a moment faster
        return ledger.transact(body)


def _made(kept: bytes) -> Problem:
    detail = "This was made when its Idempotency-Key was sent first; what was shown then cannot be shown again."
    hint = "Revoke or replace it if that answer was lost, and ask for another with a new key."
    return Problem(409, "made", detail, hint, id=msgspec.json.decode(kept, type=str))
