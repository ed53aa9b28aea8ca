"""When one whom a target names is rung by what one signal opens, and nobody acts: walked for all openings at once.

Certain where it speaks: what this signal says is known, and whoever's turn it is, it has to come true.
"""

from collections.abc import Iterator

from tocsin.core.catalogue.people import Team
from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import TeamId
from tocsin.core.instant import Duration, Instant, Span
from tocsin.core.routing.criteria import compile_condition
from tocsin.core.routing.vocabulary import Context
from tocsin.core.signal import Signal
from tocsin.lab.verifier.content import APART, reads, taken
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.opening import Opening, openings
from tocsin.lab.verifier.ordering import Order, People
from tocsin.lab.verifier.reach import Stretch
from tocsin.lab.verifier.repeating import Walks
from tocsin.lab.verifier.spans import common, joined
from tocsin.lab.verifier.standing import Call, Setting, Standing
from tocsin.lab.verifier.supposing import Supposed, Undecided, content
from tocsin.lab.verifier.timeline import Ground, Stand
from tocsin.lab.verifier.walk import walked

MOST = 16
"""Ways in which turns may fall out that are walked; of more nothing is said."""


class UnknownError(Exception):
    """It hangs on more than what the signal says."""


def hears(ground: Ground, end: Instant, service: Service, signal: Signal, target: Target, within: Duration
          ) -> tuple[Span, ...]:  # fmt: skip
    """Openings of which somebody whom it names then hears within that time; `target` names the same for everybody."""
    claimed = ground.world.rulebook.priorities.of_severity(signal.severity)
    try:
        opening, supposed = _opened(ground, service, claimed, signal)
        ways = list(_ways(ground, end, opening, supposed, signal, target, within))
    except UnknownError:
        return ()
    found = joined(ways[0])
    for other in ways[1:]:
        found = tuple(common(found, joined(other)))
    return found


def _opened(ground: Ground, service: Service, priority: Priority, signal: Signal) -> tuple[Opening, Supposed]:
    """The opening that this signal makes, with what it says of criteria."""
    for one in openings(ground, service, priority, signal.kind).all:
        for supposed in one.alike:
            if all(_says(signal, name) is value for name, value in content(supposed)):
                return one, supposed
    raise UnknownError


def _ways(
    ground: Ground, end: Instant, opening: Opening, supposed: Supposed, signal: Signal, target: Target, within: Duration
) -> Iterator[list[Span]]:
    waiting, ways = [supposed], 0
    while waiting:
        one = waiting.pop()
        walks = _Hearing(ground, opening.setting, one, target, within, end)
        try:
            spans = [span for each in walks.over(ground.start, end) for span in _within(each, within)]
        except Undecided as question:
            turns = _turns(ground, question)
            options = question.options if turns else (_says(signal, question.name),)
            waiting += [{**one, question.name: option} for option in options]
            ways += len(options) - 1
            if ways > MOST:
                raise UnknownError from None
            continue
        yield spans


def _turns(ground: Ground, question: Undecided) -> bool:
    """Whether it is asked whose turn it is; only where they take turns it is known who comes after the first."""
    if not question.name.startswith("turn:"):
        return False
    team = ground.world.rulebook.teams[TeamId(question.name.split(":")[1])]
    if team.assign != "round_robin" and len(question.options) > 2:
        raise UnknownError
    return True


class _Each(Order):
    """It matters who of an assigned team comes first, whatever the others would hear of it."""

    __slots__ = ()

    def _differ(self, team: Team, people: People) -> bool:  # noqa: ARG002
        return True


class _Hearing(Walks):
    """Walks that go on until somebody of the target is rung, or the time is over."""

    def __init__(
        self, ground: Ground, setting: Setting, supposed: Supposed, target: Target, within: Duration, end: Instant
    ) -> None:
        super().__init__(ground, setting, supposed, "first", end)
        self._target = target
        self._within = within
        self._stand = Stand((ground.world.rulebook.unrouted.team, None, (), ()))

    def _walk(self, front: Front) -> tuple[Standing, Stretch]:
        standing = Standing(self.ground, self.setting, self.supposed, front)
        standing.order = _Each(standing)
        return standing, walked(standing, self.asked, lambda call: self._named(standing, call), self._within)

    def _named(self, standing: Standing, call: Call) -> bool:
        """Whether the target names them when it rings."""
        group, until = self.ground.resolve(self._target, self._stand, True, (), call.at[0])
        standing.front.holds_until(call.at, until)
        return set(call.any_of or (call.person,)) <= set(group.people)


def _within(stretch: Stretch, within: Duration) -> Iterator[Span]:
    if stretch.at is None or (stretch.moves and stretch.at - stretch.start > within):
        return
    first = stretch.start if stretch.moves else max(stretch.start, stretch.at - within)
    if first < stretch.end:
        yield Span(first, stretch.end)


def _says(signal: Signal, name: str) -> bool:
    """What is so of this signal, however many reports are counted; UnknownError where that is not all it hangs on."""
    text, _, site = name.partition(APART)
    if reads(text).beyond:
        raise UnknownError
    verdicts = {taken(compile_condition(text).judge(_context(signal, count)), site) for count in (0, 1)}
    if len(verdicts) > 1:
        raise UnknownError
    return verdicts.pop()


def _context(signal: Signal, count: int) -> Context:
    return Context(signal, source="expect", alerts=1, reports=lambda _within: count)
