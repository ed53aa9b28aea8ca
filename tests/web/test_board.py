"""The board: what needs somebody now, the worst first, who is reached next and when, and what a selection does."""

import re

import pytest

from tests.cast import MINUTE
from tests.doors import Running, running
from tests.insiders import csrf, sit_down
from tests.web.reading import Taken, state
from tocsin.access.permissions import Role
from tocsin.web.pages.board.wanted import Wanted, wanted


async def page_of(here: Running, path: str = "/") -> Taken:
    answer = await here.client.get(path)
    assert answer.status_code == 200, answer.text
    return Taken(answer.text)


def rows(html: str) -> list[str]:
    """The titles in the list, in order."""
    listed = html[html.index('id="rows"') : html.index("</ol>")]
    return re.findall(r'class="title"[^>]*>([^<]*)<', listed)


async def several(here: Running) -> None:
    for key, severity in (("a", "warning"), ("b", "critical"), ("c", "error")):
        await here.post(key=key, severity=severity, title=f"Trouble {key}")
    await here.post(key="d", title="Trouble d")
    await here.post(key="d", action="resolve")


async def test_an_empty_board_teaches_how_to_send_the_first_signal(demo: Running) -> None:
    page = await page_of(demo)
    assert "All is quiet" in page.text
    assert "curl https://tocsin.acme.example/in/scripts" in page.text


async def test_the_board_says_who_is_reached_next_and_when(demo: Running) -> None:
    await demo.post()
    page = await page_of(demo)
    for part in (
        "1 needs somebody",
        "INC-1",
        "P1",
        "Orders fail",
        "Nobody has it yet",
        "dana is being called",
        "5:00",
    ):
        assert part in page.text
    assert "eve will be paged" in page.text
    assert ("span", "data-due", str(state(demo, "INC-1").functional.due_at)) in page.attributes


async def test_the_worst_comes_first_and_what_ended_lately_stands_apart(demo: Running) -> None:
    await several(demo)
    html = (await demo.client.get("/")).text
    assert rows(html) == ["Trouble b", "Trouble c", "Trouble a"]
    assert "Trouble d" in html[html.index('class="ended"') :]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=open", ["Trouble c", "Trouble a"]),
        ("status=acknowledged", ["Trouble b"]),
        ("status=ended", ["Trouble d"]),
        ("status=all", ["Trouble b", "Trouble c", "Trouble a", "Trouble d"]),
        ("priority=P3", ["Trouble a"]),
        ("q=TROUBLE+C", ["Trouble c"]),
        ("q=inc-3&priority=P2", ["Trouble c"]),
        ("team=infrastructure", ["Trouble b", "Trouble c", "Trouble a"]),
        ("team=payments", []),
        ("service=order-database&status=acknowledged", ["Trouble b"]),
        ("status=nonsense&priority=P9&after=zzz", ["Trouble b", "Trouble c", "Trouble a"]),
    ],
)
async def test_an_address_says_what_is_shown(demo: Running, query: str, found: list[str]) -> None:
    await several(demo)
    await demo.client.post("/board/acknowledge", data={"incident": "INC-2:1", "by": "dana"})
    html = (await demo.client.get(f"/?{query}")).text
    assert rows(html) == found
    assert ("Nothing matches" in html) is (found == [])


def test_a_view_and_its_address_say_the_same() -> None:
    view = Wanted("ended", "web", "P1", "shop", "a & b", mine=True)
    assert view.address == "/?status=ended&team=web&priority=P1&service=shop&q=a+%26+b&mine=1"
    assert Wanted().address == "/"
    assert view.but(text="", mine=False, status="live").query == "team=web&priority=P1&service=shop"
    assert wanted({"after": Wanted(after=None).query}) == Wanted()


async def test_very_many_come_page_by_page_each_once(demo: Running) -> None:
    for number in range(103):
        await demo.post(key=str(number), title=f"Trouble {number}")
        demo.clock.advance_to(demo.clock.now() + 1)
    first = (await demo.client.get("/")).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = (await demo.client.get(following[1].replace("&amp;", "&"))).text
    assert rows(first) + rows(second) == [f"Trouble {number}" for number in range(103)]
    assert 'rel="next"' not in second
    assert "103 need somebody" in second


async def test_what_runs_unrouted_says_why(demo: Running) -> None:
    await demo.post(labels={"service": "nonsense"})
    assert "The signal names the service nonsense" in (await page_of(demo)).text


async def test_what_is_wrong_with_tocsin_itself_is_told_to_those_who_may_know(sqlite_url: str) -> None:
    with running(sqlite_url, faults=("the clock is 9 s off",)) as here:
        sit_down(here, "dana", "responder")
        assert "9 s off" not in (await page_of(here)).text
        sit_down(here, "carla", "manager")
        assert "9 s off" in (await page_of(here)).text


async def test_a_selection_is_acknowledged_together_and_each_fate_is_told(demo: Running) -> None:
    await several(demo)
    await demo.client.post("/board/acknowledge", data={"incident": "INC-1:2", "by": "eve"})
    picked = {"incident": ["INC-1:1", "INC-2:1", "INC-77:1", "nonsense"], "by": "dana"}
    answer = await demo.client.post("/board/acknowledge?priority=P1", data=picked)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?priority=P1&did=INC-2&late=INC-1&not=INC-77.nonsense&undo=INC-2:4"
    assert [state(demo, id_).owner for id_ in ("INC-1", "INC-2", "INC-3")] == ["eve", "dana", None]
    page = await page_of(demo, answer.headers["location"])
    assert "Acknowledged: INC-2" in page.text
    assert "Somebody was quicker, or it has ended: INC-1" in page.text
    assert "Not acknowledged: INC-77" in page.text


