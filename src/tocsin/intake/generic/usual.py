"""The body that nearly everybody sends, typed: checked and decoded in one go where it needs no mending at all."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from tocsin.core.signal import TITLE_LIMIT, Action, Kind, Link, Signal
from tocsin.intake.bounds import (
    KEY_LIMIT,
    LABELS_LIMIT,
    LINKS_LIMIT,
    NAME_LIMIT,
    VALUE_LIMIT,
    block,
    digest,
    is_web,
    tidy,
)
from tocsin.intake.contract import Arrival
from tocsin.intake.generic.values import instant
from tocsin.intake.payload import is_utf8

ITEMS_LIMIT = 1000

Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Key = Annotated[str, Meta(max_length=KEY_LIMIT)]
Labels = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=NAME_LIMIT)], Annotated[str, Meta(max_length=VALUE_LIMIT)]],
    Meta(max_length=LABELS_LIMIT),
]


class Reference(Struct, forbid_unknown_fields=True, gc=False):
    """A link that says where and what."""

    href: str
    text: Name = ""


class Usual(Struct, forbid_unknown_fields=True, gc=False):
    """One signal in our own words, and nothing else: any other field, type or length is for the patient reader."""

    title: Annotated[str, Meta(min_length=1, max_length=TITLE_LIMIT)]
    key: Key = ""
    action: Action = "trigger"
    alert: Key = ""
    text: str = ""
    severity: Name = ""
    kind: Kind = "incident"
    service: Name = ""
    labels: Labels = {}
    links: Annotated[list[Reference], Meta(max_length=LINKS_LIMIT)] = []
    at: str | int | float | None = None
    reported_by: Literal["tool", "person"] = "tool"
    reporter: Annotated[str, Meta(max_length=NAME_LIMIT * 2)] = ""
    affected_users: Annotated[int, Meta(ge=0, lt=10**12)] = 0
    wants_escalation: bool = False


_DECODER: msgspec.json.Decoder[Usual | list[Usual]] = msgspec.json.Decoder(Usual | list[Usual])


def usual(arrival: Arrival) -> tuple[Signal, ...]:
    """The signals of a request that says everything in the usual way; () where the patient reader has to look."""
    if arrival.query or not is_utf8(arrival.body, arrival.content_type):
        return ()
    try:
        found = _DECODER.decode(arrival.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ()
    items = found if isinstance(found, list) else [found]
    signals = [signal for item in items[:ITEMS_LIMIT] if (signal := _signal(item)) is not None]
    return tuple(signals) if len(signals) == len(items) else ()


def _signal(said: Usual) -> Signal | None:
    """The signal as the patient reader would make it; None where that one would mend something."""
    at = instant(said.at) if said.at else None
    text = block(said.text) if said.text else ""
    if not _in_order(said) or (said.at not in (None, "") and at is None) or bool(text) != bool(said.text):
        return None
    links = {one.href: Link(one.href, one.text) for one in reversed(said.links)}  # of equal ones the first stays
    return Signal(
        key=said.key or digest(f"{said.title}\n{said.service}"),
        action=said.action,
        title=said.title,
        alert=said.alert,
        text=text,
        severity=said.severity.lower(),
        kind=said.kind,
        service=said.service,
        labels=said.labels,
        links=tuple(reversed(links.values())),
        at=at,
        reported_by=said.reported_by,
        reporter=said.reporter,
        affected_users=said.affected_users,
        wants_escalation=said.wants_escalation,
    )


def _in_order(said: Usual) -> bool:
    """Whether every text of one line is one, and every link a link."""
    labels, texts = said.labels, [one.text for one in said.links]
    words = (said.title, said.key, said.alert, said.severity, said.service, said.reporter)
    return tidy((*words, *labels, *labels.values(), *texts)) and all(is_web(one.href) for one in said.links)
