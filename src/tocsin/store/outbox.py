"""What is to be sent: claimed under a lease, attempted after a commit, settled after the call, or withdrawn.

A row that is not finished always has `next_at`: when a sender may take it, first or again. A claim moves it to the end
of the lease, so that a sender that died needs nobody to clean up. Each claim raises `fence`; a step that shows an old
fence changes nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from tocsin.core.instant import Duration, Instant
from tocsin.store.codec import clean
from tocsin.store.contract import Claimed, Outcome, Slots, Withdrawal
from tocsin.store.rows import each

OPEN = """select s.id, s.incident, s.round, s.person, s.method, s.purpose from outbox s
    where s.incident in (select incident from r) and s.next_at is not null and s.withdrawn_at is null order by s.id"""
WITHDRAW = """update outbox set withdrawn_at = r.at,
    state = case when state = 'sending' then state else 'withdrawn' end,
    next_at = case when state = 'sending' then next_at end from r where outbox.id = r.id"""

REVIVE = """update outbox set withdrawn_at = null,
    state = case when state = 'withdrawn' then 'waiting' else state end,
    next_at = case when state = 'withdrawn' then r.at else next_at end
    from r where outbox.id = r.id and outbox.withdrawn_at is not null and outbox.state in ('withdrawn', 'sending')"""

TAKEN = """s.id, s.fence, s.incident, s.seq, s.lane, s.person, s.method, s.purpose, s.body, s.round, s.due_at,
    s.created_at, s.tried"""
READY = f"""select {TAKEN}, s.state, s.withdrawn_at from outbox s where s.lane = (select lane from r)
    and s.next_at <= (select now from r) order by s.next_at limit (select slots from r)"""
CLAIM = """update outbox set state = 'claimed', fence = fence + 1, holder = r.holder, next_at = r.until
    from r where outbox.id = r.id"""
LET_GO = "update outbox set state = 'withdrawn', next_at = null from r where outbox.id = r.id"

FREE = "update outbox set next_at = :now where state in ('claimed', 'sending') and next_at > :now"

FENCED = "outbox.id = r.id and outbox.fence = r.fence"
BEGIN = f"""update outbox set state = 'sending', tried = tried + 1 from r
    where {FENCED} and outbox.state = 'claimed' and outbox.withdrawn_at is null returning outbox.id, outbox.tried"""
ATTEMPT = "insert into attempts (id, n, started_at, outcome) select id, n, at, 'unknown' from r where true"
RENEW = f"update outbox set next_at = r.until from r where {FENCED} and outbox.state in ('claimed', 'sending')"
FINISH = f"""update outbox set outcome = r.outcome, holder = '',
    state = case when r.state = 'waiting' and withdrawn_at is not null then 'withdrawn' else r.state end,
    next_at = case when r.state = 'waiting' and withdrawn_at is null then r.next_at end,
    sent_at = case when r.state = 'sent' then r.at end
    from r where {FENCED} and outbox.state in ('claimed', 'sending') returning outbox.id, outbox.tried"""
ENDED = """update attempts set ended_at = r.at, outcome = r.outcome, detail = r.detail from r
    where attempts.id = r.id and attempts.n = r.n"""

Fenced = tuple[str, int]
"""(id, fence) of a message that was claimed."""


def claim(
    connection: Connection, now: Instant, holder: str, slots: Slots, lease: Duration, skip: str = ""
) -> list[Claimed]:
    """Take what may be sent at `now`, lane 0 first, oldest first, up to the slots of each lane.

    `skip` is the dialect's. What was withdrawn while a dead sender held it is not taken but laid to rest.
    """
    columns = {"lane": "int", "now": "bigint", "slots": "int"}
    lanes = [(lane, now, slots[lane]) for lane in sorted(slots) if slots[lane] > 0]
    rows = [row for lane in lanes for row in each(connection, READY + skip, columns, [lane])]
    gone = [(id_,) for id_, *_, withdrawn_at in rows if withdrawn_at is not None]
    each(connection, LET_GO, {"id": "text"}, sorted(gone))
    wanted = [row for row in rows if row[-1] is None]
    taken = sorted((id_, holder, now + lease) for id_, *_ in wanted)
    each(connection, CLAIM, {"id": "text", "holder": "text", "until": "bigint"}, taken)
    return [_claimed(row) for row in wanted]


def _claimed(row: Sequence[Any]) -> Claimed:
    id_, fence, *taken, state, _withdrawn_at = row
    return Claimed(*(id_, fence + 1, *taken, state == "sending"))


def begin(connection: Connection, claimed: Iterable[Fenced], at: Instant) -> set[str]:
    """Write down that an attempt begins; commit, then call. The ids that may go: the others were withdrawn or taken."""
    rows = [(id_, fence) for id_, fence in sorted(claimed)]
    begun = each(connection, BEGIN, {"id": "text", "fence": "int"}, rows)
    columns = {"id": "text", "n": "int", "at": "bigint"}
    each(connection, ATTEMPT, columns, sorted((id_, tried, at) for id_, tried in begun))
    return {id_ for id_, _ in begun}


def free(connection: Connection, now: Instant) -> None:
    """Nobody sends but the caller, who has just begun: what a dead process held may be taken at once."""
    connection.execute(text(FREE), {"now": now})


def renew(connection: Connection, claimed: Iterable[Fenced], until: Instant) -> None:
    """Hold these longer; nothing happens to those that another sender has taken."""
    rows = [(id_, fence, until) for id_, fence in sorted(claimed)]
    each(connection, RENEW, {"id": "text", "fence": "int", "until": "bigint"}, rows)


def finish(connection: Connection, outcomes: Sequence[Outcome]) -> set[str]:
    """Write down how attempts ended. The ids that were ours to settle; a stale fence changes nothing.

    A retry (`waiting`) of what was withdrawn meanwhile does not happen.
    """
    columns = {"id": "text", "fence": "int", "state": "text", "outcome": "text", "next_at": "bigint", "at": "bigint"}
    rows = [(o.id, o.fence, o.state, clean(o.outcome), _next(o), o.at) for o in _by_id(outcomes)]
    settled = dict(each(connection, FINISH, columns, rows))
    ended = [(o.id, settled[o.id], o.at, clean(o.outcome), clean(o.detail)) for o in outcomes if o.id in settled]
    columns = {"id": "text", "n": "int", "at": "bigint", "outcome": "text", "detail": "text"}
    each(connection, ENDED, columns, sorted(ended))
    return set(settled)


def _next(outcome: Outcome) -> Instant | None:
    if (outcome.state == "waiting") != (outcome.next_at is not None):
        raise ValueError(f"{outcome.id}: a retry has a time, and nothing else has one")
    return outcome.next_at


def _by_id(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: outcome.id)


def withdraw(connection: Connection, withdrawals: Sequence[tuple[Withdrawal, Instant]], lock: str) -> set[str]:
    """Call back what is unsent. The ids that were; where an attempt has begun, only its retries are called back."""
    if not withdrawals:
        return set()
    incidents = sorted({withdrawal.incident for withdrawal, _ in withdrawals})
    found = each(connection, OPEN + lock, {"incident": "text"}, [(incident,) for incident in incidents])
    meant = [(row[0], at) for row in found for at in _meant(row, withdrawals)]
    each(connection, WITHDRAW, {"id": "text", "at": "bigint"}, sorted(dict(meant).items()))
    return {id_ for id_, _ in meant}


def revive(connection: Connection, messages: Iterable[tuple[str, Instant]]) -> None:
    """Wanted after all, from that instant on: what was called back waits again; what has left is left alone."""
    each(connection, REVIVE, {"id": "text", "at": "bigint"}, sorted(messages))


def _meant(row: Sequence[Any], withdrawals: Collection[tuple[Withdrawal, Instant]]) -> list[Instant]:
    return [at for withdrawal, at in withdrawals if means(withdrawal, *row)]


def means(w: Withdrawal, id_: str, incident: str, round_: int, person: str, method: str, purpose: str) -> bool:
    """Whether a withdrawal means this message."""
    return (
        w.incident == incident
        and id_ not in w.keep
        and (w.rounds is None or round_ <= w.rounds)
        and (w.to is None or w.to == person)
        and (w.method is None or w.method == method)
        and (w.purposes is None or purpose in w.purposes)
    )
