"""Teams that take turns, proved: who comes first is supposed, and every call of the incident moves the turn on."""

import pytest
from msgspec.structs import replace

from tocsin.config import loads
from tocsin.core.catalogue.people import ContactLadder, Entry
from tocsin.core.ids import PersonId, SourceId, TeamId
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, parse_instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.core.world import Surroundings
from tocsin.lab.behaviour import Behaviour, Happening, Signals, Trouble
from tocsin.lab.simulator import play
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.reach import Fall, Row

START = parse_instant("2027-03-22T08:00:00Z")
TEAM = ("ana", "ben", "carla")
TEXT = """tocsin: 1
organisation: Acme
timezone: Europe/Berlin
last_resort: [person:nadia]
unrouted: {team: mail, policy: mail, priority: P2}
people: {ana: {name: Ana}, ben: {name: Ben}, carla: {name: Carla}, nadia: {name: Nadia}}
teams:
  mail: {members: [ana, ben, carla], lead: nadia, assign: round_robin}
services:
  mail: {team: mail, policy: mail}
policies:
  mail:
    functional:
      - {notify: team, wait: 1m}
    repeat: 2
"""
SMS = {"sms": "verified"}
EMAIL = {"email": "verified"}


def case(text: str = TEXT, late: Duration = 0, **ways: dict[str, str]) -> Case:
    """Of ana and ben nothing rings before `late`; everybody has e-mail, if nothing else is said."""
    book = loads({"rules.yaml": text}).rulebook
    assert book is not None
    slow = ContactLadder((Entry("email", late),), (Entry("email", late),))
    contact = {PersonId(one): slow for one in ("ana", "ben") if late}
    methods = {one: ways.get(one, EMAIL) for one in book.people}
    facts = Facts(1, methods=methods, contact=contact)
    return Case(book, compile_all(book.conditions), START, facts, horizon=DAY)


def row(of: Case) -> Row:
    return next(one for one in of.proof.rows if (one.priority, one.kind) == ("P2", "incident"))


def without_sms(of: Case) -> Fall | None:
    return next((one for one in row(of).falls if (one.loss, one.name) == ("provider", "sms")), None)


def played(of: Case, before: str, down: str = "") -> tuple[Duration, set[PersonId]]:
    """After how long the simulator rings whom first, where `before` has had the last turn."""
    turns = {TeamId("mail"): PersonId(before)}
    world = replace(of.world, surroundings=Surroundings(turns=turns, load={PersonId(before): 9}))
    signal = Signal(key="k", action="trigger", title="t", severity="critical", service="mail")
    told = play(
        world, [Happening(START, Signals(SourceId("x"), (signal,)))], START + DAY,
        Behaviour((Trouble("passing", 0, None, down),) if down else ()),
    )  # fmt: skip
    rung = [(one.at - START, one.message.to) for one in told.tried if one.outcome == "sent"]
    return rung[0][0], {person for at, person in rung if at == rung[0][0]}


@pytest.mark.parametrize("laps", [1, 2, 3])
def test_every_lap_goes_on_with_the_next_of_a_round_robin_as_the_simulator_does(laps: int) -> None:
    proved = case(TEXT.replace("repeat: 2", f"repeat: {laps - 1}"), late=30 * MINUTE)
    for at, first in enumerate(TEAM):
        ways = [one for one in row(proved).ways if dict(one.supposed) == {f"turn:mail:{','.join(TEAM)}": first}]
        assert [(one.responder[0].delay, {*one.responder[0].people}) for one in ways] == [played(proved, TEAM[at - 1])]
    assert proved.proof.disagreements == ()


def test_a_second_step_for_the_same_team_calls_the_next_too_and_a_person_who_is_called_has_had_their_turn() -> None:
    twice = case(
        TEXT.replace("- {notify: team, wait: 1m}", "- {notify: team, wait: 1m}\n      - {notify: team, wait: 1m}"),
        late=30 * MINUTE,
    )
    named = case(
        TEXT.replace("- {notify: team", "- {notify: person:ben, wait: 1m}\n      - {notify: team"), 30 * MINUTE
    )
    assert row(twice).responder.delay == 2 * MINUTE
    assert [(one.supposed, one.responder[0].people) for one in row(named).ways] == [((), ("carla",))]
    assert played(named, "carla") == (MINUTE, {"carla"})


def test_a_step_that_ends_before_the_next_member_is_called_hangs_on_the_first_ones_provider() -> None:
    short = TEXT.replace("repeat: 2", "repeat: 0")
    fall, long = without_sms(case(short, ana=SMS)), without_sms(case(short.replace("1m", "10m"), ana=SMS))
    assert fall is not None
    assert (fall.rounds, fall.worst.people) == (True, ("ben", "carla", "nadia"))
    assert dict(fall.supposed) == {f"turn:mail:{','.join(TEAM)}": "ana"}
    assert [str(one.key) for one in fall.worst.assuming] == ["lab.proof.turn"]
    assert played(case(short, ana=SMS), "carla", "sms") == (fall.worst.delay, {*fall.worst.people})
    assert played(case(short, ana=SMS), "ana", "sms") == (0, {"ben"})
    assert long is None


def test_a_second_lap_makes_good_what_the_first_ones_provider_lacks_unless_it_calls_the_same_again() -> None:
    two = TEXT.replace("repeat: 2", "repeat: 1")
    idle = two.replace("round_robin", "least_loaded")
    assert without_sms(case(two, ana=SMS)) is None
    assert without_sms(case(two, ana=SMS, ben=SMS)) is not None
    assert without_sms(case(idle, ana=SMS)) is not None  # the others may have so much more to do
    assert case(two, ana=SMS, ben=SMS).proof.disagreements == ()


def test_of_a_team_called_by_load_the_second_may_be_anybody() -> None:
    text = TEXT.replace("round_robin", "least_loaded").replace("1m", "9m").replace("repeat: 2", "repeat: 0")
    waits = {one.responder[0].delay for one in row(case(text, late=HOUR)).ways}
    assert waits == {0, 3 * MINUTE, 6 * MINUTE}


def test_whoever_has_the_skill_comes_first_whoevers_turn_it_is() -> None:
    skilled = TEXT.replace("ben: {name: Ben}", "ben: {name: Ben, skills: [linux]}").replace(
        "wait: 1m}", "wait: 1m, skills: [linux]}"
    )
    proved = case(skilled, late=30 * MINUTE)
    assert {one.responder[0].delay for one in row(proved).ways} == {3 * MINUTE}
    assert played(proved, "ana") == played(proved, "ben") == (3 * MINUTE, {"carla", "nadia"})
    assert proved.proof.disagreements == ()
