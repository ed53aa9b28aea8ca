"""POST /api/v1/incidents: somebody reports something; it becomes an incident like any signal, and pages like one."""

from litestar import post
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.api.here import Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.acts import once_of
from tocsin.config.complaints import nearest
from tocsin.core.catalogue.priority import Priority, PriorityRules
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind, Link, Signal
from tocsin.engine.submission import Answer, Submission
from tocsin.intake.bounds import bounded

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
    at = here(request)
    said = await body_of(request, Reported)
    signal = _signal(said, at.site.worlds.world().rulebook, caller_of(request).by)
    command = cmd.Report(SOURCE, SOURCE, (signal,), (str(uuid7()) if signal.text else "",))
    once, by = once_of(request), caller_of(request).by
    id_ = f"api:{caller_of(request).name}:report:{once}" if once else str(uuid7())
    put = [Submission(id_, command, key=(SOURCE, signal.key), once=bool(once))]
    rated = at.site.worlds.world().rulebook.priorities.of_impact(said.impact, said.urgency)
    if rated is not None:
        judged = cmd.SetPriority(by, rated, f"impact {said.impact}, urgency {said.urgency}")
        put.append(Submission(f"{id_}:rated", judged, key=(SOURCE, signal.key), once=bool(once)))
    answers = await at.site.door.submit_all(put)
    return _taken(answers[0], at.site.url)


def _signal(said: Reported, rulebook: Rulebook, by: str) -> Signal:
    if not said.title.strip():
        raise invalid("title: say in one line what is wrong.")
    if said.service and said.service not in rulebook.services:
        raise invalid(f"service: there is no {said.service!r}.", nearest(said.service, rulebook.services))
    rated = {"impact": said.impact, "urgency": said.urgency} if said.impact or said.urgency else {}
    rules = rulebook.priorities
    priority = rules.of_impact(said.impact, said.urgency)
    if rated and priority is None:
        hint = f"impact: {', '.join(rules.matrix)}; urgency: {', '.join(rules.urgency)}."
        raise invalid("impact and urgency are not in the rulebook's matrix.", hint)
    return bounded(
        Signal(
            key=said.key or str(uuid7()),
            action="trigger",
            title=said.title,
            text=said.text,
            severity=said.severity if priority is None else _word(rules, priority),
            kind=said.kind,
            service=said.service,
            labels={**said.labels, **rated},
            links=said.links,
            reported_by="person",
            reporter=said.reporter or by,
            affected_users=said.affected_users,
            wants_escalation=said.wants_escalation,
        )
    )


def _word(rules: PriorityRules, priority: Priority) -> str:
    """The severity worth that priority, or the next milder one: what is opened too mildly is raised at once."""
    worth = {word: worth for word, worth in rules.severity.items() if word != "else"}
    milder = sorted((worth[word], word) for word in worth if worth[word] >= priority)
    return milder[0][1] if milder else ""


def _taken(answer: Answer, url: str) -> Accepted:
    if not answer.incident:
        raise Problem(503, "busy", "The store is busy.", "Nothing was accepted; send it again.", retry_after=5)
    outcome = "joined" if answer.outcome == "joined" else "opened"
    return Accepted(answer.incident, f"{url}/incidents/{answer.incident}", outcome)
