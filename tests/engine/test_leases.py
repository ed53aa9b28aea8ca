"""Senders that freeze or die with a message in their hands: another takes over, a zombie's word counts nothing."""

from collections import Counter
from pathlib import Path
from signal import SIGCONT, SIGSTOP

from tests.engine.crowd import ask, open_many
from tests.engine.running import Forge, Program, place, rulebook, until
from tests.engine.sink import Sink
from tests.engine.test_kills import let_leases_run_out
from tests.engine.virtual import virtual
from tocsin.core.instant import SECOND
from tocsin.engine.clock import SystemClock
from tocsin.engine.dispatcher import LEASE

RULES = rulebook("1h", "1h", "2h")


def in_flight(forge: Forge, mails: Sink, url: str, folder: Path, count: int) -> tuple[Program, Program]:
    """A dispatcher that holds `count` messages and waits for the mail server's word; and a second one, held by us."""
    at = place(folder, url, mails.port, RULES)
    open_many(url, count, RULES, SystemClock().now())
    mails.hold()
    first = forge.start(at, "--only", "dispatch")
    until(lambda: mails.begun == count)
    first.signal(SIGSTOP)
    let_leases_run_out(url)
    return first, forge.start(at, "--only", "dispatch")


def test_the_outcome_of_a_sender_that_was_frozen_beyond_its_lease_is_rejected(
    postgres_url: str, forge: Forge, mails: Sink, tmp_path: Path
) -> None:
    count = 5
    frozen, second = in_flight(forge, mails, postgres_url, tmp_path, count)
    until(lambda: mails.begun == 2 * count)
    mails.release()
    sent = "select count(*) from outbox where state = 'sent' and fence = 2"
    until(lambda: ask(postgres_url, sent) == [(count,)])
    settled = ask(postgres_url, "select * from outbox order by id")
    told = ask(postgres_url, "select stream, seq, hash from events order by 1, 2")
    frozen.signal(SIGCONT)
    until(lambda: frozen.log.read_text().count("lease_lost") == count)
    frozen.terminate()
    second.terminate()
    assert ask(postgres_url, "select * from outbox order by id") == settled
    assert ask(postgres_url, "select stream, seq, hash from events order by 1, 2") == told
    assert set(mails.copies.values()) == {2}  # as many as were in its hands, and under the same ids
    unheard = ask(postgres_url, "select n, count(*) from attempts where ended_at is null group by n")
    assert unheard == [(1, count)]


def test_the_messages_of_a_sender_that_died_are_sent_by_another(
    postgres_url: str, forge: Forge, mails: Sink, tmp_path: Path
) -> None:
    dead, other = in_flight(forge, mails, postgres_url, tmp_path, 3)
    dead.kill()
    mails.release()
    until(lambda: ask(postgres_url, "select count(*) from outbox where state = 'sent'") == [(3,)])
    other.terminate()
    assert max(mails.copies.values()) <= 2
    assert Counter(mail.to for mail in mails.mails)["dana@acme.example"] <= 6


async def test_what_was_claimed_and_not_begun_before_the_lease_ended_is_not_sent_by_the_one_that_overslept() -> None:
    async with virtual() as engine:
        engine.mail.down = True
        await engine.signal(labels={"service": "order-database"})
        engine.mail.down = False
        engine.clock.advance_to(engine.clock.now() + 20 * SECOND)
        assert await engine.parts.dispatcher.step()  # claimed; not begun, for nobody was let run
        engine.clock.advance_to(engine.clock.now() + LEASE)
        await engine.parts.dispatcher.drain()
        assert engine.mail.sent == []
        await engine.run(SECOND)
        assert engine.paged() == ["dana"]
