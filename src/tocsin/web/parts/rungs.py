"""Both ladders of an incident that nobody has opened: each step with how long after the start it would come."""

from msgspec import Struct

from tocsin.core.incident.rehearsal import Rehearsal
from tocsin.core.instant import Duration, Instant
from tocsin.web.parts.ladders import Step, picture
from tocsin.web.parts.words import Names


class Rung(Struct, frozen=True):
    """One step of either ladder, so long after the start; None: it depends on what happens."""

    step: Step
    after: Duration | None


def rungs_of(made: Rehearsal, now: Instant, names: Names) -> tuple[tuple[Rung, ...], int]:
    """Both ladders by time, as they would go on if nobody acted, and how often the functional one is walked."""
    drawn = picture(made.state, made.world, made.facts, now, names)
    steps = (*drawn.before, *drawn.after)
    return tuple(Rung(one, None if one.at is None else max(one.at - now, 0)) for one in steps), drawn.laps
