"""What a proposal makes worse than the rulebook in force, and in which words that is told to whoever proposes it"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tocsin.core.instant import Duration
from tocsin.engine.verifying import Verdict
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.registry import checks
from tocsin.lab.verifier.worse import Worse, new_errors, worse
from tocsin.lib.moments import length
from tocsin.lib.translate import ENGLISH, say, text

TOLD = 50
"""Sentences at most; what is left out is counted."""


class Weighed(Struct, frozen=True):
    """What gets worse. `proved`: both were proved, so that waits and absences were compared too."""

    errors: tuple[Finding, ...] = ()
    worse: tuple[Worse, ...] = ()
    proved: bool = False

    @property
    def bad(self) -> bool:
        """Whether anything does."""
        return bool(self.errors or self.worse)

    def told(self, language: str = ENGLISH) -> tuple[str, ...]:
        """What exactly, a sentence each."""
        found = [*_errors(self, language), *(_told(one, language) for one in self.worse)]
        more = [text("lab.worse.more", {"n": str(len(found) - TOLD)}, language)] if len(found) > TOLD else []
        return (*found[:TOLD], *more)


def weigh(old: Verdict, new: Verdict) -> Weighed:
    """The new one against the one in force; by their proofs too, where both are made."""
    if old.proof is None or new.proof is None:
        return Weighed(new_errors(*(_unproved(one.findings) for one in (old, new))))
    return Weighed(new_errors(old.findings, new.findings), worse(old.proof, new.proof), proved=True)


def _unproved(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Without what only the proof finds, which one of the two may have and the other not."""
    proving = {one.code for one in checks() if one.proves}
    return tuple(one for one in findings if one.code not in proving)


def _errors(weighed: Weighed, language: str) -> Iterator[str]:
    for one in weighed.errors:
        values = {"code": one.code, "place": ".".join(one.where), "text": say(one.text, language)}
        yield text("lab.worse.error", values, language)


def _told(one: Worse, language: str) -> str:
    values = {
        "service": one.service, "priority": one.priority, "kind": one.kind, "person": one.without,
        "before": _length(one.before, language), "after": _length(one.after, language),
        "had": text(f"lab.worse.left.{one.had}", {}, language), "has": text(f"lab.worse.left.{one.has}", {}, language),
    }  # fmt: skip
    return text(f"lab.worse.{one.how}", values, language)


def _length(one: Duration | None, language: str) -> str:
    if one is None:
        return text("lab.worse.never", {}, language)
    return length(one, language=language) if one else text("lab.worse.at_once", {}, language)
