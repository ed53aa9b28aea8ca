"""News for those who are informed, and links: posted, read and removed by programs; what is hidden is not betrayed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import ADMIN, token_for
from tests.cast import small_rulebook
from tests.doors import Running, running
from tests.insiders import csrf, sit_down
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.linking import MOST_LINKS
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.engine.submission import Submission
from tocsin.store import texts

SECRET = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))
CHECKOUT = {"service": "checkout"}
HIDDEN = {"service": "order-database", "category": "security"}


@pytest.fixture
def secrets(sqlite_url: str) -> Iterator[Running]:
    """INC-1 is everybody's to read, INC-2 of the same team is confidential; they are linked by eve, of that team."""
    with running(sqlite_url, rulebook=small_rulebook(criteria=(SECRET,))) as standing:
        ADMIN["authorization"] = f"Bearer {token_for(standing, 'admin')}"
        yield standing


async def ask(here: Running, method: str, path: str, headers: Any = None, **body: Any) -> httpx.Response:
    sent = {"json": body} if method == "POST" else {}
    return await here.client.request(method, f"/api/v1/incidents/{path}", headers=headers, **sent)


async def act(here: Running, path: str, **body: Any) -> Any:
    answer = await ask(here, "POST", path, ADMIN, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(here: Running, incident: str, headers: Any = None) -> list[str]:
    answer = await ask(here, "GET", f"{incident}/timeline", headers)
    return [one["text"] for one in answer.json()["events"]]


async def as_person(here: Running, login: str, role: Any) -> dict[str, str]:
    """Signed in as that person; what their programs show."""
    sit_down(here, login, role)
    return {"x-csrf-token": await csrf(here), "origin": "https://tocsin.acme.example"}


# ------------------------------------------------------------------------------------------- updates


async def test_the_answer_to_an_update_says_whom_it_reached(here: Running) -> None:
    incident = await here.post(labels=CHECKOUT)
    shown = await act(here, f"{incident}/post-update", by="gita", text="Orders go through again.")
    assert shown["update"] == {
        "at": "2026-01-05T09:00:00Z",
        "by": "gita",
        "text": "Orders go through again.",
        "told": ["nadia"],
        "hint": None,
    }
    assert (await told(here, incident, ADMIN))[-1] == "Update by gita to nadia"


async def test_where_it_reached_nobody_the_answer_says_why(here: Running) -> None:
    incident = await here.post()
    update = (await act(here, f"{incident}/post-update", by="dana", text="We are on it."))["update"]
    assert update["told"] == []
    assert update["hint"].startswith("Nobody is informed of this: name stakeholders of the service")


async def test_an_update_is_posted_once_however_often_it_is_sent(here: Running) -> None:
    incident = await here.post(labels=CHECKOUT)
    key = ADMIN | {"idempotency-key": "one"}
    answers = [(await ask(here, "POST", f"{incident}/post-update", key, text="x", by="gita")).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (await told(here, incident, ADMIN)).count("Update by gita to nadia") == 1


async def test_news_of_what_has_changed_since_is_refused(here: Running) -> None:
    incident = await here.post(labels=CHECKOUT)
    seen = (await act(here, f"{incident}/acknowledge", by="gita"))["seq"]
    await act(here, f"{incident}/resolve", by="gita")
    answer = await ask(here, "POST", f"{incident}/post-update", ADMIN, text="still broken", by="ines", seen=seen)
    assert (answer.status_code, answer.json()["incident"]["status"]) == (409, "resolved")
    await act(here, f"{incident}/post-update", by="ines", text="It works again.")
    await act(here, f"{incident}/close")
    assert (await ask(here, "POST", f"{incident}/post-update", ADMIN, text="x", by="ines")).status_code == 409


async def test_the_words_of_an_update_can_be_forgotten(here: Running) -> None:
    incident = await here.post(labels=CHECKOUT)
    await act(here, f"{incident}/post-update", by="gita", text="Ana Sousa is ill")
    events = (await ask(here, "GET", f"{incident}/timeline", ADMIN)).json()["events"]
    key = next(one["data"]["text"] for one in events if one["type"] == "posted")
    assert "Sousa" not in str(events)
    assert here.site.ledger.transact(lambda tx: texts.forget(tx.connection, [key])) == 1
    assert (await ask(here, "GET", incident, ADMIN)).json()["update"]["text"] == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [({"text": "  "}, "empty"), ({}, "missing required field"), ({"text": "x", "to": "all"}, "unknown")],
)
async def test_an_update_without_words_is_refused(here: Running, body: dict[str, Any], words: str) -> None:
    incident = await here.post()
    answer = await ask(here, "POST", f"{incident}/post-update", ADMIN, **body)
    assert (answer.status_code, words in answer.json()["detail"]) == (422, True)


# --------------------------------------------------------------------------------------------- links


async def test_a_link_is_read_on_both_sides_and_removed_from_either(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b", title="Same disk")
    shown = await act(here, f"{first}/link", by="dana", to=second, relation="duplicate_of", reason="one disk")
    url = "https://tocsin.acme.example/incidents/"
    assert shown["linked"] == [
        {"to": second, "relation": "duplicate_of", "url": url + second, "title": "Same disk", "status": "open"}
    ]
    [there] = (await ask(here, "GET", second, ADMIN)).json()["linked"]
    assert (there["to"], there["relation"], there["title"]) == (first, "has_duplicate", "Orders fail")
    assert (await told(here, first, ADMIN))[-1] == f"Duplicate of {second}, says dana"
    assert (await told(here, second, ADMIN))[-1] == f"{first} is a duplicate of it, says dana"
    assert (await act(here, f"{second}/unlink", by="eve", to=first))["linked"] == []
    assert (await ask(here, "GET", first, ADMIN)).json()["linked"] == []
    assert (await told(here, first, ADMIN))[-1] == f"eve removed the link with {second}"


async def test_another_relation_takes_the_place_of_the_first_on_both_sides(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    await act(here, f"{first}/link", by="dana", to=second, relation="duplicate_of")
    [one] = (await act(here, f"{second}/link", by="dana", to=first, relation="caused_by"))["linked"]
    [other] = (await ask(here, "GET", first, ADMIN)).json()["linked"]
    assert (one["relation"], other["relation"]) == ("caused_by", "cause_of")


async def test_a_problem_is_linked_by_its_key_or_its_address(here: Running) -> None:
    incident = await here.post()
    await act(here, f"{incident}/link", by="dana", to="PRB-12", relation="problem")
    shown = await act(here, f"{incident}/link", by="dana", to="https://problems.example/12", relation="problem")
    assert [(one["to"], one["url"]) for one in shown["linked"]] == [
        ("PRB-12", None),
        ("https://problems.example/12", "https://problems.example/12"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"to": "INC-404"}, 422, "there is no incident INC-404"),
        ({"to": "INC-1"}, 422, "not linked with itself"),
        ({"to": "x\x00y"}, 422, "there is no incident"),
        ({"to": "INC-2", "relation": "parent"}, 422, "invalid enum value"),
        ({"to": "javascript:alert(1)", "relation": "problem"}, 422, "name the problem by its key"),
        ({"relation": "problem"}, 422, "missing required field"),
    ],
)
async def test_what_cannot_be_linked_is_refused(here: Running, body: dict[str, Any], status: int, words: str) -> None:
    await here.post(key="a")
    await here.post(key="b")
    answer = await ask(here, "POST", "INC-1/link", ADMIN, by="dana", **body)
    assert (answer.status_code, words.lower() in answer.json()["detail"].lower()) == (status, True), answer.text


async def test_a_link_is_made_on_both_sides_or_on_none(here: Running) -> None:
    first, second = await here.post(key="a"), await here.post(key="b")
    problems = [cmd.Link("dana", f"PRB-{number}", "problem") for number in range(MOST_LINKS)]
    await here.site.door.submit_all([Submission(one.to, one, second) for one in problems])
    answer = await ask(here, "POST", f"{first}/link", ADMIN, by="dana", to=second)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tocsin:problem:full")
    assert (await ask(here, "GET", first, ADMIN)).json()["linked"] == []


async def test_many_can_be_linked_with_one_at_once(here: Running) -> None:
    ids = [await here.post(key=key) for key in "abc"]
    body = {"ids": ids[1:], "act": "link", "order": {"by": "dana", "to": ids[0], "relation": "duplicate_of"}}
    answer = await here.client.post("/api/v1/incidents/acts", json=body, headers=ADMIN)
    assert [one["status"] for one in answer.json()["results"]] == [200, 200]
    shown = (await ask(here, "GET", ids[0], ADMIN)).json()["linked"]
    assert [(one["to"], one["relation"]) for one in shown] == [(one, "has_duplicate") for one in ids[1:]]


# -------------------------------------------------------------------------------------------- hidden


async def linked(here: Running) -> None:
    """INC-1, which everybody may read, and INC-2, which only its team may: linked by one of that team."""
    await here.post(key="a")
    await here.post(key="b", labels=HIDDEN, title="canary-title")
    headers = await as_person(here, "eve", "responder")
    answer = await ask(here, "POST", "INC-1/link", headers, to="INC-2", reason="canary-reason")
    assert [one["to"] for one in answer.json()["linked"]] == ["INC-2"]


async def test_a_hidden_incident_is_shown_to_nobody_who_may_not_know_of_it(secrets: Running) -> None:
    await linked(secrets)
    assert (await told(secrets, "INC-1"))[-1] == "eve linked it with INC-2"
    headers = await as_person(secrets, "gita", "responder")
    for path in ("INC-1", "INC-1/timeline", "INC-1/timeline?limit=3"):
        answer = await ask(secrets, "GET", path, headers)
        assert answer.status_code == 200
        for word in ("INC-2", "canary", "linked it"):
            assert word not in answer.text, path
    assert (await ask(secrets, "GET", "INC-1", headers)).json()["linked"] == []


async def test_pages_of_a_timeline_do_not_tell_that_something_is_left_out(secrets: Running) -> None:
    await linked(secrets)
    await as_person(secrets, "gita", "responder")
    whole = (await ask(secrets, "GET", "INC-1/timeline")).json()["events"]
    for limit in range(1, len(whole) + 1):
        read, cursor = [], "0"
        while cursor is not None:
            page = (await ask(secrets, "GET", f"INC-1/timeline?limit={limit}&cursor={cursor}")).json()
            cursor = page["cursor"]
            read.append(page["events"])
        assert [one for events in read for one in events] == whole
        assert all(len(events) == limit for events in read[:-1])
        assert read[-1], "an empty page says that something was left out"


async def test_a_link_to_a_hidden_incident_is_answered_as_one_to_none(secrets: Running) -> None:
    await secrets.post(key="b", labels=HIDDEN)
    mine = await secrets.post(key="c", labels=CHECKOUT)
    headers = await as_person(secrets, "gita", "responder")
    hidden = await ask(secrets, "POST", f"{mine}/link", headers, to="INC-1")
    absent = await ask(secrets, "POST", f"{mine}/link", headers, to="INC-9")
    assert (hidden.status_code, hidden.text.replace("INC-1", "INC-9")) == (absent.status_code, absent.text)
    assert absent.status_code == 422


async def test_removing_a_hidden_link_is_answered_as_removing_none(secrets: Running) -> None:
    await linked(secrets)
    headers = await as_person(secrets, "carla", "manager")
    hidden = await ask(secrets, "POST", "INC-1/unlink", headers, to="INC-2")
    absent = await ask(secrets, "POST", "INC-1/unlink", headers, to="INC-9")
    assert (hidden.status_code, hidden.text.replace("INC-2", "INC-9")) == (absent.status_code, absent.text)
    assert absent.status_code == 409
    await as_person(secrets, "dana", "responder")
    assert [one["to"] for one in (await ask(secrets, "GET", "INC-1")).json()["linked"]] == ["INC-2"]
