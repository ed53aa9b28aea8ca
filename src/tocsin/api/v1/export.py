"""Incidents as a table for spreadsheets: CSV in which no cell is ever taken for a formula"""

from collections.abc import Iterator

from litestar import Response, get
from litestar.di import NamedDependency

from tocsin.api.here import Asked
from tocsin.api.v1.incidents import ASKING, MOST, Asking, look
from tocsin.api.v1.plain import when
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.lib.spreadsheet import MEDIA, table
from tocsin.store.queries.board import Place

ROWS = 10_000
"""As many incidents as one export has at most."""

COLUMNS = (
    "id", "title", "status", "priority", "severity", "kind", "service", "team", "owner", "source", "opened_at",
    "updated_at", "resolved_at",
)  # fmt: skip


@get("/incidents.csv", opt={"verb": "incident.read", "gives": MEDIA}, sync_to_thread=True, dependencies=ASKING)
def export(request: Asked, asked: NamedDependency[Asking]) -> Response[str]:
    """The same incidents as the list, at most 10,000, in RFC 4180's form."""
    headers = {"content-disposition": 'attachment; filename="incidents.csv"'}
    return Response(table(COLUMNS, _rows(request, asked)), media_type=MEDIA, headers=headers)


def _rows(request: Asked, asked: Asking) -> Iterator[list[str]]:
    after: Place | None = None
    for _ in range(ROWS // MOST):
        found, after = look(request, asked, MOST, after)
        yield from (_row(*one) for one in found)
        if after is None:
            return


def _row(state: Incident, updated_at: Instant) -> list[str]:
    values = (
        state.id, state.title, state.status, state.priority, state.severity, state.kind, state.service, state.team,
        state.owner, state.source, when(state.opened_at), when(updated_at), when(state.resolved_at),
    )  # fmt: skip
    return [value or "" for value in values]
