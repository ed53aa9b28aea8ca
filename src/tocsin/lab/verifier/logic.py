"""What of two conditions can be said without asking them: one holds wherever the other does, or one never holds.

Sound and not complete: a yes is certain, a no means only that it was not seen. Understood are `&&`, `||` and brackets,
and of their parts those that compare one thing with something fixed; any other part is equal only to itself.
"""

import math
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tocsin.core.routing.criteria import CriteriaError, compile_condition
from tocsin.core.routing.rewrite import Token, tokens
from tocsin.core.routing.vocabulary import Context
from tocsin.core.signal import Signal

Fixed = str | int
Claim = tuple[str, frozenset[Fixed] | None, frozenset[Fixed], float, float]
"""Of what; one of these (None: anything), none of those, and within these bounds."""

_NOTHING = Context(Signal(key="", action="trigger", title=""))
_TEXT = re.compile(r"""(['"])([^\\\n]*)\1""")
_BY = re.compile(r"signal\.|incident\.|calendar\.|reports\(")


class Part(Struct, frozen=True):
    """A part that is neither `&&` nor `||`; `claim` is what it says, where that is understood."""

    text: str
    claim: Claim | None = None


class All(Struct, frozen=True):
    """Parts joined by `&&`."""

    parts: tuple["Formula", ...]


class Any(Struct, frozen=True):
    """Parts joined by `||`."""

    parts: tuple["Formula", ...]


Formula = Part | All | Any


def formula(source: str) -> Formula:
    """A condition taken apart."""
    return _read(tokens(source))


def constant(source: str) -> bool | None:
    """True or False for a condition that reads nothing and is always that; else None."""
    try:
        condition = compile_condition(source)
    except CriteriaError:
        return None
    verdict = None if condition.reads else condition.judge(_NOTHING)
    return verdict if isinstance(verdict, bool) else None


def implies(one: Formula, other: Formula) -> bool:
    """Whether it is certain that `other` holds wherever `one` does."""
    if isinstance(other, All):
        return all(implies(one, part) for part in other.parts)
    if isinstance(one, Any):
        return all(implies(part, other) for part in one.parts)
    if isinstance(one, All) and any(implies(part, other) for part in one.parts):
        return True
    if isinstance(other, Any):
        return any(implies(one, part) for part in other.parts)
    return isinstance(one, Part) and _says(one, other)


def never(one: Formula) -> tuple[str, str] | None:
    """Two parts that must both hold and cannot, as written, or None."""
    parts = [part for part in _joined(one) if part.claim is not None]
    for number, first in enumerate(parts):
        for second in parts[number + 1 :]:
            if first.claim is not None and second.claim is not None and _exclude(first.claim, second.claim):
                return first.text, second.text
    return None


def ranks(one: Formula) -> frozenset[Fixed] | None:
    """The priorities, as numbers, to which a part that must hold narrows it; None where none does."""
    claims = [part.claim for part in _joined(one) if part.claim is not None]
    found = [claim[1] for claim in claims if claim[0] == "incident.priority" and claim[1] is not None]
    return frozenset.intersection(*found) if found else None


def _joined(one: Formula) -> Iterator[Part]:
    if isinstance(one, Part):
        yield one
    elif isinstance(one, All):
        for part in one.parts:
            yield from _joined(part)


def _says(one: Part, other: Part) -> bool:
    if one.text == other.text:
        return True
    if one.claim is None or other.claim is None or one.claim[0] != other.claim[0]:
        return False
    _, among, but, low, high = one.claim
    _, wanted, barred, least, most = other.claim
    if among is not None:
        return all(_fits(value, other.claim) for value in among)
    return wanted is None and barred <= but and least <= low and high <= most


def _fits(value: Fixed, claim: Claim) -> bool:
    _, among, but, low, high = claim
    number = value if isinstance(value, int) else None
    bounded = (low, high) == (-math.inf, math.inf) or (number is not None and low <= number <= high)
    return (among is None or value in among) and value not in but and bounded


def _exclude(one: Claim, other: Claim) -> bool:
    if one[0] != other[0]:
        return False
    if one[1] is not None:
        return not any(_fits(value, other) for value in one[1])
    if other[1] is not None:
        return not any(_fits(value, one) for value in other[1])
    return max(one[3], other[3]) > min(one[4], other[4])


