"""The page of one incident: how it stands, what comes, what happened and why, and all that can be done about it."""

import re

import httpx
import pytest

from tests.cast import MINUTE
from tests.doors import KEY, Running
from tests.insiders import csrf, sit_down
from tests.web.reading import Taken, facts, state
from tocsin.access.permissions import Role
from tocsin.core.incident import events as ev
from tocsin.web.parts.undo import UNDOABLE


async def page_of(here: Running, path: str = "/incidents/INC-1") -> Taken:
    answer = await here.client.get(path)
    assert answer.status_code == 200, answer.text
    return Taken(answer.text)


async def press(here: Running, act: str, **form: str) -> httpx.Response:
    """Press that button on INC-1, as dana where nobody else is named."""
    return await here.client.post(f"/incidents/INC-1/{act}", data={"by": "dana"} | form)


def part(html: str, start: str, end: str = "</section>") -> str:
    """What is read in one part of a page."""
    at = html.index(start)
    return Taken(html[at : html.index(end, at)]).text


# --------------------------------------------------------------------------------------------- reading


async def test_the_page_says_how_it_stands_who_is_called_and_what_comes_next(demo: Running) -> None:
    await demo.post()
    page = await page_of(demo)
    for told in (
        "P1",
        "Orders fail",
        "Nobody has it yet",
        "dana is being called",
        "5:00",
        "eve will be paged",
        "09:05:00",
    ):
        assert told in page.text
    assert ("p", "data-due", str(state(demo, "INC-1").functional.due_at)) in page.attributes


async def test_both_ladders_are_drawn_with_their_cursors_times_and_names(demo: Running) -> None:
    await demo.post()
    demo.tick_until(demo.clock.now() + 16 * MINUTE)
    answer = (await demo.client.get("/incidents/INC-1")).text
    drawn = re.findall(r'<li class="step (\w+) (\w+)', answer)
    assert drawn[:4] == [
        ("functional", "done"),
        ("functional", "done"),
        ("functional", "current"),
        ("hierarchical", "done"),
    ]
    assert drawn[4:] == [("hierarchical", "coming")] * 3
    assert len(re.findall("coming-next", answer)) == 1
    ladders = part(answer, '<section class="ladders')
    for told in (
        "Hand over to the team on call dana",
        "09:05:00",
        "Inform the team's lead frank",
        "Ask the duty manager carla",
    ):
        assert told in ladders


async def test_what_an_acknowledgement_holds_back_stands_below_now(demo: Running) -> None:
    await demo.post()
    await press(demo, "acknowledge")
    demo.tick_until(demo.clock.now() + 16 * MINUTE)
    answer = (await demo.client.get("/incidents/INC-1")).text
    before, after = answer[answer.index('<section class="ladders') :].split('data-key="now"')
    assert "step hierarchical held" in after
    assert "step hierarchical held" not in before
    assert "held back while somebody has it" in Taken(after).text


async def test_the_timeline_tells_every_fact_the_newest_first_with_planned_and_actual_times(demo: Running) -> None:
    await demo.post()
    demo.clock.advance_to(demo.clock.now() + 5 * MINUTE + 3_000_000)
    demo.tick_until(demo.clock.now())
    told = part((await demo.client.get("/incidents/INC-1")).text, '<section class="timeline')
    assert told.index("Step 2: eve called") < told.index("Opened as P1 by scripts")
    assert "3 s late, planned for 09:05:00" in told


async def test_a_note_is_read_where_it_was_written(demo: Running) -> None:
    await demo.post()
    answer = await press(demo, "note", text="  The <b>disk</b> is full  ")
    assert answer.headers["location"] == "/incidents/INC-1?done=note"
    told = part((await demo.client.get("/incidents/INC-1")).text, '<section class="timeline')
    assert "Note by dana The <b>disk</b> is full" in told


async def test_what_was_sent_says_to_whom_and_by_what_way(demo: Running) -> None:
    await demo.post()
    told = part((await demo.client.get("/incidents/INC-1")).text, 'id="outbox"')
    for word in ("page", "dana", "email waits"):
        assert word in told


async def test_it_says_why_somebody_was_called_and_why_others_were_not(demo: Running) -> None:
    await demo.post()
    demo.tick_until(demo.clock.now() + 6 * MINUTE)
    told = part((await demo.client.get("/incidents/INC-1")).text, '<section class="reasons')
    assert "eve page, 09:05:00 Step 2 of the escalation policy, round 1" in told
    assert "dana page, 09:00:00 Step 1 of the escalation policy, round 1" in told


