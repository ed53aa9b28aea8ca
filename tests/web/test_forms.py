"""Forged requests: nothing changes by what another site sends, nor by a form that does not show what ours show."""

import re

import httpx
import pytest

from tests.doors import URL, Running
from tests.insiders import COOKIE, account, cookie_for, csrf, show, sit_down
from tests.web.reading import link
from tocsin.lib import secrets
from tocsin.web import pages
from tocsin.web.forms import HEADER

ACT = "/incidents/INC-1/acknowledge"
ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": URL, "sec-fetch-site": "cross-site"},
]


async def status_of(here: Running, incident: str = "INC-1") -> str:
    page = (await here.client.get("/")).text
    return "acknowledged" if "dana has it" in page else "open"


async def act(here: Running, shown: str | None, **headers: str) -> httpx.Response:
    data = {"by": "dana"} | ({} if shown is None else {"csrf": shown})
    return await here.client.post(
        ACT, data=data, headers={name.replace("_", "-"): one for name, one in headers.items()}
    )


async def test_a_form_of_ours_is_believed_and_so_is_a_script_of_ours(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    shown = await csrf(here)
    assert (await act(here, shown, sec_fetch_site="same-origin")).status_code == 303
    assert (await act(here, None, **{HEADER: shown})).status_code == 303
    assert await status_of(here) == "acknowledged"


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_what_another_site_sends_changes_nothing_even_with_the_right_field(
    here: Running, headers: dict[str, str]
) -> None:
    await here.post()
    sit_down(here, "dana")
    answer = await act(here, await csrf(here), **headers)
    assert (answer.status_code, "Another site sent this" in answer.text) == (403, True)
    assert await status_of(here) == "open"


async def test_a_field_of_anybody_elses_is_worth_nothing(here: Running) -> None:
    await here.post()
    gita = account(here, "gita")
    show(here, cookie_for(here, gita))
    of_another = await csrf(here)
    sit_down(here, "dana")
    mine = await csrf(here)
    forged = [
        secrets.mark("csrf", "s1", b"another secret"),
        mine[:-1] + ("a" if mine.endswith("x") else "x"),
        mine.upper(),
        "",
        "null",
    ]
    for shown in (None, of_another, *forged, here.client.cookies[COOKIE]):
        assert (await act(here, shown)).status_code == 403, shown
    assert await status_of(here) == "open"
    assert (await act(here, mine)).status_code == 303


async def test_every_form_of_a_session_shows_the_field_and_no_other_does(here: Running) -> None:
    await here.post()
    stranger = (await here.client.get("/signin")).text
    assert "csrf" not in stranger
    sit_down(here, "dana")
    for path in ("/", "/signin/again", "/account"):
        forms = re.findall(r'<form method="post".*?</form>', (await here.client.get(path)).text, re.DOTALL)
        assert forms
        assert [form for form in forms if 'name="csrf"' not in form] == [], path


async def test_a_link_in_a_mail_works_for_whoever_is_signed_in_and_for_whoever_is_not(here: Running) -> None:
    await here.post()
    path = link(here, "INC-1", "dana")
    sit_down(here, "gita")
    assert (await here.client.post(path, data={"action": "acknowledge"})).status_code == 303
    assert (
        await here.client.post(path, data={"action": "acknowledge"}, headers={"sec-fetch-site": "cross-site"})
    ).status_code == 403


def test_what_is_open_without_a_session_is_what_brings_its_own_proof() -> None:
    handlers = [handler for page in pages.found() for handler in page.handlers]
    open_ = {path for handler in handlers if handler.opt.get("open") for path in handler.paths}
    assert open_ == {
        "/signin", "/signin/passkey", "/signin/passkey/options", "/signin/oidc", "/signin/oidc/back", "/l/{token:str}",
        "/setup/{link:str}", "/calendar/{address:str}",
    }  # fmt: skip


async def test_a_demonstration_is_closed_to_other_sites(demo: Running) -> None:
    await demo.post()
    for headers in ELSEWHERE:
        assert (await act(demo, None, **headers)).status_code == 403
    assert (await act(demo, None)).status_code == 303
