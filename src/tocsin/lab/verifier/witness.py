"""A signal of which all that is supposed is true, so that a case can be named and played: found and then asked.

Where none is found there may be one all the same: a pattern may ask for what nobody would guess.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from msgspec import Struct

from tocsin.core.ids import ServiceId
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import CriteriaError, compile_condition
from tocsin.core.routing.rewrite import tokens
from tocsin.core.routing.vocabulary import NAMES
from tocsin.core.signal import Kind, Signal
from tocsin.lab.verifier import logic
from tocsin.lab.verifier.content import APART, reads, taken
from tocsin.lab.verifier.satisfying import Known, TooMuchError, Values, context, models, subjects

MODELS, TRIES, WORDS, NEAR = 8, 96, 6, 40
"""Ways to make it true that are tried, signals of each, texts that are tried, and numbers beside one another."""

_OUTSIDE = ("signal.source", "signal.service", "signal.kind", "signal.action", "signal.text", "signal.raw")
"""What is not for a report of a known service and kind to say, or is not kept of it."""

_USUAL: dict[str, logic.Fixed] = {"text": "", "number": 0, "flag": False}
_PLAIN = {row.name: _USUAL.get(row.type, "") for row in NAMES} | {"signal.reported_by": "tool", "incident.alerts": 1}


class Witness(Struct, frozen=True):
    """What the report says, by name; what is not named it does not say."""

    values: tuple[tuple[str, logic.Fixed], ...]

    @property
    def said(self) -> tuple[Phrase, ...]:
        """In words; nothing where a report that says nothing of this is one."""
        named = [(name, value) for name, value in self.values if value != plain(name)]
        told = ", ".join(f"{name.removeprefix('signal.')} = {_shown(value)}" for name, value in named)
        return (Phrase("lab.proof.example", {"content": told}),) if told else ()

    def signal(self, service: ServiceId, kind: Kind) -> Signal | None:
        """The report itself; None where it is not for one report to say all this."""
        named = dict(self.values)
        if any(one in _OUTSIDE or not one.startswith("signal.") for one in named):
            return None
        said = context(named).signal
        return Signal(
            key=said.key, action="trigger", title=said.title if "signal.title" in named else service,
            severity=said.severity, kind=kind, service=service, labels=said.labels,
            reported_by=said.reported_by, reporter=said.reporter,
            affected_users=said.affected_users, wants_escalation=said.wants_escalation,
        )  # fmt: skip


@lru_cache(maxsize=16384)
def witness(supposed: frozenset[tuple[str, bool]]) -> Witness | None:
    """A report of which it is all true, as little as there can be in it; None where none is found."""
    try:
        found = next((one for each in islice(models(supposed), MODELS) if (one := _of(each, supposed))), None)
    except TooMuchError:
        return None
    return found


def plain(name: str) -> logic.Fixed:
    """What a report says of it that does not speak of it."""
    if name.startswith("reports("):
        return 1
    return logic.MISSING if name.startswith("signal.labels") else _PLAIN[name]


def _of(known: Known, supposed: frozenset[tuple[str, bool]]) -> Witness | None:
    try:
        found = next((one for one in islice(_values(known, supposed), TRIES) if _holds(one, supposed)), None)
    except (CriteriaError, KeyError, TypeError, ValueError):
        return None
    return None if found is None else Witness(tuple(sorted(found.items(), key=lambda one: one[0])))


def _holds(values: Values, supposed: frozenset[tuple[str, bool]]) -> bool:
    asked = context(values)
    for name, holds in supposed:
        text, _, site = name.partition(APART)
        if taken(compile_condition(text).judge(asked), site) is not holds:
            return False
    return True


def _values(known: Known, supposed: frozenset[tuple[str, bool]]) -> Iterator[Values]:
    """Signals that may be one: of what is compared the least that fits, of the rest what conditions speak of."""
    names = sorted(frozenset().union(*(subjects(name) for name, _ in supposed)) - {"signal.labels"})
    if any(reads(name.partition(APART)[0]).beyond for name, _ in supposed):  # then no signal alone can show it
        return
    free = {
        name for text in (*known.parts, *(one for one in known.claims if one not in names)) for name in subjects(text)
    }
    spoken = _spoken(sorted(name for name, _ in supposed)) if free else ()
    choices = [list(_fitting(name, known.claims.get(name), spoken if name in free else ())) for name in names]
    for chosen in product(*choices):
        yield dict(zip(names, chosen, strict=True))


def _fitting(name: str, claim: logic.Claim | None, spoken: tuple[str, ...]) -> Iterator[logic.Fixed]:
    """Values that it may have, the plainest first."""
    whole = claim or logic.whole(name)
    _, among, _, low, high = whole
    usual = plain(name)
    least = low if low > -math.inf else min(high, 0)
    some: list[logic.Fixed] = [usual, *sorted(among or (), key=lambda one: (isinstance(one, str), one))]
    if isinstance(usual, str):
        some += ["", *spoken, "other", "another", "yet another"]
    elif isinstance(usual, bool):
        some += [True]
    else:
        numbers = [int(one) for one in spoken if one.lstrip("-").isdigit()]
        near = range(int(least), int(min(high, least + NEAR)) + 1)
        some += [*near, *(one + step for one in numbers for step in (0, 1, -1)), 1, 1000, 10**6]
    yield from islice((one for one in dict.fromkeys(some) if logic.fits(one, whole)), TRIES)


def _spoken(parts: list[str]) -> tuple[str, ...]:
    """Texts and numbers of those parts, patterns as what they would fit, and all of them together."""
    found: list[str] = []
    for part in parts:
        for token in tokens(part.partition(APART)[0]):
            if token.kind == "text":
                inner = token.text.lstrip("rRbB").strip("'\"")
                found += [inner, re.sub(r"\(\?\w+\)|\.\*|[\^$()\\]", "", inner.partition("|")[0])]
            elif token.kind == "number":
                found.append(token.text)
    each = tuple(dict.fromkeys(one for one in found if one))[:WORDS]
    return (*each, *(sign.join(some) for some in (each, each[::-1]) for sign in (" ", ""))) if len(each) > 1 else each


def _shown(value: logic.Fixed) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f"'{value}'"
