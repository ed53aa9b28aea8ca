"""POST /api/v1/simulate: one incident played under the rulebook in force, and nothing of it left behind."""

from typing import Any

import pytest

from tests.api.conftest import ADMIN, token_for
from tests.cast import MINUTE, MONDAY
from tests.doors import Running
from tests.stories.story import EXAMPLES
from tocsin.api.v1.simulate import ANSWERS_LIMIT


async def played(here: Running, **body: Any) -> Any:
    answer = await here.client.post("/api/v1/simulate", json={"service": "order-database"} | body, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_incident_is_told_with_names_times_and_reasons(here: Running) -> None:
    told = await played(here, answers="primary ignores; secondary acknowledges at +7m", until="1h")
    assert (told["usable"], told["at"], told["until"]) == (True, "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z")
    acknowledged = next(one for one in told["lines"] if one["kind"] == "acknowledged")
    assert (acknowledged["after"], acknowledged["by"]) == ("7m", "eve")
    assert acknowledged["text"] == "eve is working on it"
    assert told["measured"]["acknowledged"] == "7m"


async def test_nothing_is_opened_sent_or_kept(here: Running) -> None:
    world = here.site.worlds.world()
    rosters, methods = dict(world.rosters), dict(world.facts.methods)
    await played(here, answers="dana is away; email fails")
    assert (await here.client.get("/api/v1/incidents", headers=ADMIN)).json()["incidents"] == []
    assert here.site.worlds.world() is world
    assert (world.rosters, world.facts.methods) == (rosters, methods)


async def test_a_severity_of_the_senders_stands_before_the_priority(here: Running) -> None:
    told = await played(here, severity="Critical", priority="P5")
    assert "Opened as P1" in told["lines"][0]["text"]
    assert "Opened as P5" in (await played(here, priority="P5"))["lines"][0]["text"]


async def test_it_opens_when_it_is_asked_to(here: Running) -> None:
    here.clock.advance_to(MONDAY + 30 * MINUTE)
    assert (await played(here, at="30m", until="30m"))["at"] == "2026-01-05T10:00:00Z"
    told = await played(here, at="2027-03-28T01:30:00Z", until="2027-03-28T02:30:00Z")
    assert (told["at"], told["until"]) == ("2027-03-28T01:30:00Z", "2027-03-28T02:30:00Z")


async def test_mistakes_in_the_answers_are_told_all_at_once(here: Running) -> None:
    told = await played(here, answers="primry ignores\nsmss down")
    assert (told["usable"], told["lines"]) == (False, [])
    assert [(one["line"], one["column"], one["hint"]) for one in told["complaints"]] == [
        (1, 1, "Did you mean primary?"),
        (2, 1, "Did you mean sms?"),
    ]


ACME = (EXAMPLES / "acme.yaml").read_text("utf-8")


async def test_texts_that_are_only_tried_are_played_and_change_nothing(here: Running) -> None:
    texts = {
        "acme.yaml": ACME.replace("{hand_over: team, skills: [network], wait: 5m}", "{notify: person:kai, wait: 5m}")
    }
    told = await played(here, service="core-network", texts=texts, until="1h")
    assert told["measured"]["pages"]["kai"] > 0
    assert "kai" not in (await played(here, service="core-network", until="1h"))["measured"]["pages"]


async def test_what_goes_on_without_end_is_cut(here: Running) -> None:
    endless = {"acme.yaml": ACME.replace("repeat: 3", "exhausted: {every: 1s}")}
    told = await played(here, service="core-network", texts=endless, until="7d")
    assert (told["whole"], told["lines"][-1]["kind"]) == (False, "cut")


async def test_who_may_only_look_may_not_play(here: Running) -> None:
    looks = {"authorization": f"Bearer {token_for(here, 'viewer', 'looker')}"}
    answer = await here.client.post("/api/v1/simulate", json={"service": "order-database"}, headers=looks)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"service": "order-databse"}, "did you mean order-database?"),
        ({"service": ""}, "service:"),
        ({"until": "8d"}, "at most 7 days"),
        ({"until": "0m"}, "after at"),
        ({"until": "x"}, "until:"),
        ({"at": "2190-01-01T00:00:00Z"}, "too far away"),
        ({"priority": "P9"}, "P9"),
        ({"answers": "x" * (ANSWERS_LIMIT + 1)}, "at most"),
        ({"unknown": 1}, "unknown"),
        ({"texts": {"a.yaml": "{"}}, "texts"),
    ],
)
async def test_what_cannot_be_played_is_refused(here: Running, body: dict[str, Any], says: str) -> None:
    answer = await here.client.post("/api/v1/simulate", json={"service": "order-database"} | body, headers=ADMIN)
    assert answer.status_code == 422
    assert says in answer.text
