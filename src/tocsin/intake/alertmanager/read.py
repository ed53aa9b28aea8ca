"""From one notification about a group of alerts to one signal an alert, each with its own firing or resolved state.

All alerts of a group are one incident: the key is the hash that Alertmanager itself gives its pager receivers.
An alert that a notification does not mention is not thereby resolved.
"""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.instant import Instant
from tocsin.core.signal import TITLE_LIMIT, Link, Signal
from tocsin.intake.alertmanager.wire import Alert, Group, decode
from tocsin.intake.bounds import KEY_LIMIT, NAME_LIMIT, block, cut, digest, identity, is_web, line, matching
from tocsin.intake.contract import Arrival, Reading
from tocsin.intake.payload import UnreadableError
from tocsin.intake.unreadable import unread_rest, unreadable

_OVER = frozenset({"resolved", "ok"})
_TITLES = ("summary", "title")
_USES = {
    "summary": "title",
    "title": "title",
    "description": "text",
    "message": "text",
    "runbook_url": "Runbook",
    "runbook": "Runbook",
    "dashboard_url": "Dashboard",
    "dashboard": "Dashboard",
}
"""What an annotation is for: the title, the text, or a link of that name; every other one is told by its name."""


def read(arrival: Arrival) -> Reading:
    """Signals in the order of the alerts; a body that is no such notification becomes one raw signal."""
    try:
        group = decode(arrival.body, arrival.content_type)
    except (UnreadableError, RecursionError) as error:
        return (unreadable(arrival, str(error)),)
    if not group.alerts and group.status != "resolved" and not group.unread:
        return (unreadable(arrival, "it reports no alert"),)
    return tuple(_signals(group, arrival))


class _Shared(Struct):
    """What all alerts of one group have in common, worked out once."""

    key: str
    over: bool
    labels: dict[str, str]
    """Labels that the alerts lack; Alertmanager repeats all common ones in each alert, others may not."""
    notes: dict[str, str]
    links: tuple[Link, ...]


def _signals(group: Group, arrival: Arrival) -> Iterator[Signal]:
    shared = _shared(group)
    signals = (_signal(shared, alert) for alert in group.alerts)
    if group.truncated_alerts > 0:
        first = next(signals, None)
        if first is not None:
            yield _noting(first, group.truncated_alerts)
    yield from signals
    if group.unread:
        yield unread_rest(arrival, group.unread)


def _noting(signal: Signal, left_out: int) -> Signal:
    note = f"The sender left out {left_out} more alerts of this group."
    return replace(signal, text=block(f"{signal.text}\n{note}"))


def _shared(group: Group) -> _Shared:
    repeated = not group.alerts or group.common_labels.keys() <= group.alerts[0].labels.keys()
    return _Shared(
        key=_key(group),
        over=group.status.lower() in _OVER,
        labels={} if repeated else group.common_labels,
        notes=group.common_annotations,
        links=(Link(group.external_url, "Sender"),) if is_web(group.external_url) else (),
    )


def _key(group: Group) -> str:
    """The text that Alertmanager's own pager receivers use as their key, or what stands in for it."""
    if group.group_key:
        return digest(group.group_key)
    labels = group.group_labels or group.common_labels
    if labels or not group.alerts:
        return digest(repr(sorted(labels.items())))
    return _alert_key(group.alerts[0])


def _alert_key(alert: Alert) -> str:
    return digest(repr(sorted(alert.labels.items())))[:32]


def _signal(shared: _Shared, alert: Alert) -> Signal:
    labels = {**shared.labels, **alert.labels} if shared.labels else alert.labels
    over = alert.status.lower() in _OVER if alert.status else shared.over
    text, links = _told(alert, alert.annotations or shared.notes)
    return Signal(
        key=shared.key,
        action="resolve" if over else "trigger",
        title=_title(shared, alert, labels),
        alert=identity(alert.fingerprint)
        if len(alert.fingerprint) > KEY_LIMIT
        else alert.fingerprint or _alert_key(alert),
        text=text,
        severity=cut(labels.get("severity", "").strip().lower(), NAME_LIMIT),
        service=cut(labels.get("service", ""), NAME_LIMIT),
        labels=labels,
        links=links + shared.links,
        at=_episode(alert, over),
    )


def _episode(alert: Alert, over: bool) -> Instant | None:
    """When this episode of the alert began, UTC microseconds: what tells a late word on an earlier one apart.

    The begin serves a resolve, too. Its end would be later than the begin of an alert that Alertmanager let expire
    while Prometheus could not reach it, and that then goes on with its old begin: that one would never page again.
    None for Go's zero time, and for a resolve made by hand, which begins when it ends.
    """
    began = alert.starts_at
    if began is None or (over and alert.ends_at is not None and alert.ends_at <= began):
        return None
    seconds = began.timestamp()
    return round(seconds * 1e6) if seconds > 0 else None


def _title(shared: _Shared, alert: Alert, labels: dict[str, str]) -> str:
    title = (
        alert.annotations.get("summary")
        or matching(_TITLES, alert.annotations)
        or matching(_TITLES, shared.notes)
        or labels.get("alertname")
        or ", ".join(f"{name}={value}" for name, value in labels.items())
        or "An alert without a name"
    )
    return title if len(title) <= TITLE_LIMIT and "\n" not in title and "\t" not in title else line(title, TITLE_LIMIT)


def _told(alert: Alert, notes: dict[str, str]) -> tuple[str, tuple[Link, ...]]:
    """The description and every other annotation by its name, so that none is lost; and where to look."""
    told = ""
    parts = []
    links = [Link(alert.generator_url, "Source")] if is_web(alert.generator_url) else []
    for name, value in notes.items():
        use = _USES.get(name)
        if use is None:
            parts.append(f"{name}: {value}")
        elif use == "text":
            told = told or value.strip()
        elif use != "title" and is_web(value):
            links.append(Link(value, use))
        elif use != "title":
            parts.append(f"{name}: {value}")
    if alert.panel_url or alert.dashboard_url or alert.value_string or alert.silence_url:
        parts.append(alert.value_string)
        links += _grafana_links(alert)
    return block("\n".join([told, *parts])) if parts else told, tuple(links)


def _grafana_links(alert: Alert) -> Iterator[Link]:
    places = ((alert.panel_url, "Panel"), (alert.dashboard_url, "Dashboard"), (alert.silence_url, "Silence"))
    return (Link(href, text) for href, text in places if is_web(href))