async def test_where_nobody_was_called_it_says_so_and_why(demo: Running) -> None:
    await demo.post(labels={"service": "nonsense"})
    told = part((await demo.client.get("/incidents/INC-1")).text, '<section class="reasons')
    assert ("Nobody has been called." in told) is not bool(facts(demo, "INC-1", ev.Paged))
    assert "which the rulebook does not know" in told


async def test_the_same_before_is_told_with_how_long_it_took_and_how_it_ended(demo: Running) -> None:
    await demo.post(key="one")
    await demo.post(key="another", title="Something else")
    demo.clock.advance_to(demo.clock.now() + 12 * MINUTE)
    await press(demo, "resolve", reason="Disk replaced")
    await demo.post(key="again")
    told = part((await demo.client.get("/incidents/INC-3")).text, 'id="before"')
    assert "INC-1 09:00:00 , 12 min long Resolved by dana: Disk replaced" in told
    assert "INC-2" not in told
    assert "Nothing with this service" in part((await demo.client.get("/incidents/INC-2")).text, 'id="before"')


async def test_many_alerts_are_told_the_firing_first_and_no_more_than_can_be_read(demo: Running) -> None:
    for number in range(25):
        await demo.post(key="k", alert=f"a{number}", title=f"Alert {number}")
    await demo.post(key="k", alert="a3", action="resolve")
    told = part((await demo.client.get("/incidents/INC-1")).text, 'id="alerts"')
    assert "24 of 25 firing" in told
    assert "and 5 more" in told
    assert "ended" not in told


async def test_what_could_not_be_read_is_shown_as_it_came(demo: Running) -> None:
    await demo.client.post("/in/scripts", content=b"<script>{{nonsense", headers={"authorization": f"Bearer {KEY}"})
    answer = (await demo.client.get("/incidents/INC-1")).text
    assert "&lt;script&gt;{{nonsense" in answer
    assert "<script>{{" not in answer


async def test_an_incident_that_is_not_there_says_so(demo: Running) -> None:
    answer = await demo.client.get("/incidents/INC-404")
    assert answer.status_code == 404
    assert "There is no incident INC-404" in answer.text


async def test_a_confidential_incident_does_not_exist_for_those_it_does_not_concern(secret: Running) -> None:
    secret.client.headers["host"] = "localhost:8400"
    await secret.post(title="Insider at work")
    shown = await secret.client.get("/incidents/INC-1")
    missing = await secret.client.get("/incidents/INC-2")
    assert shown.status_code == 404
    assert shown.text.replace("INC-1", "INC-2") == missing.text
    assert (await secret.client.get("/incidents/INC-1/fresh")).json() == {
        "now": secret.clock.now(), "gone": True, "parts": {},
    }  # fmt: skip
    refused = [await secret.client.post(f"/incidents/{id_}/resolve", data={"by": "dana"}) for id_ in ("INC-1", "INC-2")]
    assert [answer.status_code for answer in refused] == [404, 404]
    assert refused[0].text == refused[1].text
    assert state(secret, "INC-1").status == "open"


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"host": "10.0.0.7:8400"}, {"x-forwarded-for": "203.0.113.9"}, {"host": ""}]
)
async def test_a_demonstration_is_open_to_its_own_machine_alone(demo: Running, headers: dict[str, str]) -> None:
    for path, back in (("/", ""), ("/incidents/INC-1", "?next=/incidents/INC-1")):
        answer = await demo.client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/signin{back}")
    script = headers | {"accept": "application/json"}
    for path in ("/board/fresh", "/incidents/INC-1/fresh", "/changes"):
        assert (await demo.client.get(path, headers=script)).status_code == 401


async def test_only_parts_that_changed_are_sent_again_and_the_time_alone_changes_none(demo: Running) -> None:
    await demo.post()

    async def fresh(known: dict[str, str]) -> dict:
        marks = ",".join(f"{name}-{mark}" for name, mark in known.items())
        told: dict = (await demo.client.get("/incidents/INC-1/fresh", params={"known": marks})).json()
        return told

    first = await fresh({})
    assert list(first["parts"]) == ["incident", "beside"]
    known = {name: mark for name, (mark, _) in first["parts"].items()}
    demo.clock.advance_to(demo.clock.now() + MINUTE)
    assert await fresh(known) == {"now": demo.clock.now(), "parts": {}, "live": True}
    await press(demo, "acknowledge")
    assert "dana has it" in (await fresh(known))["parts"]["incident"][1]


