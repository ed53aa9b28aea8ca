"""From an object of almost any shape to a signal: known fields by any of their names, all others as labels."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from tocsin.core.signal import TITLE_LIMIT, Action, Kind, Signal
from tocsin.intake.bounds import bounded, digest, line
from tocsin.intake.contract import Arrival, Reading, Refusal
from tocsin.intake.generic.fields import Fields
from tocsin.intake.generic.usual import ITEMS_LIMIT, usual
from tocsin.intake.generic.values import amount, bracketed, instant, labels, links, no_links, truth
from tocsin.intake.payload import UnreadableError, as_text, form_of, json_of, looks_like_json
from tocsin.intake.unreadable import unread_rest, unreadable

T = TypeVar("T")
Reporter: TypeAlias = Literal["tool", "person"]

_WORDS: dict[Action, str] = {
    "resolve": "resolve resolved ok okay close closed recovery recovered up clear cleared normal success fixed ended",
    "acknowledge": "ack acked acknowledge acknowledged",
    "trigger": "trigger triggered fire firing alert alerting problem open opened down new create created error",
}
"""What senders call the three actions; a word that stands nowhere here reports trouble and stays as a label."""

_ACTIONS = {word: action for action, words in _WORDS.items() for word in words.split()}
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_REPORTERS: dict[str, Reporter] = {"tool": "tool", "person": "person"}
_LINKS = ("links", "link", "url", "href", "link_to_upstream_details")


def read(arrival: Arrival) -> Reading:
    """One signal for an object, form or query, several for a list; only a request without any content is refused."""
    if found := usual(arrival):
        return found
    return patient(arrival)


def patient(arrival: Arrival) -> Reading:
    """The same for a body of any shape: every field by any of its names, every value in any form."""
    if not arrival.body.strip() and not arrival.query:
        hint = 'Post a JSON object, at least {"title": "..."}; form fields and a query do too.'
        return Refusal(400, "The request is empty.", hint)
    try:
        return tuple(_signals(_items(arrival), arrival))
    except (UnreadableError, RecursionError) as error:
        return (unreadable(arrival, str(error)),)


def _items(arrival: Arrival) -> list[Any]:
    """The objects of the request; of a query's fields each object gets those that it lacks."""
    body, content_type = arrival.body, arrival.content_type
    if not body.strip():
        return [dict(arrival.query)]
    if _is_form(body, content_type):
        found: Any = form_of(body, content_type)
    else:
        found = json_of(body, content_type)
    items = found if isinstance(found, list) else [found]
    return [{**arrival.query, **item} if isinstance(item, dict) else item for item in items]


def _is_form(body: bytes, content_type: str) -> bool:
    form = content_type.lower().lstrip().startswith(("application/x-www-form-urlencoded", "multipart/form-data"))
    return form and not looks_like_json(body)


def _signals(items: list[Any], arrival: Arrival) -> Iterator[Signal]:
    for item in items[:ITEMS_LIMIT]:
        if isinstance(item, dict) and item:
            yield bounded(_signal(Fields(item), arrival.source))
        else:
            part = Arrival(arrival.source, as_text(item).encode("utf-8", "replace"), arrival.content_type)
            yield unreadable(part, "not an object with fields")
    if len(items) > ITEMS_LIMIT:
        yield unread_rest(arrival, len(items) - ITEMS_LIMIT)


def _signal(fields: Fields, source: str) -> Signal:
    gist = fields.gist()
    service = fields.text("service", "service_name")
    title = fields.text("title", "summary", "subject") or fields.text("message", "alertname", "alert_name", "name")
    key = fields.text("key", "dedup_key", "dedup", "dedupe_key", "alias", "incident_key", "alert_uid", "fingerprint")
    text = fields.text("text", "description", "details", "message", "body", "msg")
    found = [link for value in fields.every(*_LINKS) for link in links(value)]
    title = title or line(text, TITLE_LIMIT) or key or gist or f"A signal from {source}"
    by, reporter = _reporter(fields)
    return Signal(
        key=key or digest(f"{title}\n{service}"),
        action=fields.taken(_word_of(_ACTIONS), "action", "event_action", "status", "state", "event") or "trigger",
        title=title,
        alert=fields.scalar("alert"),
        text="\n".join(part for part in (text, *no_links(found)) if part),
        severity=fields.text("severity", "level"),
        kind=fields.taken(_word_of(_KINDS), "kind") or "incident",
        service=service,
        links=tuple(found),
        at=fields.taken(instant, "at", "timestamp", "occurred_at", "time", "date"),
        reported_by=by,
        reporter=reporter,
        affected_users=fields.taken(amount, "affected_users") or 0,
        wants_escalation=fields.taken(truth, "wants_escalation") or False,
        labels=_labels(fields),
    )


def _word_of(words: Mapping[str, T]) -> Callable[[Any], T | None]:
    return lambda value: words.get(as_text(value).strip().lower())


def _reporter(fields: Fields) -> tuple[Reporter, str]:
    """Who reported it; a name in place of `tool` or `person` is a person's."""
    by: Reporter | None = fields.taken(_word_of(_REPORTERS), "reported_by")
    name = fields.text("reporter")
    if by:
        return by, name
    if said := fields.text("reported_by"):
        return "person", name or said
    return "tool", name


def _labels(fields: Fields) -> dict[str, str]:
    """The labels given as such, then every field that nobody asked for under its own name, or a free one."""
    found = dict(pair for value in fields.every("labels", "tags") for pair in labels(value))
    for name, value in fields.rest().items():
        label = bracketed(name) or name
        found[label if found.get(label, value) == value else f"field_{label}"] = value
    return found
