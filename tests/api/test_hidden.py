"""A list tells nothing of what its reader may not know: no short page and no cursor says that something is left out."""

import pytest

from tests.cast import small_rulebook
from tests.doors import Running, running
from tests.insiders import sit_down
from tocsin.core.routing.criterion import Criterion, Raise

SECRET = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))
GRAVE = ("critical", "error", "warning")


async def post(here: Running, name: str, **labels: str) -> None:
    for number in range(9):
        severity = GRAVE[number % len(GRAVE)]
        await here.post(key=f"{name}{number}", severity=severity, labels={"service": "checkout"} | labels)
        here.clock.advance_to(here.clock.now() + 1)


async def pages(here: Running, limit: int, **query: str) -> list[tuple[list[str], str | None]]:
    """All pages of the list: the ids of each and its cursor."""
    read: list[tuple[list[str], str | None]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await here.client.get("/api/v1/incidents", params={"limit": limit, "cursor": cursor} | query)
        assert answer.status_code == 200, answer.text
        cursor = answer.json()["cursor"]
        read.append(([one["id"] for one in answer.json()["incidents"]], cursor))
    return read


@pytest.mark.parametrize("status", ["live", "all", "open"])
async def test_pages_and_cursors_are_the_same_whether_or_not_hidden_incidents_exist(
    sqlite_url: str, status: str
) -> None:
    with running(sqlite_url, rulebook=small_rulebook(criteria=(SECRET,))) as here:
        await post(here, "plain")
        sit_down(here, "omar")
        before = {limit: await pages(here, limit, status=status) for limit in (1, 2, 3, 4, 9, 20)}
        assert [len(ids) for ids, _ in before[4]] == [4, 4, 1]
        await post(here, "secret", category="security")
        assert before == {limit: await pages(here, limit, status=status) for limit in before}
        sit_down(here, "gita")
        assert sum(len(ids) for ids, _ in await pages(here, 4, status=status)) == 18
