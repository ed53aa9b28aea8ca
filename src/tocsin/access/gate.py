"""Who asks: the one place where tokens and cookies become callers, for pages and programs alike."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from tocsin.access.permissions import Caller
from tocsin.access.sessions import Known, Sessions, worth_noting
from tocsin.access.together import Together
from tocsin.access.tokens import Tokens
from tocsin.access.tokens import worth_noting as token_worth_noting
from tocsin.core.instant import Instant
from tocsin.core.rulebook import Rulebook
from tocsin.lib import secrets
from tocsin.lib.logs import logger
from tocsin.store import sessions, tokens
from tocsin.store.contract import Ledger, Tx
from tocsin.store.errors import StoreError

T = TypeVar("T")

_CSRF = "csrf"

log = logger("access")


class Clock(Protocol):
    """What time it is."""

    def now(self) -> Instant:
        """The time."""

    def steady(self) -> Instant:
        """Time that only goes forward."""


class Gate:
    """One installation's memory of who showed what. `keys` are its secrets, the present one first."""

    def __init__(
        self, ledger: Ledger, clock: Clock, rulebook: Callable[[], Rulebook | None], url: str, *keys: bytes
    ) -> None:
        self.ledger = ledger
        self.clock = clock
        self.url = url
        self.keys = keys
        self._rulebook = rulebook
        self._tokens = Tokens()
        self._sessions = Sessions()
        self._callers: Together[str, Caller | None] = Together()
        self._begun: Together[str, Known | None] = Together()

    # ---------------------------------------------------------------------------------------- callers

    async def by_token(self, text: str) -> Caller | None:
        """Whose token that is; None for one that is unknown or revoked."""
        known = self._tokens.remembered(text, self.clock.steady())
        return known if known is not None else await self._callers.ask(text, lambda: self._token(text))

    def _token(self, text: str) -> Caller | None:
        with self.ledger.read() as connection:
            found = self._tokens.look_up(connection, text, self.clock.now(), self.clock.steady())
        if found is None:
            return None
        caller, token = found
        if token_worth_noting(token, self.clock.now()):
            self._note(lambda connection: tokens.used(connection, token.id, self.clock.now()))
        return caller

    async def by_cookie(self, text: str) -> Caller | None:
        """Whose session that is, with the teams that they are in today; None for one that is unknown or over."""
        if not text:
            return None
        known = self._sessions.remembered(text, self.clock.now(), self.clock.steady())
        known = known or await self._begun.ask(text, lambda: self._session(text))
        return None if known is None else known.caller(self._rulebook())

    def _session(self, text: str) -> Known | None:
        now = self.clock.now()
        with self.ledger.read() as connection:
            known = self._sessions.look_up(connection, text, now, self.clock.steady())
        if known is not None and worth_noting(known.session, now):
            self._note(lambda connection: sessions.seen(connection, known.session.id, now))
        return known

    def _note(self, write: Callable[[Connection], None]) -> None:
        """Write down that something was used; not being able to is no reason to refuse it."""
        try:
            self.ledger.transact(lambda tx: write(tx.connection))
        except StoreError as problem:
            log.warning("use_not_noted", error=str(problem))

    def forget(self) -> None:
        """Look at the store again for everybody: something was ended or changed here."""
        for one in (self._tokens, self._sessions, self._callers, self._begun):
            one.forget()

    # ------------------------------------------------------------------------------------------- forms

    def csrf(self, caller: Caller) -> str:
        """What the forms and scripts of a session show, so that no other site's can be taken for ours."""
        return secrets.mark(_CSRF, caller.session, self.keys[0]) if caller.session else ""

    def ours(self, caller: Caller, shown: str) -> bool:
        """Whether a form or script of that session sent this. Whoever has no session has nothing to be abused."""
        return not caller.session or secrets.marked(_CSRF, caller.session, shown, *self.keys)

    # ------------------------------------------------------------------------------------------- store

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Ask the store, in a thread of its own."""

        def body() -> T:
            with self.ledger.read() as connection:
                return query(connection)

        return await asyncio.to_thread(body)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Change something in one transaction, in a thread of its own; and believe nobody who was remembered."""

        def body(tx: Tx) -> T:
            return change(tx.connection)

        try:
            return await asyncio.to_thread(self.ledger.transact, body)
        finally:
            self.forget()

    # ----------------------------------------------------------------------------------------- cookies

    @property
    def secure(self) -> bool:
        """Whether people reach this installation by https."""
        return self.url.startswith("https://")

    def cookie(self, name: str = "tocsin") -> str:
        """The name of a cookie: one that no other host may set, where there is https."""
        return f"__Host-{name}" if self.secure else name
