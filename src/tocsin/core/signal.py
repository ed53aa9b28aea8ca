"""One normalised observation: what every intake format becomes before a rule sees it."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.instant import DAY, Duration, Instant

Action = Literal["trigger", "acknowledge", "resolve"]
Kind = Literal["incident", "complaint", "security", "request"]

TITLE_LIMIT = 1024
"""Characters of a title that are kept; the whole stays in the stored body."""


AHEAD: Duration = DAY
"""How far ahead of our clock a sender's may be: further than any time zone taken for another."""


class Link(Struct, frozen=True, gc=False):
    """A reference that the sender gave: a runbook, a dashboard, the alert's own page."""

    href: str
    text: str = ""


class Signal(Struct, frozen=True, gc=False):
    """One alert's report. `key` finds the incident within the source's scope, `alert` the condition inside it.

    `severity` is the sender's claim, lower-cased, '' when missing; `at` is the sender's own time of this change of
    state (None when it gave none). `raw` marks what could not be parsed: it pages all the same.
    """

    key: str
    action: Action
    title: str
    alert: str = ""
    text: str = ""
    severity: str = ""
    kind: Kind = "incident"
    service: str = ""
    labels: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    at: Instant | None = None
    reported_by: Literal["tool", "person"] = "tool"
    reporter: str = ""
    affected_users: int = 0
    wants_escalation: bool = False
    raw: bool = False


def believed(signal: Signal, now: Instant) -> Signal:
    """The signal without a time of its own that lies more than a day ahead of `now` (UTC microseconds).

    Whatever comes later would look older than that, its own resolve included, and would never be applied.
    """
    return signal if signal.at is None or signal.at <= now + AHEAD else replace(signal, at=None)
