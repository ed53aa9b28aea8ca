"""What an incident has to do with another, or with a problem that is kept elsewhere: links, which call nobody.

A link between incidents stands in both streams, each by a fact of its own; `back` is the one on the other side.
"""

import re

from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident, Linked
from tocsin.core.incident.turn import Turn

MOST_LINKS = 100
"""Of one incident; more help nobody to find anything."""

REFERENCE_LIMIT = 500
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#-]{0,79}")
HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
ADDRESS = re.compile(rf"https?://{HOST}(?::(?P<port>[0-9]{{1,5}}))?(?:[/?#][!-~]*)?", re.ASCII | re.IGNORECASE)
"""With a host and nobody who signs in to it."""

UNSAFE = frozenset('<>"\\^`{|}')
REASON_LIMIT = 1000
TURNED = {"duplicate_of": "has_duplicate", "caused_by": "cause_of"}


def other_side(command: cmd.Command, incident: str) -> str:
    """The incident that a link of this one stands in as well; '' where a command is none or leads out of here."""
    if not isinstance(command, (cmd.Link, cmd.Unlink)) or command.back or not KEY.fullmatch(command.to):
        return ""
    outside = isinstance(command, cmd.Link) and command.relation == "problem"
    return "" if outside or command.to == incident else command.to


def cannot_link(command: cmd.Command, incident: str, other: Incident | None) -> Refused | None:
    """A link stands on both sides or on none; `other` is the one on the other side, None where there is none."""
    if not isinstance(command, cmd.Link) or not other_side(command, incident):
        return None
    if other is None:
        return Refused("unknown_incident", f"there is no incident {command.to[:80]}")
    known = other.linked
    return full() if len(known) >= MOST_LINKS and all(one.to != incident for one in known) else None


def link(turn: Turn, command: cmd.Link) -> Refused | None:
    """Link it; one that is linked already with the same relation stays as it is, another relation takes its place."""
    wrong = _wrong(turn, command)
    if wrong:
        return Refused("invalid", wrong)
    known = next((one for one in turn.state.linked if one.to == command.to), None)
    if known is not None and (known.relation, known.back) == (command.relation, command.back):
        return None
    if known is not None and "problem" in (known.relation, command.relation):
        return Refused("invalid", f"{command.to} is linked already, as something else: unlink it first")
    if known is None and len(turn.state.linked) >= MOST_LINKS:
        return full()
    reason = command.reason[:REASON_LIMIT]
    turn.emit(
        ev.Linked(
            at=turn.now, by=command.by, to=command.to, relation=command.relation, reason=reason, back=command.back
        )
    )
    return None


def unlink(turn: Turn, command: cmd.Unlink) -> Refused | None:
    """Undo a link, from either side."""
    known = next((one for one in turn.state.linked if one.to == command.to), None)
    if known is None:
        return None if command.back else not_linked(command.to)
    problem, reason = known.relation == "problem", command.reason[:REASON_LIMIT]
    turn.emit(ev.Unlinked(at=turn.now, by=command.by, to=command.to, reason=reason, problem=problem))
    return None


def not_linked(to: str) -> Refused:
    """The answer for what is not linked; and for what is, where whoever asks may not know of it."""
    return Refused("not_linked", f"it is not linked with {to[:80]}")


def full() -> Refused:
    """The answer where there is no room."""
    return Refused("full", f"an incident has at most {MOST_LINKS} links")


def seen_from(linked: Linked) -> str:
    """The relation as the incident that keeps it has it: what the other says of itself is turned round."""
    return TURNED.get(linked.relation, linked.relation) if linked.back else linked.relation


def _wrong(turn: Turn, command: cmd.Link) -> str:
    if command.relation == "problem":
        return misreferenced(command.to)
    if command.to == turn.state.id:
        return "an incident is not linked with itself"
    return "" if KEY.fullmatch(command.to) else "name the incident by its number, such as INC-12"


def misreferenced(reference: str) -> str:
    """What is wrong with a reference to a problem, '' if nothing is: a key or an address of the web, in plain ASCII."""
    if len(reference) > REFERENCE_LIMIT:
        return f"a reference has at most {REFERENCE_LIMIT} characters"
    if KEY.fullmatch(reference):
        return ""
    found = ADDRESS.fullmatch(reference)
    if found is None or UNSAFE & set(reference) or not 0 < int(found["port"] or 1) < 1 << 16:
        return "name the problem by its key, such as PRB-12, or by its address: https://..."
    return ""
