"""The language and the zone of whoever reads: their own setting, else the browser's, else the organisation's."""

import re

import pytest
from msgspec.structs import replace

from tests.cast import MINUTE, small_rulebook
from tests.doors import Running, running
from tests.insiders import sit_down
from tests.web.reading import Taken, link
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import HoursId
from tocsin.lib.translate import catalogue
from tocsin.store import people
from tocsin.web.layout.reader import Reader, wished

GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


def settle(here: Running, **settings: str) -> None:
    """Dana has set something for herself."""
    dana = people.PersonRow("dana", "Dana", **settings)
    here.site.ledger.transact(lambda tx: people.seed(tx.connection, [dana], [], here.clock.now()))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("fr, de-CH;q=0.7, en;q=0.3", "de"),
        ("en;q=0.2, de;q=0.8", "de"),
        ("en, de", "en"),
        ("de;q=0", "en"),
        ("de;q=much", "en"),
        ("de;q=nan", "en"),
        ("xx-YY", "en"),
        (",;=,q=,;q=1", "en"),
        ("DE_de", "de"),
    ],
)
def test_a_browser_gets_what_it_likes_best_of_what_we_speak(header: str, language: str) -> None:
    assert wished(header) == language


def test_what_a_person_has_set_comes_before_what_the_browser_says() -> None:
    asked = Reader("de", "Europe/Berlin")
    assert asked.known_as(None) == asked
    assert asked.known_as(people.PersonRow("dana")) == asked
    assert asked.known_as(people.PersonRow("dana", "", "Asia/Tokyo", "en")) == Reader("en", "Asia/Tokyo", settled=True)
    assert asked.known_as(people.PersonRow("dana", "", "Mars/Olympus", "xx")) == asked


@pytest.mark.parametrize(
    "path", ["/", "/incidents/INC-1", "/components", "/incidents/INC-404", "/signin", "/nowhere", "/l/forged", "link"]
)
async def test_every_page_is_german_for_a_german_browser(demo: Running, path: str) -> None:
    await demo.post()
    answer = await demo.client.get(link(demo, "INC-1", "dana") if path == "link" else path, headers=GERMAN)
    page = Taken(answer.text)
    assert ("html", "lang", "de") in page.attributes
    names = set(small_rulebook().teams)  # one of them may be a word of English
    only_english = set(catalogue("en").values()) - set(catalogue("de").values()) - names
    assert [one for one in page.data if one in only_english] == []
    spoken = [value for _, name, value in page.attributes if name in ("title", "aria-label")]
    assert [one for one in spoken if one in only_english] == []


async def test_the_pieces_of_the_live_page_are_in_the_readers_language_and_kept_apart(demo: Running) -> None:
    await demo.post()
    for headers, word in (({}, "Nobody has it yet"), (GERMAN, "Noch bei niemandem in Arbeit"), ({}, "Hand over to")):
        assert word in (await demo.client.get("/incidents/INC-1/fresh", headers=headers)).json()["parts"]["incident"][1]


async def test_a_person_who_has_set_a_language_and_a_zone_reads_their_links_in_them(here: Running) -> None:
    await here.post()
    settle(here, language="de", zone="Asia/Tokyo")
    page = Taken((await here.client.get(link(here, "INC-1", "dana"), headers={"accept-language": "en"})).text)
    assert "Hilfe wird gebraucht" in page.text
    assert "In 5 min 00 s, um 18:05:00" in page.text
    assert "Zeiten in der Zone Asia/Tokyo." in page.text


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia%2FTokyo", "18:05:00"), ("Asia/Tokyo", "18:05:00"), ("..%2F..%2Fetc%2Fpasswd", "09:05:00")],
)
async def test_a_browser_that_told_its_zone_has_times_in_it_and_a_wrong_one_costs_nothing(
    demo: Running, zone: str, shown: str
) -> None:
    await demo.post()
    page = Taken((await demo.client.get("/incidents/INC-1", headers={"cookie": f"zone={zone}"})).text)
    assert shown in page.text
    assert ("body", "data-zone", "") in page.attributes


async def test_the_hover_has_the_zone_of_the_incident(sqlite_url: str) -> None:
    book = small_rulebook()
    team = book.teams["infrastructure"]
    hours = Hours(HoursId("desk"), "America/Lima", (((0, 1440),),) * 7, 24 * 60 * MINUTE)
    elsewhere = replace(book, hours={"desk": hours}, teams={**book.teams, team.id: replace(team, hours=hours.id)})
    with running(sqlite_url, rulebook=elsewhere, demo=True) as demo:
        demo.client.headers["host"] = "127.0.0.1:8400"
        await demo.post()
        text = (await demo.client.get("/incidents/INC-1", headers=GERMAN)).text
    assert re.search(r'title="Montag, [^"]*, 04:00:00 -05 \(America/Lima\)">09:00:00<', text)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/start", 403), ("DELETE", "/mine", 405), ("POST", "/mine/settings", 403)],
)
async def test_what_goes_wrong_is_said_in_the_language_that_somebody_has_chosen(
    here: Running, method: str, path: str, status: int
) -> None:
    settle(here, language="de")
    sit_down(here, "dana")
    english = {"accept-language": "en", "origin": "https://elsewhere.example"}
    answer = await here.client.request(method, path, headers=english)
    assert (answer.status_code, '<html lang="de">' in answer.text) == (status, True)
    here.client.cookies.clear()
    answer = await here.client.get("/nowhere", headers=english)
    assert (answer.status_code, '<html lang="en">' in answer.text) == (404, True)
