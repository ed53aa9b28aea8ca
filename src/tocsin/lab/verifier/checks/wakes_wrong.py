"""Exhaustion that wakes the wrong people: the last resort at night for what is not urgent, or the lead of another team.

The last resort is rung by every way, whatever the priority. For what is not urgent its rounds come once a working day
of the owning team, or as the policy's `exhausted` says; where those hours never close, they come at night.
"""

from collections.abc import Iterable, Iterator

from tocsin.core.catalogue.priority import PRIORITIES, Priority, at_least
from tocsin.core.catalogue.service import Service
from tocsin.core.ids import ALWAYS, PersonId, PolicyId, TeamId
from tocsin.core.instant import MINUTE
from tocsin.core.oncall.rest import NIGHT
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criteria import Conditions
from tocsin.core.routing.criterion import Criterion
from tocsin.core.routing.vocabulary import Context
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Signal
from tocsin.lab.verifier.audience import of_team, one_of, teams_under
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.opening import nowhere

CODE = "V027"
_NOTHING = Signal(key="", action="trigger", title="")


def find(case: Case) -> Iterator[Finding]:
    """Policies whose last resort is woken for little, then people of the last resort who have no say in a team."""
    calm = _calm(case.rulebook)
    for policy, teams in _at(calm, case).items():
        found = [team for team in teams if _at_night(case.rulebook.policies[policy], team, case.rulebook)]
        if found:
            yield _nightly(case.rulebook.policies[policy], found, calm, _by_day(case.rulebook))
    yield from _strangers(case)


def _by_day(book: Rulebook) -> str:
    """Hours that are closed at night; where there are none yet, a name for them."""
    return next((name for name in book.hours if not _open_at_night(name, book)), "office")


def _nightly(policy: Policy, teams: list[TeamId], calm: list[Priority], hours: str) -> Finding:
    values = {"policy": policy.id, "teams": ", ".join(teams), "priorities": ", ".join(calm)}
    here = ("policies", policy.id)
    where = here if policy.exhausted is None else (*here, "exhausted")
    hint = Phrase("lab.hole.nightly.hint", {**values, "example": f"exhausted: {{every: 1d, hours: {hours}}}"})
    return Finding(CODE, "warning", where, Phrase("lab.hole.nightly", values), hint)


def _calm(book: Rulebook) -> list[Priority]:
    """P4 and P5, where something can get them and they are not urgent."""
    given = {*book.priorities.severity.values(), *(one for row in book.priorities.matrix.values() for one in row)}
    return [one for one in PRIORITIES[3:] if one in given and one not in book.priorities.urgent]


def _at(calm: list[Priority], case: Case) -> dict[PolicyId, list[TeamId]]:
    """The policies under which those priorities run, with the teams."""
    found: dict[PolicyId, list[TeamId]] = {}
    for priority in calm:
        chosen = next((one for one in case.rulebook.criteria if _chooses(one, priority, case.conditions)), None)
        for service in _homes(case.rulebook, priority):
            policy = service.policy if chosen is None or chosen.then.policy is None else chosen.then.policy
            teams = found.setdefault(policy, [])
            if service.team not in teams:
                teams.append(service.team)
    return {policy: teams for policy, teams in found.items() if policy in case.rulebook.policies}


def _homes(book: Rulebook, priority: Priority) -> Iterator[Service]:
    """What may open with that priority: what names no known service is as bad at least as `unrouted` says."""
    yield from book.services.values()
    if at_least(priority, book.unrouted.priority):
        yield nowhere(book)


def _chooses(one: Criterion, priority: Priority, conditions: Conditions) -> bool:
    """Whether a criterion names the policy of everything with that priority."""
    if one.then.policy is None or not conditions.reads(one.when, "incident.priority"):
        return False
    others = (conditions.judge(one.when, Context(signal, priority=priority)) for signal in (_NOTHING, _OTHER))
    return "signal" not in one.when and all(verdict is True for verdict in others)


_OTHER = Signal(key="x", action="trigger", title="x", severity="critical", raw=True)


def _at_night(policy: Policy, team: TeamId, book: Rulebook) -> bool:
    """Whether the rounds of that policy may come at night."""
    if policy.exhausted is not None:
        return _open_at_night(policy.exhausted.hours, book)
    known = book.teams.get(team)
    return known is not None and _open_at_night(known.hours, book)


def _open_at_night(name: str | None, book: Rulebook) -> bool:
    hours = book.hours.get(name or ALWAYS)
    if hours is None:
        return True
    evening, morning = NIGHT[0] // MINUTE, NIGHT[1] // MINUTE
    return any(start < morning or end > evening for day in hours.week for start, end in day)


def _strangers(case: Case) -> Iterator[Finding]:
    book = case.rulebook
    owning = {team for teams in teams_under(book).values() for team in teams}
    for number, target in enumerate(book.last_resort):
        for person in sorted(one_of(target, book.unrouted.team, case)) if target.kind == "person" else ():
            led = [team.id for team in book.teams.values() if team.lead == person]
            others = sorted(team for team in owning if led and team not in led and not _concerns(person, team, case))
            if others and not _in_role(person, case):
                values = {"person": person, "team": ", ".join(led), "others": ", ".join(others)}
                text, hint = Phrase("lab.hole.stranger", values), Phrase("lab.hole.stranger.hint", values)
                yield Finding(CODE, "info", ("last_resort", str(number)), text, hint)


def _concerns(person: PersonId, team: TeamId, case: Case) -> bool:
    """Whether somebody belongs to a team or stands above anybody in it."""
    known = case.rulebook.teams[team]
    people = {*known.members, *of_team(team, case), *([known.lead] if known.lead else [])}
    return any(person in _chain(one, case.rulebook) for one in people)


def _chain(person: PersonId, book: Rulebook) -> Iterable[PersonId]:
    above: PersonId | None = person
    for _ in range(len(book.people) + 1):
        if above is None or above not in book.people:
            return
        yield above
        above = book.people[above].manager


def _in_role(person: PersonId, case: Case) -> bool:
    """Whether somebody has a duty beyond their team."""
    teams = case.rulebook.unrouted.team
    return any(
        person in one_of(target, teams, case) for role in case.rulebook.roles.values() for target in role.holders
    )


CHECK = Check(CODE, "wakes-wrong", "warning", find)
