"""Signed links: looking never acts, pressing acts once, and whatever is too late, forged or expired says so."""

import pytest

from tests.cast import MINUTE
from tests.doors import SECRET, URL, Running
from tests.insiders import sit_down
from tests.web.reading import Taken, facts, link, state
from tocsin.access.links import Link, Links
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import IncidentId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.instant import HOUR, SECOND
from tocsin.engine.submission import Submission


async def put(here: Running, command: cmd.Command, incident: str = "INC-1") -> None:
    answer = await here.site.door.submit(Submission(f"test:{here.clock.now()}:{type(command)}", command, incident))
    assert answer.refused is None


async def test_a_page_shows_what_is_wrong_what_happens_next_and_why_it_is_you(here: Running) -> None:
    await here.post(title="Orders fail", text="No connection since 02:10", labels={"service": "order-database"})
    answer = await here.client.get(link(here, "INC-1", "dana"))
    page = Taken(answer.text)
    assert answer.status_code == 200
    for part in ("INC-1", "P1", "Orders fail", "order-database", "You are needed", "Nobody yet", "No connection since"):
        assert part in page.text
    assert "In 5 min 00 s, at 09:05:00 : eve will be paged" in page.text
    assert "Step 1 of the escalation policy, round 1" in page.text
    assert page.buttons() == ["acknowledge", "decline"]


