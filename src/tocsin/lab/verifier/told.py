"""One line of a proof in words: what was asked, what the answer is, for what opens when, and what is supposed for it"""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from tocsin.core.instant import MINUTE, Instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.finding import Counterexample
from tocsin.lab.verifier.reach import KINDS, Fall, Loss, Proof, Respond, Row, Worst
from tocsin.lab.verifier.table import LOSSES, Line, missing
from tocsin.lab.verifier.wording import lasting, listed
from tocsin.lib.moments import moment
from tocsin.lib.translate import ENGLISH, say, text

MOST = 4
"""Losses of one kind that are told; the others are counted."""

_ABOUT: dict[Loss, str] = {"person": "absence", "method": "method", "provider": "provider"}

Name = Callable[[str], str]


class Fact(Struct, frozen=True):
    """An answer; `bad` where a reviewer should look at it."""

    label: str
    told: str
    bad: bool = False


def heading(line: Line, language: str = ENGLISH) -> str:
    """`mail, web: P1, P2 (incident)`; of many services some are named."""
    kinds = text("lab.table.every", {}, language) if len(line.kinds) == len(KINDS) else ", ".join(line.kinds)
    services = [one or text("lab.table.nowhere", {}, language) for one in line.services]
    return f"{listed(services)}: {', '.join(line.priorities)} ({kinds})"


def scope(proof: Proof, zone: str, language: str = ENGLISH) -> str:
    """Of what it was proved."""
    counted = {
        "services": len({one.service for one in proof.rows}), "priorities": len({one.priority for one in proof.rows}),
        "kinds": len({one.kind for one in proof.rows}),
    }  # fmt: skip
    ends = {"start": moment(proof.start, zone, language=language), "end": moment(proof.end, zone, language=language)}
    return text("lab.table.proved", {name: str(n) for name, n in counted.items()} | ends | {"zone": zone}, language)


def facts(row: Row, zone: str, language: str = ENGLISH, name: Name = str) -> tuple[Fact, ...]:
    """Everything that is proved of it, in the order in which one asks; `name` is what a person is called."""
    return tuple(_Teller(zone, language, _shared(row), name).facts(row))


def example(case: Counterexample, language: str = ENGLISH, said: str = "") -> str:
    """A case in one sentence: `P2 on mail, Sun, 28 Mar 2027, 02:30 CET Europe/Berlin: nobody until Mon 08:00`."""
    at = opened(case.at, case.timezone, language).removesuffix(f" {case.timezone}")  # of UTC both are one word
    service = case.service or text("lab.table.nowhere", {}, language)
    told = {"priority": case.priority, "service": service, "at": at, "zone": case.timezone}
    return text("lab.table.example", told | {"case": said or say(case.text, language)}, language)


def opened(at: Instant, zone: str, language: str = ENGLISH) -> str:
    """When something opens; what opens a moment after a full minute may go another way than what opens right then."""
    told = moment(at, zone, language=language)
    return text("lab.table.just_after", {"at": told}, language) if at % MINUTE else told


