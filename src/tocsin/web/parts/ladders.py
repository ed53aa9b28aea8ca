"""Both ladders on one line of time: what each step did, where now is, what is planned, and for whom."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.incident import events as ev
from tocsin.core.incident.ladders import Drawn, Ladders, draw
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.lib.moments import span
from tocsin.lib.translate import text
from tocsin.web.parts.coming import ahead
from tocsin.web.parts.words import Names, names_of, whom

Side = Literal["functional", "hierarchical"]
BEHIND = ("done", "current", "stopped", "passed", "skipped", "unmatched")
"""States of steps that stand before now; the others are still to come."""

_NEVER = 1 << 62


class Step(Struct, frozen=True):
    """One step in words; `n` counts from 1. `state` as in core, and `stopped`: entered, ended by somebody's word;
    `held`: skipped for somebody's word, and to come when that ends. `next`: nothing comes before it.
    """

    side: Side
    n: int
    state: str
    what: str
    at: Instant | None
    who: tuple[str, ...]
    wait: str
    when: str
    next: bool = False


class Picture(Struct, frozen=True):
    """`before` and `after` now, in the order of time; `lap` of `laps`, and rescue rounds where all was exhausted."""

    before: tuple[Step, ...]
    after: tuple[Step, ...]
    lap: int
    laps: int
    exhausted: bool
    rescue: int


def picture(state: Incident, world: World, past: Sequence[ev.Event], now: Instant, names: Names) -> Picture:
    """The picture of an incident, `past` being all its facts."""
    drawn: Ladders = draw(state, world, past, ahead(state, world, now))
    left = [_step("functional", one, now, names) for one in drawn.functional]
    right = [_step("hierarchical", one, now, names) for one in drawn.hierarchical]
    steps = _by_time(left, right)
    over = tuple(one for one in steps if one.state in BEHIND)
    return Picture(
        over,
        _marked([one for one in steps if one.state not in BEHIND]),
        drawn.lap,
        drawn.laps,
        drawn.exhausted,
        drawn.rescue,
    )


def _marked(after: list[Step]) -> tuple[Step, ...]:
    """What is to come, the first of it marked as the next."""
    times = [one.at for one in after if one.at is not None and one.state == "coming"]
    first = next((n for n, one in enumerate(after) if one.state == "coming" and one.at == min(times)), None)
    return tuple(replace(one, next=n == first) for n, one in enumerate(after))


def _by_time(left: list[Step], right: list[Step]) -> list[Step]:
    """Merged; each ladder keeps its own order, and a step without a time stands before the next one of its ladder."""
    keyed = [(at, number, step) for side in (left, right) for number, (at, step) in enumerate(_times(side))]
    return [step for _, _, step in sorted(keyed, key=lambda one: (one[0], one[2].side == "hierarchical", one[1]))]


def _times(side: list[Step]) -> list[tuple[Instant, Step]]:
    found: list[tuple[Instant, Step]] = []
    nearest = _NEVER
    for step in reversed(side):
        nearest = min(nearest, step.at) if step.at is not None else nearest
        found.append((nearest, step))
    return found[::-1]


def _step(side: Side, one: Drawn, now: Instant, names: Names) -> Step:
    length = one.wait if one.wait is not None else one.after
    kind = "wait" if one.wait is not None else "after"
    wait = {} if length is None else {"length": span(length.time, length.days, language=names.language)}
    return Step(
        side=side,
        n=one.index + 1,
        state=_state(one, now),
        what=text(f"web.step.{one.kind}", {"whom": whom(one.targets, names)}, names.language),
        at=one.at,
        who=names_of(one.who, names),
        wait=text(f"web.lasts.{kind}", wait, names.language) if wait else "",
        when=one.when or "",
    )


def _state(one: Drawn, now: Instant) -> str:
    if one.at is None:
        return one.state
    if one.state == "skipped" and one.at > now:
        return "held"
    return "stopped" if one.state == "resting" and one.at <= now else one.state
