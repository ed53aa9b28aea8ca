"""The law of what differs: an opening is in a window exactly when the real rules reach others, or at another time."""

from functools import cached_property
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.laws.incidents import TEAMS
from tests.laws.rulebooks import PROVED, worlds
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.ids import ServiceId
from tocsin.core.instant import DAY, Instant, Span
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Unrouted
from tocsin.core.signal import Kind
from tocsin.core.world import World
from tocsin.lab.verifier.against import Change, against
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.content import APART
from tocsin.lab.verifier.exploring import Explorer
from tocsin.lab.verifier.finding import NOWHERE
from tocsin.lab.verifier.joint import Joint
from tocsin.lab.verifier.opening import openings_of
from tocsin.lab.verifier.played import play, supposing
from tocsin.lab.verifier.reach import KINDS, RUNGS, Proof, Row, Rung, Way, Worst
from tocsin.lab.verifier.spans import joined
from tocsin.lab.verifier.supposing import Supposed, said
from tocsin.lab.verifier.timeline import Ground

few = settings(max_examples=40, derandomize=True) if settings().max_examples <= 100 else settings()
"""The same ones in every run; `make prove` draws others, and more."""

SERVICES = (ServiceId("db"), NOWHERE)
PARTS = ("policies", "hours", "schedules", "teams", "roles", "criteria", "contact", "last_resort")
LOOKED = 4
"""Openings that are played of each rung."""

LOOK = 2 * DAY
"""How far an opening is played that nobody is proved to hear of."""


@st.composite
def changed(draw: Any) -> tuple[World, World, Instant]:
    """A world, the same with one or two parts of another, and from when both are proved; people are those of both."""
    (old, start), (other, _) = draw(worlds()), draw(worlds())
    people = max(old.rulebook.people, other.rulebook.people, key=len)
    facts = replace(old.facts, methods={**other.facts.methods, **old.facts.methods})
    parts = draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=2, unique=True))
    lost = st.builds(
        Unrouted, st.sampled_from(TEAMS), st.sampled_from(sorted(old.rulebook.policies)), st.sampled_from(PRIORITIES)
    )
    before = replace(old.rulebook, people=people, unrouted=draw(lost))
    after = replace(before, **{part: getattr(other.rulebook, part) for part in parts}, unrouted=draw(lost))
    return World(before, old.conditions, facts), World(after, old.conditions, facts), start


@few
@given(
    changed(), st.sampled_from(SERVICES), st.sampled_from(PRIORITIES), st.sampled_from(KINDS),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_an_opening_is_in_a_window_exactly_when_the_rules_reach_others_then(
    drawn, service, priority, kind, chance
) -> None:
    worlds_, start = drawn[:2], drawn[2]
    cases = [_OneRow(one, start, service, priority, kind) for one in worlds_]
    found = against(*cases)
    pair, supposed = _pair(cases, chance)
    sides = [_Side(*each, service, priority, kind) for each in zip(worlds_, pair, strict=True)]
    assume(all(side.playable for side in sides))
    changes = [change for group in found.groups if (priority, kind) in group.rows for change in group.changes]
    for rung in RUNGS:
        windows = joined(
            span for one in changes if one.rung == rung and _applies(one, supposed) for span in one.windows
        )
        for at in _openings(windows, start, chance):
            inside = any(span.start <= at < span.end for span in windows)
            before, after = (side.hears(rung, at) for side in sides)
            assert (before != after) == inside, (rung, at - start, before, after, supposed, windows)


class _OneRow(Case):
    """A case of which one priority and kind alone is proved, and nothing but whom it reaches."""

    def __init__(self, world: World, start: Instant, service: ServiceId, priority: Priority, kind: Kind) -> None:
        super().__init__(world.rulebook, world.conditions, start, world.facts, horizon=PROVED)
        ground = Ground(world, start)
        explorer = Explorer(ground, start + PROVED)
        self.openings = openings_of(ground, service, priority, kind)
        explored = [way for opening in self.openings.all for way in explorer.ways(opening, promised=False)]
        cut = (Phrase("lab.proof.cut"),) if self.openings.cut or any(one.cut for one in explored) else ()
        unasked = Worst(start, None, (), ())
        ways = tuple(one.way for one in explored)
        self.row = Row(service, priority, kind, ways, unasked, unasked, None, True, assuming=cut)

    @cached_property
    def proof(self) -> Proof:
        rows = ((self.row,), ()) if self.row.service else ((), (self.row,))
        return Proof(self.start, self.end, rows[0], (), nowhere=rows[1])


def _pair(cases: list[_OneRow], chance: Random) -> tuple[tuple[Way, Way], Supposed]:
    """Ways of both that one signal may go, and what must be supposed for them."""
    old, new = cases
    joint = Joint(old.row, new.row, old.openings, new.openings)
    number = chance.randrange(len(joint.pairs))
    pair = joint.pairs[number]
    return (pair.before, pair.after), next(joint.under([number]))


def _applies(change: Change, supposed: Supposed) -> bool:
    """Whether nothing that it rests on is supposed to be otherwise."""
    return not any(_about(one) == _about(other) and one != other for one in change.assuming for other in said(supposed))


def _about(one: Phrase) -> str | None:
    return one.values.get("when") or one.values.get("team")


def _openings(windows: tuple[Span, ...], start: Instant, chance: Random) -> list[Instant]:
    """Both ends of windows to the microsecond, inside of them, and anywhere."""
    edges = {at for span in windows for at in (span.start - 1, span.start, span.end - 1, span.end)}
    inside = {chance.randrange(span.start, span.end) for span in windows}
    known = sorted(at for at in edges | inside | {start} if start <= at < start + PROVED)
    return [*chance.sample(known, min(len(known), LOOKED)), chance.randrange(start, start + PROVED)]


class _Side:
    """One of both rulebooks as the rules play it where everything is as its way supposes."""

    def __init__(self, world: World, way: Way, service: ServiceId, priority: Priority, kind: Kind) -> None:
        self.way, self.service, self.priority, self.kind = way, service, priority, kind
        supposed = dict(way.supposed)
        teams = [name.split(":")[1] for name, value in supposed.items() if isinstance(value, str)]
        known = world.rulebook.teams
        texts = {(name.partition(APART)[0], value) for name, value in supposed.items() if isinstance(value, bool)}
        twice = len(texts) > len({text for text, _ in texts})  # false for criteria and true for steps: it fails
        once = len(set(teams)) == len(teams) and not twice
        self.playable = once and all(known[team].assign != "skilled" for team in teams)
        self.world = supposing(world, supposed) if self.playable else world

    def hears(self, rung: Rung, at: Instant) -> tuple[Instant, frozenset[str]] | None:
        """Who is rung first, and when; where it may be anybody of a team, all of it."""
        stretch = next(one for one in self.way.line(rung) if one.start <= at < one.end)
        known = stretch.reached_at(at)
        until = at + LOOK if known is None else known
        played = play(self.world, self.service, self.priority, self.kind, at, until, (rung,))
        heard = played.heard.get(rung)
        if heard is None:
            return None
        return heard.at, frozenset(stretch.any_of or heard.people)
