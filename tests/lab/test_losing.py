"""What is left when one thing is missing: the opening that waits longest, or else it is said to be an example."""

from msgspec.structs import replace

from tocsin.config import loads
from tocsin.core.ids import PersonId, SourceId
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant, parse_instant
from tocsin.core.oncall.override import Absence, Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.lab.behaviour import Happening, Signals
from tocsin.lab.simulator import play
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.reach import Fall

START = parse_instant("2027-03-22T08:00:00Z")
TEXT = """tocsin: 1
organisation: Acme
timezone: Europe/Berlin
last_resort: [person:nadia]
unrouted: {team: mail, policy: mail, priority: P2}
people: {ana: {name: Ana}, ben: {name: Ben}, carla: {name: Carla}, nadia: {name: Nadia}}
hours:
  day: {timezone: Europe/Berlin, week: {mon-fri: ["08:00-17:00"]}}
teams:
  mail: {members: [ben], lead: carla}
services:
  mail: {team: mail, policy: mail}
policies:
  mail:
    functional:
      - {notify: person:ana, wait: 20m}
    hierarchical:
      - {after: 2d, inform: person:carla}
    exhausted: {every: 3h, hours: day}
"""


def case(text: str = TEXT) -> Case:
    book = loads({"rules.yaml": text}).rulebook
    assert book is not None
    facts = Facts(1, methods={one: {"email": "verified"} for one in book.people})
    return Case(book, compile_all(book.conditions), START, facts, horizon=7 * DAY)


def without_ana(of: Case) -> list[Fall]:
    return [fall for row in of.proof.rows for fall in row.falls if (fall.loss, fall.name) == ("person", "ana")]


def waits(of: Case, opening: Instant) -> Duration:
    """How long the simulator lets what opens then wait for a responder, with ana away."""
    away = Absence("a", PersonId("ana"), START - DAY, START + 30 * DAY)
    world = replace(of.world, facts=replace(of.facts, absences=(away,)))
    signal = Signal(key="k", action="trigger", title="t", severity="critical", service="mail")
    told = play(world, [Happening(opening, Signals(SourceId("x"), (signal,)))], opening + 5 * DAY)
    return next(one.at for one in told.tried if one.message.purpose == "page") - opening


def test_a_loss_is_told_with_the_opening_that_waits_longest() -> None:
    proved = case()
    fall = without_ana(proved)[0]
    assert (fall.rounds, fall.longest) == (True, True)
    assert fall.worst.opening == parse_instant("2027-03-26T13:00:00.000001Z")  # on Friday three hours before they close
    assert fall.worst.delay == waits(proved, fall.worst.opening) == 65 * HOUR  # the clocks change on Sunday
    assert max(waits(proved, START + n * 30 * MINUTE) for n in range(2 * 24 * 5)) <= fall.worst.delay
    assert proved.proof.disagreements == ()


def test_where_there_is_too_much_to_look_through_others_may_wait_longer() -> None:
    many = "".join(f"  s{n}: {{team: mail, policy: mail}}\n" for n in range(400))
    falls = without_ana(case(TEXT.replace("services:\n", f"services:\n{many}")))
    assert {(one.rounds, one.longest) for one in falls} == {(True, False)}
    assert len(falls) == 401 * 20
