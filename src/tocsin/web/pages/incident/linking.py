"""What an incident is linked with, for one reader: what is hidden from them is not shown, counted or named."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.access.permissions import Caller
from tocsin.core.incident.linking import misreferenced, seen_from
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.engine.linked import existing
from tocsin.web.pages.incident.acts import Form
from tocsin.web.pages.incident.detail import Detail


class LinkedView(Struct, frozen=True):
    """One link. `href` is empty where it leads nowhere; a problem is kept elsewhere: no title or status is known."""

    to: str
    relation: str
    href: str
    outside: bool = False
    title: str = ""
    status: str = ""


def linked(state: Incident, there: Mapping[str, Incident]) -> tuple[LinkedView, ...]:
    """All links that exist for the reader; `there` are the incidents that do."""
    found = []
    for one in state.linked:
        if one.relation == "problem":
            found.append(LinkedView(one.to, one.relation, one.to if "://" in one.to else "", outside=True))
        elif (other := there.get(one.to)) is not None:
            found.append(LinkedView(one.to, seen_from(one), f"/incidents/{one.to}", False, other.title, other.status))
    return tuple(found)


def without_hidden(detail: Detail, there: Mapping[str, Incident]) -> Detail:
    """Without the facts that speak of an incident that does not exist for the reader."""
    secret = [one for one in detail.partners if one not in there]
    if not secret:
        return detail
    timeline = tuple(one for one in detail.timeline if not one.partner or one.partner in there)
    return replace(detail, timeline=timeline, events=detail.events - len(secret))


def wrong(connection: Connection, viewer: Caller, name: str, form: Form, state: Incident, book: Rulebook) -> str:
    """The key of what is wrong with a link or its removal, '' if nothing is."""
    to = form.get("to", "").strip()
    if name == "link" and form.get("relation") == "problem":
        return "wrong.reference" if misreferenced(to) else ""
    if name == "link":
        return "" if existing(connection, viewer, (to,), book) else "wrong.incident"
    known = next((one for one in state.linked if one.to == to), None)
    hidden = known is not None and known.relation != "problem" and not existing(connection, viewer, (to,), book)
    return "refused.not_linked" if hidden else ""
