"""What happened to an incident, one line for each event, in words and with people's names."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import structs

from tocsin.cli.output import safe
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Cursor, Request, Round
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Signal
from tocsin.lib.translate import say

SENTENCES = {
    "opened": "{priority} opened for team {team}: {title}",
    "signalled": "{source} reports a change: {signal}",
    "repeated": "Reported {n} more times",
    "ignored": "A signal was recorded and not applied: {why}",
    "suspended": "Acknowledged at {source}: steps rest until {until}",
    "suspension_ended": "The acknowledgement at the source has run out",
    "prioritised": "Priority {priority}: {why}",
    "flagged": "Rules apply: {criteria}",
    "repoliced": "The escalation policy is now {policy}",
    "found": "Finding: {finding}",
    "step_entered": "Functional step {step}: {why}",
    "step_passed": "Functional step {step} is passed over: {why}",
    "called": "{person} is called next",
    "exhausted": "The functional ladder has no step left",
    "rescued": "Round {round} beyond the ladder: {why}",
    "paged": "{person} {verb} by {methods}: {why}",
    "cause_added": "One more reason for the call that is on: {cause}",
    "rang": "The call goes on by {methods}: {why}",
    "unreachable": "{person} cannot be reached by any method",
    "undelivered": "{person}: not delivered, the provider is down",
    "acknowledged": "{by} acknowledged",
    "renewed": "{by} is still on it",
    "lease_asked": "The owner is asked whether they are still on it, until {until}",
    "acknowledgement_ended": "Nobody works on it any more: {why}",
    "handed_over": "It stands with team {team} now: {why}",
    "assigned": "Given to {person}",
    "rung_fired": "Management step {number}: {why}",
    "rung_skipped": "Management step {number} is held back, because somebody has acknowledged",
    "rung_unmatched": "Management step {number} does not apply",
    "replanned": "Management steps have new times: {why}",
    "informed": "Informed: {people}",
    "asked": "Asked: {people}: {question}",
    "climbed": "The question goes on to {people}: {why}",
    "answered": "{by} answered {request} {option} {text}",
    "declined": "{by} cannot",
    "request_ended": "{request} ended without an answer: {why}",
    "snoozed": "{by} snoozed it until {until}",
    "snooze_ended": "{why}",
    "pended": "It waits for {reason}, to be looked at {review_at}",
    "pending_ended": "{why}",
    "noted": "{by} left a note",
    "late": "{by}: {command} came too late to change anything",
    "resolved": "Resolved: {why}",
    "reopened": "Reopened by {by}",
    "flapping_began": "Flapping: it stays open until it was quiet, {quiet_at}",
    "flapping_went": "Still flapping, until {quiet_at}",
    "flapping_ended": "It stopped flapping",
    "closed": "Closed",
}
"""By the event's tag; deliveries are told apart below."""

VERBS = {
    "page": "is paged",
    "inform": "is informed",
    "ask": "is asked",
    "decide": "is asked to decide",
    "offer": "is offered it",
    "still_on_it": "is asked whether they are still on it",
}

DELIVERIES = {
    "sent": "Sent to {person} by {method}",
    "passing": "{method} to {person} failed for now: {detail}",
    "permanent": "{method} to {person} failed for good: {detail}",
    "rung_out": "{person} did not pick up",
}

_TIMES = frozenset({"until", "next_at", "quiet_at", "review_at"})
_PEOPLE = frozenset({"by", "person", "people"})


def tell(event: ev.Event, names: Mapping[str, str], time: Callable[[int], str]) -> str:
    """The line of one event; `time` writes an instant. What no sentence is known for is told by its tag."""
    tag = str(event.__struct_config__.tag)
    pattern = SENTENCES.get(tag, tag)
    if isinstance(event, ev.Delivery):
        pattern = DELIVERIES[event.outcome]
    values = _Values(_words(event, names, time))
    return " ".join(safe(pattern.format_map(values)).split()).rstrip(" :")


class _Values(dict[str, str]):
    """A field that an event does not have is told as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def _words(event: ev.Event, names: Mapping[str, str], time: Callable[[int], str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, value in structs.asdict(event).items():
        found |= _word(field, value, names, time)
    return found


def _word(field: str, value: Any, names: Mapping[str, str], time: Callable[[int], str]) -> dict[str, str]:
    match value:
        case Phrase():
            return {field: say(_named(value, names))}
        case Round():
            return _round(value, names)
        case Request():
            return {
                "request": value.id,
                "people": _everybody(value.current, names),
                "question": say(_named(value.text, names)),
            }
        case tuple() if field in _PEOPLE:
            return {field: _everybody(value, names)}
        case tuple():
            return {field: ", ".join(map(str, value))}
        case int() if field in _TIMES:
            return {field: time(value)}
        case int() if field in {"position", "index"}:
            return {"step": str(value + 1), "number": str(value + 1)}
        case Cursor():
            return {"step": str(value.position + 1)}
        case Signal():
            return {field: value.title}
        case None:
            return {}
        case _:
            return {field: _name(str(value), names) if field in _PEOPLE else str(value)}


def _round(value: Round, names: Mapping[str, str]) -> dict[str, str]:
    """Who is called, why, and by which methods the call begins."""
    begins = min((ring.at for ring in value.rings), default=0)
    methods = [ring.method for ring in value.rings if ring.at <= begins]
    return {
        "person": _name(value.person, names),
        "verb": VERBS.get(value.purpose, f"is told ({value.purpose})"),
        "methods": ", ".join(methods),
        "why": say(_named(value.causes[-1], names)) if value.causes else "",
    }


def _named(phrase: Phrase, names: Mapping[str, str]) -> Phrase:
    known = {key: _name(value, names) for key, value in phrase.values.items() if key in _PEOPLE}
    return Phrase(phrase.key, {**phrase.values, **known})


def _everybody(people: tuple[str, ...], names: Mapping[str, str]) -> str:
    return ", ".join(_name(person, names) for person in people) or "nobody"


def _name(person: str, names: Mapping[str, str]) -> str:
    return names.get(person, "") or person or "tocsin"
