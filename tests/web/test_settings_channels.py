"""Channels: what is set up and never its secrets, how each does, and a trial whose result arrives."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from tests.doors import ENVIRONMENT, Running, running
from tests.insiders import sit_down
from tests.web.administering import deeds, read, send
from tocsin.engine.trial import reference
from tocsin.store import people
from tocsin.store.people import Contact, PersonRow
from tocsin.store.queries.traffic import traffic
from tocsin.store.tables import outbox

PLACE = "/settings/channels"
GITA = Contact("gita", "email", "gita@acme.example")
WAY = f"gita:{reference(GITA)}"


@pytest.fixture
def wired(sqlite_url: str) -> Iterator[Running]:
    """With a mail server whose address holds a password, and one person with an address."""
    with running(sqlite_url, environment=ENVIRONMENT | {"TOCSIN_SMTP": "smtp://u:canary-pass@mail:587"}) as standing:
        standing.site.ledger.transact(
            lambda tx: people.seed(tx.connection, [PersonRow("gita", "Gita Rao")], [GITA], standing.clock.now())
        )
        yield standing


async def test_each_kind_says_whether_it_is_set_up_and_never_with_what(wired: Running) -> None:
    sit_down(wired, "eve", "responder")
    text = (await read(wired, PLACE)).text
    assert "E-mail Set up" in text
    assert "sms Not set up: messages stay in the outbox" in text
    assert "Webhook not set up" in text
    assert "canary" not in text
    assert "gita@acme.example" not in text
    assert "Send a trial" not in text


async def test_what_a_kind_waits_for_is_named(here: Running) -> None:
    sit_down(here, "eve", "responder")
    assert "To set it up, the server needs TOCSIN_SMTP" in (await read(here, PLACE)).text


async def test_an_open_breaker_is_told(wired: Running) -> None:
    sit_down(wired, "eve", "responder")
    wired.site.metrics.breaker.labels(method="email").set(1)
    assert "The provider is taken to be down" in (await read(wired, PLACE)).text


async def test_a_trial_is_queued_to_that_address_and_its_result_is_seen(wired: Running) -> None:
    sit_down(wired, "carla", "manager")
    assert "Gita Rao · email · gita@acme.example" in (await read(wired, PLACE)).text
    answer = await send(wired, f"{PLACE}/test", way=WAY)
    place = answer.headers["location"]
    assert "To Gita Rao by email: waiting" in (await read(wired, place)).text
    sent(wired)
    assert "To Gita Rao by email: it arrived at the provider" in (await read(wired, place)).text
    piece = (await wired.client.get(f"{PLACE}/trial?of={WAY}")).json()["html"]
    assert "data-final" in piece
    assert "<html" not in piece
    (deed,) = deeds(wired, "channel.tried")
    assert (deed.actor, deed.object) == ("carla", "gita")
    assert b"acme.example" not in deed.details


def sent(wired: Running) -> None:
    """The dispatcher has sent everything."""
    done = {"state": "sent", "next_at": None, "sent_at": wired.clock.now(), "outcome": "sent", "tried": 1}
    wired.site.ledger.transact(lambda tx: tx.connection.execute(update(outbox).values(done)))


@pytest.mark.parametrize("way", ["", "gita:nothing", "nobody:abc", "gita:"])
async def test_nothing_is_sent_to_an_address_that_nobody_has(wired: Running, way: str) -> None:
    sit_down(wired, "carla", "manager")
    assert (await send(wired, f"{PLACE}/test", way=way)).headers["location"] == PLACE
    assert deeds(wired, "channel") == []


async def test_the_traffic_counts_what_waits_was_sent_and_failed(wired: Running) -> None:
    sit_down(wired, "carla", "manager")
    for _ in range(3):
        await send(wired, f"{PLACE}/test", way=WAY)
    with wired.site.ledger.read() as connection:
        assert (traffic(connection)["email"].waiting, traffic(connection)["email"].sent) == (3, 0)
    failed = {"state": "failed", "next_at": None, "outcome": "permanent", "tried": 1}
    wired.site.ledger.transact(lambda tx: tx.connection.execute(update(outbox).values(failed)))
    with wired.site.ledger.read() as connection:
        found = traffic(connection)["email"]
    assert (found.waiting, found.failed, found.failing, found.why) == (0, 3, 3, "permanent")
    assert "0 sent, 3 failed" in (await read(wired, PLACE)).text
