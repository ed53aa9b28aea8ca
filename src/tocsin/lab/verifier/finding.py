"""What a check has found: a code, how bad it is, the place in the rulebook, what helps, and a case of it."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ServiceId
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase

Severity = Literal["error", "warning", "info"]
"""An error: somebody will not be reached. A warning: sooner or later. Info is worth knowing."""

Path = tuple[str, ...]
"""A place in the rulebook: keys, and the numbers of items as digits, as in ("policies", "mail", "functional", "1")."""


NOWHERE = ServiceId("")
"""The service of what names none that there is: it runs under `unrouted`."""


class Counterexample(Struct, frozen=True):
    """One case in which it does not hold: what opens, when, and what comes of it, in words. Its service may be NOWHERE.

    `at` is when it opens, `reached_at` when those are rung of whom it tells (None: it tells of nobody who is), UTC
    microseconds; `timezone` is in whose time people read them. `assuming` names what was taken for granted of signals
    and answers.
    """

    service: ServiceId
    priority: Priority
    kind: str
    at: Instant
    timezone: str
    text: Phrase
    reached_at: Instant | None = None
    assuming: tuple[Phrase, ...] = ()


class Finding(Struct, frozen=True):
    """Something that a reviewer should know. `where` is narrow: the step, not its policy."""

    code: str
    severity: Severity
    where: Path
    text: Phrase
    hint: Phrase
    counterexample: Counterexample | None = None
