"""The webhook's own shape, typed, so that a well-formed body is checked and decoded in one go.

Field names and zero values: Prometheus, Alertmanager `template/template.go` (`Data`, `Alert`) and
`notify/webhook` (`Message`). What does not fit exactly is read again, leniently.
"""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tocsin.intake.bounds import LABELS_LIMIT, NAME_LIMIT, VALUE_LIMIT, block, labels_of, line
from tocsin.intake.payload import UnreadableError, as_text, json_of

ALERTS_LIMIT = 20_000
"""As many as an incident and its siblings keep; a body of eight MiB has hardly more."""

Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Value = Annotated[str, Meta(max_length=VALUE_LIMIT)]
Moment = Annotated[datetime, Meta(tz=True)]
Labels = Annotated[dict[Name, Value], Meta(max_length=LABELS_LIMIT)]
Notes = Annotated[dict[Name, Annotated[str, Meta(max_length=4096)]], Meta(max_length=LABELS_LIMIT)]


class Alert(Struct, rename="camel", gc=False):
    """One alert. `ends_at` of a firing one is the year 1, or a time to come; the rest below is Grafana's."""

    labels: Labels = {}
    annotations: Notes = {}
    status: Name = ""
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    generator_url: Annotated[str, Meta(max_length=8192)] = msgspec.field(default="", name="generatorURL")
    fingerprint: Name = ""
    dashboard_url: Value = msgspec.field(default="", name="dashboardURL")
    panel_url: Value = msgspec.field(default="", name="panelURL")
    silence_url: Value = msgspec.field(default="", name="silenceURL")
    value_string: Annotated[str, Meta(max_length=4096)] = ""


class Group(Struct, rename="camel", gc=False):
    """One notification about one group of alerts. `unread` counts what is no alert, or beyond the limit."""

    alerts: Annotated[list[Alert], Meta(max_length=ALERTS_LIMIT)]
    status: Name = ""
    group_key: str = ""
    group_labels: Labels = {}
    common_labels: Labels = {}
    common_annotations: Notes = {}
    external_url: Value = msgspec.field(default="", name="externalURL")
    truncated_alerts: int = 0
    receiver: Value = ""
    unread: Annotated[int, Meta(ge=0, le=0)] = msgspec.field(default=0, name="(unread)")


_DECODER = msgspec.json.Decoder(Group)
_HARMFUL = re.compile(rb"\\u(?:00[0189]|007[fF]|20[26]|[dD][89a-fA-F])")
_BYTES = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]")
_HARMLESS = b'"\\/nt'


def _suspect(body: bytes) -> bool:
    """Whether something in it may need cleaning; a false alarm costs time, never a signal.

    Searching for single bytes is ten times as fast as any pattern, and few bodies hold many backslashes.
    """
    at = body.find(b"\\")
    while at >= 0:
        if body[at + 1 : at + 2] == b"u":
            if _HARMFUL.match(body, at):
                return True
        elif body[at + 1 : at + 2] not in _HARMLESS:
            return True
        at = body.find(b"\\", at + 2)
    return b"\x7f" in body or (not body.isascii() and _BYTES.search(body) is not None)


def decode(body: bytes, content_type: str) -> Group:
    """The group in a body, clean and within bounds; UnreadableError when it is no such thing."""
    if not _suspect(body):
        try:
            return _DECODER.decode(body)
        except msgspec.MsgspecError:
            pass
    return _lenient(json_of(body, content_type))


def _lenient(value: Any) -> Group:
    if not isinstance(value, dict) or not isinstance(value.get("alerts"), list):
        raise UnreadableError("not an object with a list of alerts")
    alerts = [item for item in value["alerts"][:ALERTS_LIMIT] if isinstance(item, dict)]
    return Group(
        alerts=[_alert(item) for item in alerts],
        status=_line(value, "status"),
        group_key=as_text(value.get("groupKey")),
        group_labels=_labels(value, "groupLabels"),
        common_labels=_labels(value, "commonLabels"),
        common_annotations=_notes(value, "commonAnnotations"),
        external_url=_line(value, "externalURL"),
        truncated_alerts=_count(value.get("truncatedAlerts")),
        receiver=_line(value, "receiver"),
        unread=len(value["alerts"]) - len(alerts),
    )


def _alert(value: dict[str, Any]) -> Alert:
    return Alert(
        labels=_labels(value, "labels"),
        annotations=_notes(value, "annotations"),
        status=_line(value, "status"),
        starts_at=_moment(value.get("startsAt")),
        ends_at=_moment(value.get("endsAt")),
        generator_url=line(as_text(value.get("generatorURL")), 8192),
        fingerprint=_line(value, "fingerprint"),
        dashboard_url=_line(value, "dashboardURL"),
        panel_url=_line(value, "panelURL"),
        silence_url=_line(value, "silenceURL"),
        value_string=_line(value, "valueString"),
    )


def _line(value: dict[str, Any], field: str) -> str:
    return line(as_text(value.get(field)), VALUE_LIMIT)


def _labels(value: dict[str, Any], field: str) -> dict[str, str]:
    found = value.get(field)
    return labels_of((name, as_text(item)) for name, item in found.items()) if isinstance(found, dict) else {}


def _notes(value: dict[str, Any], field: str) -> dict[str, str]:
    found = value.get(field)
    if not isinstance(found, dict):
        return {}
    return {line(name, NAME_LIMIT): block(as_text(item)) for name, item in list(found.items())[:LABELS_LIMIT]}


def _moment(value: Any) -> Moment | None:
    try:
        return msgspec.convert(value, Moment, strict=False)
    except msgspec.ValidationError:
        return None


def _count(value: Any) -> int:
    try:
        return max(0, int(value or 0))
    except (TypeError, ValueError, OverflowError):
        return 0
