"""The page that explains: a form with a person, and the answer in the reader's language and on their clock."""

from tests.cast import MINUTE
from tests.doors import Running
from tests.web.reading import Taken


async def explained(here: Running, query: str = "", **headers: str) -> Taken:
    answer = await here.client.get(f"/incidents/INC-1/why{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert "<script>" not in answer.text
    return Taken(answer.text)


async def test_the_incident_s_page_leads_to_it(demo: Running) -> None:
    await demo.post()
    assert 'href="/incidents/INC-1/why' in (await demo.client.get("/incidents/INC-1")).text


async def test_it_asks_for_a_person_and_says_what_kept_them_out(demo: Running) -> None:
    await demo.post()
    page = await explained(demo, "?person=eve")
    for told in ("eve was not called, though steps could have named them.", "team named dana", "Ways to eve"):
        assert told in page.text
    assert ("option", "value", "eve") in page.attributes


async def test_without_a_person_it_says_what_comes_next_and_why(demo: Running) -> None:
    await demo.post()
    page = await explained(demo)
    assert "The wait of step 1 is 5m, from 09:00:00" in page.text
    assert "09:05:00" in page.text


async def test_it_is_said_in_german_and_on_the_reader_s_clock(demo: Running) -> None:
    await demo.post()
    demo.client.cookies.set("zone", "Asia/Tokyo")
    page = await explained(demo, "?person=dana", **{"accept-language": "de"})
    assert "Die Wartezeit von Stufe 1 ist 5m, ab 18:00:00" in page.text
    assert "dana wird gerufen" in page.text


async def test_the_past_is_asked_on_the_reader_s_clock_too(demo: Running) -> None:
    await demo.post()
    await demo.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"})
    demo.tick_until(demo.clock.now() + 10 * MINUTE)
    assert "dana has had it since" in (await explained(demo, "?person=eve")).text
    before = (await explained(demo, "?person=eve&at=2026-01-05T08:59")).text
    assert "At that time it had not begun: it was opened at 09:00:00." in before
    assert "Ways to eve" not in before


async def test_what_is_no_time_is_said_and_kept_in_the_form(demo: Running) -> None:
    await demo.post()
    answer = await demo.client.get("/incidents/INC-1/why?at=soon%22%3E")
    assert answer.status_code == 422
    assert "That is no time: soon" in Taken(answer.text).text
    assert 'soon">' not in answer.text


async def test_what_may_not_be_known_is_what_does_not_exist(secret: Running) -> None:
    secret.client.headers["host"] = "localhost:8400"
    await secret.post(title="Insider at work")
    shown, missing = [await secret.client.get(f"/incidents/{one}/why?person=dana") for one in ("INC-1", "INC-2")]
    assert (shown.status_code, missing.status_code) == (404, 404)
    assert shown.text.replace("INC-1", "INC-2") == missing.text
