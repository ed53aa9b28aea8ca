"""Times as fields of forms have them: on the clock of whoever reads, and back to instants"""

from tocsin.core.calendar.civil import civil
from tocsin.core.instant import Instant, calendar
from tocsin.lib import moments


def instant(written: str, zone: str, *, ends: bool) -> Instant | None:
    """`2026-01-05T09:00` on the reader's clock, or an instant as links have it; None for anything else.

    What the clock shows twice begins at the first and ends at the last of the two.
    """
    try:
        if written.isascii() and written.isdigit():
            return calendar(int(written[:20]))
        return civil(written, zone, ends=ends)
    except ValueError:
        return None


def written(at: Instant | None, zone: str) -> str:
    """An instant as a field for a time shows it."""
    return "" if at is None else f"{moments.local(at, zone):%Y-%m-%dT%H:%M}"