async def test_where_nobody_is_named_it_is_whoever_is_being_called(demo: Running) -> None:
    await demo.post()
    demo.tick_until(demo.clock.now() + 6 * MINUTE)
    script = {"accept": "application/json"}
    answer = await demo.client.post("/board/acknowledge", data={"incident": "INC-1:3", "by": ""}, headers=script)
    assert answer.json() == {"did": ["INC-1"], "late": [], "not": [], "undo": ["INC-1:6"]}
    assert state(demo, "INC-1").owner == "eve"


@pytest.mark.parametrize(
    ("login", "role", "boxes", "owner"),
    [
        ("dana", "viewer", 0, None),
        ("dana", "responder", 1, "dana"),
        ("gita", "responder", 0, None),
        ("carla", "manager", 1, "carla"),
    ],
)
async def test_only_who_may_acknowledge_can_select_and_acts_in_their_own_name(
    here: Running, login: str, role: Role, boxes: int, owner: str | None
) -> None:
    await here.post()
    sit_down(here, login, role)
    html = (await here.client.get("/")).text
    assert html.count('type="checkbox" name="incident"') == boxes
    assert 'name="by"' not in html
    form = {"incident": "INC-1:1", "csrf": await csrf(here)}
    answer = await here.client.post("/board/acknowledge", data=form)
    assert answer.status_code == (403 if role == "viewer" else 303)
    assert state(here, "INC-1").owner == owner


async def test_a_bulk_act_has_to_show_what_our_forms_show(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    assert (await here.client.post("/board/acknowledge", data={"incident": "INC-1:1"})).status_code == 403
    assert state(here, "INC-1").owner is None


async def test_my_own_are_those_i_have_am_called_to_or_am_asked_about(here: Running) -> None:
    sit_down(here, "dana")
    await here.post(key="called", title="Calls dana")
    await here.post(key="other", title="Calls gita", labels={"service": "checkout"})
    await here.post(key="owned", title="Dana has it")
    form = {"incident": "INC-3:1", "csrf": await csrf(here)}
    await here.client.post("/board/acknowledge", data=form)
    assert rows((await here.client.get("/?mine=1")).text) == ["Calls dana", "Dana has it"]


async def test_a_fate_in_an_address_is_ids_and_nothing_that_anybody_could_write(demo: Running) -> None:
    page = await page_of(demo, "/?did=INC-1.<b>.Call%20555-123&late=x")
    assert "Acknowledged: INC-1" in page.text
    assert "555" not in page.text


async def fresh(here: Running, known: str = "") -> dict:
    answer = await here.client.get("/board/fresh", params={"known": known})
    assert answer.status_code == 200
    told: dict = answer.json()
    return told


def marks(told: dict) -> str:
    rows = (f"{id_}.{re.search('data-mark=.(.*?).>', html)[1]}" for id_, html in told["rows"].items())  # type: ignore[index]
    return ",".join([*rows, *(f"{name}.{piece[0]}" for name, piece in told["pieces"].items())])


async def test_only_rows_that_changed_are_sent_again_and_the_time_alone_changes_none(demo: Running) -> None:
    await several(demo)
    first = await fresh(demo)
    assert (first["order"], sorted(first["rows"]), sorted(first["pieces"])) == (
        ["INC-2", "INC-3", "INC-1"],
        ["INC-1", "INC-2", "INC-3"],
        ["head", "tail"],
    )
    known = marks(first)
    demo.clock.advance_to(demo.clock.now() + 2 * MINUTE)
    again = await fresh(demo, known)
    assert (again["rows"], again["pieces"], again["now"]) == ({}, {}, demo.clock.now())
    await demo.client.post("/board/acknowledge", data={"incident": "INC-2:1", "by": "dana"})
    then = await fresh(demo, known)
    assert list(then["rows"]) == ["INC-2"]
    assert "dana has it" in then["rows"]["INC-2"]
    assert list(then["pieces"]) == ["head"]
    assert then["waiting"] == 2


async def test_ages_and_countdowns_are_those_of_the_moment_though_rows_are_kept(demo: Running) -> None:
    await demo.post()
    assert "5:00" in (await page_of(demo)).text
    demo.clock.advance_to(demo.clock.now() + 2 * MINUTE)
    later = (await page_of(demo)).text
    assert "3:00" in later
    assert "2 min 00 s" in later


async def test_a_confidential_incident_is_neither_shown_nor_counted_for_those_it_does_not_concern(
    secret: Running,
) -> None:
    secret.client.headers["host"] = "localhost:8400"
    await secret.post(title="Insider at work")
    for path in ("/", "/?status=all", "/?q=Insider", "/board/fresh"):
        answer = await secret.client.get(path)
        assert "at work" not in answer.text
        assert "INC-1" not in answer.text
    assert "All is quiet" in (await page_of(secret)).text
    told = await secret.client.post(
        "/board/acknowledge", data={"incident": "INC-1:1", "by": "dana"}, headers={"accept": "application/json"}
    )
    assert told.json() == {"did": [], "late": [], "not": ["INC-1"], "undo": []}
    assert state(secret, "INC-1").owner is None
