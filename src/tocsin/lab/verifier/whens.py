"""What is known of conditions before any signal has come: whether one can hold at all, and whether all may fail.

Both are certain where they speak: what no logic excludes may hold, and that all fail is shown by an opening.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from msgspec import Struct

from tocsin.core.calendar import working
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ALWAYS, HoursId, ServiceId, TeamId
from tocsin.core.instant import DAY, HOUR, Instant
from tocsin.core.routing.criteria import Context, CriteriaError, Error, compile_condition
from tocsin.core.signal import Kind, Signal
from tocsin.lab.verifier import logic
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.concerning import somewhere
from tocsin.lab.verifier.content import STEPS, fails, reads
from tocsin.lab.verifier.reach import KINDS

OWN = frozenset({"incident.priority", "incident.service", "incident.team", "signal.kind"})
"""What is known of every opening: nothing that a condition reads beside these is."""

AHEAD = 8 * DAY
"""How far times are tried: a week of hours, and the days on which it begins and ends."""


class Opening(Struct, frozen=True):
    """What opens, and when."""

    service: ServiceId | None
    team: TeamId
    priority: Priority
    kind: Kind
    at: Instant


def possible(case: Case, when: str | None, priority: Priority) -> bool:
    """Whether it may hold of an incident of that priority; what cannot be known beforehand may.

    One that cannot be judged counts as true, as it does live.
    """
    if when is None:
        return True
    try:
        condition = compile_condition(when)
    except CriteriaError:
        return True
    read = {name for name, _ in condition.reads}
    if read - OWN:
        return clash(when) is None and somewhere(case.rulebook, when, STEPS, priority)
    book, kinds = case.rulebook, KINDS if reads(when).kind else KINDS[:1]
    services: list[ServiceId | None] = [None, *(book.services if reads(when).service else ())]
    teams = [*book.teams] if "incident.team" in read else [str(book.unrouted.team)]  # a hand-over may lead anywhere
    some = (
        Opening(service, TeamId(team), priority, kind, case.start)
        for service, team, kind in product(services, teams, kinds)
    )
    return any(_holds(case, when, one, _PLAIN) for one in some)


def clash(when: str) -> logic.Clash | None:
    """Why it never holds, as far as no incident has to be known; what cannot be judged would hold."""
    return logic.never(logic.formula(when), _sure)


def all_fail(
    case: Case, whens: Sequence[str | None], service: ServiceId | None, team: TeamId, priority: Priority
) -> Opening | None:
    """An opening of a plain signal for which none of them holds; None where there is one without a condition."""
    texts = [one for one in whens if one is not None]
    if len(texts) < len(whens) or not texts:
        return None
    kinds = KINDS if any(reads(one).kind for one in texts) else KINDS[:1]
    for at, kind, signal in product(_times(case, texts), kinds, (_PLAIN, _OTHER)):
        opening = Opening(service, TeamId(team), priority, kind, at)
        if not any(_holds(case, one, opening, signal) for one in texts):
            return opening
    return None


def _sure(part: logic.Part) -> bool:
    return _HOURS.fullmatch(part.bare) is not None or not fails(part)


_HOURS = re.compile(r"(calendar\.)?in_hours\('[^']*'\)")
_PLAIN = Signal(key="", action="trigger", title="")
_OTHER = Signal(key="x", action="trigger", title="x", severity="x", affected_users=1, wants_escalation=True)


def _holds(case: Case, when: str, one: Opening, signal: Signal) -> bool:
    service = one.service or ""
    context = Context(
        signal=Signal(
            key=signal.key, action="trigger", title=signal.title, severity=signal.severity, service=service,
            affected_users=signal.affected_users, wants_escalation=signal.wants_escalation, kind=one.kind,
        ),
        priority=one.priority, service=service, team=one.team, opened_at=one.at, now=one.at,
        timezone=case.rulebook.timezone, in_hours=lambda name: name == ALWAYS or _open(case, name, one.at),
    )  # fmt: skip
    verdict = case.conditions.judge(when, context)
    return isinstance(verdict, Error) or verdict


def _open(case: Case, name: str, at: Instant) -> bool:
    hours = case.rulebook.hours.get(HoursId(name))
    return hours is not None and working.is_open(at, hours)


def _times(case: Case, whens: Iterable[str]) -> Iterator[Instant]:
    """The start; where time decides, the edges of the hours and every hour of a week."""
    yield case.start
    every = [reads(one) for one in whens]
    for name in dict.fromkeys(name for one in every for name in one.hours):
        hours = case.rulebook.hours.get(name)
        spans = [] if hours is None else working.openings(case.start, min(case.end, case.start + AHEAD), hours)
        for span in spans:
            yield from (at for at in (span.start, span.end) if at >= case.start)
    if any(one.clock or one.daily for one in every):
        yield from range(case.start, min(case.end, case.start + AHEAD), HOUR)
