"""POST /api/v1/incidents: somebody reports something; it becomes an incident like any signal, and pages like one."""

from litestar import post
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.access.about import about_person
from tocsin.access.permissions import allowed
from tocsin.api.here import Asked, caller_of, forbidden, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.acts import once_of
from tocsin.config.complaints import nearest
from tocsin.core.ids import SourceId
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind, Link, Signal
from tocsin.engine.reporting import Rating, reported
from tocsin.engine.submission import Answer

SOURCE = SourceId("api")


class Reported(Struct, frozen=True, forbid_unknown_fields=True):
    """`severity` in the sender's words, or `impact` and `urgency` from the rulebook's matrix. `key` joins reports.

    Example: {"title": "Orders fail", "service": "order-database", "severity": "critical", "labels": {"host": "db-1"}}
    """

    title: str
    text: str = ""
    service: str = ""
    severity: str = ""
    impact: str = ""
    urgency: str = ""
    kind: Kind = "incident"
    reporter: str = ""
    key: str = ""
    labels: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    affected_users: int = 0
    wants_escalation: bool = False


class Accepted(Struct, frozen=True):
    """Its incident, and whether it was opened or joined."""

    id: str
    url: str
    outcome: str


@post("/incidents", opt={"verb": "incident.report", "takes": Reported}, status_code=201)
async def report(request: Asked) -> Accepted:
    """Report something; answers once it is stored and somebody is being called."""
    at, caller = here(request), caller_of(request)
    said, book = await body_of(request, Reported), at.site.worlds.world().rulebook
    signal, rating = _signal(said, book, caller.by)
    if allowed(caller, "incident.report", about_person(signal.reporter, book)) != "yes":
        raise forbidden(caller, "incident.report")
    once = once_of(request)
    id_ = f"api:{caller.name}:report:{once}" if once else ""
    answers = await at.site.door.submit_all(reported(signal, caller.by, SOURCE, rating, book, id_))
    return _taken(answers[0], at.site.url)


def _signal(said: Reported, rulebook: Rulebook, by: str) -> tuple[Signal, Rating]:
    if not said.title.strip():
        raise invalid("title: say in one line what is wrong.")
    if said.service and said.service not in rulebook.services:
        raise invalid(f"service: there is no {said.service!r}.", nearest(said.service, rulebook.services))
    rules = rulebook.priorities
    rating = Rating(rules, said.impact, said.urgency)
    if rating.labels and rating.priority is None:
        hint = f"impact: {', '.join(rules.matrix)}; urgency: {', '.join(rules.urgency)}."
        raise invalid("impact and urgency are not in the rulebook's matrix.", hint)
    signal = Signal(
        key=said.key or str(uuid7()),
        action="trigger",
        title=said.title,
        text=said.text,
        severity=said.severity if rating.priority is None else rating.severity,
        kind=said.kind,
        service=said.service,
        labels={**said.labels, **rating.labels},
        links=said.links,
        reported_by="person",
        reporter=said.reporter or by,
        affected_users=said.affected_users,
        wants_escalation=said.wants_escalation,
    )
    return signal, rating


def _taken(answer: Answer, url: str) -> Accepted:
    if not answer.incident:
        raise Problem(503, "busy", "The store is busy.", "Nothing was accepted; send it again.", retry_after=5)
    outcome = "joined" if answer.outcome == "joined" else "opened"
    return Accepted(answer.incident, f"{url}/incidents/{answer.incident}", outcome)
