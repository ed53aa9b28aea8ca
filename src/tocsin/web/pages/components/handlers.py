"""The components page: the same macros and classes as everywhere, over values made up here."""

from litestar import Response, get
from markupsafe import Markup

from tocsin.access.about import About
from tocsin.core.instant import HOUR, MINUTE, SECOND
from tocsin.lib.translate import text
from tocsin.web.here import Asked
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.parts.coming import Coming
from tocsin.web.parts.rows import Row, Rows, Tag

__all__ = ["components"]

PERSON, OTHER = "Finn", "Eve"


@get("/components")
async def components(request: Asked) -> Response[str]:
    """All of them."""
    frame = await framed(request)
    made = Rows()
    shaped = (made.shaped(row, frame.reader, frame.now, selectable=row.live) for row in _rows(frame))
    rows = Markup("\n").join(Markup(one.filled(frame.now, frame.reader.language)) for one in shaped)  # noqa: S704
    return frame.shown("pages/components/components.html", rows=rows, person=PERSON, method="email")


def _rows(frame: Frame) -> tuple[Row, ...]:
    """One that waits, one that somebody has, one that is over."""
    return (
        _row(frame, 1, "P1", "open", "", (Tag("major"), Tag("asked"))),
        _row(frame, 2, "P3", "acknowledged", PERSON, (Tag("snoozed", frame.now + HOUR),)),
        _row(frame, 3, "P2", "resolved", "", (Tag("confidential"),)),
    )


def _row(frame: Frame, number: int, priority: str, status: str, owner: str, tags: tuple[Tag, ...]) -> Row:
    live, now, language = status != "resolved", frame.now, frame.reader.language
    coming = Coming(now + 4 * MINUTE, text("next.step", {"people": PERSON}, language), (PERSON,))
    finding = text("finding.no_service", {}, language)
    return Row(
        id=f"INC-{number}", seq=number, title=text("web.components.sample.title", {}, language), priority=priority,
        status=status, service="order-database", team="infrastructure", since=now - number * 7 * MINUTE,
        at=now - 40 * SECOND, over=None if live else now - MINUTE, live=live, owner=owner,
        calling=() if owner or not live else (OTHER,), tags=tags, findings=(finding,) if number == 1 else (),
        firing=number, next=coming if live else None, involved=frozenset(), about=About(), zone=frame.reader.zone,
    )  # fmt: skip
