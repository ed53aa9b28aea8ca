"""What of two conditions can be said without asking them: one holds wherever the other does, or one never holds.

Sound and not complete: a yes is certain, a no means only that it was not seen. Understood are `&&`, `||`, `!` and
brackets, and of their parts those that compare one thing with something fixed, flags, and whether there is a label; any
other part is equal only to itself.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from msgspec import Struct

from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import CriteriaError, compile_condition
from tocsin.core.routing.rewrite import Token, tokens
from tocsin.core.routing.vocabulary import Context
from tocsin.core.signal import Signal
from tocsin.lab.verifier import domain

Fixed = str | int
Claim = tuple[str, frozenset[Fixed] | None, frozenset[Fixed], float, float]
"""Of what; one of these (None: anything), none of those, and within these bounds."""

MISSING = "\x00"
"""What a label is that did not come: it reads as '', and is told from it by has()."""

_NOTHING = Context(Signal(key="", action="trigger", title=""))
_TEXT = re.compile(r"""(['"])([^\\\n]*)\1""")
_BY = re.compile(r"signal\.|incident\.|calendar\.|reports\(")
_LABEL = re.compile(r"signal\.labels(?:\.(\w+)\b(?!\()|\['([^']*)'\])")


class Part(Struct, frozen=True):
    """A part that is neither `&&` nor `||`; `claim` is what it says, where that is understood.

    `bare` is the same without a `!` before it, which there is where it is `denied`.
    """

    text: str
    claim: Claim | None = None
    bare: str = ""
    denied: bool = False


class All(Struct, frozen=True):
    """Parts joined by `&&`."""

    parts: tuple["Formula", ...]


class Any(Struct, frozen=True):
    """Parts joined by `||`."""

    parts: tuple["Formula", ...]


Formula = Part | All | Any


class Clash(Struct, frozen=True):
    """Parts that cannot all hold, as written; `claim` is what one alone says that never is so."""

    parts: tuple[str, ...]
    claim: Claim | None = None


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


def never(one: Formula, sure: Callable[[Part], bool] = lambda _part: True) -> Clash | None:
    """What must hold and cannot: a part that never does, two that exclude each other; of `||` all; or None.

    Of a part that is asked for and denied at once only where it is `sure` that it is true or false.
    """
    if isinstance(one, Any):
        each = [never(part, sure) for part in one.parts]
        found = [clash for clash in each if clash is not None]
        if len(found) < len(each):
            return None
        return Clash(tuple(dict.fromkeys(text for clash in found for text in clash.parts)), found[0].claim)
    for part in one.parts if isinstance(one, All) else ():
        if isinstance(part, Any) and (clash := never(part, sure)) is not None:
            return clash
    parts = list(_joined(one))
    for part in parts:
        if part.claim is not None and meet(whole(part.claim[0]), part.claim) is None:
            return Clash((part.text,), part.claim)
    pairs = ((first, second) for first, second in combinations(parts, 2) if _exclude(first, second, sure))
    return next((Clash((first.text, second.text)) for first, second in pairs), None)


def advice(clash: Clash) -> Phrase | None:
    """What to write instead of a part that alone never holds, where that is known."""
    if clash.claim is None:
        return None
    name, among, _, low, _ = clash.claim
    return domain.advice(name, among or (), low)


def ranks(one: Formula) -> frozenset[Fixed] | None:
    """The priorities, as numbers, to which a part that must hold narrows it; None where none does."""
    claims = [part.claim for part in _joined(one) if part.claim is not None]
    found = [claim[1] for claim in claims if claim[0] == "incident.priority" and claim[1] is not None]
    return frozenset.intersection(*found) if found else None


def parts(one: Formula) -> Iterator[Part]:
    """All parts, in their order."""
    if isinstance(one, Part):
        yield one
        return
    for each in one.parts:
        yield from parts(each)


def written(one: Formula) -> str:
    """A formula as a condition."""
    if isinstance(one, Part):
        return one.text
    sign = " && " if isinstance(one, All) else " || "
    return sign.join(written(each) if isinstance(each, Part) else f"({written(each)})" for each in one.parts)


def joined(join: type[All] | type[Any], found: Sequence[Formula]) -> Formula:
    """Joined, without brackets that change nothing; one alone is itself."""
    if len(found) == 1:
        return found[0]
    return join(tuple(part for one in found for part in (one.parts if isinstance(one, join) else (one,))))


def labels(part: str) -> frozenset[str]:
    """The names of labels that it reads, as far as they are written out."""
    return frozenset(name for match in _LABEL.finditer(part) if (name := match.group(1) or match.group(2)))


def whole(name: str) -> Claim:
    """All that something can be."""
    return (name, domain.among(name), frozenset(), *domain.bounds(name))


def meet(one: Claim, other: Claim) -> Claim | None:
    """What both say of the same thing; None where nothing is both."""
    subject, among, but, low, high = one
    _, wanted, barred, least, most = other
    both = among if wanted is None else wanted if among is None else among & wanted
    met = (subject, both, but | barred, max(low, least), min(high, most))
    if both is not None:
        left = frozenset(value for value in both if fits(value, met))
        return (subject, left, frozenset(), -math.inf, math.inf) if left else None
    room = met[4] - met[3] + 1
    within = sum(isinstance(value, int) and met[3] <= value <= met[4] for value in met[2])
    return met if room > within else None


def complement(claim: Claim) -> Claim:
    """What is said by its contrary; each claim that is read says one thing alone."""
    subject, among, but, low, high = claim
    if among is not None:
        return _of(subject, but=among)
    if but:
        return _of(subject, among=but)
    return _of(subject, low=high + 1) if high < math.inf else _of(subject, high=low - 1)


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
        return all(fits(value, other.claim) for value in among if domain.can(one.claim[0], value))
    return wanted is None and barred <= but and least <= low and high <= most


def fits(value: Fixed, claim: Claim) -> bool:
    """Whether the claim can be true of something that is this."""
    name, among, but, low, high = claim
    number = value if isinstance(value, int) else None
    bounded = (low, high) == (-math.inf, math.inf) or (number is not None and low <= number <= high)
    return (among is None or value in among) and value not in but and bounded and domain.can(name, value)


def _exclude(one: Part, other: Part, sure: Callable[[Part], bool]) -> bool:
    if one.bare == other.bare and one.denied is not other.denied and (one.claim is not None or sure(one)):
        return True
    if one.claim is None or other.claim is None or one.claim[0] != other.claim[0]:
        return False
    known = meet(whole(one.claim[0]), one.claim)
    return known is None or meet(known, other.claim) is None


def _read(found: Sequence[Token]) -> Formula:
    while len(found) > 1 and found[0].text == "(" and _closes(found) == len(found) - 1:
        found = found[1:-1]
    for sign, join in (("||", Any), ("&&", All)):
        parts = _split(found, sign)
        if len(parts) > 1:
            return joined(join, [_read(part) for part in parts])
    if len(found) > 1 and found[0].text == "!" and _alone(found[1:]):
        return _denied(_read(found[1:]))
    text = _written(found)
    return Part(text, _claim(found), text)


def _alone(found: Sequence[Token]) -> bool:
    """Whether a `!` before it is about all of it: no sign outside its brackets compares or counts."""
    depth = 0
    for token in found:
        depth += _step(token)
        if depth == 0 and token.text in _APART:
            return False
    return True


def _denied(one: Formula) -> Formula:
    """The contrary, with every `!` before a part of its own."""
    if not isinstance(one, Part):
        return joined(Any if isinstance(one, All) else All, [_denied(each) for each in one.parts])
    if one.denied:
        return formula(one.bare)
    plain = re.fullmatch(r"[\w.]+(\(.*\))?", one.text) and _alone(tokens(one.text))
    text = f"!{one.text}" if plain else f"!({one.text})"
    return Part(text, None if one.claim is None else complement(one.claim), one.bare, denied=True)


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
    """A text that is the same in single quotes."""
    match = _TEXT.fullmatch(token.text) if token.kind == "text" else None
    return match if match is not None and "'" not in match.group(2) else None


def _claim(found: Sequence[Token]) -> Claim | None:
    if [token.text for token in found[:2]] == ["at_least", "("] and len(found) == 4:
        rank = _fixed(found[2:3])
        return None if rank is None else _of("incident.priority", frozenset(range(1, int(rank) + 1)))
    at = next((n for n, token in enumerate(found) if token.text in _SIGNS), None)
    if at is None:
        return _said(_written(found))
    if found[at].text == "in" and _written(found[at + 1 :]) == "signal.labels":
        return _there(found[:at])
    subject, sign, rest = _subject(_written(found[:at])), found[at].text, found[at + 1 :]
    if not _BY.match(subject) or any(token.text in _MIXING for token in found[:at] if token.kind == "sign"):
        return None
    if sign == "in":
        return _listed(subject, rest)
    value = _fixed(rest)
    return None if value is None else _compared(subject, sign, value)


def _said(text: str) -> Claim | None:
    """A flag, or whether a label has come."""
    if text in domain.FLAGS:
        return _of(text, frozenset({True}))
    subject = _subject(text[4:-1]) if text.startswith("has(") and text.endswith(")") else ""
    return _of(subject, but=frozenset({MISSING})) if _LABEL.fullmatch(subject) else None


def _there(found: Sequence[Token]) -> Claim | None:
    match = _plain(found[0]) if len(found) == 1 else None
    return None if match is None else _of(label(match.group(2)), but=frozenset({MISSING}))


def label(name: str) -> str:
    """A label as that of which something is said."""
    return f"signal.labels.{name}" if re.fullmatch(r"[A-Za-z_]\w*", name) else f"signal.labels['{name}']"


def _subject(text: str) -> str:
    match = _LABEL.fullmatch(text)
    return text if match is None else label(match.group(1) or match.group(2) or "")


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
        one = _meant(subject, frozenset({value}))
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
    known = _meant(subject, known)
    return _of(subject, known) if len(values) == len([one for one in values if one is not None]) else None


def _meant(subject: str, values: frozenset[Fixed]) -> frozenset[Fixed]:
    """A label that did not come reads as ''."""
    return values | {MISSING} if "" in values and _LABEL.fullmatch(subject) else values


def _fixed(found: Sequence[Token]) -> Fixed | None:
    """A text, a whole number, a flag, or a priority as its number."""
    words = "".join(token.text for token in found)
    if words in ("true", "false"):
        return words == "true"
    if len(found) == 1 and (match := _plain(found[0])):
        return match.group(2)
    if re.fullmatch(r"P[1-5]", words):
        return int(words[1])
    return int(words) if re.fullmatch(r"-?\d{1,15}", words) else None
