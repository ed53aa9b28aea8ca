"""Posting an update and linking, by the forms of the incident page: what they say, and what they must not betray."""

import httpx
import pytest

from tests.cast import small_rulebook
from tests.doors import Running, running
from tests.insiders import csrf, sit_down
from tests.web.reading import Taken, facts, state
from tocsin.access.permissions import Role
from tocsin.core.incident import events as ev
from tocsin.core.routing.criterion import Criterion, Raise

SECRET = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))
CHECKOUT = {"service": "checkout"}
HIDDEN = {"service": "order-database", "category": "security"}


async def press(here: Running, act: str, incident: str = "INC-1", **form: str) -> httpx.Response:
    shown = {"csrf": await csrf(here)} if here.client.cookies else {"by": "gita"}
    return await here.client.post(f"/incidents/{incident}/{act}", data=shown | form)


async def html_of(here: Running, path: str = "/incidents/INC-1") -> str:
    answer = await here.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_an_update_says_afterwards_whom_it_reached(demo: Running) -> None:
    await demo.post(labels=CHECKOUT)
    answer = await press(demo, "post-update", text="  Orders <b>work</b> again  ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/INC-1?done=post-update")
    read = Taken(await html_of(demo, answer.headers["location"])).text
    assert "The update goes to nadia." in read
    assert "Update by gita to nadia Orders <b>work</b> again" in read


async def test_an_update_that_reached_nobody_says_so_and_what_to_mend(demo: Running) -> None:
    await demo.post()
    answer = await press(demo, "post-update", text="We are on it")
    read = Taken(await html_of(demo, answer.headers["location"])).text
    assert "The update is kept, but it reached nobody. Nobody is informed of this: name stakeholders" in read


async def test_an_empty_update_and_one_of_what_has_changed_are_refused_and_the_words_are_kept(demo: Running) -> None:
    await demo.post(labels=CHECKOUT)
    empty = await press(demo, "post-update", text="  ")
    assert (empty.status_code, "The update is empty." in empty.text) == (400, True)
    seen = str(state(demo, "INC-1").seq)
    await press(demo, "resolve", reason="fixed")
    stale = await press(demo, "post-update", text="still broken", seen=seen)
    assert stale.status_code == 409
    assert ("input", "value", "still broken") in Taken(stale.text).attributes
    assert facts(demo, "INC-1", ev.Posted) == []


async def test_a_link_stands_on_both_pages_and_goes_from_both(demo: Running) -> None:
    await demo.post(key="a", labels=CHECKOUT)
    await demo.post(key="b", labels=CHECKOUT, title="Pay page down")
    answer = await press(demo, "link", to=" INC-2 ", relation="caused_by", reason="its database")
    assert answer.headers["location"] == "/incidents/INC-1?done=link"
    assert "Caused by INC-2 Pay page down open" in Taken(await html_of(demo)).text
    assert "Caused INC-1 Orders fail open" in Taken(await html_of(demo, "/incidents/INC-2")).text
    assert (await press(demo, "unlink", "INC-2", to="INC-1")).status_code == 303
    for incident in ("INC-1", "INC-2"):
        assert state(demo, incident).linked == ()
        assert 'id="linked"' not in await html_of(demo, f"/incidents/{incident}")


async def test_the_address_of_a_problem_is_a_link_that_tells_it_nothing_of_us(demo: Running) -> None:
    await demo.post()
    await press(demo, "link", to="https://problems.example/12", relation="problem")
    await press(demo, "link", to="PRB-12", relation="problem")
    html = await html_of(demo)
    assert '<a href="https://problems.example/12" rel="noopener noreferrer">https://problems.example/12</a>' in html
    assert "Belongs to the problem PRB-12" in Taken(html).text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"to": "javascript:alert(1)", "relation": "problem"}, "by its key, such as PRB-12"),
        ({"to": "", "relation": "problem"}, "by its key, such as PRB-12"),
        ({"to": "INC-404", "relation": "related"}, "There is no such incident."),
        ({"to": "INC-2", "relation": "parent"}, "Please choose what it is to the other."),
        ({"to": "x\x00y", "relation": "related"}, "There is no such incident."),
    ],
)
async def test_what_cannot_be_linked_is_refused_in_words(demo: Running, form: dict[str, str], words: str) -> None:
    await demo.post(key="a", labels=CHECKOUT)
    await demo.post(key="b", labels=CHECKOUT)
    answer = await press(demo, "link", **form)
    assert (answer.status_code, words in answer.text) == (400, True)
    assert state(demo, "INC-1").linked == ()


@pytest.mark.parametrize(
    ("who", "role", "may"),
    [
        ("ben", "viewer", False),
        ("dana", "responder", True),
        ("gita", "responder", False),
        ("frank", "team-lead", True),
        ("carla", "manager", True),
        ("lena", "security-audit", False),
    ],
)
async def test_who_may_post_updates_and_link_is_shown_both_and_nobody_else(
    here: Running, who: str, role: Role, may: bool
) -> None:
    await here.post(labels={"service": "order-database"})
    sit_down(here, who, role)
    html = await html_of(here)
    for act, form in (("post-update", {"text": "x"}), ("link", {"to": "PRB-1", "relation": "problem"})):
        assert (f'action="/incidents/INC-1/{act}"' in html) is may
        answer = await press(here, act, **form)
        assert answer.status_code == (303 if may else 403)


async def test_a_hidden_incident_is_neither_shown_nor_counted_nor_named(sqlite_url: str) -> None:
    with running(sqlite_url, rulebook=small_rulebook(criteria=(SECRET,))) as here:
        await here.post(key="a")
        await here.post(key="b", labels=HIDDEN, title="canary-title")
        sit_down(here, "eve")
        await press(here, "link", to="INC-2", relation="related", reason="canary-reason")
        own = await html_of(here)
        assert ("canary-title" in own, "canary-reason" in own) == (True, True)
        sit_down(here, "carla", "manager")
        for path in ("/incidents/INC-1", "/incidents/INC-1?every=1", "/incidents/INC-1/fresh"):
            read = await html_of(here, path)
            assert ("INC-2" in read, "canary" in read) == (False, False), path
        refused = [await press(here, "unlink", to=to) for to in ("INC-2", "INC-9")]
        assert [one.status_code for one in refused] == [409, 409]
        assert refused[0].text.replace("INC-2", "INC-9") == refused[1].text
        stale = await press(here, "close", seen="1", sure="yes")
        assert (stale.status_code, "INC-2" in stale.text) == (409, False)
