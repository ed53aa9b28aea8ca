"""Whatever is wrong with a signal, a rulebook or a roster: somebody is paged."""

import itertools

import pytest

from tests import cast
from tests.engine.virtual import ACME, Virtual, virtual
from tocsin.core.catalogue.people import ContactLadder, Entry
from tocsin.core.instant import HOUR, MINUTE
from tocsin.core.oncall.override import Absence
from tocsin.intake.contract import Arrival
from tocsin.intake.registry import intakes, receive
from tocsin.store import facts, people


def away(engine: Virtual, *persons: str) -> None:
    """These people are absent for a day from now."""
    now = engine.clock.now()

    def body(tx: object) -> None:
        for person in persons:
            absence = Absence(f"a-{person}", cast.PersonId(person), now, now + 24 * HOUR)
            facts.append(tx.connection, absence, now, "test")  # type: ignore[attr-defined]

    engine.parts.ledger.transact(body)
    engine.parts.site.worlds.refresh()


def unreachable(engine: Virtual, *persons: str) -> None:
    """No way leads to these people any more."""
    now = engine.clock.now()

    def body(tx: object) -> None:
        for person in persons:
            people.mark_broken(tx.connection, person, "email", now)  # type: ignore[attr-defined]

    engine.parts.ledger.transact(body)
    engine.parts.site.worlds.refresh()


async def test_a_signal_without_a_service_pages_the_unrouted_team() -> None:
    async with virtual() as engine:
        await engine.signal()
        assert engine.paged()[0] in ("ana", "ben")
        assert engine.state().findings[0].key == "finding.no_service"


async def test_a_signal_of_an_unknown_service_pages_and_leaves_a_finding() -> None:
    async with virtual() as engine:
        await engine.signal(labels={"service": "mainframe"})
        assert engine.paged()[0] in ("ana", "ben")
        assert engine.state().findings[0].values == {"service": "mainframe"}


@pytest.mark.parametrize("body", [b"\xff\xfe not json", b"[1, 2", b"{" * 5000, b"null"])
async def test_a_body_that_cannot_be_parsed_pages_as_a_raw_incident(body: bytes) -> None:
    async with virtual() as engine:
        found = receive(intakes()["generic"], Arrival("scripts", body, "application/json"))
        assert isinstance(found, tuple)
        assert found[0].raw
        await engine.signal(key=found[0].key, title=found[0].title, text=found[0].text, raw=True)
        assert len(engine.paged()) == 1


async def test_an_empty_schedule_goes_to_the_next_step_at_once() -> None:
    async with virtual() as engine:
        away(engine, "dana")
        await engine.signal(labels={"service": "order-database"})
        assert engine.paged() == ["eve"]
        assert engine.clock.now() == cast.MONDAY


async def test_a_person_who_cannot_be_reached_is_passed_over_at_once() -> None:
    async with virtual() as engine:
        unreachable(engine, "dana")
        await engine.signal(labels={"service": "order-database"})
        assert engine.paged() == ["eve"]


async def test_an_address_that_fails_for_good_moves_the_ladder_on_at_once() -> None:
    async with virtual() as engine:
        engine.mail.broken.add("dana@acme.example")
        await engine.signal(labels={"service": "order-database"})
        assert engine.paged() == ["eve"]
        assert engine.events()[-3:] == ["09:00:00 step_entered", "09:00:00 paged", "09:00:00 delivery"]


async def test_a_whole_team_away_reaches_management_at_once() -> None:
    async with virtual() as engine:
        away(engine, "dana", "eve", "finn")
        await engine.signal(labels={"service": "order-database"})
        assert [one.who for one in engine.mail.sent][:1] == ["frank"]
        assert engine.clock.now() == cast.MONDAY


async def test_an_exhausted_ladder_ends_at_the_last_resort_and_goes_on_until_somebody_acts() -> None:
    async with virtual() as engine:
        await engine.signal(labels={"service": "order-database"})
        await engine.run(6 * HOUR)
        last = [one for one in engine.mail.sent if one.letter.purpose == "page"][-8:]
        assert {one.who for one in last} == {"carla", "nadia"}
        assert all(one.at - before.at == 15 * MINUTE for before, one in itertools.pairwise(last))


async def test_when_nobody_at_all_can_be_reached_it_stays_due_and_says_so() -> None:
    async with virtual() as engine:
        unreachable(engine, *cast.CAST)
        await engine.signal(labels={"service": "order-database"})
        state = engine.state()
        assert engine.paged() == []
        assert state.live
        assert "finding.nobody_reachable" in [one.key for one in state.findings]
        await engine.run(HOUR)
        assert engine.state().functional.rescue >= 4


async def test_a_ladder_that_names_only_ways_a_person_lacks_uses_the_way_they_have() -> None:
    async with virtual() as engine:
        ladder = ContactLadder((Entry("voice"),), (Entry("voice"),))

        def body(tx: object) -> None:
            preference = facts.Preference("dana", ladder)
            facts.append(tx.connection, preference, engine.clock.now(), "dana")  # type: ignore[attr-defined]

        engine.parts.ledger.transact(body)
        engine.parts.site.worlds.refresh()
        await engine.signal(labels={"service": "order-database"})
        assert engine.paged() == ["dana"]


async def test_a_service_whose_team_was_removed_runs_under_unrouted() -> None:
    async with virtual() as engine:
        await engine.signal(labels={"service": "gone"})
        assert engine.state().team == "service-desk"
    assert "unrouted:" in ACME


async def test_a_closed_front_desk_at_night_is_empty_for_urgent_work_and_somebody_else_is_paged() -> None:
    midnight = cast.MONDAY - 9 * HOUR
    async with virtual(start=midnight) as engine:
        await engine.signal(severity="critical")
        assert engine.mail.sent, "nobody was told at night"
        assert engine.mail.sent[0].at == midnight
