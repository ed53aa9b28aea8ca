"""Incidents found by what is asked for, exported without formulas, and acted upon in lots."""

import csv
import io
from typing import Any

import pytest

from tests.api.conftest import ADMIN
from tests.cast import MINUTE, MONDAY
from tests.doors import Running
from tocsin.api.v1.export import COLUMNS
from tocsin.api.v1.incidents import LOOKS
from tocsin.lib.spreadsheet import cell


async def ids(here: Running, **query: Any) -> list[str]:
    answer = await here.client.get("/api/v1/incidents", params=query, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["incidents"]]


async def table(here: Running, **query: Any) -> list[list[str]]:
    answer = await here.client.get("/api/v1/incidents.csv", params=query, headers=ADMIN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.reader(io.StringIO(answer.text, newline="")))


async def bulk(here: Running, **body: Any) -> Any:
    answer = await here.client.post("/api/v1/incidents/acts", json=body, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return [(one["id"], one["status"]) for one in answer.json()["results"]]


async def test_each_filter_leaves_what_fits(here: Running) -> None:
    first = await here.post(key="a", title="Orders fail")
    here.clock.advance_to(MONDAY + 10 * MINUTE)
    second = await here.post(key="b", title="100 % of disk_1", labels={"service": "core-network"})
    await here.client.post(f"/api/v1/incidents/{first}/acknowledge", json={"by": "dana"}, headers=ADMIN)
    for query, found in {
        (("service", "core-network"),): [second],
        (("owner", "dana"),): [first],
        (("owner", "eve"),): [],
        (("text", "orders"),): [first],
        (("text", "100 %"),): [second],
        (("text", "1_0"),): [],
        (("text", second.lower()),): [second],
        (("since", "2026-01-05T09:05:00Z"),): [second],
        (("until", "2026-01-05T09:05:00Z"),): [first],
        (("updated_since", "2026-01-05T09:10:00Z"), ("until", "2026-01-05T09:10:00Z")): [first],
        (("kind", "incident"),): [first, second],
        (("kind", "complaint"),): [],
    }.items():
        assert sorted(await ids(here, **dict(query))) == found, query


@pytest.mark.parametrize("query", ["kind=x", "since=x", "updated_since=yesterday", "status=new", "priority=P9"])
async def test_a_filter_without_sense_is_refused(here: Running, query: str) -> None:
    for path in ("incidents", "incidents.csv"):
        assert (await here.client.get(f"/api/v1/{path}?{query}", headers=ADMIN)).status_code == 422


async def test_where_few_fit_the_pages_still_lead_to_all_of_them(here: Running) -> None:
    for n in range(LOOKS + 10):
        await here.post(key=f"k{n}", severity="warning")
    wanted = [await here.client.post("/api/v1/incidents", json={"title": "x", "kind": "complaint"}, headers=ADMIN)]
    found, cursor = [], ""
    while cursor is not None:
        answer = await here.client.get(
            "/api/v1/incidents", params={"kind": "complaint", "limit": 1, "cursor": cursor}, headers=ADMIN
        )
        found += [one["id"] for one in answer.json()["incidents"]]
        cursor = answer.json()["cursor"]
    assert found == [one.json()["id"] for one in wanted]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|x", "＝1", "%0A=1"])
async def test_no_cell_of_an_export_is_a_formula(here: Running, title: str) -> None:
    incident = await here.post(title=title, labels={"service": "order-database"})
    rows = await table(here)
    assert rows[0] == list(COLUMNS)
    shown = dict(zip(COLUMNS, rows[1], strict=True))
    assert shown["id"] == incident
    assert shown["title"].startswith("'")
    assert cell("INC-1: 3 - 4 = -1") == "INC-1: 3 - 4 = -1"


async def test_quotes_commas_and_lines_stay_in_their_cell(here: Running) -> None:
    await here.post(title='Say "hi", twice')
    assert (await table(here))[1][1] == 'Say "hi", twice'
    assert (await table(here, status="closed")) == [list(COLUMNS)]


async def test_one_act_on_many_is_answered_for_each(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    done = await bulk(here, ids=[first, second, "INC-99", first], act="acknowledge", order={"by": "dana"})
    assert done == [(first, 200), (second, 200), ("INC-99", 404)]
    again = await bulk(here, ids=[first, second], act="close", order={})
    assert again == [(first, 409), (second, 409)]
    assert await ids(here, status="acknowledged") == [first, second]


async def test_what_was_done_to_many_is_taken_back_at_once(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    body = {"ids": [first, second, "INC-99"], "act": "resolve", "order": {"by": "dana"}}
    done = (await here.client.post("/api/v1/incidents/acts", json=body, headers=ADMIN)).json()
    assert [one.split(":")[0] for one in done["undo"].split(",")] == [first, second]
    undo = {"undo": done["undo"], "by": "dana"}
    taken = (await here.client.post("/api/v1/incidents/acts/undo", json=undo, headers=ADMIN)).json()
    assert [(one["id"], one["status"]) for one in taken["results"]] == [(first, 200), (second, 200)]
    assert await ids(here, status="open") == [first, second]
    again = (await here.client.post("/api/v1/incidents/acts/undo", json=undo, headers=ADMIN)).json()
    assert {one["problem"]["type"] for one in again["results"]} == {"urn:tocsin:problem:undone"}
    wrong = await here.client.post("/api/v1/incidents/acts/undo", json={"undo": "INC-1"}, headers=ADMIN)
    assert wrong.status_code == 422
    noted = {"ids": [first], "act": "note", "order": {"text": "x"}}
    assert (await here.client.post("/api/v1/incidents/acts", json=noted, headers=ADMIN)).json()["undo"] == ""


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "act": "close"},
        {"ids": ["x"] * 201, "act": "close"},
        {"ids": ["x"], "act": "explode"},
        {"ids": ["x"], "act": "note", "order": {}},
        {"ids": ["x"], "act": "close", "order": {"unknown": 1}},
    ],
)
async def test_an_order_to_many_without_sense_is_refused_whole(here: Running, body: dict[str, Any]) -> None:
    answer = await here.client.post("/api/v1/incidents/acts", json=body, headers=ADMIN)
    assert answer.status_code == 422


async def test_a_repeated_order_to_many_is_done_once(here: Running) -> None:
    incident = await here.post()
    headers = ADMIN | {"idempotency-key": "once"}
    body = {"ids": [incident], "act": "note", "order": {"text": "Rebooting"}}
    answers = [await here.client.post("/api/v1/incidents/acts", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    timeline = (await here.client.get(f"/api/v1/incidents/{incident}/timeline", headers=ADMIN)).json()["events"]
    assert [one["type"] for one in timeline].count("noted") == 1
