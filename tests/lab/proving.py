"""A small organisation in which all is well, and what the checks find once a piece of its text is another."""

from functools import lru_cache

from tocsin.config import Loaded, loads
from tocsin.config.complaints import Place
from tocsin.config.places import Places
from tocsin.core.instant import Instant, parse_instant
from tocsin.core.oncall.override import Facts, MethodState
from tocsin.core.routing.criteria import compile_all
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.registry import checks

WELL = """tocsin: 1
organisation: Acme
timezone: Europe/Berlin
last_resort: [person:nadia, person:omar]
unrouted: {team: mail, policy: mail, priority: P2}
people:
  ana:   {name: Ana, manager: carla}
  ben:   {name: Ben, manager: carla}
  dana:  {name: Dana, manager: carla}
  carla: {name: Carla, manager: omar}
  omar:  {name: Omar, manager: nadia}
  nadia: {name: Nadia}
contact: {urgent: [push, email after 1m], routine: [email]}
roles:
  duty: [schedule:duty, person:omar]
hours:
  day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}}
  night: {timezone: Europe/Berlin, week: {mon-sun: ["00:00-08:00", "20:00-24:00"]}}
teams:
  mail: {members: [ana, ben, dana], lead: carla, on_call: primary}
  web: {members: [ana, ben, dana], lead: carla}
schedules:
  primary:
    rotations:
      - {people: [ana, ben], turn: weekly, handoff: mon 09:00, starts: 2026-01-05, only: day}
      - {people: [dana, ana, ben], turn: weekly, handoff: mon 09:00, starts: 2026-01-05, only: night}
  duty:
    rotations: [{people: [carla, omar, nadia], turn: daily, handoff: "09:00", starts: 2026-01-05}]
services:
  mail: {team: mail, policy: mail}
  web: {team: web, policy: mail}
policies:
  mail:
    functional:
      - {hand_over: team, wait: 5m}
      - {notify: team.all, wait: 10m}
    hierarchical:
      - {after: 15m, ask: role:duty}
      - {after: 1h, decide: "Fail over?", options: [fail over, wait], by: role:duty}
"""
DESK = (
    ("  web: {team: web, policy: mail}", "  web: {team: web, policy: desk}"),
    ("web: {members: [ana, ben, dana], lead: carla}", "web: {members: [ana, ben], lead: carla, hours: day}"),
    ('day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00', 'day: {timezone: Europe/Berlin, week: {mon-sun: ["HOUR'),
)
POLICY = """  desk:
    functional:
      - {notify: team, wait: 1h}
    hierarchical:
      - {after: 2h, inform: team.lead}
"""
START = parse_instant("2026-11-02T00:00:00Z")


def opened_at(hour: str, wait: str = "1h", people: str = "ana, ben", text: str = WELL) -> str:
    """With a team that is there from that hour on, and is called for so long; and people in that order on call."""
    for before, after in DESK:
        assert text.count(before) == 1, before
        text = text.replace(before, after.replace("HOUR", hour))
    text = text.replace("people: [ana, ben], turn", f"people: [{people}], turn")
    return text + POLICY.replace("wait: 1h", f"wait: {wait}")


def changed(*replaced: tuple[str, str]) -> str:
    """The text with each piece replaced; every piece must stand in it exactly once."""
    text = WELL
    for old, new in replaced:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@lru_cache(64)
def loaded(text: str) -> Loaded:
    """What comes of a text; its mistakes fail the test."""
    found = loads({"rules.yaml": text})
    assert found.rulebook is not None, found.errors
    return found


def reachable(text: str, version: int = 0, **ways: dict[str, MethodState]) -> Facts:
    """Everybody by mail and push, but for those given."""
    book = loaded(text).rulebook
    assert book is not None
    both: dict[str, MethodState] = {"email": "verified", "push": "verified"}
    return Facts(version, methods=dict.fromkeys(book.people, both) | ways)


def case_of(text: str, facts: Facts | None = None, start: Instant = START) -> Case:
    """What is to be proved of a text."""
    book = loaded(text).rulebook
    assert book is not None
    return Case(book, compile_all(book.conditions), start, facts or reachable(text))


def found(name: str, text: str, facts: Facts | None = None, start: Instant = START) -> list[Finding]:
    """What the check of that name finds."""
    check = next(one for one in checks() if one.name == name)
    return list(examine(case_of(text, facts, start), of=[check]).findings)


def place(text: str, finding: Finding) -> Place:
    """Where a finding stands in the text."""
    return Places({"rules.yaml": text}).find(finding.where)


def line(text: str, finding: Finding) -> str:
    """The line of the text at which a finding stands, from its column on."""
    at = place(text, finding)
    return text.splitlines()[at.line - 1][at.column - 1 :]
