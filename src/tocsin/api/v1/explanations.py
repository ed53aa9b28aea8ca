"""An explanation as programs see it: lines with reasons, messages with what became of them, and what comes next."""

from collections.abc import Callable

from msgspec import Struct

from tocsin.api.v1.plain import when
from tocsin.core.phrase import Phrase
from tocsin.lab.why.answer import Answer, Coming, Fate, Letter

Told = Callable[[Phrase], str]
"""Says a phrase."""


class Reason(Struct, frozen=True):
    """At `at` the person was `called` or `kept_out` of a call, or it is a `fact` about them; `coming` is not yet."""

    at: str | None
    kind: str
    text: str
    why: tuple[str, ...]


class Became(Struct, frozen=True):
    """What became of a message: sent, passing, permanent, rung_out or withdrawn; `why` it was, or what was said."""

    at: str | None
    outcome: str
    why: str


class MessageTo(Struct, frozen=True):
    """One message to the person; without `fates` it has not left."""

    id: str
    method: str
    purpose: str
    due_at: str | None
    cause: str
    fates: tuple[Became, ...]


class ReachedThen(Struct, frozen=True):
    """Somebody whom the next step reaches, and why them."""

    person: str
    why: tuple[str, ...]


class ComingNext(Struct, frozen=True):
    """What happens next if nobody acts: why then, and whom it reaches."""

    at: str | None
    text: str
    why: tuple[str, ...]
    whom: tuple[ReachedThen, ...]


class Explanation(Struct, frozen=True):
    """An incident as it stood `at`, explained. `notes` say what cannot be known any more."""

    incident: str
    at: str | None
    person: str | None
    verdict: str | None
    lines: tuple[Reason, ...]
    messages: tuple[MessageTo, ...]
    next: ComingNext | None
    notes: tuple[str, ...]


def explained(incident: str, answer: Answer, told: Told) -> Explanation:
    """The answer for programs, its phrases as `told` says them."""
    return Explanation(
        incident=incident,
        at=when(answer.at),
        person=answer.person,
        verdict=told(answer.verdict) if answer.verdict is not None else None,
        lines=tuple(Reason(when(one.at), one.kind, told(one.what), _all(one.why, told)) for one in answer.lines),
        messages=tuple(_letter(one, told) for one in answer.letters),
        next=_coming(answer.coming, told) if answer.coming is not None else None,
        notes=_all(answer.notes, told),
    )


def _all(phrases: tuple[Phrase, ...], told: Told) -> tuple[str, ...]:
    return tuple(map(told, phrases))


def _letter(one: Letter, told: Told) -> MessageTo:
    fates = tuple(Became(when(fate.at), fate.outcome, because(fate, told)) for fate in one.fates)
    return MessageTo(one.id, one.method, one.purpose, when(one.due_at), told(one.cause), fates)


def because(fate: Fate, told: Told) -> str:
    """Why a message was withdrawn, or what the provider said."""
    return fate.detail if fate.why is None else told(fate.why)


def _coming(one: Coming, told: Told) -> ComingNext:
    whom = tuple(ReachedThen(two.person, _all(two.why, told)) for two in one.whom)
    return ComingNext(when(one.at), told(one.what), _all(one.why, told), whom)