def _read(found: Sequence[Token]) -> Formula:
    while len(found) > 1 and found[0].text == "(" and _closes(found) == len(found) - 1:
        found = found[1:-1]
    for sign, join in (("||", Any), ("&&", All)):
        parts = _split(found, sign)
        if len(parts) > 1:
            return join(tuple(_read(part) for part in parts))
    return Part(_written(found), _claim(found))


def _split(found: Sequence[Token], sign: str) -> list[Sequence[Token]]:
    """Cut at a sign outside all brackets; where a choice (`?`) stands outside them, the whole is one."""
    cuts, depth = [-1], 0
    for at, token in enumerate(found):
        depth += _step(token)
        if depth == 0 and token.kind == "sign" and token.text == "?":
            return [found]
        if depth == 0 and token.kind == "sign" and token.text == sign:
            cuts.append(at)
    return [found[a + 1 : b] for a, b in zip(cuts, [*cuts[1:], len(found)], strict=True)]


def _step(token: Token) -> int:
    if token.kind != "sign":
        return 0
    return (token.text in "([{") - (token.text in ")]}")


def _closes(found: Sequence[Token]) -> int:
    depth = 0
    for at, token in enumerate(found):
        depth += _step(token)
        if depth == 0:
            return at
    return -1


def _written(found: Sequence[Token]) -> str:
    """A part in one way of writing, whatever its spaces and quotes were."""
    said = (f"'{match.group(2)}'" if (match := _plain(token)) else token.text for token in found)
    return "".join(f" {word} " if word in _APART else word for word in said).replace("  ", " ").strip()


def _plain(token: Token) -> re.Match[str] | None:
    return _TEXT.fullmatch(token.text) if token.kind == "text" else None


def _claim(found: Sequence[Token]) -> Claim | None:
    if [token.text for token in found[:2]] == ["at_least", "("] and len(found) == 4:
        rank = _fixed(found[2:3])
        return None if rank is None else _of("incident.priority", frozenset(range(1, int(rank) + 1)))
    at = next((n for n, token in enumerate(found) if token.text in _SIGNS), None)
    if at is None:
        return None
    subject, sign, rest = _written(found[:at]), found[at].text, found[at + 1 :]
    if not _BY.match(subject) or any(token.text in _MIXING for token in found[:at] if token.kind == "sign"):
        return None
    if sign == "in":
        return _listed(subject, rest)
    value = _fixed(rest)
    return None if value is None else _compared(subject, sign, value)


_SIGNS = ("==", "!=", ">", ">=", "<", "<=", "in")
_APART = (*_SIGNS, "&&", "||", "?", ":", "+", "-", "*", "/", "%")
_MIXING = frozenset("!?:+-*/%")


def _of(
    subject: str, among: frozenset[Fixed] | None = None, but: frozenset[Fixed] = frozenset(),
    low: float = -math.inf, high: float = math.inf,
) -> Claim:  # fmt: skip
    return (subject, among, but, low, high)


def _compared(subject: str, sign: str, value: Fixed) -> Claim | None:
    if sign in ("==", "!="):
        one = frozenset({value})
        return _of(subject, one) if sign == "==" else _of(subject, but=one)
    if not isinstance(value, int):
        return None
    low, high = {
        ">": (value + 1, math.inf), ">=": (value, math.inf), "<": (-math.inf, value - 1), "<=": (-math.inf, value)
    }[sign]  # fmt: skip
    return _of(subject, low=low, high=high)


def _listed(subject: str, rest: Sequence[Token]) -> Claim | None:
    if len(rest) < 3 or rest[0].text != "[" or rest[-1].text != "]":
        return None
    values = [_fixed(part) for part in _split(rest[1:-1], ",")]
    known = frozenset(value for value in values if value is not None)
    return _of(subject, known) if len(values) == len([one for one in values if one is not None]) else None


def _fixed(found: Sequence[Token]) -> Fixed | None:
    """A text, a whole number, or a priority as its number."""
    words = "".join(token.text for token in found)
    if len(found) == 1 and (match := _plain(found[0])):
        return match.group(2)
    if re.fullmatch(r"P[1-5]", words):
        return int(words[1])
    return int(words) if re.fullmatch(r"-?\d{1,15}", words) else None
