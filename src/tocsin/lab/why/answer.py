"""The answer to "why": lines with their reasons, what became of each message, and what comes next."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.ids import PersonId
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase

NOT_YET = "lab.why.not_yet"
TIMES = ("since", "until", "then")
"""Values of these phrases that hold instants, in microseconds: whoever shows them knows the reader's zone."""

Kind = Literal["called", "kept_out", "fact", "coming"]


class Line(Struct, frozen=True):
    """At `at` the person was `called` or `kept_out` of a call, or it is a `fact` about them; `coming` is not yet."""

    at: Instant
    kind: Kind
    what: Phrase
    why: tuple[Phrase, ...] = ()


class Fate(Struct, frozen=True):
    """Something that became of a message: `sent`, `passing`, `permanent`, `rung_out`, or `withdrawn` because."""

    at: Instant
    outcome: str
    why: Phrase | None = None
    detail: str = ""


class Letter(Struct, frozen=True):
    """One message to the person: when it was meant to leave, why it was sent, and what became of it, in order."""

    id: str
    method: str
    purpose: str
    due_at: Instant
    cause: Phrase
    fates: tuple[Fate, ...] = ()

    @property
    def arrived(self) -> bool:
        """Whether a provider has taken it."""
        return any(one.outcome == "sent" for one in self.fates)


class Reached(Struct, frozen=True):
    """Somebody whom the next step reaches, and why them."""

    person: PersonId
    why: tuple[Phrase, ...]


class Coming(Struct, frozen=True):
    """What happens next if nobody acts: `why` says why then, `whom` why those."""

    at: Instant
    what: Phrase
    why: tuple[Phrase, ...]
    whom: tuple[Reached, ...]


class Answer(Struct, frozen=True):
    """About an incident as it stood `at`: of a person where one was asked about, and what came next.

    `notes` say what cannot be known any more.
    """

    at: Instant
    person: PersonId | None
    verdict: Phrase | None
    lines: tuple[Line, ...]
    letters: tuple[Letter, ...]
    coming: Coming | None
    notes: tuple[Phrase, ...] = ()

    @property
    def begun(self) -> bool:
        """Whether the incident had begun; before that there is nothing to tell but when it did."""
        return self.verdict is None or self.verdict.key != NOT_YET


def dated(phrase: Phrase, shown: Callable[[Instant], str]) -> Phrase:
    """The phrase with its instants written as `shown` writes them."""
    times = {name: shown(int(phrase.values[name])) for name in TIMES if phrase.values.get(name, "").isdigit()}
    return replace(phrase, values={**phrase.values, **times}) if times else phrase
