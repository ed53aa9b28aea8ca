"""All ways in which an opening may go: walked again under each supposition, and kept for all rows that open alike."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.instant import Instant
from tocsin.lab.verifier.apart import Apart
from tocsin.lab.verifier.hopeless import Hopeless
from tocsin.lab.verifier.opening import MOST, Opening
from tocsin.lab.verifier.reach import Stretch, Way
from tocsin.lab.verifier.repeating import Swept, Walks, amended, sweep, swept
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.supposing import Supposed, Undecided, example, said
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import Asked

LINES: tuple[Asked, ...] = ("first", "responder", "management", "last")


_Line = tuple[Stretch, ...]
_Gone = tuple[Supposed, list[_Line], bool]


class Explored(Struct, frozen=True):
    """One way with what was supposed for it. `cut`: other suppositions were left out for want of room."""

    opening: Opening
    supposed: Supposed
    way: Way
    cut: bool = False


class Noted(dict[str, bool | str]):
    """Suppositions that note which of them were asked for."""

    def __init__(self, given: Supposed) -> None:
        super().__init__(given)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> bool | str:
        self.used.add(name)
        return super().__getitem__(name)


class Explorer:
    """A ground walked to `end`, and everything that has been found on it."""

    def __init__(self, ground: Ground, end: Instant) -> None:
        self.ground = ground
        self.end = end
        self.apart = Apart(ground, end)
        self.hopeless = Hopeless(ground)
        self._ways: dict[object, tuple[Explored, ...]] = {}
        self._lines: dict[tuple[object, Asked], list[tuple[Supposed, tuple[Stretch, ...]]]] = {}

    def ways(self, opening: Opening, promised: bool = True) -> tuple[Explored, ...]:
        """Every way that such an opening may go. Only where something is `promised` it is asked who comes last."""
        key = (opening.key, tuple(sorted(opening.supposed.items())), promised)
        known = self._ways.get(key)
        if known is None:
            known = self._ways[key] = tuple(self._explored(opening, LINES if promised else LINES[:-1]))
        return known

    def handed(self, one: Explored) -> tuple[Stretch, ...]:
        """When its functional ladder comes to a hand-over first."""
        return self._line(one.opening, one.supposed, "handed")

    def later(self, opening: Opening, asked: tuple[str, ...]) -> Iterator[Explored]:
        """The same of what is asked of later steps."""
        for supposed, lines, cut in self._gone(opening, asked):
            later = dict(zip(asked, lines, strict=True))
            yield Explored(opening, supposed, _way(supposed, (), (), (), later=later), cut)

    def _explored(self, opening: Opening, lines_of: tuple[Asked, ...]) -> Iterator[Explored]:
        for supposed, lines, cut in self._gone(opening, lines_of):
            yield Explored(opening, supposed, _way(supposed, *lines), cut)

    def _gone(self, opening: Opening, lines_of: tuple[Asked, ...]) -> Iterator[_Gone]:
        """Every way in which what is supposed may fall out, with its lines; and whether any was left out so far."""
        waiting: list[Supposed] = [dict(opening.supposed)]
        ways, cut = 0, False
        while waiting:
            supposed = waiting.pop()
            try:
                lines = [self._line(opening, supposed, asked) for asked in lines_of]
            except Undecided as question:
                room = MOST - ways - len(waiting)
                options = question.options if room >= len(question.options) else question.options[-1:]
                cut |= len(options) < len(question.options)
                waiting += [{**supposed, question.name: option} for option in reversed(options)]
                continue
            ways += 1
            yield supposed, lines, cut

    def _line(self, opening: Opening, supposed: Supposed, asked: Asked) -> tuple[Stretch, ...]:
        own, alike, any_ = (self._lines.setdefault((key, asked), []) for key in keys(self.ground, opening))
        for used, line in (*own, *alike, *any_):
            if all(supposed.get(name) == value for name, value in used.items()):
                return line
        noted = Noted(supposed)
        if asked == "first" and _managers_come_later(opening.setting, self._line(opening, noted, "responder")):
            return self._line(opening, supposed, "responder")
        found = self._swept(opening.setting, noted, asked)
        known = ({name: supposed[name] for name in noted.used}, found.line)
        (own if found.ranked else alike if found.weighed else any_).append(known)
        return found.line

    def _swept(self, setting: Setting, supposed: Supposed, asked: Asked) -> Swept:
        """Nothing is walked where nothing leads to anybody; management apart, where it hears of everything while the
        functional ladder is surely busy.
        """
        managing = asked == "management"
        blind = managing and self.apart.blind(setting)
        if (nobody := self.hopeless.line(setting, supposed, asked, self.end, blind)) is not None:
            return nobody
        walks = Walks(self.ground, setting, supposed, asked, self.end, blind)
        busy = self.apart.busy(setting) if managing else 0
        if not busy:
            return swept(walks)
        apart = sweep(self.ground, setting, supposed, "apart", self.end)
        return amended(apart, walks, lambda one: self.apart.covers(setting, one, busy))


def _way(
    supposed: Supposed, first: _Line, responder: _Line, management: _Line, last: _Line = (), *,
    later: dict[str, _Line] | None = None,
) -> Way:  # fmt: skip
    """The way with all that is taken for granted for it."""
    told, going = (*said(supposed), *example(supposed)), tuple(supposed.items())
    return Way(told, first, responder, management, last, going, later or {})


def keys(ground: Ground, opening: Opening) -> tuple[object, object, object]:
    """The setting itself; all that differ from it in nothing but a priority of the same weight; or of any weight."""
    service, team, policy, priority, *others = opening.key
    same = (service, team, policy, *others)
    weight = (priority in ground.world.rulebook.priorities.urgent, str(priority) <= "P2")
    return opening.key, (weight, *same), ("any", *same)


def _managers_come_later(setting: Setting, responder: tuple[Stretch, ...]) -> bool:
    """Whether the functional ladder reaches somebody before any hierarchical step can come, whenever it opens."""
    if setting.escalations or setting.criteria or any(one.at is None or one.by[0] != "policies" for one in responder):
        return False
    soonest = min((step.after.time for step in setting.policy.hierarchical), default=None)
    return soonest is None or all(one.at is not None and one.at - one.start < soonest for one in responder)
