"""The store itself, where no server runs on it: decided by the same engine parts, committed by the same transaction."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TypeVar

from msgspec import Struct
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access import accounts, source_keys, tokens
from tocsin.access.accounts import Change
from tocsin.access.permissions import Role
from tocsin.cli.acts import LOCAL, Act
from tocsin.cli.output import MistakeError, note
from tocsin.cli.reading import exists, methods, shown
from tocsin.config import Loaded
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.signal import Signal
from tocsin.engine.applying import SupersededError, apply
from tocsin.engine.batch import Batch
from tocsin.engine.clock import SystemClock
from tocsin.engine.door import Door
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.worlds import NoRulebookError, StoredWorlds
from tocsin.lib.metrics import Metrics
from tocsin.store.contract import Ledger
from tocsin.store.ledger import open_ledger

T = TypeVar("T")

REPORTED = "api"
"""The source and the scope of what is reported by hand, as the API has it: the same key joins either way."""


REFUSED = {
    "login": ("that is no login", "1 to 80 of a-z 0-9 . _ @ + -, beginning and ending with a letter or a figure"),
    "taken": ("there is an account of that login already", "tocsin account list shows all"),
    "unknown": ("there is no such account", "tocsin account list shows all"),
    "last-admin": ("it is the last admin: nobody could put anything right any more", "make another admin first"),
    "set-up": ("there is an account already", "tocsin account create makes more; reset lets somebody in again"),
    "used": ("the link was used, or is too old", "tocsin account reset makes another"),
}
"""What is said of a refusal, and what helps."""


def superseded() -> MistakeError:
    """Another version came first."""
    return MistakeError("somebody else applied a rulebook meanwhile", "look at the difference, then apply again")


class NewToken(Struct, frozen=True):
    """A token that is wanted."""

    name: str
    role: Role
    scopes: tuple[str, ...] | None = None
    teams: tuple[str, ...] = ()


class Direct:
    """Carries out in this process what a server would be asked to."""

    def __init__(self, ledger: Ledger, methods: frozenset[str]) -> None:
        self._ledger = ledger
        self.clock = SystemClock()
        self._worlds = StoredWorlds(ledger, self.clock, methods)
        self._door = Door(Batch(ledger), self._worlds.world, self.clock, Metrics())

    def act(self, incident: str, act: Act) -> None:
        """One person's act on an incident; MistakeError when it is refused."""
        self._done(Submission(str(uuid7()), act.command(), incident))

    def report(self, signal: Signal) -> str:
        """Report by hand; the id of the incident."""
        report = cmd.Report(SourceId(REPORTED), REPORTED, (signal,), (str(uuid7()) if signal.text else "",))
        return self._done(Submission(str(uuid7()), report, key=(REPORTED, signal.key))).incident

    def _done(self, submission: Submission) -> Answer:
        try:
            (answer,) = self._door.carry_out([submission])
        except NoRulebookError:
            raise MistakeError("no rulebook is in force", "run tocsin apply PATH") from None
        if answer.refused is not None:
            raise MistakeError(f"refused: {answer.refused.text}")
        if self._ledger.url.startswith("sqlite"):
            note("no server runs on this database: nothing is sent until `tocsin serve` does")
        return answer

    def create_token(self, wanted: NewToken) -> str:
        """The text of a new token, which nobody can see again."""
        said = (wanted.name, wanted.role, wanted.scopes, wanted.teams, LOCAL, self.clock.now())
        return self._write(lambda connection: tokens.make(connection, *said))[0]

    def revoke_token(self, id_: str) -> None:
        """End a token."""
        self._write(lambda connection: tokens.revoke(connection, id_, LOCAL, self.clock.now()))

    def create_account(self, login: str, role: Role, person: str) -> str:
        """The link by which its owner sets a password."""
        said = (login, role, person, LOCAL, self.clock.now())
        return self._link(self._write(lambda connection: accounts.admit(connection, *said))[1])

    def invite(self, login: str, purpose: Literal["invite", "reset"]) -> str:
        """A new link for the owner of an account."""
        now = self.clock.now()
        return self._link(
            self._write(lambda connection: accounts.readmit(connection, login, purpose, LOCAL, now))[1]
        )  # fmt: skip

    def change_account(self, login: str, change: Change) -> None:
        """Another role or person, disabled or enabled."""
        now = self.clock.now()
        self._write(
            lambda connection: accounts.change(connection, accounts.the(connection, login).id, change, LOCAL, now)
        )

    def set_up(self) -> str:
        """The link that makes the first admin."""
        return self._link(self._write(lambda connection: accounts.first(connection, self.clock.now())))

    def make_key(self, source: str) -> str:
        """The text of a new key of a source."""
        return self._write(lambda connection: source_keys.make(connection, source, LOCAL, self.clock.now()))[0]

    def revoke_key(self, source: str, id_: str) -> None:
        """End a key."""
        now = self.clock.now()
        if not self._write(lambda connection: source_keys.revoke(connection, source, id_, LOCAL, now)):
            raise MistakeError(f"there is no key {id_} of {source} that is still good", "tocsin source key list")

    def apply(self, loaded: Loaded, by: str, comment: str, despite: Sequence[str] = (), over: int | None = None) -> int:
        """Put a loaded rulebook in force, with seeds for whom is not known yet; the number of the version."""
        try:
            return apply(self._ledger, loaded, self.clock.now(), by, comment, over, despite=despite)
        except SupersededError:
            raise superseded() from None

    def _link(self, text: str) -> str:
        url = os.environ.get("TOCSIN_URL", "").rstrip("/") or "http://127.0.0.1:8400"
        return f"{url}/setup/{text}"

    def _write(self, change: Callable[[Connection], T]) -> T:
        try:
            return self._ledger.transact(lambda tx: change(tx.connection))
        except accounts.RefusedError as refused:
            raise MistakeError(*REFUSED[refused.code]) from None
        except source_keys.TwoLiveError:
            raise MistakeError("the source has two keys already", "revoke the one that nobody uses") from None


@contextmanager
def direct(database: str, *, may_make: bool = False) -> Iterator[Direct]:
    """The database, opened for writing; on SQLite nobody else may have it open."""
    if not exists(database):
        if not may_make:
            raise MistakeError(f"there is no database at {shown(database)}", "give --database URL")
        note(f"making a new database at {shown(database)}")
    ledger = open_ledger(database)
    try:
        yield Direct(ledger, methods())
    finally:
        ledger.close()
