"""Pages as their readers get them: the links that were sent, and HTML as a browser would take it apart."""

from html.parser import HTMLParser
from typing import Any

from tests.doors import SECRET, URL, Running
from tocsin.access.links import Link, Links
from tocsin.core.ids import IncidentId, PersonId, RequestId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.instant import HOUR
from tocsin.core.outgoing import Purpose
from tocsin.engine.working import decode_event, decode_state
from tocsin.store.queries.states import events_of, state_of


def link(here: Running, incident: str, person: str, purpose: Purpose = "page", **more: str) -> str:
    """The path of the link that a message of that purpose to that person carries; good for an hour."""
    made = Link(
        IncidentId(incident), PersonId(person), purpose, RequestId(more.get("request", "")), more.get("option", "")
    )
    return Links(SECRET, URL).address(made, here.clock.now() + HOUR).removeprefix(URL)


def state(here: Running, incident: str) -> Incident:
    """The incident as it is stored."""
    with here.site.ledger.read() as connection:
        body = state_of(connection, incident)
    assert body is not None
    return decode_state(body)


def facts(here: Running, incident: str, kind: type[ev.Fact]) -> list[Any]:
    """Its facts of one kind."""
    with here.site.ledger.read() as connection:
        return [one for row in events_of(connection, incident) if isinstance(one := decode_event(row.body), kind)]


class Taken(HTMLParser):
    """`nodes`: every element with the names of its attributes, in order. `data`: the texts between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.data: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.nodes.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.data.append(" ".join(data.split()))

    def buttons(self) -> list[str]:
        """What can be pressed, by the value of each button."""
        return [value for tag, name, value in self.attributes if tag == "button" and name == "value"]

    @property
    def text(self) -> str:
        """All that is read, in one line."""
        return " ".join(self.data)