async def test_pressing_acknowledge_makes_the_person_owner_and_leads_back_to_the_same_page(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    pressed = await here.client.post(path, data={"action": "acknowledge"})
    assert (pressed.status_code, pressed.headers["location"]) == (303, path)
    assert (state(here, "INC-1").owner, state(here, "INC-1").status) == ("dana", "acknowledged")
    page = Taken((await here.client.get(path)).text)
    assert "You have it" in page.text
    assert "We will ask you again at 09:05" in page.text
    assert page.buttons() == []


async def test_pressing_it_signed_in_counts_as_done_in_person(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    path = link(here, "INC-1", "dana")
    await here.client.post(path)
    page = Taken((await here.client.get(path)).text)
    assert "Until 09:30, for 30 min" in page.text
    assert page.buttons() == ["undo"]


async def test_signed_in_as_somebody_else_a_link_proves_no_more_than_it_does_alone(here: Running) -> None:
    await here.post()
    sit_down(here, "eve")
    path = link(here, "INC-1", "dana")
    await here.client.post(path)
    assert "We will ask you again" in (await here.client.get(path)).text


async def test_what_is_not_critical_is_not_asked_again(here: Running) -> None:
    await here.post(severity="error")
    path = link(here, "INC-1", "dana")
    await here.client.post(path)
    assert "Until 10:00, for 1 h" in Taken((await here.client.get(path)).text).text


async def test_a_second_press_a_minute_later_confirms(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    await here.client.post(path)
    assert "A press here counts from 09:01:00 on" in Taken((await here.client.get(path)).text).text
    assert (await here.client.post(path, data={"action": "confirm"})).status_code == 303
    assert facts(here, "INC-1", ev.Renewed) == []
    here.clock.advance_to(here.clock.now() + MINUTE)
    assert Taken((await here.client.get(path)).text).buttons() == ["confirm"]
    assert (await here.client.post(path, data={"action": "confirm"})).status_code == 303
    assert "Until 09:31, for 30 min" in Taken((await here.client.get(path)).text).text


async def test_signing_in_lets_confirm_at_once(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    await here.client.post(path)
    sit_down(here, "dana")
    assert Taken((await here.client.get(path)).text).buttons() == ["confirm"]
    await here.client.post(path, data={"action": "confirm"})
    assert "Until 09:30, for 30 min" in Taken((await here.client.get(path)).text).text


async def test_unconfirmed_they_are_asked_and_a_machine_that_answers_at_once_does_not_count(here: Running) -> None:
    await here.post()
    await here.client.post(link(here, "INC-1", "dana"))
    here.tick_until(here.clock.now() + 5 * MINUTE)
    path = link(here, "INC-1", "dana", "still_on_it")
    page = Taken((await here.client.get(path)).text)
    assert page.buttons() == ["decline"]
    assert "A press here counts from 09:06:00 on" in page.text
    await here.client.post(path)
    here.tick_until(here.clock.now() + 5 * MINUTE)
    assert (state(here, "INC-1").owner, state(here, "INC-1").functional.called) == (None, ("eve",))


async def test_a_critical_question_is_not_answered_in_the_minute_in_which_it_was_sent(
    here: Running,
) -> None:
    await here.post()
    here.tick_until(here.clock.now() + 31 * MINUTE)
    request = state(here, "INC-1").requests[0]
    asked = Link(IncidentId("INC-1"), request.current[0], "ask", request.id, at=here.clock.now())
    path = Links(SECRET, URL).address(asked, here.clock.now() + HOUR).removeprefix(URL)
    page = Taken((await here.client.get(path)).text)
    assert (page.buttons(), "A press here counts from 09:32:00 on" in page.text) == ([], True)
    await here.client.post(path)
    assert state(here, "INC-1").requests == (request,)
    here.clock.advance_to(here.clock.now() + MINUTE)
    await here.client.post(path)
    assert state(here, "INC-1").requests == ()


async def test_signed_in_it_is_answered_at_once(here: Running) -> None:
    await here.post()
    here.tick_until(here.clock.now() + 31 * MINUTE)
    request = state(here, "INC-1").requests[0]
    asked = Link(IncidentId("INC-1"), request.current[0], "ask", request.id, at=here.clock.now())
    sit_down(here, request.current[0])
    await here.client.post(Links(SECRET, URL).address(asked, here.clock.now() + HOUR).removeprefix(URL))
    assert state(here, "INC-1").requests == ()


@pytest.mark.parametrize("person", ["dana", "kai"])
async def test_a_link_leads_on_to_the_right_incident_without_a_search(here: Running, person: str) -> None:
    await here.post(key="another")
    await here.post()
    shown = (await here.client.get(link(here, "INC-2", person))).text
    (on,) = {value for tag, _, value in Taken(shown).attributes if tag == "a" and value.startswith("/incidents/")}
    assert on == "/incidents/INC-2"
    first = await here.client.get(on)
    assert (first.status_code, first.headers["location"]) == (303, "/signin?next=/incidents/INC-2")
    sit_down(here, person)
    assert "INC-2" in (await here.client.get(on)).text


async def test_acknowledging_is_what_a_press_means_that_says_nothing_else(here: Running) -> None:
    await here.post()
    assert (await here.client.post(link(here, "INC-1", "dana"))).status_code == 303
    assert state(here, "INC-1").owner == "dana"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_prefetching_and_scanning_change_nothing(here: Running, method: str) -> None:
    await here.post()
    before = state(here, "INC-1")
    for headers in ({}, {"sec-purpose": "prefetch"}, {"purpose": "preview"}, {"user-agent": "mail scanner"}):
        answer = await here.client.request(method, link(here, "INC-1", "dana"), headers=headers)
        assert answer.status_code == 200
    assert answer.text == "" if method == "HEAD" else "Acknowledge" in answer.text
    assert state(here, "INC-1") == before


async def test_the_same_press_again_changes_nothing_more(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    await here.client.post(path)
    once = state(here, "INC-1")
    here.clock.advance_to(here.clock.now() + 30 * SECOND)
    assert (await here.client.post(path)).status_code == 303
    assert state(here, "INC-1") == once


async def test_i_cannot_calls_the_next_at_once_and_can_be_taken_back(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    assert (await here.client.post(path, data={"action": "decline"})).status_code == 303
    page = Taken((await here.client.get(path)).text)
    assert "You said that you cannot" in page.text
    assert "eve is being called now" in page.text
    assert page.buttons() == ["acknowledge"]
    assert state(here, "INC-1").functional.called == ("eve",)


async def test_somebody_else_has_it_already(here: Running) -> None:
    await here.post()
    here.tick_until(here.clock.now() + 6 * MINUTE)
    await here.client.post(link(here, "INC-1", "eve"))
    page = Taken((await here.client.get(link(here, "INC-1", "dana"))).text)
    assert "eve has it" in page.text
    assert "You need not do anything." in page.text
    assert page.buttons() == []


async def test_a_press_on_what_was_read_before_somebody_took_it_is_kept_for_the_record_alone(here: Running) -> None:
    await here.post()
    seen = state(here, "INC-1").seq
    here.tick_until(here.clock.now() + 6 * MINUTE)
    await here.client.post(link(here, "INC-1", "eve"))
    for _ in range(3):
        assert (await here.client.post(link(here, "INC-1", "dana"), data={"seen": str(seen)})).status_code == 303
    assert state(here, "INC-1").owner == "eve"
    assert [one.by for one in facts(here, "INC-1", ev.Late)] == ["dana"]


async def test_a_press_after_the_end_says_that_it_is_over(here: Running) -> None:
    await here.post(key="db")
    path = link(here, "INC-1", "dana")
    await here.post(key="db", action="resolve")
    assert (await here.client.post(path)).status_code == 303
    page = Taken((await here.client.get(path)).text)
    assert "It is over" in page.text
    assert "scripts said so at 09:00" in page.text
    assert (state(here, "INC-1").status, page.buttons()) == ("resolved", [])


async def test_a_link_expires_and_says_so(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    here.clock.advance_to(here.clock.now() + HOUR)
    for answer in (await here.client.get(path), await here.client.post(path)):
        assert answer.status_code == 410
        assert "This link has expired" in answer.text
    assert state(here, "INC-1").owner is None


@pytest.mark.parametrize(
    "spoil", [lambda path: path[:-2], lambda path: path + "A", lambda path: path.replace("_", "_x", 1)]
)
async def test_a_forged_link_and_one_cut_short_lead_nowhere(here: Running, spoil) -> None:
    await here.post()
    path = spoil(link(here, "INC-1", "dana"))
    for answer in (await here.client.get(path), await here.client.post(path)):
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text
        assert "Orders fail" not in answer.text


async def test_a_link_to_an_incident_that_is_not_there_looks_like_a_forged_one(here: Running) -> None:
    answers = [await here.client.get(path) for path in (link(here, "INC-9", "dana"), "/l/tsl_x.y")]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
async def test_what_another_site_sends_is_refused(here: Running, headers: dict[str, str]) -> None:
    await here.post()
    answer = await here.client.post(link(here, "INC-1", "dana"), headers=headers)
    assert answer.status_code == 403
    assert state(here, "INC-1").owner is None


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"origin": "https://tocsin.acme.example"},
        {"origin": "null"},
    ],
)
async def test_what_our_own_page_sends_is_taken(here: Running, headers: dict[str, str]) -> None:
    await here.post()
    assert (await here.client.post(link(here, "INC-1", "dana"), headers=headers)).status_code == 303


@pytest.mark.parametrize("purpose", ["inform", "over", "taken", "broken", "finding"])
async def test_a_link_that_informs_only_shows(here: Running, purpose) -> None:
    await here.post()
    path = link(here, "INC-1", "dana", purpose)
    assert Taken((await here.client.get(path)).text).buttons() == []
    refused = await here.client.post(path, data={"action": "acknowledge"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert state(here, "INC-1").owner is None


@pytest.mark.parametrize("action", ["resolve", "accept", "seen", "choose", "<script>"])
async def test_a_link_does_nothing_beyond_its_purpose(here: Running, action: str) -> None:
    await here.post()
    answer = await here.client.post(link(here, "INC-1", "dana"), data={"action": action})
    assert answer.status_code == 400
    assert "nothing was done" in answer.text
    assert state(here, "INC-1").status == "open"


async def test_a_question_is_answered_by_having_seen_it(here: Running) -> None:
    await here.post()
    here.tick_until(here.clock.now() + 31 * MINUTE)
    request = state(here, "INC-1").requests[0]
    path = link(here, "INC-1", request.current[0], "ask", request=request.id)
    assert Taken((await here.client.get(path)).text).buttons() == ["seen"]
    await here.client.post(path)
    assert state(here, "INC-1").requests == ()
    assert "You have answered" in (await here.client.get(path)).text


async def test_a_decision_has_a_button_for_each_option_the_links_own_first(here: Running) -> None:
    await here.post(labels={"service": "core-network"})
    await put(here, cmd.Acknowledge("eve"))
    here.tick_until(here.clock.now() + HOUR + SECOND)
    (request,) = [one for one in state(here, "INC-1").requests if one.purpose == "decide"]
    path = link(here, "INC-1", request.current[0], "decide", request=request.id, option="keep waiting")
    page = Taken((await here.client.get(path)).text)
    assert page.buttons() == ["keep waiting", "fall back"]
    assert "Fall back to manual order picking?" in page.text
    await here.client.post(path, data={"option": "fall back"})
    assert facts(here, "INC-1", ev.Answered)[-1].option == "fall back"
    assert "The answer is: fall back" in (await here.client.get(path)).text


async def test_an_option_that_is_none_is_refused_in_words(here: Running) -> None:
    await here.post(labels={"service": "core-network"})
    await put(here, cmd.Acknowledge("eve"))
    here.tick_until(here.clock.now() + HOUR + SECOND)
    (request,) = [one for one in state(here, "INC-1").requests if one.purpose == "decide"]
    path = link(here, "INC-1", request.current[0], "decide", request=request.id)
    answer = await here.client.post(path, data={"option": "launch"})
    assert answer.status_code == 200
    assert "Nothing was done" in answer.text
    assert facts(here, "INC-1", ev.Answered) == []


@pytest.mark.parametrize(("option", "owner"), [("accept", "gita"), ("decline", "dana")])
async def test_an_offer_is_accepted_or_declined(here: Running, option: str, owner: str) -> None:
    await here.post()
    await put(here, cmd.Acknowledge("dana"))
    await put(here, cmd.Reassign("dana", Target("person", "gita"), "not ours"))
    (request,) = state(here, "INC-1").requests
    path = link(here, "INC-1", "gita", "offer", request=request.id, option=option)
    assert sorted(Taken((await here.client.get(path)).text).buttons()) == ["accept", "decline"]
    assert (await here.client.post(path)).status_code == 303
    assert state(here, "INC-1").owner == owner


async def test_still_on_it_renews_what_is_about_to_run_out(here: Running) -> None:
    await here.post()
    await put(here, cmd.Acknowledge("dana"))
    here.tick_until(here.clock.now() + 30 * MINUTE)
    here.clock.advance_to(here.clock.now() + MINUTE)
    path = link(here, "INC-1", "dana", "still_on_it")
    assert Taken((await here.client.get(path)).text).buttons() == ["still_on_it", "decline"]
    await here.client.post(path)
    lease = state(here, "INC-1").lease
    assert lease is not None
    assert (lease.asked_until, len(facts(here, "INC-1", ev.Renewed))) == (None, 1)


async def test_a_confidential_incident_is_shown_to_the_addressed_and_not_in_the_title(secret: Running) -> None:
    await secret.post(title="Insider at work")
    answer = await secret.client.get(link(secret, "INC-1", "dana"))
    head, _, body = answer.text.partition("</head>")
    assert "Insider at work" in body
    assert "Insider" not in head
    assert "Confidential incident" in head
