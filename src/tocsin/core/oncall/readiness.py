"""Whether somebody can be reached when it counts, and what is missing: said before it matters, never a reason not to
page.
"""

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from tocsin.core.catalogue.people import ContactLadder
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.oncall.override import MethodState
from tocsin.core.phrase import Phrase

LOUD = frozenset(("push", "sms", "voice"))
"""Methods that wake somebody. A mail does not."""

SOON: Duration = 7 * DAY
"""A turn that begins within this is near enough for what is missing to be grave."""

LATELY: Duration = 30 * DAY
"""How long a failure is remembered."""


class Way(Struct, frozen=True):
    """One way to them. `failed_at` is when the latest that went there did not arrive; None where it did."""

    method: str
    state: MethodState
    failed_at: Instant | None = None


class Lack(Struct, frozen=True):
    """Something that is missing; `grave` means: as it stands, a page may reach nobody."""

    what: Phrase
    grave: bool = False


def readiness(
    ways: Iterable[Way], ladder: ContactLadder, offered: Collection[str], next_on: Instant | None, now: Instant
) -> tuple[Lack, ...]:
    """What is missing, the gravest first.

    `offered` are the methods that this installation can send by. `next_on` is when their next turn begins, before `now`
    where they are on call already, None for somebody who never is: nothing has to wake them.
    """
    known = tuple(ways)
    good = [way for way in known if way.method in offered and way.state != "broken"]
    soon = next_on is not None and next_on - now < SOON
    found = list(_unreachable(known, good, ladder)) or list(_weak(good, ladder, offered, next_on is not None, soon))
    found += _failing(known, now)
    return tuple(sorted(found, key=lambda lack: not lack.grave))


def _unreachable(known: tuple[Way, ...], good: list[Way], ladder: ContactLadder) -> Iterator[Lack]:
    named = {entry.method for entry in ladder.urgent}
    if not known:
        yield Lack(Phrase("readiness.nothing"), grave=True)
    elif not good:
        yield Lack(Phrase("readiness.no_channel"), grave=True)
    elif not any(way.method in named for way in good):
        methods = ", ".join(entry.method for entry in ladder.urgent)
        yield Lack(Phrase("readiness.off_ladder", {"methods": methods}), grave=True)


def _weak(
    good: list[Way], ladder: ContactLadder, offered: Collection[str], on_call: bool, soon: bool
) -> Iterator[Lack]:
    named = {entry.method for entry in ladder.urgent}
    called = {way.method for way in good if way.method in named}
    if not any(way.state == "verified" for way in good):
        yield Lack(Phrase("readiness.unverified"), grave=soon)
    if len(called) == 1:
        yield Lack(Phrase("readiness.one_way", {"method": next(iter(called))}))
    if on_call and not called & LOUD:
        yield Lack(Phrase("readiness.quiet" if LOUD & named & set(offered) else "readiness.quiet_here"))


def _failing(known: tuple[Way, ...], now: Instant) -> Iterator[Lack]:
    broken = dict.fromkeys(way.method for way in known if way.state == "broken")
    failed = dict.fromkeys(
        way.method
        for way in known
        if way.state != "broken" and way.failed_at is not None and now - way.failed_at < LATELY
    )
    yield from (Lack(Phrase("readiness.broken", {"method": method})) for method in broken)
    yield from (Lack(Phrase("readiness.failed", {"method": method})) for method in failed)
