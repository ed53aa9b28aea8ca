"""Reporting something: in plain words, once, kept while something is wrong, and without a word of what is secret."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.cast import small_rulebook
from tests.doors import Running, running
from tests.insiders import sit_down
from tests.web.reading import Taken, facts, state
from tocsin.core.catalogue.priority import PriorityRules
from tocsin.core.incident import events as ev
from tocsin.core.instant import MINUTE
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.store import texts

MATRIX = PriorityRules(
    severity={"critical": "P1", "error": "P2", "warning": "P3", "info": "P5", "else": "P2"},
    urgency=("high", "medium", "low"),
    matrix={
        "extensive": ("P1", "P1", "P2"),
        "significant": ("P1", "P2", "P3"),
        "moderate": ("P2", "P3", "P4"),
        "minor": ("P3", "P4", "P5"),
    },
)
HUSH = Criterion("hush", "signal.kind == 'security'", Raise(confidential=True))
WARD = Criterion("ward", "signal.title == 'The ward is dark'", Raise(priority="P1"))
SAID = {"title": "The till takes no cards", "service": "checkout", "reach": "many", "hurry": "hindered"}


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Running]:
    """With a matrix of priorities, and in which whatever is reported as an attack is confidential."""
    with running(sqlite_url, rulebook=small_rulebook(priorities=MATRIX, criteria=(HUSH, WARD))) as standing:
        yield standing


async def form_of(here: Running, client: httpx.AsyncClient | None = None) -> dict[str, str]:
    """What the form holds by itself."""
    html = (await (client or here.client).get("/report")).text
    return dict(re.findall(r'type="hidden" name="(csrf|nonce)" value="([^"]+)"', html))


async def send(here: Running, **said: Any) -> httpx.Response:
    """Fill the form in and send it."""
    return await here.client.post("/report", data=await form_of(here) | SAID | said)


async def test_whoever_may_only_look_reports_in_their_own_name(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    answer = await send(shop, text="Since the new till", since="nine", callback="020 7123")
    assert answer.status_code == 303
    page = Taken((await shop.client.get(answer.headers["location"])).text).text
    for told in ("It has arrived", "INC-1", "The till takes no cards", "gita is being called right now", "ines"):
        assert told in page
    found = state(shop, "INC-1")
    assert (found.priority, found.team, found.kind) == ("P2", "payments", "incident")
    assert found.signal is not None
    assert (found.signal.reporter, found.signal.reported_by) == ("kai", "person")
    assert (found.signal.labels["impact"], found.signal.labels["affected"]) == ("significant", "many")
    with shop.site.ledger.read() as connection:
        kept = texts.find_all(connection, [found.text])[found.text]
    assert kept == "Since the new till\n\nSince: nine\nFor questions: 020 7123"
    (opened,) = facts(shop, "INC-1", ev.Opened)
    assert "020 7123" not in repr(opened)  # facts are for ever, a telephone number is not


@pytest.mark.parametrize(
    ("reach", "hurry", "priority"),
    [("everybody", "stopped", "P1"), ("some", "later", "P4"), ("one", "later", "P5")],
)
async def test_plain_words_become_the_priority_of_the_rulebook(
    shop: Running, reach: str, hurry: str, priority: str
) -> None:
    sit_down(shop, "kai", "viewer")
    await send(shop, reach=reach, hurry=hurry)
    assert state(shop, "INC-1").priority == priority


async def test_who_does_not_know_the_service_is_heard_all_the_same(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    await send(shop, service="")
    assert (state(shop, "INC-1").team, state(shop, "INC-1").service) == ("service-desk", None)


@pytest.mark.parametrize("said", [{"service": ""}, {"reach": "some", "hurry": "later"}])
async def test_plain_words_lower_nothing_that_a_criterion_raised(shop: Running, said: dict[str, str]) -> None:
    sit_down(shop, "kai", "viewer")
    await send(shop, title="The ward is dark", **said)
    assert state(shop, "INC-1").priority == "P1"


async def test_everything_that_was_typed_stays_while_something_is_wrong(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    answer = await send(shop, title=" ", text="What <I> did", reach="", number="many", callback="020", kind="request")
    assert answer.status_code == 422
    page = Taken(answer.text)
    for told in ("Please look at 3 things again", "in one sentence what is wrong", "how many are affected", "figures"):
        assert told in page.text
    assert "What &lt;I&gt; did</textarea>" in answer.text
    for kept in ('value="020"', 'value="many"', 'value="checkout" selected', 'value="request" checked'):
        assert kept in answer.text
    assert 'value="hindered" checked' in answer.text
    assert 'aria-describedby="title-hint title-wrong"' in answer.text


async def test_a_store_that_is_behind_loses_nothing_and_the_same_form_can_be_sent_again(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    filled = await form_of(shop) | SAID | {"text": "Everything I know"}
    shop.site.door.close()
    answer = await shop.client.post("/report", data=filled)
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.text
    assert "Everything I know</textarea>" in answer.text
    assert f'value="{filled["nonce"]}"' in answer.text


async def test_a_form_that_is_sent_twice_makes_one_incident(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    filled = await form_of(shop) | SAID
    places = [(await shop.client.post("/report", data=filled)).headers["location"] for _ in range(3)]
    assert places == [places[0]] * 3
    assert "/report/INC-1?" in places[0]
    assert len(facts(shop, "INC-1", ev.Opened)) == 1
    assert facts(shop, "INC-1", ev.Repeated) == []


async def test_the_same_from_a_second_tab_joins_and_says_so(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    await send(shop)
    answer = await send(shop, title="the till  takes NO cards")
    assert "INC-1" in answer.headers["location"]
    assert "You had reported that already" in (await shop.client.get(answer.headers["location"])).text
    assert "INC-2" not in (await shop.client.get("/")).text


async def test_what_is_known_of_a_service_is_shown_before_anything_is_sent(shop: Running) -> None:
    incident = await shop.post(title="Checkout is slow", labels={"service": "checkout"})
    await shop.post(title="Another thing", labels={"service": "core-network"}, key="other")
    sit_down(shop, "kai", "viewer")
    for piece in ("/report/known?service=checkout", "/report?service=checkout"):
        told = (await shop.client.get(piece)).text
        assert "Checkout is slow" in told
        assert "Another thing" not in told
    first = await send(shop)
    assert first.status_code == 200
    assert "Perhaps this is known already" in first.text
    assert "The till takes no cards" in first.text  # what was typed is still there
    again = await send(shop, seen=incident)
    assert "/report/INC-3?became=opened" in again.headers["location"]


async def test_who_knows_no_service_is_shown_the_most_urgent(shop: Running) -> None:
    await shop.post(title="Another thing", labels={"service": "core-network"})
    sit_down(shop, "kai", "viewer")
    assert "Another thing" in (await send(shop, service="")).text


async def test_me_too_is_counted_noted_and_ends_when_its_source_says_so(shop: Running) -> None:
    incident = await shop.post(title="Checkout is slow", labels={"service": "checkout"}, key="slow")
    shop.clock.advance_to(shop.clock.now() + 11 * MINUTE)
    sit_down(shop, "kai", "viewer")
    filled = await form_of(shop) | SAID | {"title": "Here too, in Leeds"}
    places = [(await shop.client.post(f"/report/{incident}/too", data=filled)).headers["location"] for _ in range(2)]
    assert places[0] == places[1]
    assert "you are affected too" in (await shop.client.get(places[0])).text
    assert len(facts(shop, incident, ev.Repeated)) == 1
    assert [one.by for one in facts(shop, incident, ev.Noted)] == ["kai"]
    assert "Here too, in Leeds" in (await shop.client.get(f"/incidents/{incident}")).text
    await shop.post(key="slow", labels={"service": "checkout"}, action="resolve")
    assert state(shop, incident).status == "resolved"


async def test_me_too_of_what_has_ended_keeps_what_was_typed(shop: Running) -> None:
    incident = await shop.post(labels={"service": "checkout"}, key="slow")
    sit_down(shop, "kai", "viewer")
    filled = await form_of(shop) | SAID
    await shop.post(key="slow", labels={"service": "checkout"}, action="resolve")
    answer = await shop.client.post(f"/report/{incident}/too", data=filled)
    assert answer.status_code == 409
    assert "INC-1 has ended in the meantime" in Taken(answer.text).text
    assert "The till takes no cards" in answer.text


async def test_what_is_confidential_is_known_to_nobody_by_the_form(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    sent = await send(shop, kind="security", title="Somebody reads our mails")
    place = sent.headers["location"]
    mine = Taken((await shop.client.get(place)).text).text
    assert "INC-1" in mine
    assert "treated confidentially" in mine
    assert "reads our mails" not in mine
    sit_down(shop, "tom", "viewer")
    assert "reads our mails" not in (await shop.client.get("/report/known?service=checkout")).text
    assert "Perhaps" not in (await send(shop)).text
    secret, nothing = [await shop.client.get(path) for path in (place, "/report/INC-99?became=opened")]
    assert secret.status_code == nothing.status_code == 404
    assert Taken(secret.text).text == Taken(nothing.text).text
    filled = await form_of(shop) | SAID
    answers = [await shop.client.post(f"/report/{one}/too", data=filled) for one in ("INC-1", "INC-99")]
    shown = [re.sub(r'value="[0-9a-f-]{36}"', "", one.text) for one in answers]
    assert [one.status_code for one in answers] == [409, 409]
    assert shown[0] == shown[1]


async def test_a_desk_reports_for_somebody_who_called(shop: Running) -> None:
    sit_down(shop, "ana")
    await send(shop, whose="Mrs Bell of the Leeds shop")
    assert "Reported for: Mrs Bell of the Leeds shop" in (await shop.client.get("/incidents/INC-1")).text
    sit_down(shop, "kai", "viewer")
    assert 'name="whose"' not in (await shop.client.get("/report")).text


async def test_nobody_reports_in_the_name_of_another(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    await send(shop, by="tom")
    signal = state(shop, "INC-1").signal
    assert signal is not None
    assert signal.reporter == "kai"


async def test_the_form_is_for_those_who_are_signed_in_and_their_own_pages(shop: Running) -> None:
    assert (await shop.client.get("/report")).headers["location"] == "/signin?next=/report"
    sit_down(shop, "kai", "viewer")
    stolen = await shop.client.post("/report", data=SAID)
    assert stolen.status_code == 403
    sit_down(shop, "lena", "security-audit")
    assert (await shop.client.get("/report")).status_code == 403


async def test_a_demonstration_asks_in_whose_name(demo: Running) -> None:
    assert "In whose name" in (await demo.client.get("/report")).text
    await send(demo, by="kai")
    signal = state(demo, "INC-1").signal
    assert signal is not None
    assert signal.reporter == "kai"


async def test_the_form_speaks_german(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    page = Taken((await shop.client.get("/report", headers={"accept-language": "de"})).text).text
    for told in ("Was ist los?", "Weiß ich nicht", "Wie viele sind betroffen?", "Senden"):
        assert told in page


async def test_nor_do_they_by_the_api(shop: Running) -> None:
    sit_down(shop, "kai", "viewer")
    headers = {"x-csrf-token": (await form_of(shop))["csrf"]}
    for reporter, status in {"": 201, "kai": 201, "tom": 403}.items():
        body = {"title": "Orders fail", "reporter": reporter}
        answer = await shop.client.post("/api/v1/incidents", json=body, headers=headers)
        assert answer.status_code == status, answer.text
