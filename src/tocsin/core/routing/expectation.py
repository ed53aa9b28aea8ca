"""An expectation: an example of what must follow from a signal, proved by the verifier on every change."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ServiceId
from tocsin.core.instant import DAY, Period
from tocsin.core.signal import Kind


class Sample(Struct, frozen=True):
    """What a source would have said."""

    service: ServiceId = ServiceId("")
    severity: str = ""
    kind: Kind = "incident"
    title: str = ""
    labels: dict[str, str] = {}
    reported_by: Literal["tool", "person"] = "tool"
    affected_users: int = 0
    wants_escalation: bool = False


class Expectation(Struct, frozen=True):
    """`signal` at the local time `at` (`YYYY-MM-DD HH:MM` in the organisation's zone; None: at any instant) gets
    `priority`, and somebody whom `reaches` names is called or told `within` that time.

    Whoever is called first acknowledges, unless `nobody_answers`.
    """

    signal: Sample
    at: str | None = None
    nobody_answers: bool = False
    priority: Priority | None = None
    reaches: Target | None = None
    within: Period = Period(time=DAY)
