"""What a proposal makes worse than the rulebook in force, and in which words that is told to whoever proposes it"""

from collections.abc import Container, Iterable, Iterator
from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.config import Loaded, loads
from tocsin.core.calendar.zones import begin_of_day
from tocsin.core.instant import Duration, Instant, Span
from tocsin.core.oncall.override import Facts
from tocsin.core.rulebook import Rulebook
from tocsin.engine.applying import roster_after
from tocsin.engine.differing import Contrast
from tocsin.engine.site import Site
from tocsin.engine.verifying import Verdict, Verdicts
from tocsin.engine.worlds import reachable
from tocsin.lab.verifier.against import Against
from tocsin.lab.verifier.case import HORIZON
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.registry import checks
from tocsin.lab.verifier.told import opened
from tocsin.lab.verifier.worse import Worse, new_errors, worse
from tocsin.lib.moments import length
from tocsin.lib.translate import ENGLISH, say, text
from tocsin.store import facts, people, rulebooks
from tocsin.store.contract import Ledger

TOLD = 50
"""Sentences at most; what is left out is counted."""


class WorseRulebookError(Exception):
    """The rulebook makes the proof worse than the one in force, or whether it does is not known: `told` says what."""

    def __init__(self, version: int, told: tuple[str, ...], *, known: bool) -> None:
        what = "makes the proof worse than" if known else "could not be compared in time with"
        super().__init__(f"the rulebook {what} version {version}, which is in force")
        self.version = version
        self.told = told


class Weighed(Struct, frozen=True):
    """What gets worse. `unproved` says why waits and absences could not be compared, '' where they were, or where
    there was nothing to compare. `zone` is the clock on which it is told.
    """

    errors: tuple[Finding, ...] = ()
    worse: tuple[Worse, ...] = ()
    unproved: Literal["", "late", "broken"] = ""
    zone: str = "UTC"

    @property
    def bad(self) -> bool:
        """Whether anything is known to get worse."""
        return bool(self.errors or self.worse)

    @property
    def refused(self) -> bool:
        """Whether it may go on only where somebody wants it all the same: it is worse, or nobody knows."""
        return self.bad or bool(self.unproved)

    @property
    def mark(self) -> str:
        """Changes with whatever gets worse: who wants that has seen this, and nothing else."""
        return sha256(msgspec.json.encode(self.told())).hexdigest()[:16] if self.refused else ""

    def told(self, language: str = ENGLISH) -> tuple[str, ...]:
        """What exactly, a sentence each, and that it could not be known."""
        found = [*_errors(self, language), *(_told(*one, self.zone, language) for one in _alike(self.worse))]
        more = [text("lab.worse.more", {"n": str(len(found) - TOLD)}, language)] if len(found) > TOLD else []
        unknown = [text(f"lab.worse.unproved.{self.unproved}", {}, language)] if self.unproved else []
        return (*found[:TOLD], *more, *unknown)


def weigh(old: Verdict, new: Verdict, zone: str = "UTC") -> Weighed:
    """The new one against the one in force; by their proofs too, where both are made."""
    if old.proof is None or new.proof is None:
        errors = new_errors(*(_unproved(one.findings) for one in (old, new)))
        return Weighed(errors, unproved="broken" if old.failed or new.failed else "late", zone=zone)
    return Weighed(new_errors(old.findings, new.findings), worse(old.proof, new.proof), zone=zone)


