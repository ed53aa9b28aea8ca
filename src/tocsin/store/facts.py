"""Roster facts: overrides, swaps, absences and contact preferences, appended and never changed."""

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from tocsin.core.catalogue.people import ContactLadder
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Absence, Facts, MethodState, Override, Swap, SwapState
from tocsin.store import audit_log
from tocsin.store.audit_log import Deed
from tocsin.store.codec import encode
from tocsin.store.tables import facts


class Preference(msgspec.Struct, frozen=True):
    """A person's own contact ladder from now on; None goes back to the rulebook's."""

    person: str
    ladder: ContactLadder | None


class Revoked(msgspec.Struct, frozen=True):
    """An override or absence that is called off, by its id."""

    id: str


class Settled(msgspec.Struct, frozen=True):
    """What came of a swap that was offered, by its id; accepted, its overrides are facts of their own."""

    id: str
    state: SwapState


Fact = Override | Absence | Preference | Revoked | Swap | Settled

KINDS: dict[str, type[Fact]] = {
    "override": Override, "absence": Absence, "preference": Preference, "revoked": Revoked, "swap": Swap,
    "settled": Settled,
}  # fmt: skip

_VERSION = select(func.coalesce(func.max(facts.c.version), 0))


def append(connection: Connection, fact: Fact, now: Instant, by: str) -> int:
    """Add a fact, and say so in the audit log; the roster's new version."""
    number = version(connection) + 1
    kind = next(name for name, known in KINDS.items() if isinstance(fact, known))
    row = {"version": number, "kind": kind, "at": now, "actor": by, "body": encode(fact)}
    connection.execute(facts.insert().values(row))
    audit_log.append(connection, _deed(fact, by), now)
    return number


def _deed(fact: Fact, by: str) -> Deed:
    """What the audit log says of it."""
    told = msgspec.to_builtins(fact)
    match fact:
        case Override():
            return Deed(by, "override.made", fact.id, told)
        case Absence():
            return Deed(by, "absence.made", fact.id, told)
        case Preference():
            return Deed(by, "preference.changed", fact.person, told)
        case Revoked():
            return Deed(by, "override.revoked", fact.id)
        case Swap():
            return Deed(by, "swap.offered", fact.id, told)
        case Settled():
            return Deed(by, f"swap.{fact.state}", fact.id)


def version(connection: Connection) -> int:
    """The number of the latest fact, 0 before the first."""
    return int(connection.execute(_VERSION).scalar_one())


def instants(connection: Connection) -> list[Instant]:
    """When facts were added, in order."""
    return list(connection.execute(select(facts.c.at).distinct().order_by(facts.c.at)).scalars())


def gathered(connection: Connection, methods: dict[str, dict[str, MethodState]], until: Instant | None = None) -> Facts:
    """All facts in force, in the order in which they were added; later ones win. With `until`, as they were then."""
    overrides: dict[str, Override] = {}
    absences: dict[str, Absence] = {}
    ladders: dict[str, ContactLadder] = {}
    swaps: dict[str, Swap] = {}
    number = 0
    entered = select(facts.c.version, facts.c.kind, facts.c.body).order_by(facts.c.version)
    for row in connection.execute(entered if until is None else entered.where(facts.c.at <= until)):
        number = row.version
        fact: Fact = msgspec.json.decode(bytes(row.body), type=KINDS[row.kind])
        match fact:
            case Override():
                overrides[fact.id] = fact
            case Absence():
                absences[fact.id] = fact
            case Preference(person, ladder):
                ladders.pop(person, None)
                if ladder is not None:
                    ladders[person] = ladder
            case Revoked(id):
                overrides.pop(id, None)
                absences.pop(id, None)
            case Swap():
                swaps[fact.id] = fact
            case Settled(id, state):
                swaps[id] = replace(swaps[id], state=state)
    return Facts(number, tuple(overrides.values()), tuple(absences.values()), methods, ladders, tuple(swaps.values()))
