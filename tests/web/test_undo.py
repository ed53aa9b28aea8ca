"""The bar that takes back what was just done: on the incident, on the board for many, and behind a signed link."""

import re

from tests.cast import MINUTE
from tests.doors import Running, running
from tests.insiders import csrf, sit_down
from tests.web.reading import Taken, link, state
from tocsin.core.incident.undoing import UNDO_WITHIN
from tocsin.core.instant import SECOND


def handle(html: str) -> str:
    """What the bar's form sends."""
    found = re.search(r'<input type="hidden" name="act" value="([^"]+)"', html)
    assert found is not None
    return found[1]


async def pressed(here: Running, path: str, **data: str) -> tuple[str, str]:
    """Where it led, and what is shown there."""
    answer = await here.client.post(path, data=data)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], (await here.client.get(answer.headers["location"])).text


async def test_what_was_done_on_its_page_can_be_taken_back_there_without_scripts(demo: Running) -> None:
    await demo.post()
    before = state(demo, "INC-1")
    where, html = await pressed(demo, "/incidents/INC-1/acknowledge", by="dana")
    assert re.fullmatch(r"/incidents/INC-1\?done=acknowledge&undo=INC-1:\d+", where)
    assert "Acknowledged." in html
    assert 'data-undo="30"' in html
    assert 'role="status"' in html
    demo.clock.advance_to(demo.clock.now() + 12 * SECOND)
    assert "(18 s)" in (await demo.client.get(where)).text
    _, back = await pressed(demo, "/incidents/INC-1/undo", act=handle(html))
    assert "Taken back: everything goes on as before." in back
    now = state(demo, "INC-1")
    assert (now.status, now.owner, now.functional, now.hierarchical) == (
        "open",
        None,
        before.functional,
        before.hierarchical,
    )
    assert "data-undo" not in (await demo.client.get(where)).text, "the bar is not shown once it was pressed"


async def test_resolving_and_handing_over_offer_it_and_a_note_does_not(demo: Running) -> None:
    await demo.post()
    for act, fields in (("resolve", {"reason": "x"}), ("reassign", {"to": "team:payments", "reason": "theirs"})):
        _, html = await pressed(demo, f"/incidents/INC-1/{act}", by="dana", **fields)
        await pressed(demo, "/incidents/INC-1/undo", act=handle(html))
        assert (state(demo, "INC-1").status, state(demo, "INC-1").team) == ("open", "infrastructure"), act
        demo.clock.advance_to(demo.clock.now() + SECOND)
    _, html = await pressed(demo, "/incidents/INC-1/note", by="dana", text="x")
    assert "data-undo" not in html


async def test_what_cannot_be_taken_back_any_more_says_why_and_what_happened(demo: Running) -> None:
    await demo.post()
    where, html = await pressed(demo, "/incidents/INC-1/acknowledge", by="dana")
    act = handle(html)
    await pressed(demo, "/incidents/INC-1/take-over", by="eve", sure="yes")
    refused = await demo.client.post("/incidents/INC-1/undo", data={"act": act})
    assert refused.status_code == 409
    assert "Undo: nothing was done" in refused.text
    assert "Something has happened since that would be overturned" in refused.text
    demo.clock.advance_to(demo.clock.now() + UNDO_WITHIN + 1)
    assert "data-undo" not in (await demo.client.get(where)).text
    late = await demo.client.post("/incidents/INC-1/undo", data={"act": act})
    assert "more than 30 seconds ago" in late.text
    for nonsense in ("", "INC-1", "INC-2:3", "INC-1:999", "INC-1:1"):
        assert (await demo.client.post("/incidents/INC-1/undo", data={"act": nonsense})).status_code == 400, nonsense


async def test_many_are_taken_back_at_once_and_each_fate_is_told(demo: Running) -> None:
    for key in "abc":
        await demo.post(key=key)
    answer = await demo.client.post(
        "/board/acknowledge", data={"incident": ["INC-1:1", "INC-2:1", "INC-3:1"], "by": "dana"}
    )
    html = (await demo.client.get(answer.headers["location"])).text
    assert "Acknowledged: INC-1, INC-2, INC-3" in html
    act = handle(html)
    await pressed(demo, "/incidents/INC-2/take-over", by="eve", sure="yes")
    where, back = await pressed(demo, "/board/undo", act=act)
    assert where == "/?undone=INC-1.INC-3&kept=INC-2"
    assert "Taken back: INC-1, INC-3" in back
    assert "INC-2" in back.partition("Not taken back")[2][:120]
    assert [state(demo, id_).owner for id_ in ("INC-1", "INC-2", "INC-3")] == [None, "eve", None]


async def test_a_script_hears_it_as_data(demo: Running) -> None:
    await demo.post()
    script = {"accept": "application/json"}
    picked = {"incident": "INC-1:1", "by": "dana"}
    told = (await demo.client.post("/board/acknowledge", data=picked, headers=script)).json()
    (act,) = told["undo"]
    back = (await demo.client.post("/board/undo", data={"act": act}, headers=script)).json()
    assert back == {"undone": ["INC-1"], "kept": []}


async def test_nobody_takes_back_what_another_did(sqlite_url: str) -> None:
    with running(sqlite_url) as here:
        await here.post()
        sit_down(here, "dana", "responder")
        _, html = await pressed(here, "/incidents/INC-1/acknowledge", csrf=await csrf(here))
        act = handle(html)
        sit_down(here, "eve", "responder")
        token = await csrf(here)
        refused = await here.client.post("/incidents/INC-1/undo", data={"act": act, "csrf": token})
        assert refused.status_code in (400, 403)
        shown = (await here.client.get(f"/?did=INC-1&undo={act}")).text
        assert f'name="act" value="{act}"' not in shown
        back = await here.client.post("/board/undo", data={"act": act, "csrf": token})
        assert back.headers["location"] == "/?kept=INC-1"
        assert state(here, "INC-1").owner == "dana"


async def test_an_acknowledgement_by_a_signed_link_is_taken_back_by_the_same_link(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    path = link(here, "INC-1", "dana")
    await here.client.post(path, data={"action": "acknowledge"})
    page = Taken((await here.client.get(path)).text)
    assert page.buttons() == ["undo"]
    assert "Undo (30 s)" in page.text
    seen = re.search(r'name="seen" value="(\d+)"', (await here.client.get(path)).text)
    assert seen is not None
    assert (await here.client.post(path, data={"action": "undo", "seen": seen[1]})).status_code == 303
    assert (state(here, "INC-1").owner, state(here, "INC-1").status) == (None, "open")
    assert Taken((await here.client.get(path)).text).buttons() == ["acknowledge", "decline"]


async def test_what_a_link_alone_said_of_what_is_critical_is_not_taken_back_by_it(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    await here.client.post(path, data={"action": "acknowledge"})
    assert Taken((await here.client.get(path)).text).buttons() == []
    await here.client.post(path, data={"action": "undo", "seen": str(state(here, "INC-1").seq)})
    assert state(here, "INC-1").owner == "dana"


async def test_a_link_takes_back_nothing_later_and_nothing_else(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    path = link(here, "INC-1", "dana")
    await here.client.post(path, data={"action": "acknowledge"})
    seq = state(here, "INC-1").seq
    here.clock.advance_to(here.clock.now() + MINUTE)
    assert "undo" not in Taken((await here.client.get(path)).text).buttons()
    late = await here.client.post(path, data={"action": "undo", "seen": str(seq)})
    assert "more than 30 seconds ago" in late.text
    assert (await here.client.post(path, data={"action": "undo"})).status_code == 400
