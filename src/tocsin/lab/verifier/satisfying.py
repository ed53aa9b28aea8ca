"""Whether there is a signal of which all that is supposed is true: exact for comparisons, flags and labels.

Of anything else only that the same is not both so and not so: where it cannot be told, there may be such a signal.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from tocsin.core.instant import parse_duration
from tocsin.core.routing.criteria import compile_condition
from tocsin.core.routing.vocabulary import Context
from tocsin.core.signal import Signal
from tocsin.lab.verifier import logic
from tocsin.lab.verifier.content import APART, CRITERIA, STEPS, fails, reads

Values = Mapping[str, logic.Fixed]
"""What a signal says, by the names of conditions; `logic.MISSING` is a label that did not come."""

MOST = 2_000
"""Goals that are looked at before it is given up: then there may be such a signal."""

FEW = 16
"""Texts that something has to be one of, and that are tried one by one."""

_SO, _NOT, _FAILS = "so", "not", "fails"


class Goal(Struct, frozen=True):
    """That a formula holds or not; `lax`: or that it cannot be judged. `site` tells apart what hangs on time too."""

    formula: logic.Formula
    holds: bool
    lax: bool
    site: str


class Known(Struct, frozen=True):
    """What has been found so far: of subjects what they can be, of other parts whether they hold."""

    claims: dict[str, logic.Claim]
    parts: dict[str, frozenset[str]]


class TooMuchError(Exception):
    """It was given up."""


def goal(name: str, holds: bool) -> Goal:
    """What is supposed, as something to be found; `name` as `content.Rest.named` makes it."""
    text, _, site = name.partition(APART)
    asks = "" if not site else CRITERIA if site.startswith(CRITERIA) else STEPS
    lax = (asks == STEPS and holds) or (asks == CRITERIA and not holds)
    return Goal(_formula(text), holds, lax, "" if site in (CRITERIA, STEPS) else site)


@lru_cache(maxsize=16384)
def consistent(supposed: frozenset[tuple[str, bool]]) -> bool:
    """Whether there may be a signal of which all this is true."""
    try:
        return next(models(supposed), None) is not None
    except TooMuchError:
        return True


def models(supposed: frozenset[tuple[str, bool]]) -> Iterator[Known]:
    """The ways in which all this can be true, as far as it is understood; TooMuchError where they are too many."""
    goals = tuple(goal(name, holds) for name, holds in sorted(supposed))
    for found in _Search().found(goals, Known({}, {})):
        if _texts_fit(found):
            yield found


@lru_cache(maxsize=4096)
def subjects(name: str) -> frozenset[str]:
    """All of which something that is supposed, or a condition, says anything."""
    parts = logic.parts(_formula(name.partition(APART)[0]))
    texts = (part.bare if part.claim is None else part.claim[0] for part in parts)
    return frozenset(_named(match.group()) for text in texts for match in _SUBJECT.finditer(text))


def context(values: Values) -> Context:
    """A report that says this and nothing else."""
    named = {name.removeprefix("signal."): value for name, value in values.items() if name.startswith("signal.")}
    labels = {name: str(one) for name, one in _labels(named).items() if one != logic.MISSING}
    fields = {name: value for name, value in named.items() if not name.startswith("labels")}
    signal = Signal(**{"key": "proof", "action": "trigger", "title": "", **fields, "labels": labels})  # type: ignore[arg-type]
    counts = {parse_duration(name[9:-2]): int(one) for name, one in values.items() if name.startswith("reports(")}
    return Context(signal, alerts=int(values.get("incident.alerts", 1)), reports=lambda within: counts.get(within, 1))


_SUBJECT = re.compile(
    r"signal\.labels(?:\.\w+\b(?!\()|\['[^']*'\])|(?:signal|incident|calendar)\.\w+|reports\('[^']*'\)"
)


def _named(text: str) -> str:
    names = logic.labels(text)
    return logic.label(next(iter(names))) if names else text


def _labels(named: Values) -> dict[str, logic.Fixed]:
    return {next(iter(logic.labels(f"signal.{name}"))): one for name, one in named.items() if name.startswith("labels")}


@lru_cache(maxsize=4096)
def _formula(text: str) -> logic.Formula:
    return logic.formula(text)


class _Search:
    """All ways to reach some goals, one after the other; what must be so comes before what may be one or another."""

    def __init__(self) -> None:
        self.left = MOST

    def found(self, goals: tuple[Goal, ...], known: Known) -> Iterator[Known]:
        waiting, choices = list(goals), []
        while waiting:
            self.left -= 1
            if self.left < 0:
                raise TooMuchError
            one = waiting.pop()
            if isinstance(one.formula, logic.Part):
                narrowed = _narrowed(known, one, one.formula)
                if narrowed is None:
                    return
                known = narrowed
            elif isinstance(one.formula, logic.All) is one.holds:
                waiting += [Goal(part, one.holds, one.lax, one.site) for part in one.formula.parts]
            else:
                choices.append(one)
        if not choices:
            yield known
            return
        first, *others = choices
        assert not isinstance(first.formula, logic.Part)
        for part in first.formula.parts:
            yield from self.found((*others, Goal(part, first.holds, first.lax, first.site)), known)


def _narrowed(known: Known, one: Goal, part: logic.Part) -> Known | None:
    if part.claim is not None:
        claim = part.claim if one.holds else logic.complement(part.claim)
        met = logic.meet(known.claims.get(claim[0]) or logic.whole(claim[0]), claim)
        return None if met is None else Known({**known.claims, claim[0]: met}, known.parts)
    wanted = {_SO if one.holds is not part.denied else _NOT}
    if one.lax and fails(part):
        wanted.add(_FAILS)
    name = f"{part.bare}{APART}{one.site}" if one.site and reads(part.bare).timed else part.bare
    left = known.parts.get(name, frozenset({_SO, _NOT, _FAILS})) & wanted
    return Known(known.claims, {**known.parts, name: left}) if left else None


def _texts_fit(known: Known) -> bool:
    """Whether what has to be one of a few texts can be one that the other parts about it are true of."""
    for name, (_, among, *_others) in known.claims.items():
        if among is None or len(among) > FEW:
            continue
        about = [(text, some) for text, some in known.parts.items() if _about(text) == name]
        if about and not any(all(_is(text, name, one) in some for text, some in about) for one in among):
            return False
    return True


@lru_cache(maxsize=4096)
def _about(part: str) -> str:
    """The one name that a part is about; '' where it is about several, or about time as well."""
    if APART in part or reads(part).timed:
        return ""
    names = [name for name, _ in compile_condition(part).reads]
    labels = logic.labels(part)
    if names == ["label"] and len(labels) == 1:
        return logic.label(next(iter(labels)))
    said = len(names) == 1 and (names[0].startswith("signal.") or names[0] == "incident.alerts")
    return names[0] if said and names[0] != "signal.labels" else ""


@lru_cache(maxsize=4096)
def _is(part: str, name: str, value: logic.Fixed) -> str:
    verdict = compile_condition(part).judge(context({name: value}))
    return _FAILS if not isinstance(verdict, bool) else _SO if verdict else _NOT
