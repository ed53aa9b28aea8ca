"""What is proved of the rulebook in force: the longest waits by service and priority; begun when it is asked for"""

from collections.abc import Iterable
from typing import Literal

from litestar import post
from msgspec import Struct

from tocsin.api.here import Asked, here
from tocsin.api.v1.plain import when
from tocsin.core.instant import SECOND, format_duration
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.reach import Fall, Loss, Row, Worst
from tocsin.lib.translate import say


class Waits(Struct, frozen=True):
    """The longest wait: for what opens at `opening`; `after` null: for ever. `people` are reached then.

    It is so where `assuming` holds.
    """

    opening: str | None
    after: str | None
    people: tuple[str, ...]
    assuming: tuple[str, ...] = ()


class Without(Struct, frozen=True):
    """What is missing: a person, a way to all people, or its provider; `leaves` what the worst opening has then.

    Not `longest`: there is too much to look through, and others may wait longer for the rounds than `worst` does.
    """

    loss: Loss
    name: str
    leaves: Literal["rounds", "nobody"]
    longest: bool
    worst: Waits


class Proved(Struct, frozen=True):
    """One service, priority and kind; service '' is what names none that there is.

    `losses`: each that leaves only the rounds after exhaustion, or nobody. `management` is null where it never comes to
    that, `promised` where no response is promised.
    """

    service: str
    priority: str
    kind: str
    first: Waits
    responder: Waits
    management: Waits | None
    ends_at_human: bool
    promised: bool | None
    losses: tuple[Without, ...]
    assuming: tuple[str, ...]


class ProofView(Struct, frozen=True):
    """Not `ready`: it is being made, ask again; `failed`: it broke down. `assuming` is taken for granted for all."""

    digest: str
    ready: bool
    failed: bool
    assuming: tuple[str, ...]
    rows: tuple[Proved, ...]


@post("/rulebook/proof", opt={"verb": "rulebook.try", "also": (503,)}, status_code=200, sync_to_thread=True)
def proof(request: Asked) -> ProofView:
    """Begin the proof of the rules in force, or give what it says."""
    at = here(request)
    world = at.site.worlds.world()
    found = at.site.verdicts.of(world.rulebook, world.facts, at.now(), prove=True)
    rows = () if found.proof is None else tuple(_proved(one) for one in found.proof.every)
    assuming = () if found.proof is None else _said(found.proof.assuming)
    return ProofView(world.rulebook.digest, found.proof is not None, found.failed, assuming, rows)


def _proved(row: Row) -> Proved:
    return Proved(
        row.service,
        row.priority,
        row.kind,
        _waits(row.first),
        _waits(row.responder),
        None if row.management is None else _waits(row.management),
        row.ends_at_human,
        None if row.respond is None else row.respond.met,
        tuple(_without(one) for one in row.falls),
        _said(row.assuming),
    )


def _waits(worst: Worst) -> Waits:
    after = None if worst.delay is None else format_duration(worst.delay - worst.delay % SECOND)
    return Waits(when(worst.opening), after, tuple(worst.people), _said(worst.assuming))


def _without(fall: Fall) -> Without:
    leaves: Literal["rounds", "nobody"] = "nobody" if fall.worst.at is None else "rounds"
    return Without(fall.loss, fall.name, leaves, fall.longest, _waits(fall.worst))


def _said(phrases: Iterable[Phrase]) -> tuple[str, ...]:
    return tuple(map(say, phrases))