# ---------------------------------------------------------------------------------------------- acting


@pytest.mark.parametrize(
    ("before", "act", "form", "kind"),
    [
        ((), "acknowledge", {"by": "eve"}, ev.Acknowledged),
        ((), "acknowledge", {"eta": "2h"}, ev.Acknowledged),
        (("acknowledge",), "acknowledge", {}, ev.Renewed),
        (("acknowledge",), "take-over", {"by": "eve", "sure": "yes"}, ev.Acknowledged),
        (("acknowledge",), "unacknowledge", {"reason": "ill", "sure": "yes"}, ev.AcknowledgementEnded),
        ((), "decline", {}, ev.Declined),
        ((), "resolve", {"reason": "disk replaced"}, ev.Resolved),
        ((), "escalate", {"ladder": "functional", "reason": "stuck"}, ev.StepEntered),
        ((), "escalate", {"ladder": "hierarchical", "reason": "customers ask"}, ev.RungFired),
        ((), "escalate", {"ladder": "hierarchical", "reason": "why not", "target": "person:omar"}, ev.Asked),
        ((), "reassign", {"to": "team:payments", "reason": "theirs"}, ev.HandedOver),
        (("acknowledge",), "reassign", {"to": "person:gita", "reason": "hers"}, ev.Asked),
        ((), "snooze", {"until": "15m"}, ev.Snoozed),
        ((), "snooze", {}, ev.Snoozed),
        ((), "pending", {"reason": "the vendor", "until": "1h"}, ev.Pended),
        ((), "note", {"text": "seen it"}, ev.Noted),
        ((), "priority", {"priority": "P2", "reason": "few are affected", "sure": "yes"}, ev.Prioritised),
        (("resolve",), "reopen", {"reason": "still there"}, ev.Reopened),
        (("resolve",), "close", {"sure": "yes"}, ev.Closed),
    ],
)
async def test_every_act_is_a_plain_form_that_becomes_a_fact(
    demo: Running, before: tuple[str, ...], act: str, form: dict[str, str], kind: type[ev.Fact]
) -> None:
    await demo.post()
    for one in before:
        await press(demo, one)
    assert f'action="/incidents/INC-1/{act}"' in (await demo.client.get("/incidents/INC-1")).text
    known = len(facts(demo, "INC-1", kind))
    answer = await press(demo, act, **form)
    where, _, undo = answer.headers.get("location", "").partition("&undo=")
    assert (answer.status_code, where) == (303, f"/incidents/INC-1?done={act}"), answer.text
    assert bool(undo) == (act in UNDOABLE)
    assert len(facts(demo, "INC-1", kind)) > known


@pytest.mark.parametrize(
    ("option", "by", "status"), [("fall back", "carla", 303), ("give up", "carla", 409), ("fall back", "gita", 409)]
)
async def test_a_decision_is_taken_by_those_who_were_asked_and_among_what_was_offered(
    demo: Running, option: str, by: str, status: int
) -> None:
    await demo.post(labels={"service": "core-network"})
    demo.tick_until(demo.clock.now() + 61 * MINUTE)
    (decision,) = (one for one in state(demo, "INC-1").requests if one.purpose == "decide")
    buttons = Taken((await demo.client.get("/incidents/INC-1")).text).buttons()
    assert {"fall back", "keep waiting"} <= set(buttons)
    answer = await press(demo, "answer", request=decision.id, option=option, by=by)
    assert answer.status_code == status
    assert [one.option for one in facts(demo, "INC-1", ev.Answered)] == (["fall back"] if status == 303 else [])


async def test_an_answer_and_a_decline_go_to_the_question_they_name(demo: Running) -> None:
    await demo.post()
    await press(demo, "escalate", ladder="hierarchical", reason="please look", target="person:omar")
    (request,) = state(demo, "INC-1").requests
    assert "please look" in (await page_of(demo)).text
    assert (await press(demo, "decline", request=request.id, by="omar")).status_code == 303
    (again,) = state(demo, "INC-1").requests
    assert again.current == ("nadia",)
    assert (await press(demo, "answer", request=again.id, by="nadia")).status_code == 303
    assert state(demo, "INC-1").requests == ()
    late = await press(demo, "decline", request=again.id, by="nadia")
    assert (late.status_code, "no longer asked" in late.text) == (409, True)


