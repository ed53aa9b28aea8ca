"""Swaps as they are offered and answered: facts in one transaction, with a word to whom they concern."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from tocsin.access.about import about_person
from tocsin.access.permissions import Caller, allowed
from tocsin.core.ids import PersonId
from tocsin.core.instant import Instant
from tocsin.core.oncall.objection import Objection
from tocsin.core.oncall.override import Facts, Swap, SwapState
from tocsin.core.oncall.swap import objections
from tocsin.core.outgoing import Purpose
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.engine.notices import Reading, notice
from tocsin.engine.working import queued
from tocsin.store import facts
from tocsin.store.contract import Ledger, Tx
from tocsin.store.errors import Conflict
from tocsin.store.facts import Settled

T = TypeVar("T")


class SwapRefusedError(Exception):
    """It would not do what was meant: `objections` say why."""

    def __init__(self, found: tuple[Objection, ...]) -> None:
        super().__init__(", ".join(one.kind for one in found))
        self.objections = found


class SwapOverError(Exception):
    """It is no longer offered: `state` is what came of it."""

    def __init__(self, state: SwapState) -> None:
        super().__init__(state)
        self.state = state


class Swapping:
    """What both doors do with swaps. `url` is where people reach this installation."""

    def __init__(self, world: World, url: str, now: Instant, by: str) -> None:
        self._book: Rulebook = world.rulebook
        self._methods = world.facts.methods
        self._url, self._now, self._by = url.rstrip("/"), now, by

    def offer(self, tx: Tx, swap: Swap) -> Swap:
        """Write down an offer, and tell the other. Raises SwapRefusedError."""
        known = self._known(tx)
        self._check(swap, known)
        self._append(tx, swap)
        self._tell(tx, known, swap, "offered", swap.other)
        return swap

    def settle(self, tx: Tx, id_: str, state: SwapState) -> Swap:
        """Accept, decline or withdraw one that is still offered; accepted, both halves hold at once or neither does.

        Raises KeyError, SwapOverError; and SwapRefusedError where the roster has changed so that it no longer fits.
        """
        known = self._known(tx)
        swap = {one.id: one for one in known.swaps}[id_]
        if swap.standing(self._now) != "offered":
            raise SwapOverError(swap.standing(self._now))
        if state == "accepted":
            self._check(swap, known)
        self._append(tx, Settled(id_, state))
        for half in swap.overrides() if state == "accepted" else ():
            self._append(tx, half)
        told = {"accepted": (swap.person, swap.other), "declined": (swap.person,), "withdrawn": (swap.other,)}
        for person in told.get(state, ()):
            self._tell(tx, known, swap, state, person)
        return replace(swap, state=state)

    def _known(self, tx: Tx) -> Facts:
        return facts.gathered(tx.connection, self._methods)

    def _check(self, swap: Swap, known: Facts) -> None:
        found = objections(swap, self._now, self._book.schedules, self._book.hours, known)
        if found:
            raise SwapRefusedError(found)

    def _append(self, tx: Tx, fact: facts.Fact) -> None:
        facts.append(tx.connection, fact, self._now, self._by)

    def _tell(self, tx: Tx, known: Facts, swap: Swap, state: SwapState, to: PersonId) -> None:
        """In the words and on the clock of whoever reads it: `give` is the shift of theirs, `take` the other's."""
        give, take = (swap.give, swap.take) if to == swap.person else (swap.take, swap.give)
        reading = Reading(tx.connection, to, self._book)
        values = {
            "person": swap.other if to == swap.person else swap.person,
            "schedule": swap.schedule,
            "give": reading.stretch(give.start, give.end),
            "take": reading.stretch(take.start, take.end),
            "link": f"{self._url}/oncall?schedule={swap.schedule}#swaps",
        }
        purpose: Purpose = "finding" if state == "offered" else "inform"
        text, id_ = Phrase(f"swap.{state}", values), f"swap.{swap.id}.{state}.{to}"
        message = notice(id_, to, text, purpose, self._now, self._book, known)
        if message is not None:
            tx.queue([queued(message)], self._now)


def speaks(caller: Caller, person: PersonId, book: Rulebook) -> bool:
    """Whether they may offer or answer as that person: only in person; programs, which are nobody, speak for others."""
    if caller.person is not None:
        return caller.person == person
    return allowed(caller, "incident.speak-for", about_person(person, book)) == "yes"


def at_once(ledger: Ledger, change: Callable[[Tx], T]) -> T:
    """In one transaction; once more where somebody else wrote a fact at the same moment."""
    try:
        return ledger.transact(change)
    except Conflict:
        return ledger.transact(change)
