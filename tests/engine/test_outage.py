"""A provider that is down races no ladder; whatever it owed is sent when it is back, and says that it is late."""

from tests.engine.virtual import virtual
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import MINUTE
from tocsin.store import people

LABELS = {"service": "order-database"}


async def test_a_provider_down_for_thirty_minutes_races_no_ladder_and_then_sends_everything() -> None:
    async with virtual() as engine:
        engine.mail.down = True
        await engine.signal(labels=LABELS)
        await engine.run(29 * MINUTE + 30_000_000)
        steps = [line for line in engine.events() if line.endswith(("step_entered", "step_passed"))]
        assert steps == [
            "09:00:00 step_passed",  # a person did not report it
            "09:00:00 step_entered",
            "09:05:00 step_entered",
            "09:15:00 step_entered",
            "09:25:00 step_passed",
            "09:25:00 step_entered",
        ]
        assert engine.mail.sent == []
        engine.mail.down = False
        await engine.run(MINUTE)
        assert set(engine.paged()) == {"dana", "eve", "finn"}
        assert {one.letter.delayed_minutes for one in engine.mail.sent} >= {29, 24, 14}


async def test_an_outage_is_one_undelivered_fact_a_round_and_not_one_a_try() -> None:
    async with virtual() as engine:
        engine.mail.down = True
        await engine.signal(labels=LABELS)
        await engine.run(4 * MINUTE)
        assert engine.mail.tries > 4
        assert engine.events().count("09:00:00 undelivered") == 1
        assert sum("delivery" in line for line in engine.events()) == 1


async def test_an_acknowledgement_during_an_outage_withdraws_what_was_not_sent() -> None:
    async with virtual() as engine:
        engine.mail.down = True
        await engine.signal(labels=LABELS)
        await engine.run(6 * MINUTE)
        await engine.put(cmd.Acknowledge("eve"), "INC-1")
        engine.mail.down = False
        await engine.run(5 * MINUTE)
        assert engine.paged() == []


async def test_a_provider_that_was_down_is_probed_by_one_message_and_not_by_all() -> None:
    async with virtual() as engine:
        engine.mail.down = True
        for n in range(30):
            await engine.signal(f"k{n}", labels=LABELS)
        await engine.run(MINUTE)
        before = engine.mail.tries
        await engine.run(MINUTE)
        assert engine.mail.tries - before <= 7  # one every ten seconds


async def test_a_channel_that_is_not_set_up_breaks_nobodys_address() -> None:
    async with virtual() as engine:
        await engine.signal(labels=LABELS)
        dispatcher = engine.parts.dispatcher
        del dispatcher._channels["email"]  # as after a restart without TOCSIN_SMTP
        await engine.run(6 * MINUTE)
        with engine.parts.ledger.read() as connection:
            assert "broken" not in {way.state for way in people.everything(connection)}
