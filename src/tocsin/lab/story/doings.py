"""What somebody did, read back from the facts it led to: the words of a script that do the same again."""

from collections.abc import Sequence

from tocsin.core.catalogue.target import Target
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident, Lease
from tocsin.core.instant import Instant, format_instant
from tocsin.lab.story.cast import Cast

Doing = str | dict[str, str]


def deeds(by: str, facts: Sequence[ev.Event], before: Incident, after: Incident, cast: Cast) -> list[Doing] | None:
    """What a person did at one instant; None where a story has no word for it."""
    answers = [one for one in facts if isinstance(one, ev.Answered) and not _offered(one, before)]
    rest = [one for one in facts if one not in answers]
    found: list[Doing] = [_answer(one, before, cast) for one in answers]
    called = _called(rest, cast)
    if len(called) > 1:
        return [*found, *called]
    further = _deed(by, rest, before, after, cast)
    if further is not None and (not answers or any(isinstance(one, ev.Acknowledged | ev.Resolved) for one in rest)):
        found.append(further)
    return found or None


def _called(facts: Sequence[ev.Event], cast: Cast) -> list[Doing]:
    """Whom somebody had called by hand: a target leads to as many as it does."""
    if any(isinstance(one, ev.RungFired | ev.Asked) for one in facts):
        return []
    ways = [_moved(one, "", "", cast) for one in facts if isinstance(one, ev.Paged)]
    return [one for one in ways if one is not None]


def _deed(by: str, facts: Sequence[ev.Event], before: Incident, after: Incident, cast: Cast) -> Doing | None:
    kinds = {type(one): one for one in reversed(facts)}
    for kind, word in _PLAIN.items():
        if kind in kinds and getattr(kinds[kind], "by", by) in (by, ""):
            return word
    ways = (_of(event, by, before, after, cast) for event in sorted(facts, key=lambda one: not _to_a_person(one)))
    return next((one for one in ways if one is not None), None)


def _to_a_person(event: ev.Event) -> bool:
    """Whoever it was given to, and not only the team that it went to with them."""
    if isinstance(event, ev.StepEntered | ev.StepPassed):
        return event.why.key == "reassign.unreachable"
    return isinstance(event, ev.Assigned)


def _offered(event: ev.Answered, before: Incident) -> bool:
    request = before.request_of(event.request)
    return request is not None and request.purpose == "offer"


_PLAIN: dict[type[ev.Fact], str] = {
    ev.Undone: "undo",
    ev.Closed: "close",
    ev.Resolved: "resolve",
    ev.Reopened: "reopen",
    ev.Noted: "note",
    ev.Posted: "post update",
}
"""The fact that tells all about its command; what follows from it comes by itself."""


def _of(event: ev.Event, by: str, before: Incident, after: Incident, cast: Cast) -> Doing | None:
    match event:
        case ev.Answered():
            return _answer(event, before, cast)
        case ev.Declined():
            return {"verb": "decline", "request": event.request} if event.request else "decline the page"
        case ev.Acknowledged():
            return _acknowledge(event, before)
        case ev.Renewed():
            return _with_eta("acknowledge", event.lease, event.at)
        case ev.AcknowledgementEnded():
            return "unacknowledge"
        case ev.Prioritised():
            return {"verb": "priority", "priority": event.priority}
        case ev.Snoozed():
            return {"verb": "snooze", "until": format_instant(event.until)}
        case ev.Linked():  # to whatever it was: the story has one incident
            return {"verb": "link", "to": cast.of("problem", event.to), "relation": "problem"}
        case ev.Unlinked():
            return {"verb": "unlink", "to": cast.of("problem", event.to)}
        case ev.Pended():
            return {"verb": "pend", "reason": "because", "until": format_instant(event.review_at)}
        case _:
            return _moved(event, by, after.team, cast)


def _moved(event: ev.Event, by: str, team: str, cast: Cast) -> Doing | None:
    """What gives it to others, `team` where it stands with that already, or moves a ladder."""
    match event:
        case ev.Assigned():
            return {"verb": "reassign", "to": f"person:{cast.of('person', event.person)}"}
        case ev.Asked():
            return _asked(event, cast)
        case ev.HandedOver() if event.by == by:
            return {"verb": "reassign", "to": f"team:{cast.of('team', event.team)}"}
        case ev.RungFired():
            return {"verb": "escalate", "ladder": "hierarchical"}
        case ev.StepEntered() | ev.StepPassed() if event.why.key == "reassign.unreachable":
            return {"verb": "reassign", "to": f"person:{cast.of('person', event.why.values['person'])}"}
        case ev.StepEntered() | ev.StepPassed() if event.why.key == "reassign.by":
            return {"verb": "reassign", "to": f"team:{cast.of('team', team)}"}
        case ev.StepEntered() | ev.StepPassed() | ev.Exhausted() | ev.Rescued():
            return {"verb": "escalate"}
        case ev.Paged() if event.round.causes[-1].key == "escalate.by":
            return {"verb": "escalate", "to": cast.target(Target("person", event.round.person))}
        case ev.Late():
            return _LATE.get(event.command)
        case _:
            return None


def _asked(event: ev.Asked, cast: Cast) -> Doing | None:
    """An offer names its target; whoever was asked by hand is taken for it."""
    request = event.request
    verb = "escalate" if request.text.key == "escalate.by" else "reassign"
    if request.purpose == "offer" and request.origin is not None:
        return {"verb": verb, "to": cast.target(request.origin)}
    if request.text.key == "escalate.by" and request.current:
        to = request.origin or Target("person", request.current[0])
        return {"verb": "escalate", "ladder": "hierarchical", "to": cast.target(to)}
    return None


_LATE: dict[str, Doing] = {
    "acknowledge": "acknowledge",
    "take_over": "take over",
    **{verb: {"verb": verb, "request": "r0"} for verb in ("accept", "answer", "decline")},
}
"""By then there was nothing any more that could be answered, whatever it had been."""


def _answer(event: ev.Answered, before: Incident, cast: Cast) -> Doing:
    request = before.request_of(event.request)
    if request is not None and request.purpose == "offer":
        return {"verb": "accept", "request": event.request}
    option = {"option": cast.of("option", event.option)} if event.option else {}
    return {"verb": "answer", "request": event.request, **option}


def _acknowledge(event: ev.Acknowledged, before: Incident) -> Doing:
    if event.lease is None:
        return "acknowledge"
    if event.lease.soft:
        return "acknowledge by link"
    return _with_eta("acknowledge" if before.owner is None else "take over", event.lease, event.at)


def _with_eta(verb: str, lease: Lease, at: Instant) -> Doing:
    if lease.ends_at - at == lease.length:
        return verb
    return {"verb": verb, "eta": format_instant(lease.ends_at)}
