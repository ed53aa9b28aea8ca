"""A shadowed criterion never adds anything: it cannot apply, or others that apply wherever it does give all it gives.

Criteria only ever raise: the worst priority wins, the first policy named, flags add up. So what another gives is given
already where that other is certain to apply too. An escalation is always something of its own.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from tocsin.core.phrase import Phrase
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier import logic
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.concerning import somewhere, unknown
from tocsin.lab.verifier.content import CRITERIA
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V022"


class _One(Struct, frozen=True):
    number: int
    criterion: Criterion
    says: logic.Formula
    always: bool | None

    def wherever(self, other: "_One") -> bool:
        """Whether this one certainly applies wherever the other does."""
        return self.always is True or logic.implies(other.says, self.says)


def find(case: Case) -> Iterator[Finding]:
    """The criteria that could be left out without any difference."""
    ones = [
        _One(number, one, logic.formula(one.when), logic.constant(one.when))
        for number, one in enumerate(case.rulebook.criteria)
    ]
    for one in ones:
        found = _impossible(one) or _nowhere(one, case.rulebook) or _useless(one) or _covered(one, ones)
        if found is not None:
            yield found


def _impossible(one: _One) -> Finding | None:
    clash = logic.Clash(("false",)) if one.always is False else logic.never(one.says)
    if clash is None:
        return None
    parts = " · ".join(clash.parts) if one.always is None else one.criterion.when
    text = Phrase("lab.hole.criterion_never", {"criterion": one.criterion.name, "parts": parts})
    mend = "lab.hole.criterion_never.hint" if len(clash.parts) > 1 else "lab.hole.criterion_false.hint"
    return _finding(one, "when", text, logic.advice(clash) or Phrase(mend))


def _nowhere(one: _One, book: Rulebook) -> Finding | None:
    """It asks for a service or team that there is not, or for what does not go with any."""
    if somewhere(book, one.criterion.when, CRITERIA):
        return None
    part, hint = unknown(book, one.criterion.when) or (one.criterion.when, Phrase("lab.hole.criterion_never.hint"))
    text = Phrase("lab.hole.criterion_never", {"criterion": one.criterion.name, "parts": part})
    return _finding(one, "when", text, hint)


def _useless(one: _One) -> Finding | None:
    """It asks for a priority that its own condition already asks for, and gives nothing else."""
    then, ranks = one.criterion.then, logic.ranks(one.says)
    if then.priority is None or ranks is None or then != Raise(priority=then.priority):
        return None
    if not ranks or int(then.priority[1:]) < max(int(rank) for rank in ranks):
        return None
    text = Phrase("lab.hole.criterion_same", {"criterion": one.criterion.name, "priority": then.priority})
    return _finding(one, "then", text, Phrase("lab.hole.criterion_same.hint", {"priority": then.priority}))


def _covered(one: _One, ones: list[_One]) -> Finding | None:
    others = [other for other in ones if other is not one and other.wherever(one) and not _twin_after(one, other)]
    then = one.criterion.then
    if not others or then.escalate is not None:
        return None
    givers: list[_One] = []
    for needed, gives in _NEEDS:
        if needed(then):
            giver = next((other for other in others if gives(one, other)), None)
            if giver is None:
                return None
            givers.append(giver)
    names = ", ".join(dict.fromkeys(other.criterion.name for other in givers))
    text = Phrase("lab.hole.criterion_shadowed", {"criterion": one.criterion.name, "others": names})
    return _finding(one, "when", text, Phrase("lab.hole.criterion_shadowed.hint", {"others": names}))


def _twin_after(one: _One, other: _One) -> bool:
    """Of two that apply in the same cases the later is the needless one."""
    return other.number > one.number and one.wherever(other)


def _priority(one: _One, other: _One) -> bool:
    mine, theirs = one.criterion.then.priority, other.criterion.then.priority
    return mine is not None and theirs is not None and theirs <= mine


def _policy(one: _One, other: _One) -> bool:
    """The first that names a policy wins; after it no other policy counts."""
    return other.number < one.number and other.criterion.then.policy is not None


_NEEDS: tuple[tuple[Callable[[Raise], bool], Callable[[_One, _One], bool]], ...] = (
    (lambda then: then.priority is not None, _priority),
    (lambda then: then.policy is not None, _policy),
    (lambda then: then.major, lambda _, other: other.criterion.then.major),
    (lambda then: then.confidential, lambda _, other: other.criterion.then.confidential),
)


def _finding(one: _One, field: str, text: Phrase, hint: Phrase) -> Finding:
    return Finding(CODE, "warning", ("criteria", str(one.number), field), text, hint)


CHECK = Check(CODE, "shadowed-criterion", "warning", find)