async def test_an_offer_is_accepted_by_whom_it_was_made_to(demo: Running) -> None:
    await demo.post()
    await press(demo, "acknowledge")
    await press(demo, "reassign", to="person:gita", reason="hers")
    (offer,) = state(demo, "INC-1").requests
    assert (await press(demo, "accept", request=offer.id, by="gita")).status_code == 303
    assert state(demo, "INC-1").owner == "gita"


@pytest.mark.parametrize(
    ("before", "offered", "hidden"),
    [
        (
            (),
            {"acknowledge", "resolve", "escalate", "snooze", "decline"},
            {"take-over", "unacknowledge", "reopen", "close"},
        ),
        (("acknowledge",), {"take-over", "unacknowledge", "resolve"}, {"reopen", "close", "decline"}),
        (("resolve",), {"reopen", "close", "note"}, {"acknowledge", "resolve", "escalate", "snooze", "priority"}),
    ],
)
async def test_only_what_the_state_allows_is_offered(
    demo: Running, before: tuple[str, ...], offered: set[str], hidden: set[str]
) -> None:
    await demo.post()
    for one in before:
        await press(demo, one)
    html = (await demo.client.get("/incidents/INC-1")).text
    acts = set(re.findall(r'action="/incidents/INC-1/([\w-]+)"', html))
    assert offered <= acts
    assert not hidden & acts


@pytest.mark.parametrize(
    ("login", "role", "may", "may_not"),
    [
        ("ben", "viewer", set(), {"acknowledge", "resolve", "note", "priority", "close"}),
        ("dana", "responder", {"acknowledge", "resolve", "note"}, {"priority"}),
        ("gita", "responder", {"escalate", "note"}, {"acknowledge", "resolve", "priority", "snooze"}),
        ("carla", "manager", {"acknowledge", "resolve", "note", "priority"}, set()),
        ("lena", "security-audit", set(), {"acknowledge", "resolve", "note", "priority"}),
    ],
)
async def test_only_what_a_role_allows_is_offered_and_taken(
    here: Running, login: str, role: Role, may: set[str], may_not: set[str]
) -> None:
    await here.post()
    sit_down(here, login, role)
    html = (await here.client.get("/incidents/INC-1")).text
    acts = set(re.findall(r'action="/incidents/INC-1/([\w-]+)"', html))
    assert may <= acts
    assert not may_not & acts
    for act in may_not:
        shown = await csrf(here)
        refused = await press(here, act, csrf=shown, reason="x", text="x", priority="P2", sure="yes")
        assert refused.status_code == 403


async def test_whoever_is_signed_in_acts_as_themselves_and_shows_what_our_forms_show(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    html = (await here.client.get("/incidents/INC-1")).text
    assert 'name="by"' not in html
    assert "You were called: Step 1 of the escalation policy" in part(html, '<section class="reasons')
    assert (await press(here, "acknowledge", by="")).status_code == 403
    assert (await press(here, "acknowledge", by="", csrf=await csrf(here))).status_code == 303
    assert state(here, "INC-1").owner == "dana"
    html = (await here.client.get("/incidents/INC-1")).text
    assert "Still on it" in html
    assert "take-over" not in html


@pytest.mark.parametrize(
    ("before", "act", "form"),
    [
        (("acknowledge",), "take-over", {"by": "eve"}),
        (("acknowledge",), "unacknowledge", {"reason": "ill"}),
        (("resolve",), "close", {}),
        ((), "priority", {"priority": "P3", "reason": "few"}),
    ],
)
async def test_what_hurts_is_asked_once_more_with_everything_that_was_typed(
    demo: Running, before: tuple[str, ...], act: str, form: dict[str, str]
) -> None:
    await demo.post()
    for one in before:
        await press(demo, one)
    known = state(demo, "INC-1").seq
    asked = await press(demo, act, **form)
    assert (asked.status_code, state(demo, "INC-1").seq) == (409, known)
    typed = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked.text)
    answer = await demo.client.post(f"/incidents/INC-1/{act}", data=dict(typed) | {"sure": "yes"})
    assert answer.status_code == 303
    assert state(demo, "INC-1").seq > known


