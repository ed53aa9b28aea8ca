"""The live page: what needs somebody, what happens next, both ladders, the timeline and what was sent."""

import re

import httpx
import pytest

from tests.cast import MINUTE
from tests.doors import KEY, Running
from tests.web.reading import Taken, facts, state
from tocsin.core.incident import events as ev


async def page_of(here: Running, path: str = "/") -> Taken:
    answer = await here.client.get(path)
    assert answer.status_code == 200, answer.text
    return Taken(answer.text)


async def test_an_empty_page_teaches_how_to_send_the_first_signal(demo: Running) -> None:
    page = await page_of(demo)
    assert "All is quiet" in page.text
    assert "curl https://tocsin.acme.example/in/scripts" in page.text


async def test_the_page_says_who_is_reached_next_and_when(demo: Running) -> None:
    await demo.post()
    page = await page_of(demo)
    for part in ("INC-1", "P1", "Orders fail", "Nobody has it yet", "5:00", "eve will be paged", "09:05:00"):
        assert part in page.text
    due = state(demo, "INC-1").functional.due_at
    assert ("p", "data-due", str(due)) in page.attributes


async def test_the_worst_comes_first_and_the_ended_last(demo: Running) -> None:
    for key, severity in (("a", "warning"), ("b", "critical"), ("c", "error")):
        await demo.post(key=key, severity=severity, title=f"Trouble {key}")
    await demo.post(key="d", title="Trouble d")
    await demo.post(key="d", action="resolve")
    board = (await demo.client.get("/")).text.partition("</nav>")[0]
    assert re.findall(r"Trouble (\w)", board) == ["b", "c", "a", "d"]


async def test_both_ladders_are_drawn_with_their_cursors_times_and_names(demo: Running) -> None:
    await demo.post()
    demo.tick_until(demo.clock.now() + 16 * MINUTE)
    answer = (await demo.client.get("/incidents/INC-1")).text
    drawn = re.findall(r'<li class="step (\w+) (\w+)"', answer)
    assert drawn[:4] == [
        ("functional", "done"),
        ("functional", "done"),
        ("functional", "current"),
        ("hierarchical", "done"),
    ]
    assert drawn[4:] == [("hierarchical", "coming")] * 3
    ladders = Taken(answer[answer.index('<section class="ladders') : answer.index('<section class="timeline')]).text
    for part in (
        "Hand over to the team on call dana",
        "09:05:00",
        "Inform the team's lead frank",
        "Ask the duty manager carla",
    ):
        assert part in ladders


async def test_the_timeline_tells_every_fact_the_newest_first_and_how_late_it_was(demo: Running) -> None:
    await demo.post()
    demo.clock.advance_to(demo.clock.now() + 5 * MINUTE + 3_000_000)
    demo.tick_until(demo.clock.now())
    answer = (await demo.client.get("/incidents/INC-1")).text
    told = Taken(answer[answer.index('<section class="timeline') :]).text
    assert told.index("Step 2: eve called") < told.index("Opened as P1 by scripts")
    assert "3 s late" in told


async def test_the_outbox_says_to_whom_by_what_way_and_why(demo: Running) -> None:
    await demo.post()
    answer = (await demo.client.get("/")).text
    outbox = Taken(answer[answer.index('id="outbox"') :]).text
    for part in ("page", "dana", "Step 1 of the escalation policy, round 1", "email waits"):
        assert part in outbox


@pytest.mark.parametrize(
    ("act", "by", "status", "owner"),
    [("acknowledge", "eve", "acknowledged", "eve"), ("resolve", "dana", "resolved", None)],
)
async def test_the_demonstration_acts_for_whomever_is_chosen(
    demo: Running, act: str, by: str, status: str, owner
) -> None:
    await demo.post()
    answer = await demo.client.post(f"/incidents/INC-1/{act}", data={"by": by, "back": "/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (state(demo, "INC-1").status, state(demo, "INC-1").owner) == (status, owner)


async def test_whoever_is_being_called_is_chosen_already(demo: Running) -> None:
    await demo.post()
    demo.tick_until(demo.clock.now() + 6 * MINUTE)
    page = await page_of(demo)
    assert next(value for tag, name, value in page.attributes if tag == "option") == "eve"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/incidents/INC-1/acknowledge", {"by": "mallory"}, 400),
        ("/incidents/INC-1/acknowledge", {}, 400),
        ("/incidents/INC-1/close", {"by": "dana"}, 404),
        ("/incidents/INC-7/acknowledge", {"by": "dana"}, 404),
    ],
)
async def test_what_cannot_be_done_says_so_and_does_nothing(demo: Running, path: str, form, status: int) -> None:
    await demo.post()
    answer = await demo.client.post(path, data=form)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert facts(demo, "INC-1", ev.Acknowledged) == []


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}])
async def test_another_site_cannot_press_the_buttons(demo: Running, headers: dict[str, str]) -> None:
    await demo.post()
    answer = await demo.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"}, headers=headers)
    assert answer.status_code == 403
    assert state(demo, "INC-1").owner is None


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"host": "10.0.0.7:8400"}, {"x-forwarded-for": "203.0.113.9"}, {"host": ""}]
)
async def test_a_demonstration_is_open_to_its_own_machine_alone(demo: Running, headers: dict[str, str]) -> None:
    for path in ("/", "/incidents/INC-1"):
        answer = await demo.client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert (await demo.client.get("/parts", headers=headers)).status_code == 401


async def test_an_incident_that_is_not_there_says_so(demo: Running) -> None:
    answer = await demo.client.get("/incidents/INC-404")
    assert answer.status_code == 404
    assert "There is no incident INC-404" in answer.text


async def test_a_confidential_incident_does_not_exist_for_those_it_does_not_concern(secret: Running) -> None:
    await secret.post(title="Insider at work")
    local = {"host": "localhost:8400"}
    answers = [
        await secret.client.get(path, headers=local) for path in ("/", "/incidents/INC-1", "/parts?incident=INC-1")
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 200]
    assert not any("Insider" in answer.text or "order-database" in answer.text for answer in answers)
    refused = await secret.client.post("/incidents/INC-1/resolve", data={"by": "dana"}, headers=local)
    assert (refused.status_code, state(secret, "INC-1").status) == (404, "open")


async def fresh(here: Running, known: dict[str, str], incident: str = "") -> httpx.Response:
    marks = ",".join(f"{name}-{mark}" for name, mark in known.items())
    return await here.client.get("/parts", params={"incident": incident, "known": marks})


async def test_only_pieces_that_changed_are_sent_again_and_the_time_alone_changes_none(demo: Running) -> None:
    await demo.post()
    first = (await fresh(demo, {})).json()
    assert list(first["parts"]) == ["board", "incident", "outbox"]
    known = {name: mark for name, (mark, _) in first["parts"].items()}
    demo.clock.advance_to(demo.clock.now() + MINUTE)
    assert (await fresh(demo, known)).json() == {"now": demo.clock.now(), "parts": {}, "live": 1}
    await demo.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"})
    then = (await fresh(demo, known)).json()["parts"]
    assert "dana has it" in then["incident"][1]
    await demo.post(key="another", labels={"service": "checkout"}, severity="info")
    assert list((await fresh(demo, known | {name: mark for name, (mark, _) in then.items()})).json()["parts"]) == [
        "board"
    ]


async def test_a_source_has_to_show_its_key_as_ever(demo: Running) -> None:
    assert (
        await demo.client.post("/in/scripts", json={}, headers={"authorization": f"Bearer {KEY}x"})
    ).status_code == 401
