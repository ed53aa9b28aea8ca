"""A letter is written to its reader: in their language, with their clock, names for ids."""

from collections.abc import Iterator

import pytest

from tests.cast import small_rulebook
from tests.doors import SECRET, URL, Running, running
from tocsin.access.links import Links
from tocsin.channels.contract import Letter, Outcome
from tocsin.channels.email.compose import html
from tocsin.channels.push.notice import notice
from tocsin.channels.wording import plain, subject
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import MINUTE
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.engine.letters import Letters
from tocsin.engine.outages import Outages
from tocsin.engine.submission import Submission
from tocsin.engine.trial import code, trial
from tocsin.engine.working import decode_message, queued
from tocsin.store import people
from tocsin.store.contract import Text, Tx


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    with running(sqlite_url) as standing:
        yield standing


def letter_to_dana(here: Running, **settings: str) -> Letter:
    """The page that dana would get, after she has set something for herself."""
    ledger, now = here.site.ledger, here.clock.now()
    dana, mail = people.PersonRow("dana", "Dana", **settings), people.Contact("dana", "email", "dana@acme.example")
    eve = people.PersonRow("eve", "Eve Martin")
    ledger.transact(lambda tx: people.seed(tx.connection, [dana, eve], [mail], now))
    rows = ledger.transact(lambda tx: tx.claim(now, "test", {0: 9, 1: 9, 2: 9}, MINUTE))
    row = next(one for one in rows if one.to == "dana")
    letters = Letters(ledger, here.site.worlds, Links(SECRET, URL), here.clock)
    built = letters.all([decode_message(row.body)])[row.id]
    assert not isinstance(built, Outcome), built
    return built[0]


async def test_a_letter_is_in_the_language_and_the_zone_of_its_reader(here: Running) -> None:
    await here.post(title="Orders fail")
    letter = letter_to_dana(here, language="de-AT", zone="Asia/Tokyo")
    assert (letter.language, letter.act_label) == ("de", "Übernehmen")
    assert letter.reason == "Stufe 1 des Eskalationsplans, Durchgang 1"
    assert letter.next == "In 5 min: Alarm an Eve Martin"
    assert subject(letter) == "P1 Orders fail (INC-1)"
    for part in ("Hallo Dana,", "Hilfe wird gebraucht: Orders fail", "Status: offen", "18:00 JST"):
        assert part in plain(letter)


@pytest.mark.parametrize("language", ["", "xx"])
async def test_who_has_set_no_language_of_ours_reads_english(here: Running, language: str) -> None:
    await here.post()
    letter = letter_to_dana(here, language=language)
    assert (letter.language, letter.act_label) == ("en", "Acknowledge")
    assert letter.next == "In 5 min: Eve Martin will be paged"


async def test_a_trial_goes_to_the_very_address_that_it_tries_and_brings_its_code(here: Running) -> None:
    ledger, now = here.site.ledger, here.clock.now()
    used = people.Contact("dana", "email", "dana@acme.example", "verified")
    new = people.Contact("dana", "email", "new@acme.example")
    message = trial(new, now, SECRET)

    def body(tx: Tx) -> None:
        people.put(tx.connection, used, now)
        people.put(tx.connection, new, now)
        tx.queue([queued(message)], now)

    ledger.transact(body)
    [row] = ledger.transact(lambda tx: tx.claim(now, "test", {0: 9, 1: 9, 2: 9}, MINUTE))
    letters, message = Letters(ledger, here.site.worlds, Links(SECRET, URL), here.clock), decode_message(row.body)
    built = letters.all([message])[row.id]
    assert not isinstance(built, Outcome), built
    assert built[1] == "new@acme.example"
    assert code(new, now, SECRET) in plain(built[0])
    outages = Outages(ledger, here.site.worlds, here.clock, frozenset(("email",)))
    outages.broken(message, "no such mailbox")
    with ledger.read() as connection:
        states = {way.address: way.state for way in people.of(connection, "dana")}
    assert states == {"dana@acme.example": "verified", "new@acme.example": "broken"}
    ledger.transact(lambda tx: people.drop(tx.connection, new))
    assert isinstance(letters.all([message])[row.id], Outcome)


@pytest.mark.parametrize("confidential", [False, True])
async def test_an_update_brings_its_words_unless_they_are_confidential(sqlite_url: str, confidential: bool) -> None:
    hush = Criterion("hush", "true", Raise(confidential=True))
    book = small_rulebook(criteria=(hush,) if confidential else ())
    with running(sqlite_url, rulebook=book) as here:
        await here.post(labels={"service": "checkout"})
        here.tick_until(here.clock.now() + 16 * MINUTE)
        update = Submission("u", cmd.PostUpdate("gita", "t1"), "INC-1", texts=(Text("t1", "Orders work again."),))
        assert (await here.site.door.submit(update)).refused is None
        rows = here.site.ledger.transact(lambda tx: tx.claim(here.clock.now(), "test", {3: 99}, MINUTE))
        row, *others = [one for one in rows if decode_message(one.body).text.key == "update.by"]
        assert [row.to, *(one.to for one in others)] == (["hugo"] if confidential else ["nadia", "hugo"])
        way = people.Contact(row.to, "email", "x@acme.example")
        here.site.ledger.transact(
            lambda tx: people.seed(tx.connection, [people.PersonRow(row.to)], [way], here.clock.now())
        )
        letters = Letters(here.site.ledger, here.site.worlds, Links(SECRET, URL), here.clock)
        built = letters.all([decode_message(row.body)])[row.id]
        assert not isinstance(built, Outcome), built
        assert (built[0].news, built[0].reason) == ("" if confidential else "Orders work again.", "News from gita")
        for said in (plain(built[0]), html(built[0]), notice(built[0]).decode()):
            assert ("Orders work again." in said) is not confidential
