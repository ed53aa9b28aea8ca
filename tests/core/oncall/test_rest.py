"""How often somebody was woken."""

from tocsin.core.instant import MINUTE, parse_instant
from tocsin.core.oncall.rest import wakings


def test_pages_close_together_wake_once_and_those_by_day_never() -> None:
    night = parse_instant("2026-01-06T03:00:00Z")
    pages = [night, night + 5 * MINUTE, night + 59 * MINUTE, night + 150 * MINUTE]
    day = [parse_instant("2026-01-06T12:00:00Z"), parse_instant("2026-01-06T07:00:00Z")]
    assert wakings([*day, *reversed(pages)], "Europe/London") == (night, night + 150 * MINUTE)


def test_the_night_is_where_the_person_is() -> None:
    noon = parse_instant("2026-01-06T12:00:00Z")
    assert wakings([noon], "Europe/London") == ()
    assert wakings([noon], "Pacific/Auckland") == (noon,)  # 01:00 there
