"""What of a condition hangs on what a signal says, once everything else is known: three-valued, `true || x` is true.

What is left is a condition of its own, and is called by its text: so one thing is never supposed to be so and not so.
"""

from collections.abc import Callable, Collection
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.ids import HoursId
from tocsin.core.routing.criteria import Context, CriteriaError, Error, Verdict, compile_condition
from tocsin.core.routing.rewrite import tokens
from tocsin.core.routing.vocabulary import NAMES
from tocsin.core.signal import Signal
from tocsin.lab.verifier import logic

APART = "\x00"
"""Between the text of what is supposed and where it is asked, for what may be answered differently elsewhere."""

CRITERIA, STEPS = "criteria", "steps"
"""Who asks: what cannot be judged does not hold for criteria, and holds for steps."""

_KNOWN = frozenset({"signal.kind", "signal.action", "incident.reopened", "incident.status"})
_OWN = frozenset({"incident.priority", "incident.service", "incident.team"})
_TIMES = frozenset({"calendar.weekday", "calendar.hour", "calendar.date", "incident.age_minutes", "in_hours"})
_SURE = frozenset({"contains", "startsWith", "endsWith", "matches", "has", "size", "in", "true", "false"})
_SURE |= {"reports", "in_hours", "at_least"}
_WORDS = frozenset(word for row in NAMES for word in row.name.split("."))
_NAMED = frozenset({"signal.service"})
_COUNTING = frozenset("+-*/%?")
_NOTHING = Context(Signal(key="", action="trigger", title=""))


class Reads(Struct, frozen=True):
    """What an expression rests on; `content` is what only a signal can tell, `named`: of it its service alone."""

    content: bool
    named: bool
    hours: tuple[HoursId, ...]
    clock: bool
    daily: bool
    age: bool
    kind: bool
    service: bool
    owned: bool
    priority: bool

    @property
    def timed(self) -> bool:
        """Whether its answer changes with time."""
        return bool(self.hours) or self.clock or self.daily or self.age

    @property
    def beyond(self) -> bool:
        """Whether its answer hangs on more than what a signal says."""
        return self.timed or self.kind or self.owned or self.priority


@lru_cache(maxsize=4096)
def reads(source: str) -> Reads:
    """What an expression reads; one that does not compile reads nothing and is an Error for ever."""
    try:
        condition = compile_condition(source)
    except CriteriaError:
        return Reads(False, False, (), False, False, False, False, False, False, False)
    names = {name for name, _ in condition.reads}
    told = names - _KNOWN - _OWN - _TIMES
    return Reads(
        content=bool(told),
        named=told == _NAMED,
        hours=tuple(HoursId(name) for name in sorted(condition.hours)),
        clock="calendar.hour" in names,
        daily=bool(names & {"calendar.weekday", "calendar.date"}),
        age="incident.age_minutes" in names,
        kind="signal.kind" in names,
        service=bool(names & _NAMED) or "incident.service" in names,
        owned="incident.service" in names,
        priority="incident.priority" in names,
    )


class Rest(Struct, frozen=True):
    """What is left of a condition; `anew`: it hangs on time as well, so that it may differ wherever it is asked.

    `failing`: it may be neither true nor false, which criteria and steps take differently.
    """

    text: str
    anew: bool
    failing: bool

    def named(self, site: str) -> str:
        """How it is called where it is asked at that place: a criterion's begins with `criteria`."""
        if self.anew:
            return f"{self.text}{APART}{site}"
        return f"{self.text}{APART}{role(site)}" if self.failing else self.text


def role(site: str) -> str:
    """Who asks at that place."""
    return CRITERIA if site.startswith(CRITERIA) else STEPS


def taken(verdict: Verdict, site: str) -> bool:
    """What a verdict comes to where it is asked at that place."""
    return verdict if isinstance(verdict, bool) else role(site) == STEPS


@lru_cache(maxsize=4096)
def known_of(source: str) -> tuple[str, ...]:
    """The parts that no signal has to tell, or no more than its service; none where any does not stand by itself."""
    parts = tuple(dict.fromkeys(part.bare for part in logic.parts(logic.formula(source))))
    if not all(map(_stands, parts)):
        return ()
    return tuple(part for part in parts if not reads(part).content or reads(part).named)


def known(
    part: str, context: Context, judge: Callable[[str, Context], Verdict], services: Collection[str]
) -> Verdict | None:
    """The verdict of such a part; None where it hangs on what the report calls its service, which its source may know.

    It calls it nothing, or by its name; what has none of these `services` it calls nothing, or like none of them.
    """
    if not reads(part).named:
        return judge(part, context)
    names = _called(part, context.service, services)
    first, *others = [judge(part, replace(context, signal=replace(context.signal, service=name))) for name in names]
    return first if all(one == first for one in others) else None


def _called(part: str, service: str, services: Collection[str]) -> tuple[str, ...]:
    if service:
        return ("", service)
    asked = logic.formula(part)
    claim = asked.claim if isinstance(asked, logic.Part) else None
    texts = () if claim is None else ((claim[1] or frozenset()) | claim[2]) - frozenset(services)
    return ("", "?", *(str(one) for one in texts))


@lru_cache(maxsize=16384)
def rest(source: str, verdicts: tuple[Verdict | None, ...]) -> Rest | Verdict:
    """What is left of it where the parts that are known have these verdicts, in their order; None: it is not."""
    whole = logic.formula(source)
    told = {part: one for part, one in zip(known_of(source), verdicts, strict=True) if one is not None}
    left = _left(whole, told)
    if isinstance(left, bool):
        return left
    parts = tuple(logic.parts(left))
    bare = [part.bare for part in parts]
    failed = next((told[one] for one in bare if one in told), None)
    if failed is not None and all(one in told for one in bare):
        return failed
    return Rest(
        source.strip() if left == whole else logic.written(left),
        anew=any(reads(one).timed and one not in told for one in bare),
        failing=any(map(fails, parts)),
    )


@lru_cache(maxsize=4096)
def fails(part: logic.Part) -> bool:
    """Whether a part may be neither true nor false, by what a signal says; where that is not certain, yes."""
    if part.claim is not None:
        return False
    found = tokens(part.bare)
    names = {token.text for token in found if token.kind == "name" and not token.text[0].isupper()}
    signs = {token.text for token in found if token.kind == "sign"}
    labels = logic.labels(part.bare)
    if signs & _COUNTING or names - _SURE - _WORDS - labels or ("[" in signs and not labels and "in" not in names):
        return True
    try:
        condition = compile_condition(part.bare)
    except CriteriaError:
        return True
    return isinstance(condition.judge(_NOTHING), Error) or not reads(part.bare).content


def _left(one: logic.Formula, known: dict[str, Verdict]) -> logic.Formula | bool:
    if isinstance(one, logic.Part):
        verdict = known.get(one.bare)
        return verdict is not one.denied if isinstance(verdict, bool) else one
    decides = isinstance(one, logic.Any)
    left: list[logic.Formula] = []
    for part in one.parts:
        found = _left(part, known)
        if found is decides:
            return decides
        if not isinstance(found, bool):
            left.append(found)
    if not left:
        return not decides
    return one if tuple(left) == one.parts else logic.joined(type(one), left)


def _stands(part: str) -> bool:
    try:
        compile_condition(part)
    except CriteriaError:
        return False
    return True
