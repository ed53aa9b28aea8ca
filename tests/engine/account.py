"""After a disaster: what clients were promised and what mailboxes got, against what the store holds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from tests.engine.running import Promise
from tests.engine.sink import Mail
from tocsin.channels.email.headers import stable_id
from tocsin.cli.folding import fold
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import outgoing
from tocsin.core.instant import SECOND, Instant
from tocsin.engine.working import decode_event, decode_state
from tocsin.store.audit import verify
from tocsin.store.ledger import open_ledger
from tocsin.store.queries.silent import silent
from tocsin.store.queries.states import events_of, state_of

GRACE = 10 * SECOND


class Account(NamedTuple):
    """`lost` promises, `silent` incidents, pages still `owed`, what is `wrong` with the store; copies of mails."""

    lost: list[Promise]
    silent: list[str]
    owed: list[str]
    wrong: list[str]
    unexplained: list[str]
    duplicates: int
    in_flight: int
    incidents: int

    @property
    def summary(self) -> str:
        """The numbers."""
        return (
            f"{self.incidents} incidents, {len(self.lost)} lost, {len(self.silent)} silent, {len(self.owed)} owed, "
            f"{self.duplicates} duplicates of {self.in_flight} in flight at a kill"
        )

    @property
    def clean(self) -> bool:
        """Nothing is missing, and each second copy is explained by an attempt whose outcome was never heard."""
        return not (self.lost or self.silent or self.owed or self.wrong or self.unexplained)


def account(url: str, promises: Sequence[Promise], mails: Sequence[Mail], now: Instant) -> Account:
    """Look at a store that nobody writes to any more."""
    ledger = open_ledger(url, write=False)
    with ledger.read() as connection:
        ids = list(connection.execute(text("select id from streams where kind = 'incident'")).scalars())
        rows = connection.execute(text("select id, state from outbox")).fetchall()
        unknown = Counter(connection.execute(text("select id from attempts where ended_at is null")).scalars())
        copies = Counter(mail.id for mail in mails)
        numbers = {row.id: copies[stable_id(f"letter:{row.id}", "127.0.0.1")] for row in rows}
        found = Account(
            lost=[one for one in promises if one.incident and not _kept(connection, one)],
            silent=[id_ for ids in silent(connection, now, GRACE) for id_ in ids],
            owed=[*_unsent(rows, numbers), *_unqueued(connection, ids, {row.id for row in rows})],
            wrong=[str(one) for one in verify(connection, fold)],
            unexplained=[id_ for id_, n in numbers.items() if n > 1 + unknown[id_]],
            duplicates=sum(n - 1 for n in copies.values()),
            in_flight=unknown.total(),
            incidents=len(ids),
        )
    ledger.close()
    return found


def _kept(connection: Connection, promise: Promise) -> bool:
    """Whether the incident of a promise is there, holds its key, and has the fact that was promised."""
    body = state_of(connection, promise.incident)
    if body is None or decode_state(body).key != promise.key:
        return False
    types = {event.type for event in events_of(connection, promise.incident)}
    return "opened" in types and (promise.outcome != "resolved" or bool(types & {"resolved", "flapping_went"}))


def _unsent(rows: Sequence[tuple[str, str]], numbers: dict[str, int]) -> Iterator[str]:
    for id_, state in rows:
        if state not in {"sent", "withdrawn"}:
            yield f"{id_} is {state}"
        elif state == "sent" and not numbers[id_]:
            yield f"{id_} is called sent, and nobody got it"


def _unqueued(connection: Connection, ids: Sequence[str], queued: set[str]) -> Iterator[str]:
    """Messages that the facts of a live incident send, and that are not in the outbox."""
    for id_ in ids:
        state = initial(id_)
        messages = []
        for kept in events_of(connection, id_):
            event = decode_event(kept.body)
            state = evolve(state, event)
            messages += outgoing(event, state)
        if state.live:
            yield from (f"{one.id} was never queued" for one in messages if one.id not in queued)
