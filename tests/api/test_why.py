"""Why somebody was or was not reached, over the API: past and present, and never of what may not be known."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import ADMIN, token_for
from tests.cast import small_rulebook
from tests.doors import Running, running
from tocsin.core.routing.criterion import Criterion, Raise


@pytest.fixture
def stored(store_url: str) -> Iterator[Running]:
    """On either store, with a criterion that makes incidents confidential."""
    secret = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))
    with running(store_url, rulebook=small_rulebook(criteria=(secret,))) as standing:
        ADMIN["authorization"] = f"Bearer {token_for(standing, 'admin')}"
        yield standing


async def explained(here: Running, **query: str) -> Any:
    answer = await here.client.get("/api/v1/incidents/INC-1/why", params=query, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_says_who_was_called_who_was_not_and_what_comes_next(stored: Running) -> None:
    await stored.post()
    dana, eve = await explained(stored, person="dana"), await explained(stored, person="eve")
    assert dana["verdict"] == "dana is being called; nothing has arrived yet."
    assert [(one["method"], one["purpose"], one["fates"]) for one in dana["messages"]] == [("email", "page", [])]
    assert eve["lines"][0]["why"][0] == "team named dana"
    assert eve["next"]["at"] == "2026-01-05T09:05:00Z"
    assert eve["next"]["why"] == ["The wait of step 1 is 5m, from 2026-01-05T09:00:00Z"]
    assert [one["person"] for one in eve["next"]["whom"]] == ["eve"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"person": "zoe"}, 422), ({"at": "soon"}, 422), ({"at": "2030-01-01T00:00:00Z"}, 422)],
    ids=["nobody", "no time", "ahead"],
)
async def test_what_cannot_be_asked_is_refused(here: Running, query: dict[str, str], status: int) -> None:
    await here.post()
    answer = await here.client.get("/api/v1/incidents/INC-1/why", params=query, headers=ADMIN)
    assert answer.status_code == status


async def test_whoever_may_not_see_it_hears_what_is_said_of_none(stored: Running) -> None:
    await stored.post(labels={"service": "order-database", "category": "security"})
    hidden = await stored.client.get("/api/v1/incidents/INC-1/why", headers=ADMIN)
    absent = await stored.client.get("/api/v1/incidents/INC-9/why", headers=ADMIN)
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json()["detail"].replace("INC-1", "INC-9") == absent.json()["detail"]
