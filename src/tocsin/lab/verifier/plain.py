"""Who is reached differently, for programs: every window, instants in UTC, and waits in seconds"""

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import SECOND, Span, format_instant
from tocsin.core.signal import Kind
from tocsin.lab.verifier.against import Against, Alike, Change, Mark, Reached, minutes
from tocsin.lib.translate import say


class Whom(Struct, frozen=True):
    """Who is reached, and after how many seconds at most (null: never). `steady`: as many for every opening.

    `any_of`: one of them, whoever's turn it is.
    """

    people: tuple[PersonId, ...]
    any_of: bool
    longest_wait_seconds: float | None
    steady: bool


class Window(Struct, frozen=True):
    """Everything that opens from `start` on and before `end`."""

    start: str
    end: str


class Changed(Struct, frozen=True):
    """All openings that go from one way to the same other, where `supposed` is the case.

    `rung`: `first`, `responder`, `management`; or a later step by ladder and number (`functional:2`), of which the
    first whom it calls are compared; or `exhausted`, the rounds after all steps.
    """

    rung: str
    change: Mark
    before: Whom
    after: Whom
    minutes: int
    supposed: tuple[str, ...]
    windows: tuple[Window, ...]


class Which(Struct, frozen=True):
    """A priority and kind."""

    priority: Priority
    kind: Kind


class Differing(Struct, frozen=True):
    """What differs of a service, the same for each of `rows`; '' is what names no service that there is.

    Not `complete`: not everything that may be supposed of signals was looked at.
    """

    service: ServiceId
    rows: tuple[Which, ...]
    minutes: int
    complete: bool
    changes: tuple[Changed, ...]


class Differences(Struct, frozen=True):
    """Of all openings from `start` to `end`; `added` and `removed` are services that only one of both has."""

    start: str
    end: str
    added: tuple[ServiceId, ...]
    removed: tuple[ServiceId, ...]
    differences: tuple[Differing, ...]


def plain(found: Against, *, windows: bool = True) -> Differences:
    """All of it, or all but the windows."""
    start, end = format_instant(found.proved.start), format_instant(found.proved.end)
    return Differences(
        start, end, found.added, found.removed, tuple(_differing(group, windows) for group in found.groups)
    )


def _differing(group: Alike, windows: bool) -> Differing:
    rows = tuple(Which(priority, kind) for priority, kind in group.rows)
    changes = tuple(_changed(one, one.windows if windows else ()) for one in group.changes)
    return Differing(group.service, rows, group.minutes, not group.cut, changes)


def _changed(one: Change, spans: tuple[Span, ...]) -> Changed:
    windows = tuple(Window(format_instant(span.start), format_instant(span.end)) for span in spans)
    supposed = tuple(map(say, one.assuming))
    return Changed(one.rung, one.mark, _whom(one.before), _whom(one.after), minutes(one.windows), supposed, windows)


def _whom(one: Reached) -> Whom:
    return Whom(one.people, one.any_of, None if one.wait is None else one.wait / SECOND, one.steady)
