"""What is proved of the rulebook in force: the longest waits by service and priority; begun when it is asked for"""

from litestar import post
from msgspec import Struct

from tocsin.api.here import Asked, here
from tocsin.api.v1.plain import when
from tocsin.core.instant import SECOND, format_duration
from tocsin.lab.verifier.reach import Row, Worst


class Waits(Struct, frozen=True):
    """The longest wait: for what opens at `opening`; `after` null: for ever. `people` are reached then."""

    opening: str | None
    after: str | None
    people: tuple[str, ...]


class Proved(Struct, frozen=True):
    """One service, priority and kind. `without`: whose absence leaves only the rounds after exhaustion, or nobody.

    `management` is null where it never comes to that, `promised` where no response is promised.
    """

    service: str
    priority: str
    kind: str
    first: Waits
    responder: Waits
    management: Waits | None
    ends_at_human: bool
    promised: bool | None
    without: tuple[str, ...]


class ProofView(Struct, frozen=True):
    """Not `ready`: it is being made, ask again; `failed`: it broke down."""

    digest: str
    ready: bool
    failed: bool
    rows: tuple[Proved, ...]


@post("/rulebook/proof", opt={"verb": "rulebook.try", "also": (503,)}, status_code=200, sync_to_thread=True)
def proof(request: Asked) -> ProofView:
    """Begin the proof of the rules in force, or give what it says."""
    at = here(request)
    world = at.site.worlds.world()
    found = at.site.verdicts.of(world.rulebook, world.facts, at.now(), prove=True)
    rows = () if found.proof is None else tuple(_proved(one) for one in found.proof.rows)
    return ProofView(world.rulebook.digest, found.proof is not None, found.failed, rows)


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
        tuple(one.name for one in row.falls if one.loss == "person"),
    )


def _waits(worst: Worst) -> Waits:
    after = None if worst.delay is None else format_duration(worst.delay - worst.delay % SECOND)
    return Waits(when(worst.opening), after, tuple(worst.people))
