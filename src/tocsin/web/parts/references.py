"""Where else to look: the service's runbook and the sender's links; only addresses of the web can be followed."""

from msgspec import Struct

from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.lib.translate import text
from tocsin.web.parts.words import Names


class Reference(Struct, frozen=True):
    """A link of the sender's; `href` is empty where it is no address of the web."""

    text: str
    href: str


def references(state: Incident, book: Rulebook, names: Names) -> tuple[Reference, ...]:
    """The service's runbook and the sender's links; only addresses of the web can be followed."""
    given = [(one.text or one.href, one.href) for one in (state.signal.links if state.signal is not None else ())]
    service = book.services.get(state.service) if state.service is not None else None
    if service is not None and service.runbook:
        given.insert(0, (text("letter.runbook", {}, names.language), service.runbook))
    return tuple(Reference(word, href if _is_web(href) else "") for word, href in given)


def _is_web(href: str) -> bool:
    return href.lower().startswith(("https://", "http://"))
