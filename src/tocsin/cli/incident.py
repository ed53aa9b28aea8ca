"""`tocsin incident`: what is going on, and what a person does about it."""

import re
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter
from uuid_utils import uuid7

from tocsin.cli import acts, incidents
from tocsin.cli.hands import hand
from tocsin.cli.incident_text import detail, lines
from tocsin.cli.known import instead
from tocsin.cli.options import DATABASE, Database, Format, IncidentId, introduce, within
from tocsin.cli.output import Form, MistakeError, say, say_json
from tocsin.cli.rules import rules_of_store
from tocsin.cli.times import read_duration
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind, Signal
from tocsin.engine.clock import SystemClock

app = introduce(
    "incident",
    """
tocsin incident list
tocsin incident show INC-7 --format json
tocsin incident ack INC-7 --by ana --eta 45m
tocsin incident escalate INC-7 --reason "needs a DBA" --target team:infrastructure
tocsin incident resolve INC-7 --by ana --reason "disk replaced"
tocsin incident undo INC-7 --by ana
tocsin incident report "Checkout is down" --service checkout --severity critical
""",
)

By = Annotated[str, Parameter(help="who does it: a person's id")]
Reason = Annotated[str, Parameter(help="why; it is kept in the timeline")]


@app.command(name="list")
def show_list(
    *,
    status: Annotated[
        Literal["live", "open", "acknowledged", "resolved", "closed", "ended", "all"],
        Parameter(help="which; live ones are open or acknowledged"),
    ] = "live",
    limit: Annotated[int, Parameter(help="at most so many"), within(int, 1)] = 100,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """List incidents, the worst and oldest first, ended ones after them, newest first."""
    view = incidents.many(database, status, limit)
    if form == "json":
        say_json({"incidents": [incidents.brief(view, state) for state in view.states]})
    else:
        lines(view, status)


@app.command
def show(id_: IncidentId, /, *, by: By = "", database: Database = DATABASE, form: Format = "text") -> None:
    """Show one incident: where it stands, what happens next, its timeline, and what was sent.

    A confidential one is shown only --by somebody whom it concerns.
    """
    _tell(database, incidents.incident_id(id_), acts.person(by, _rulebook(database)) if by else "", form)


@app.command
def ack(
    id_: IncidentId,
    /,
    *,
    by: Annotated[str, Parameter(help="who works on it from now on: a person's id")],
    eta: Annotated[str, Parameter(help="how long it will take, such as 45m; else as long as the policy says")] = "",
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Acknowledge: this person works on it. Functional steps stop, management's go on until it is resolved."""
    until = None if not eta else SystemClock().now() + read_duration(eta)
    _do(database, id_, acts.Act("acknowledge", acts.person(by, _rulebook(database)), eta=until), form)


@app.command
def resolve(
    id_: IncidentId, /, *, by: By = "", reason: Reason = "", database: Database = DATABASE, form: Format = "text"
) -> None:
    """Resolve: it is over. Everybody who was paged is told."""
    _do(database, id_, acts.Act("resolve", acts.person(by, _rulebook(database)), reason), form)


@app.command
def undo(id_: IncidentId, /, *, by: By = "", database: Database = DATABASE, form: Format = "text") -> None:
    """Take back one's own last act within 30 seconds: it stands, and every timer runs, as if it had never happened."""
    _do(database, id_, acts.Act("undo", acts.person(by, _rulebook(database))), form)


@app.command
def escalate(
    id_: IncidentId,
    /,
    *,
    reason: Annotated[str, Parameter(help="why; it is kept in the timeline and told to whom it reaches")],
    ladder: Annotated[
        acts.Ladder, Parameter(help="functional: to more skilled hands; hierarchical: to management")
    ] = "functional",
    target: Annotated[
        str, Parameter(help="team:ID, person:ID, role:ID, schedule:ID or manager:1 instead of the ladder's next step")
    ] = "",
    by: By = "",
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Escalate now, without waiting for the next step's time."""
    if not reason.strip():
        raise MistakeError("the reason says nothing", 'write --reason "needs a DBA"')
    book = _rulebook(database)
    act = acts.Act("escalate", acts.person(by, book), reason, None, ladder, acts.target(target, book))
    _do(database, id_, act, form)


@app.command
def report(
    title: Annotated[str, Parameter(help="what is wrong, in one line")],
    /,
    *,
    service: Annotated[str, Parameter(help="the service's id; without one it goes where unrouted signals go")] = "",
    severity: Annotated[str, Parameter(help="critical, error, warning or info")] = "",
    text: Annotated[str, Parameter(help="more about it")] = "",
    kind: Kind = "incident",
    key: Annotated[str, Parameter(help="reports with the same key join while the incident lives")] = "",
    label: Annotated[tuple[str, ...], Parameter(help="name=value; may be given several times")] = (),
    by: By = "",
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Report something by hand, as a person and not as a tool: somebody is paged as the policy says."""
    book = _rulebook(database)
    if service and service not in book.services:
        raise MistakeError(f"there is no service {service}", instead(service, book.services))
    signal = Signal(
        key=key or str(uuid7()),
        action="trigger",
        title=title,
        text=text,
        severity=severity.lower(),
        kind=kind,
        service=service,
        labels=dict(_label(one) for one in label),
        reported_by="person",
        reporter=acts.person(by, book),
    )
    with hand(database) as someone:
        id_ = someone.report(signal)
    try:
        _tell(database, id_, by, form, timeline=False)
    except incidents.HiddenError:
        _taken(id_, form)


def _taken(id_: str, form: Form) -> None:
    """All that its reporter is told of an incident that only others may see: it was taken."""
    if form == "json":
        say_json({"id": id_})
    else:
        say(f"{id_} was reported; it is shown to those alone whom it concerns")


def _label(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"([^=\s]+)=(.*)", text, re.DOTALL)
    if match is None:
        raise MistakeError(f"{text!r} is not a label", "write --label site=london")
    return match[1], match[2]


def _rulebook(database: str) -> Rulebook:
    rules = rules_of_store(database)
    if rules is None:
        raise MistakeError("no rulebook is in force here", "give --database URL, or run tocsin apply PATH")
    return rules.rulebook


def _do(database: str, id_: str, act: acts.Act, form: Form) -> None:
    """Have it done, then show what came of it."""
    name = incidents.incident_id(id_)
    incidents.one(database, name, act.by)
    with hand(database) as someone:
        someone.act(name, act)
    _tell(database, name, act.by, form, timeline=False)


def _tell(database: str, id_: str, by: str, form: Form, *, timeline: bool = True) -> None:
    view = incidents.one(database, id_, by)
    assert view.seen is not None
    if form == "json":
        told = msgspec.to_builtins(incidents.full(view, view.seen))
        if timeline:
            told["timeline"] = [incidents.told(view, event) for event in view.seen.events]
            told["messages"] = [incidents.message(sent) for sent in view.seen.messages]
        say_json(told)
    else:
        detail(view, view.seen, timeline=timeline)
