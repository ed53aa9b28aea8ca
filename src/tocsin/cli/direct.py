"""The store itself, where no server runs on it: decided by the same engine parts, committed by the same transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from uuid_utils import uuid7

from tocsin.access.tokens import mint
from tocsin.cli.acts import Act
from tocsin.cli.output import MistakeError, note
from tocsin.cli.reading import exists, methods, shown
from tocsin.config import Loaded
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.signal import Signal
from tocsin.engine.applying import apply
from tocsin.engine.batch import Batch
from tocsin.engine.clock import SystemClock
from tocsin.engine.door import Door
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.worlds import NoRulebookError, StoredWorlds
from tocsin.lib.metrics import Metrics
from tocsin.store import tokens
from tocsin.store.contract import Ledger, Text, Tx
from tocsin.store.ledger import open_ledger

REPORTED = "api"
"""The source and the scope of what is reported by hand, as the API has it: the same key joins either way."""


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
        text = Text(str(uuid7()), signal.text)
        report = cmd.Report(SourceId(REPORTED), REPORTED, (signal,), (text.key if text.body else "",))
        kept = (text,) if text.body else ()
        return self._done(Submission(str(uuid7()), report, key=(REPORTED, signal.key), texts=kept)).incident

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

    def create_token(self, name: str, role: Any) -> str:
        """The text of a new token, which nobody can see again."""
        text, token = mint(name, role, self.clock.now())
        self._write(lambda tx: tokens.add(tx.connection, token))
        return text

    def revoke_token(self, id_: str) -> None:
        """End a token."""
        self._write(lambda tx: tokens.revoke(tx.connection, id_, self.clock.now()))

    def apply(self, loaded: Loaded, by: str, comment: str) -> int:
        """Put a loaded rulebook in force, with seeds for whom is not known yet; the number of the version."""
        return apply(self._ledger, loaded, self.clock.now(), by, comment)

    def _write(self, change: Callable[[Tx], Any]) -> None:
        self._ledger.transact(change)


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
