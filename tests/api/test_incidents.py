"""Incidents over the API: found, shown with what happens next, acted upon; unknown, stale and invalid told apart."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import ADMIN
from tests.cast import MINUTE, MONDAY
from tests.doors import Running, running
from tocsin.api.v1.acts import ACTS
from tocsin.core.ids import SourceId
from tocsin.core.incident.commands import Report
from tocsin.core.incident.state import ALERT_LIMIT
from tocsin.core.signal import Signal
from tocsin.engine.submission import Submission


async def get(here: Running, path: str, **query: Any) -> Any:
    answer = await here.client.get(f"/api/v1{path}", params=query, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def act(here: Running, incident: str, name: str, **body: Any) -> httpx.Response:
    return await here.client.post(f"/api/v1/incidents/{incident}/{name}", json=body, headers=ADMIN)


async def done(here: Running, incident: str, name: str, **body: Any) -> Any:
    answer = await act(here, incident, name, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_incident_says_what_happens_next_and_whom_it_reaches(here: Running) -> None:
    incident = await here.post()
    shown = await get(here, f"/incidents/{incident}")
    assert (shown["status"], shown["priority"], shown["owner"]) == ("open", "P1", None)
    assert shown["next"] == {"at": "2026-01-05T09:05:00Z", "what": "eve will be paged", "who": ["eve"]}
    ladder = shown["ladders"]["functional"]
    assert [(one["kind"], one["state"], one["who"]) for one in ladder[:2]] == [
        ("hand_over", "current", ["dana"]),
        ("notify", "coming", ["eve"]),
    ]


async def test_more_alerts_than_fit_are_shown_with_the_siblings_that_keep_them(here: Running) -> None:
    signals = tuple(
        Signal("storm", "trigger", "Down", severity="critical", labels={"service": "order-database"}, alert=str(n))
        for n in range(ALERT_LIMIT + 100)
    )
    report = Report(SourceId("scripts"), "scripts", signals)
    await here.site.door.submit(Submission("storm", report, key=("scripts", "storm")))
    first, second = await get(here, "/incidents/INC-1"), await get(here, "/incidents/INC-2")
    assert (first["siblings"], first["sibling_of"], first["held_until"]) == (["INC-2"], None, None)
    assert (second["siblings"], second["sibling_of"], second["held_until"]) == ([], "INC-1", "2026-01-05T09:30:00Z")
    assert (len(first["alerts"]), len(second["alerts"])) == (ALERT_LIMIT, 100)
    words = "It is judged again: while somebody has INC-1, nobody is paged for this one"
    assert second["next"] == {"at": "2026-01-05T09:30:00Z", "what": words, "who": []}
    first, second = [
        {one["text"] for one in (await get(here, f"/incidents/{id_}/timeline"))["events"]} for id_ in ("INC-1", "INC-2")
    ]
    assert "No room for further alerts (100): they are kept in INC-2, which does not page by itself" in first
    assert any(text.startswith("Kept beside INC-1") for text in second)


async def test_the_list_has_the_worst_first_and_pages_by_cursor(here: Running) -> None:
    for n, severity in enumerate(("info", "critical", "warning", "error", "critical")):
        await here.post(key=f"k{n}", severity=severity)
    seen, cursor = [], ""
    while cursor is not None:
        page = await get(here, "/incidents", limit=2, cursor=cursor)
        seen += [one["priority"] for one in page["incidents"]]
        cursor = page["cursor"]
    assert seen == ["P1", "P1", "P2", "P3", "P5"]
    only = await get(here, "/incidents", priority="P1", team="infrastructure")
    assert [one["id"] for one in only["incidents"]] == ["INC-2", "INC-5"]


async def test_the_list_tells_live_ones_from_ended_ones(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    await done(here, first, "resolve", by="dana", reason="restarted")
    expected = {"live": [second], "resolved": [first], "open": [second], "closed": [], "all": [second, first]}
    for status, ids in expected.items():
        assert [one["id"] for one in (await get(here, "/incidents", status=status))["incidents"]] == ids


async def test_the_timeline_tells_planned_and_actual_times_in_words(here: Running) -> None:
    incident = await here.post()
    here.tick_until(MONDAY + 6 * MINUTE)
    await done(here, incident, "acknowledge", by="eve")
    events = (await get(here, f"/incidents/{incident}/timeline"))["events"]
    assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
    entered = [one for one in events if one["type"] == "step_entered"][-1]
    assert entered["text"] == "Step 2: eve called"
    assert (entered["at"], entered["due_at"], entered["lateness"]) == ("2026-01-05T09:05:00Z",) * 2 + (0.0,)
    assert events[0]["data"]["alerts"] == {"": {"firing": True, "at": None, "severity": "critical"}}
    assert events[0]["data"]["ladder"][0] == {"at": "2026-01-05T09:15:00Z", "state": "planned"}
    assert events[-1]["text"] == "eve is working on it"
    assert events[-1]["data"]["lease"]["ends_at"] == "2026-01-05T09:36:00Z"


async def test_the_timeline_pages_by_cursor(here: Running) -> None:
    incident = await here.post()
    here.tick_until(MONDAY + 40 * MINUTE)
    whole = (await get(here, f"/incidents/{incident}/timeline"))["events"]
    first = await get(here, f"/incidents/{incident}/timeline", limit=5)
    rest = await get(here, f"/incidents/{incident}/timeline", cursor=first["cursor"])
    assert first["events"] + rest["events"] == whole


async def test_an_acknowledgement_with_an_eta_moves_the_lease(here: Running) -> None:
    incident = await here.post()
    shown = await done(here, incident, "acknowledge", by="dana", eta="45m")
    assert (shown["status"], shown["owner"], shown["lease"]["ends_at"]) == (
        "acknowledged",
        "dana",
        "2026-01-05T09:45:00Z",
    )
    assert (await done(here, incident, "unacknowledge", by="dana", reason="lunch"))["status"] == "open"


async def test_every_act_has_its_happy_path(here: Running) -> None:
    incident = await here.post()
    assert (await done(here, incident, "acknowledge", by="dana"))["owner"] == "dana"
    assert (await done(here, incident, "take-over", by="eve"))["owner"] == "eve"
    assert (await done(here, incident, "unacknowledge"))["owner"] is None
    assert (await done(here, incident, "decline", by="dana"))["status"] == "open"
    assert (await done(here, incident, "snooze", by="eve", until="20m"))["snoozed_until"] == "2026-01-05T09:20:00Z"
    pending = await done(here, incident, "pending", by="eve", reason="waiting-for-vendor", until="2h")
    assert pending["pending"] == {"reason": "waiting-for-vendor", "review_at": "2026-01-05T11:00:00Z"}
    assert (await done(here, incident, "priority", by="eve", priority="P2", reason="small"))["priority"] == "P2"
    assert (await done(here, incident, "note", by="eve", text="disk is full"))["seq"] > pending["seq"]
    asked = await done(
        here, incident, "escalate", by="eve", ladder="hierarchical", reason="no idea", target="person:omar"
    )
    request = asked["requests"][0]
    assert (request["purpose"], request["who"]) == ("ask", ["omar"])
    assert (await done(here, incident, "answer", by="omar", request=request["id"]))["requests"] == []
    await done(here, incident, "take-over", by="eve")
    offered = await done(here, incident, "reassign", by="eve", to="team:payments", reason="theirs")
    assert offered["requests"][0]["purpose"] == "offer"
    taken = await done(here, incident, "accept", by="gita", request=offered["requests"][0]["id"])
    assert (taken["owner"], taken["team"]) == ("gita", "payments")
    assert (await done(here, incident, "resolve", by="gita", reason="fixed"))["status"] == "resolved"
    again = await done(here, incident, "reopen", by="gita", reason="not fixed")  # within the flap window: as it stood
    assert (again["status"], again["owner"]) == ("acknowledged", "gita")
    await done(here, incident, "resolve", by="gita")
    assert (await done(here, incident, "close"))["status"] == "closed"


WRONG = [
    ("acknowledge", {}, 422, "by: say who"),
    ("acknowledge", {"by": "anna"}, 422, "no person"),
    ("acknowledge", {"by": "ana", "eta": "tomorrow"}, 422, "eta"),
    ("acknowledge", {"by": 7}, 422, "Expected `str`"),
    ("acknowledge", {"by": "ana", "role": "admin"}, 422, "unknown field"),
    ("take-over", {}, 422, "by: say who"),
    ("unacknowledge", {}, 409, "nobody has acknowledged"),
    ("answer", {"by": "ana"}, 422, "request"),
    ("accept", {"by": "ana", "request": "r9"}, 404, "r9"),
    ("decline", {"by": "ana", "request": "r9"}, 404, "r9"),
    ("resolve", {"seen": "x"}, 422, "Expected `int"),
    ("reopen", {}, 409, "nothing to reopen"),
    ("close", {}, 409, "resolve it first"),
    ("escalate", {}, 422, "missing required field `reason`"),
    ("escalate", {"reason": "  "}, 422, "reason: say why"),
    ("escalate", {"reason": "x", "target": "team:nobody"}, 422, "names nobody"),
    ("escalate", {"reason": "x", "target": "nonsense"}, 422, "names nobody"),
    ("reassign", {"to": "person:anna"}, 422, "names nobody"),
    ("snooze", {"until": "2020-01-01T00:00:00Z"}, 422, "has passed"),
    ("snooze", {"until": "soon"}, 422, "until"),
    ("snooze", {"until": "1h", "reason": "lunch"}, 422, "unknown field `reason`"),
    ("snooze", {"until": "9999-12-31T00:00:00Z"}, 422, "outside the years"),
    ("pending", {}, 422, "reason"),
    ("pending", {"reason": " "}, 422, "reason"),
    ("note", {"text": "  "}, 422, "empty"),
    ("priority", {"priority": "P9", "reason": "x"}, 422, "Invalid enum value"),
    ("priority", {"priority": "P2", "reason": ""}, 422, "reason: say why"),
    ("shout", {}, 404, "no act"),
]


@pytest.mark.parametrize(("name", "body", "status", "words"), WRONG)
async def test_a_wrong_order_is_refused_with_the_reason(
    here: Running, name: str, body: dict[str, Any], status: int, words: str
) -> None:
    incident = await here.post()
    answer = await act(here, incident, name, **body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words.lower() in answer.json()["detail"].lower()


async def test_every_act_is_refused_for_what_does_not_exist(here: Running) -> None:
    for name in ACTS:
        assert (await act(here, "INC-404", name, by="ana")).status_code == 404
    for path in ("/incidents/INC-404", "/incidents/INC-404/timeline", "/incidents/%00", "/nothing"):
        answer = await here.client.get(f"/api/v1{path}", headers=ADMIN)
        assert (answer.status_code, answer.json()["status"]) == (404, 404)


async def test_acting_on_what_has_changed_is_409_with_what_changed(here: Running) -> None:
    incident = await here.post()
    seen = (await get(here, f"/incidents/{incident}"))["seq"]
    await done(here, incident, "acknowledge", by="dana")
    answer = await act(here, incident, "resolve", by="eve", seen=seen)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (409, "urn:tocsin:problem:stale")
    assert (told["incident"]["status"], told["incident"]["owner"]) == ("acknowledged", "dana")


async def test_the_same_idempotency_key_acts_once(here: Running) -> None:
    incident = await here.post()
    path, headers = f"/api/v1/incidents/{incident}/note", ADMIN | {"idempotency-key": "n1"}
    for _ in range(3):
        assert (await here.client.post(path, json={"text": "hello"}, headers=headers)).status_code == 200
    events = (await get(here, f"/incidents/{incident}/timeline"))["events"]
    assert [one["type"] for one in events].count("noted") == 1


async def test_a_cursor_beyond_the_end_finds_nothing(here: Running) -> None:
    incident = await here.post()
    assert await get(here, f"/incidents/{incident}/timeline", cursor="9" * 30) == {"events": [], "cursor": None}


async def test_a_person_is_called_by_id_and_not_by_a_word_at_the_head_of_a_sentence(here: Running) -> None:
    incident = await here.post()
    told = [(await act(here, incident, "decline", by="ana")).json()["detail"]]
    told.append((await act(here, incident, "reassign", to="role:executive")).json()["detail"])
    told.append((await act(here, incident, "close")).json()["detail"])
    assert [text.split()[0] for text in told] == ["ana", "role:executive", "It"]


async def test_a_person_can_report_and_somebody_is_paged(here: Running) -> None:
    body = {"title": "Checkout is slow", "text": "since noon", "service": "checkout", "severity": "critical"}
    answer = await here.client.post("/api/v1/incidents", json=body, headers=ADMIN)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "opened")
    shown = await get(here, f"/incidents/{answer.json()['id']}")
    assert (shown["team"], shown["text"], shown["source"]) == ("payments", "since noon", "api")
    assert (await get(here, "/outbox"))["messages"][0]["person"] == "gita"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x", "service": "chekout"}, "service"),
        ({"title": "x", "impact": "huge", "urgency": "high"}, "matrix"),
        ({"title": "x", "kind": "alien"}, "kind"),
        ([], "object"),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused(here: Running, body: Any, words: str) -> None:
    answer = await here.client.post("/api/v1/incidents", json=body, headers=ADMIN)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents?status=none", 422),
        ("/incidents?priority=P0", 422),
        ("/incidents?cursor=garbage", 422),
        ("/incidents?limit=many", 422),
        ("/incidents/INC-1/timeline?cursor=x", 422),
    ],
)
async def test_a_wrong_query_is_422(here: Running, path: str, status: int) -> None:
    await here.post()
    answer = await here.client.get(f"/api/v1{path}", headers=ADMIN)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_garbage_is_400_and_a_wrong_method_405(here: Running) -> None:
    incident = await here.post()
    answer = await here.client.post(f"/api/v1/incidents/{incident}/note", content=b"{", headers=ADMIN)
    assert answer.status_code == 400
    assert (await here.client.put("/api/v1/incidents", headers=ADMIN)).status_code == 405


async def test_a_door_that_is_behind_answers_503(here: Running) -> None:
    incident = await here.post()
    here.site.door.close()
    answer = await act(here, incident, "resolve")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_the_api_works_over_postgresql_too(postgres_url: str) -> None:
    with running(postgres_url, local=True) as there:
        for n in range(3):
            await there.post(key=f"k{n}")
        first = await there.client.get("/api/v1/incidents?limit=2")
        rest = await there.client.get("/api/v1/incidents", params={"cursor": first.json()["cursor"]})
        assert [one["id"] for one in first.json()["incidents"] + rest.json()["incidents"]] == [
            "INC-1",
            "INC-2",
            "INC-3",
        ]
        assert (await there.client.post("/api/v1/incidents/INC-2/resolve", json={})).json()["status"] == "resolved"
        assert len((await there.client.get("/api/v1/outbox")).json()["messages"]) >= 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/incidents/%00", 404),
        ("GET", "/incidents/INC-1%00/timeline", 404),
        ("GET", "/incidents?team=%00", 200),
        ("GET", "/outbox?incident=%00", 404),
        ("POST", "/incidents/%00/note", 404),
        ("DELETE", "/tokens/%00", 404),
        ("GET", "/incidents/INC-1/timeline?cursor=99999999999999999999", 200),
    ],
)
async def test_what_postgresql_cannot_be_asked_is_no_trouble_of_the_store(
    postgres_url: str, method: str, path: str, status: int
) -> None:
    with running(postgres_url, local=True) as there:
        await there.post()
        answer = await there.client.request(method, f"/api/v1{path}")
    assert answer.status_code == status, answer.text


async def test_an_act_is_taken_back_by_whoever_did_it_and_by_nobody_else(here: Running) -> None:
    incident = await here.post()
    before = await get(here, f"/incidents/{incident}")
    act_of_dana = (await done(here, incident, "acknowledge", by="dana"))["seq"]
    refused = await act(here, incident, "undo", by="eve", act=act_of_dana)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:tocsin:problem:not_yours")
    back = await done(here, incident, "undo", by="dana", act=act_of_dana)
    assert (back["status"], back["owner"]) == ("open", None)
    assert (back["next"], back["ladders"]) == (before["next"], before["ladders"])
    again = await act(here, incident, "undo", by="dana")
    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:undone")


async def test_an_undo_that_is_sent_twice_with_one_key_is_done_once(here: Running) -> None:
    incident = await here.post()
    await done(here, incident, "resolve", by="dana")
    headers = {**ADMIN, "idempotency-key": "u1"}
    path, body = f"/api/v1/incidents/{incident}/undo", {"by": "dana"}
    told = [await here.client.post(path, json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in told] == [200, 200]
    timeline = await get(here, f"/incidents/{incident}/timeline")
    assert [one["type"] for one in timeline["events"]].count("undone") == 1


async def test_what_somebody_did_since_is_told(here: Running) -> None:
    incident = await here.post()
    await done(here, incident, "acknowledge", by="dana")
    await done(here, incident, "take-over", by="eve")
    refused = (await act(here, incident, "undo", by="dana")).json()
    assert (refused["type"], refused["incident"]["owner"]) == ("urn:tocsin:problem:overtaken", "eve")
    assert refused["detail"] == "eve has acted on it since: nothing was taken back."