def _unproved(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Without what only the proof finds, which one of the two may have and the other not."""
    proving = {one.code for one in checks() if one.proves}
    return tuple(one for one in findings if one.code not in proving)


class Side(Struct, frozen=True):
    """A rulebook with the roster that goes with it."""

    rulebook: Rulebook
    roster: Facts


def sides(roster: Facts, before: Loaded | None, after: Loaded, channels: Container[str]) -> tuple[Side, Side] | None:
    """Both with the roster as it is and as it would be; None where one of them is no rulebook that can be read."""
    old, new = None if before is None else before.rulebook, after.rulebook
    if old is None or new is None:
        return None
    return Side(old, roster), Side(new, roster_after(roster, before, after, channels))


def weigh_over(ledger: Ledger, loaded: Loaded, channels: Container[str], now: Instant, wait: float) -> None:
    """Raises WorseRulebookError where it makes the proof worse than what is in force in the store, or nobody knows."""
    with ledger.read() as connection:
        kept = rulebooks.latest(connection)
        roster = facts.gathered(connection, reachable(people.methods(connection), channels))
    if kept is None or dict(kept.texts) == dict(loaded.texts):
        return
    weighed = _weighed(Verdicts(), sides(roster, loads(kept.texts), loaded, channels), now, wait)
    if weighed.refused:
        raise WorseRulebookError(kept.version, weighed.told(), known=weighed.bad)


def weigh_here(site: Site, loaded: Loaded) -> Weighed:
    """The same of a running installation, whose verdicts all doors share. It blocks, so in a thread of one's own."""
    with site.ledger.read() as connection:
        kept = rulebooks.latest(connection)
    if kept is None:
        return Weighed()
    found = sides(site.worlds.world().facts, loads(kept.texts), loaded, site.carriers)
    return _weighed(site.verdicts, found, site.clock.now(), site.verdicts.patience)


def _weighed(verdicts: Verdicts, found: tuple[Side, Side] | None, now: Instant, wait: float) -> Weighed:
    return Weighed() if found is None else compare(verdicts, *found, now, wait)[2]


def compare(
    verdicts: Verdicts, old: Side, new: Side, now: Instant, wait: float, *, prove: bool = True
) -> tuple[Verdict, Verdict, Weighed]:
    """What is found and proved of both, and what gets worse; the proofs are waited for as many seconds at most.

    It blocks, so in a thread of one's own. Of what is the same nothing gets worse, and nothing is proved.
    """
    differ = not _same(old, new)
    asked = [(one.rulebook, one.roster) for one in (old, new)]
    before, after = verdicts.several(asked, now, prove=prove and differ, wait=wait)
    return before, after, weigh(before, after, new.rulebook.timezone) if differ else Weighed()


def contrast(verdicts: Verdicts, old: Side, new: Side, now: Instant, wait: float) -> Contrast:
    """Who is reached differently; by what is the same nobody is, and nothing need be proved for that. It blocks."""
    if _same(old, new):
        start = begin_of_day(new.rulebook.timezone, now)
        return Contrast(Against(Span(start, start + HORIZON), (), (), ()))
    return verdicts.against((old.rulebook, old.roster), (new.rulebook, new.roster), now, wait=wait)


def _same(old: Side, new: Side) -> bool:
    return old.rulebook.digest == new.rulebook.digest and old.roster == new.roster


def _errors(weighed: Weighed, language: str) -> Iterator[str]:
    for one in weighed.errors:
        values = {"code": one.code, "place": ".".join(one.where), "text": say(one.text, language)}
        yield text("lab.worse.error", values, language)


def _alike(found: Iterable[Worse]) -> Iterator[tuple[Worse, str]]:
    """Each once, with the priorities that go the same way."""
    priorities: dict[Worse, list[str]] = {}
    for one in found:
        priorities.setdefault(replace(one, priority="P1"), []).append(one.priority)
    yield from ((one, ", ".join(several)) for one, several in priorities.items())


def _told(one: Worse, priorities: str, zone: str, language: str) -> str:
    service = one.service or text("lab.table.nowhere", {}, language)
    values = {
        "service": service, "priority": priorities, "kind": one.kind, "person": one.without,
        "before": _length(one.before, language), "after": _length(one.after, language),
        "at": _moment(one.start, zone, language), "until": _moment(one.end, zone, language),
        "had": text(f"lab.worse.left.{one.had}", {}, language), "has": text(f"lab.worse.left.{one.has}", {}, language),
    }  # fmt: skip
    how = one.how if one.how != "fewer" or one.loss == "person" else f"fewer_{one.loss}"
    return text(f"lab.worse.{how}", values, language)


def _length(one: Duration | None, language: str) -> str:
    if one is None:
        return text("lab.worse.never", {}, language)
    return length(one, language=language) if one else text("lab.worse.at_once", {}, language)


def _moment(one: Instant | None, zone: str, language: str) -> str:
    return "" if one is None else opened(one, zone, language)
