"""The frame of all pages: a menu of what its reader may see, an entrance that lets nobody else in."""

import re

import pytest

from tests.doors import Running
from tests.insiders import sit_down
from tests.web.reading import Taken
from tocsin.access.permissions import Role
from tocsin.store import people
from tocsin.web.layout.assets import assets
from tocsin.web.layout.directory import EVERY, Directory
from tocsin.web.pages import found


def menu(html: str) -> list[str]:
    """Where the menu leads, in order."""
    return re.findall(r'<a href="([^"]+)"', html[html.index('id="menu"') : html.index("</nav>")])


@pytest.mark.parametrize(("role", "sees"), [("viewer", False), ("manager", False), ("admin", True)])
async def test_the_menu_holds_only_what_its_reader_may_see_and_the_entrance_holds_to_that(
    here: Running, role: Role, sees: bool
) -> None:
    sit_down(here, "carla", role)
    html = (await here.client.get("/")).text
    assert menu(html)[0] == "/"
    assert ("/components" in menu(html)) is sees
    assert (await here.client.get("/components")).status_code == (200 if sees else 403)


async def test_the_menu_marks_where_one_is(demo: Running) -> None:
    html = (await demo.client.get("/")).text
    assert re.findall(r'href="([^"]+)" aria-current="page"', html) == ["/"] * 2  # spine and thumb
    html = (await demo.client.get("/components")).text
    assert re.findall(r'href="([^"]+)" aria-current="page"', html) == ["/components"]  # it has no place under the thumb


def test_every_page_of_the_menu_has_a_place_of_its_own_a_name_and_a_verb() -> None:
    placed = [page for page in found() if page.place is not None]
    assert len({page.place for page in placed}) == len(placed)
    assert [page.name for page in placed if not (page.path and page.title and page.verb and page.icon)] == []


@pytest.mark.parametrize("path", sorted({page.path for page in found() if page.verb is not None and page.path}))
async def test_nobody_comes_in_who_is_not_signed_in(here: Running, path: str) -> None:
    answer = await here.client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/signin", f"/signin?next={path}")
    script = await here.client.get(path, headers={"accept": "application/json"})
    assert script.status_code == 401


async def test_words_and_times_are_those_of_the_person_else_of_the_browser(here: Running) -> None:
    await here.post()
    here.site.ledger.transact(
        lambda tx: people.seed(
            tx.connection, [people.PersonRow("dana", "Dana", "Asia/Tokyo", "de")], [], here.clock.now()
        )
    )
    sit_down(here, "dana")
    own = Taken((await here.client.get("/incidents/INC-1")).text)
    assert ("html", "lang", "de") in own.attributes
    assert ("body", "data-zone", "Asia/Tokyo") in own.attributes
    assert "18:00:00" in own.text
    assert "Tafel" in own.text
    sit_down(here, "eve")
    theirs = {"accept-language": "de-AT, en;q=0.5", "cookie": f"zone=America%2FLima; {_cookies(here)}"}
    browsers = Taken((await here.client.get("/incidents/INC-1", headers=theirs)).text)
    assert ("body", "data-zone", "") in browsers.attributes
    assert "04:00:00" in browsers.text
    assert "Dana wird alarmiert" in browsers.text


def _cookies(here: Running) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in here.client.cookies.jar)


async def test_a_name_that_changes_is_a_new_directory_and_one_that_does_not_is_the_same(demo: Running) -> None:
    directory, steady = Directory(), 0
    with demo.site.ledger.read() as connection:
        before = directory.names(connection, steady)
        assert directory.names(connection, steady + EVERY) is before
    demo.site.ledger.transact(
        lambda tx: people.seed(tx.connection, [people.PersonRow("zoe", "Zoe Hill")], [], demo.clock.now())
    )
    with demo.site.ledger.read() as connection:
        assert directory.names(connection, steady + EVERY) is before
        assert directory.names(connection, steady + 2 * EVERY)["zoe"] == "Zoe Hill"


def test_a_script_that_imports_another_names_it_by_its_content() -> None:
    scripts = {name: (body.decode(), mark) for name, (body, mark) in assets().items() if name.endswith(".js")}
    named = [one for body, _ in scripts.values() for one in re.findall(r'from "\./([\w-]+\.js)\?(\w+)"', body)]
    assert named
    assert [one for one in named if scripts[one[0]][1] != one[1]] == []
    assert not [body for body, _ in scripts.values() if re.search(r'from "\./[\w-]+\.js"', body)]
