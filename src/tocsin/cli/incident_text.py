"""Incidents for people: a table of many, a page about one."""

from tocsin.cli.incidents import Seen, View
from tocsin.cli.output import safe, say, table
from tocsin.cli.telling import in_words, tell
from tocsin.cli.times import show_time
from tocsin.core.incident.preview import preview
from tocsin.core.incident.state import Incident
from tocsin.core.instant import HOUR, MINUTE, SECOND, Duration, format_duration
from tocsin.engine.working import decode_event


def lines(view: View, status: str) -> None:
    """The table; or one line that there is nothing."""
    if not view.states:
        say(f"no incidents ({status})")
        return
    rows = [
        (one.id, one.priority, one.status, _age(view, one), one.service or "-", one.team, one.owner or "-",
         _next(view, one), one.title)
        for one in view.states
    ]  # fmt: skip
    table(("id", "prio", "status", "age", "service", "team", "owner", "next", "title"), rows)


def _age(view: View, state: Incident) -> str:
    """To the second within the first minute, then to the minute."""
    age = max(view.now - state.opened_at, 0)
    return format_duration(age if age < MINUTE else age - age % MINUTE)


def _next(view: View, state: Incident) -> str:
    ahead = preview(state, view.world, view.now)
    if ahead is None:
        return "-"
    return f"{_until(ahead.at - view.now)}: {in_words(ahead.what, view.names)}"


def _until(span: Duration) -> str:
    """To the second within the hour, then to the minute."""
    if span <= 0:
        return "now"
    return f"in {format_duration(span + SECOND - 1 if span < HOUR else span - span % MINUTE)}"


def detail(view: View, seen: Seen, *, timeline: bool) -> None:
    """Where it stands and what comes next; with the timeline and what was sent."""
    state, zone = seen.state, view.zone
    say(f"{state.id}  {state.priority}  {state.status}  {safe(state.title)}")
    facts = {
        "service": state.service or "none that the rulebook knows",
        "team": state.team,
        "policy": state.policy,
        "owner": view.names.get(state.owner or "", state.owner or "") or "nobody",
        "opened": show_time(state.opened_at, zone, seconds=True),
        "resolved": show_time(state.resolved_at, zone, seconds=True) if state.resolved_at else "",
        "snoozed": f"until {show_time(state.snoozed_until, zone)}" if state.snoozed_until else "",
        "pending": f"{state.pending.reason}, until {show_time(state.pending.review_at, zone)}" if state.pending else "",
        "text": seen.text,
        "next": _next(view, state),
    }
    for name, value in facts.items():
        if value:
            say(f"  {name:<9} {safe(value)}")
    for finding in state.findings:
        say(f"  finding   {in_words(finding, view.names)}")
    if timeline:
        _timeline(view, seen)


def _timeline(view: View, seen: Seen) -> None:
    say("\ntimeline")
    for event in seen.events:
        say(f"  {show_time(event.at, view.zone, seconds=True)}  {tell(decode_event(event.body), view.names)}")
    say("\nmessages")
    for sent in seen.messages:
        name = view.names.get(sent.person, sent.person)
        when = show_time(sent.sent_at or sent.due_at, view.zone, seconds=True)
        say(f"  {when}  {sent.state:<9}  {sent.purpose} to {safe(name)} by {safe(sent.method)}")