async def test_several_firing_alerts_are_not_resolved_by_a_slip(demo: Running) -> None:
    for alert in ("a", "b"):
        await demo.post(key="k", alert=alert)
    asked = await press(demo, "resolve", reason="gone")
    assert asked.status_code == 409
    assert "2 alerts still fire" in asked.text
    assert (await press(demo, "resolve", reason="gone", sure="yes")).status_code == 303


async def test_a_second_tab_cannot_act_on_what_has_changed_and_is_told_what_did(demo: Running) -> None:
    await demo.post()
    seen = str(state(demo, "INC-1").seq)
    await press(demo, "acknowledge", by="eve")
    refused = await press(demo, "resolve", seen=seen, reason="I restarted it")
    assert refused.status_code == 409
    told = Taken(refused.text)
    for word in ("It has changed since you looked", "eve has it", "eve is working on it"):
        assert word in told.text
    assert state(demo, "INC-1").status == "acknowledged"
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', refused.text))
    assert again == {"seen": str(state(demo, "INC-1").seq), "by": "dana", "reason": "I restarted it"}
    assert (await demo.client.post("/incidents/INC-1/resolve", data=again)).status_code == 303
    assert state(demo, "INC-1").status == "resolved"


@pytest.mark.parametrize("before", [("acknowledge",), ("resolve",)])
async def test_whoever_acknowledges_too_late_is_told_so(demo: Running, before: tuple[str, ...]) -> None:
    await demo.post()
    seen = str(state(demo, "INC-1").seq)
    for one in before:
        await press(demo, one, by="eve")
    refused = await press(demo, "acknowledge", seen=seen)
    assert (refused.status_code, "You came too late" in refused.text) == (409, True)
    assert len(facts(demo, "INC-1", ev.Late)) == 1


@pytest.mark.parametrize(
    ("act", "form", "status", "told"),
    [
        ("acknowledge", {"by": "mallory"}, 400, "Who does it?"),
        ("acknowledge", {"by": ""}, 400, "Who does it?"),
        ("acknowledge", {"eta": "soon"}, 400, "no length of time"),
        ("explode", {}, 404, "nothing here"),
        ("escalate", {"reason": " "}, 400, "say why"),
        ("escalate", {"reason": "x", "target": "person:mallory"}, 400, "choose whom"),
        ("reassign", {"reason": "x"}, 400, "choose whom"),
        ("reassign", {"reason": "x", "to": "role:duty-manager"}, 409, "not possible"),
        ("snooze", {"until": "2d"}, 409, "not possible"),
        ("pending", {}, 400, "say why"),
        ("note", {"text": " "}, 400, "empty"),
        ("priority", {"priority": "P9", "reason": "x", "sure": "yes"}, 400, "priority"),
        ("answer", {}, 400, "which question"),
        ("answer", {"request": "r77"}, 303, ""),
        ("accept", {"request": "r77"}, 409, "no longer asked"),
        ("decline", {"by": "gita"}, 409, "not being asked"),
        ("reopen", {"reason": "x"}, 409, "not over yet"),
        ("unacknowledge", {"sure": "yes"}, 409, "Nobody has acknowledged"),
    ],
)
async def test_what_cannot_be_done_says_why_and_changes_nothing(
    demo: Running, act: str, form: dict[str, str], status: int, told: str
) -> None:
    await demo.post()
    answer = await press(demo, act, **form)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert state(demo, "INC-1").status == "open"
    assert state(demo, "INC-1").moved == 1


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}])
@pytest.mark.parametrize("path", ["/incidents/INC-1/acknowledge", "/board/acknowledge"])
async def test_another_site_cannot_press_the_buttons(demo: Running, path: str, headers: dict[str, str]) -> None:
    await demo.post()
    answer = await demo.client.post(path, data={"by": "dana", "incident": "INC-1:1"}, headers=headers)
    assert answer.status_code == 403
    assert state(demo, "INC-1").owner is None


async def test_whoever_is_being_called_is_chosen_already(demo: Running) -> None:
    await demo.post()
    demo.tick_until(demo.clock.now() + 6 * MINUTE)
    html = (await demo.client.get("/incidents/INC-1")).text
    chosen = re.search(r'<select id="acknowledge-by" name="by"><option value="(\w+)"', html)
    assert chosen is not None
    assert chosen[1] == "eve"


async def test_a_source_has_to_show_its_key_as_ever(demo: Running) -> None:
    wrong = {"authorization": f"Bearer {KEY}x"}
    assert (await demo.client.post("/in/scripts", json={}, headers=wrong)).status_code == 401
