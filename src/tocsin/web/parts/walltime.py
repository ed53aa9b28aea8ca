"""Times as fields of forms have them: on the clock of whoever reads, and back to instants"""

from datetime import datetime

from tocsin.core.calendar import zones
from tocsin.core.instant import SECOND, Instant, calendar
from tocsin.lib import moments


def instant(written: str, zone: str, *, ends: bool) -> Instant | None:
    """`2026-01-05T09:00` on the reader's clock, or an instant as links have it; None for anything else.

    What the clock shows twice begins at the first and ends at the last of the two.
    """
    try:
        if written.isascii() and written.isdigit():
            return calendar(int(written[:20]))
        wall = datetime.fromisoformat(written)
        since = wall.replace(tzinfo=None) - datetime(1970, 1, 1)  # noqa: DTZ001  the clock on the wall has no zone
        local = (since.days * 86_400 + since.seconds) * SECOND
        return calendar((zones.last_instant if ends else zones.first_instant)(zone, calendar(local)))
    except ValueError:
        return None


def written(at: Instant | None, zone: str) -> str:
    """An instant as a field for a time shows it."""
    return "" if at is None else f"{moments.local(at, zone):%Y-%m-%dT%H:%M}"