class _Teller:
    """Says things in one language, on the clock of one zone; what cases suppose is said once, below, and numbered."""

    def __init__(self, zone: str, language: str, shared: tuple[Phrase, ...], name: Name) -> None:
        self.zone, self.language, self.shared, self.name = zone, language, shared, name
        self.numbered: list[Phrase] = []

    def say(self, name: str, **values: str) -> str:
        return text(f"lab.table.{name}", values, self.language)

    def at(self, worst: Worst) -> str:
        return opened(worst.opening, self.zone, self.language)

    def facts(self, row: Row) -> Iterator[Fact]:
        yield Fact(self.say("first"), self._wait(row.first), bad=row.first.at is None)
        told = self.say("same") if row.responder == row.first else self._wait(row.responder)
        yield Fact(self.say("responder"), told, bad=row.responder.at is None)
        told = self.say("no_ladder") if row.management is None else self._wait(row.management)
        yield Fact(self.say("management"), told, bad=row.management is not None and row.management.at is None)
        yield Fact(self.say("human"), self._human(row), bad=not row.ends_at_human)
        promise = self.say("unpromised") if row.respond is None else self._promise(row.respond)
        yield Fact(self.say("promise"), promise, bad=row.respond is not None and not row.respond.met)
        lost = [(loss, found) for loss in LOSSES if (found := missing(row, loss))]
        if not lost:
            yield Fact(self.say("any"), self.say("somebody_left"))
        for loss, found in lost:
            yield Fact(self.say(_ABOUT[loss]), self._left(found), bad=any(one.worst.at is None for one in found))
        if supposed := _once((*self.shared, *row.assuming)):
            yield Fact(self.say("supposing"), "; ".join(say(one, self.language) for one in supposed))
        for number, one in enumerate(self.numbered, 1):
            yield Fact(f"[{number}]", say(one, self.language))

    def _wait(self, worst: Worst) -> str:
        if worst.at is None:
            return self.say("nobody", opening=self.at(worst)) + self._own(worst)
        told = {"people": self._people(worst), "by": ".".join(worst.by)}
        if not worst.delay:
            return self.say("whenever", **told)
        return self.say("worst", length=self._after(worst), opening=self.at(worst), **told) + self._own(worst)

    def _people(self, worst: Worst) -> str:
        return listed(map(self.name, worst.people))

    def _own(self, worst: Worst) -> str:
        """What this case supposes and others do not, as numbers in brackets: two cases may suppose the contrary."""
        own = [one for one in _once(worst.assuming) if one not in self.shared]
        self.numbered += (one for one in own if one not in self.numbered)
        return f" [{', '.join(str(self.numbered.index(one) + 1) for one in own)}]" if own else ""

    def _after(self, worst: Worst) -> str:
        if worst.delay is None:
            return self.say("never")
        return self.say("after", length=lasting(worst.delay)) if worst.delay else self.say("at_once")

    def _human(self, row: Row) -> str:
        if not row.ends_at_human:
            return self.say("no")
        return self.say("one" if row.management is None else "both")

    def _promise(self, one: Respond) -> str:
        told = {"sla": one.sla, "verdict": self.say("kept" if one.met else "broken"), "opening": self.at(one.worst)}
        own = self._own(one.worst)
        if one.worst.at is None:
            return self.say("promised_never", **told) + own
        told |= {"length": self._after(one.worst), "promised": lasting(one.due - one.begun)}
        if one.handed is None:
            return self.say("promised", **told) + own
        return self.say("promised_handed", handed=lasting(one.handed - one.worst.opening), **told) + own

    def _left(self, found: Iterable[Fall]) -> str:
        told = [self._fall(one) + self._own(one.worst) for one in found]
        more = [f"+{len(told) - MOST}"] if len(told) > MOST else []
        return "; ".join((*told[:MOST], *more))

    def _fall(self, one: Fall) -> str:
        who = self.name(one.name) if one.loss == "person" else one.name
        if one.worst.at is None:
            return self.say("left_nobody_at", who=who, opening=self.at(one.worst))
        told = {"who": who, "length": self._after(one.worst), "opening": self.at(one.worst)}
        name = "left_rescue_worst" if one.longest else "left_rescue_after"
        return self.say(name, people=self._people(one.worst), **told)


def _shared(row: Row) -> tuple[Phrase, ...]:
    """What every case that waits supposes, and every loss; what is at once whenever it opens supposes nothing."""
    waits = [one for one in (row.first, row.responder, row.management) if one is not None and one.delay != 0]
    promise = [] if row.respond is None else [row.respond.worst]
    first, *others = [*waits, *promise, *(one.worst for one in row.falls)] or [row.first]
    return tuple(one for one in _once(first.assuming) if all(one in other.assuming for other in others))


def _once(found: Iterable[Phrase]) -> tuple[Phrase, ...]:
    return tuple({(one.key, tuple(one.values.items())): one for one in found}.values())
