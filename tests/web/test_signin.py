"""Signing in: a password or a token once, a cookie that scripts cannot read, and nothing for whoever has neither."""

import pytest
from sqlalchemy import text as sql

from tests.doors import Running
from tests.insiders import (
    COOKIE,
    HASH,
    PASSWORD,
    account,
    another_browser,
    caller_of,
    cookie_for,
    csrf,
    show,
    sit_down,
)  # fmt: skip
from tocsin.access.accounts import Change, change
from tocsin.access.permissions import ROLES, Role
from tocsin.access.sessions import POWERFUL, SHARED, TRUSTED, lifetime
from tocsin.access.throttle import FREE
from tocsin.access.tokens import REMEMBERED, mint
from tocsin.core.instant import HOUR, MINUTE, SECOND, Duration
from tocsin.store import tokens

RIGHT = {"login": "dana", "password": PASSWORD}


def token(here: Running, role: Role = "responder") -> tuple[str, str]:
    text, kept = mint("robot", role, here.clock.now())
    here.site.ledger.transact(lambda tx: tokens.add(tx.connection, kept))
    return text, kept.id


def later(here: Running, duration: Duration) -> None:
    here.clock.advance_to(here.clock.now() + duration)


async def sees_what_was_sent(here: Running) -> bool:
    return "email" in (await here.client.get("/incidents/INC-1")).text.partition('id="outbox"')[2]


async def is_in(here: Running) -> bool:
    return bool((await here.client.get("/")).status_code == 200)


@pytest.mark.parametrize("path", ["/", "/incidents/INC-1"])
async def test_whoever_is_not_signed_in_is_asked_to(here: Running, path: str) -> None:
    await here.post()
    answer = await here.client.get(path)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/signin")
    assert "Orders fail" not in answer.text
    refused = await here.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"})
    assert refused.headers["location"] == "/signin"
    assert 'name="password"' in (await here.client.get("/signin")).text


async def test_login_and_password_sign_in_by_a_cookie_that_says_nothing(here: Running) -> None:
    account(here, "dana", password=HASH)
    answer = await here.client.post("/signin", data=RIGHT | {"login": " Dana "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    session, device = answer.headers.get_list("set-cookie")
    for cookie in (session, device):
        assert cookie.startswith("__Host-tocsin")
        for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"):
            assert part in cookie
    assert "Max-Age" not in session
    text = here.client.cookies[COOKIE]
    assert len(text) >= 43
    await here.post()
    assert "Orders fail" in (await here.client.get("/")).text
    with here.site.ledger.read() as connection:
        kept = repr([tuple(row) for row in connection.execute(sql("select * from sessions"))])
    assert text not in kept


async def test_on_a_device_of_ones_own_the_cookie_outlives_the_browser(here: Running) -> None:
    account(here, "dana", password=HASH)
    answer = await here.client.post("/signin", data=RIGHT | {"trusted": "yes"})
    assert "Max-Age=2592000" in answer.headers.get_list("set-cookie")[0]


async def test_each_sign_in_is_another_session_and_ends_the_one_before(here: Running) -> None:
    account(here, "dana", password=HASH)
    show(here, "chosen-by-somebody-else")
    await here.client.post("/signin", data=RIGHT)
    first = here.client.cookies[COOKIE]
    await here.client.post("/signin", data=RIGHT)
    assert len({first, here.client.cookies[COOKIE], "chosen-by-somebody-else"}) == 3
    assert await caller_of(here, first) is None
    assert await is_in(here)


@pytest.mark.parametrize(
    "given",
    [
        {"login": "dana", "password": "wrong horse 12"},
        {"login": "nobody", "password": PASSWORD},
        {"login": "gone", "password": PASSWORD},
        {"login": "invited", "password": ""},
        {"login": "invited", "password": PASSWORD},
        {"login": "dana", "password": ""},
        {"login": "", "password": ""},
        {"login": "<script>alert(1)</script>", "password": "<script>"},
    ],
)
async def test_everything_wrong_gets_the_same_answer(here: Running, given: dict[str, str]) -> None:
    account(here, "dana", password=HASH)
    account(here, "invited")
    gone = account(here, "gone", person="", password=HASH)
    here.site.ledger.transact(
        lambda tx: change(tx.connection, gone.id, Change(disabled=True), "tests", here.clock.now())
    )
    answer = await here.client.post("/signin", data=given)
    expected = await here.client.post("/signin", data={"login": "no such login", "password": "x"})
    assert (answer.status_code, answer.text) == (403, expected.text)
    assert "do not belong together" in answer.text
    assert "set-cookie" not in answer.headers
    assert not await is_in(here)


async def test_whoever_guesses_waits_and_is_told_how_long(here: Running) -> None:
    account(here, "dana", password=HASH)
    for _ in range(FREE["account"]):
        assert (await here.client.post("/signin", data=RIGHT | {"password": "guess"})).status_code == 403
    for given in (RIGHT, RIGHT | {"password": "guess"}):
        answer = await here.client.post("/signin", data=given)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert "wait 1 s" in answer.text
    later(here, SECOND)
    assert (await here.client.post("/signin", data=RIGHT)).status_code == 303


async def test_an_unknown_login_is_slowed_down_as_a_known_one_is(here: Running) -> None:
    wrong = {"login": "nobody", "password": "guess"}
    codes = [(await here.client.post("/signin", data=wrong)).status_code for _ in range(FREE["account"] + 1)]
    assert codes == [403] * FREE["account"] + [429]


async def test_strangers_who_guess_do_not_keep_out_the_owners_own_browser(here: Running) -> None:
    account(here, "dana", password=HASH)
    await here.client.post("/signin", data=RIGHT)
    stranger = another_browser(here)
    for _ in range(FREE["account"]):
        await stranger.post("/signin", data=RIGHT | {"password": "guess"})
    assert (await stranger.post("/signin", data=RIGHT)).status_code == 429
    del here.client.cookies[COOKIE]
    assert (await here.client.post("/signin", data=RIGHT)).status_code == 303


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_signing_in_leads_nowhere_else(here: Running, wanted: str) -> None:
    account(here, "dana", password=HASH)
    assert wanted not in (await here.client.get("/signin", params={"next": wanted})).text
    answer = await here.client.post("/signin", data=RIGHT | {"next": wanted})
    assert answer.headers["location"] == "/"
    answer = await here.client.post("/signin", data=RIGHT | {"next": "/incidents/INC-1"})
    assert answer.headers["location"] == "/incidents/INC-1"


async def test_another_site_cannot_sign_anybody_in(here: Running) -> None:
    account(here, "dana", password=HASH)
    answer = await here.client.post("/signin", data=RIGHT, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


# -------------------------------------------------------------------------------------------- token


async def test_a_token_signs_in_by_a_cookie_that_holds_no_token(here: Running) -> None:
    text, _ = token(here)
    answer = await here.client.post("/signin", data={"token": f" {text}\n"})
    assert answer.status_code == 303
    assert text.rpartition("_")[2] not in answer.headers["set-cookie"]
    assert await is_in(here)


@pytest.mark.parametrize("given", ["x", "toc_aaaaaaaa_" + "a" * 32, "hunter2", "<script>"])
async def test_what_is_no_token_does_not_sign_in(here: Running, given: str) -> None:
    answer = await here.client.post("/signin", data={"token": given})
    assert answer.status_code == 403
    assert "That is no token" in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


async def test_a_revoked_token_ends_its_sign_in_within_moments(here: Running) -> None:
    text, id_ = token(here)
    await here.client.post("/signin", data={"token": text})
    here.site.ledger.transact(lambda tx: tokens.revoke(tx.connection, id_, here.clock.now()))
    later(here, REMEMBERED)
    assert not await is_in(here)


# ----------------------------------------------------------------------------------------- lifetime


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("role", ROLES)
async def test_a_session_ends_after_its_time_however_it_is_used(here: Running, role: Role, trusted: bool) -> None:
    sit_down(here, "dana", role, trusted=trusted)
    life = lifetime(role, trusted=trusted)
    assert life == (POWERFUL if role in ("admin", "security-audit") else TRUSTED if trusted else SHARED)
    ends = here.clock.now() + life.absolute
    while here.clock.now() + life.idle // 2 < ends:
        later(here, life.idle // 2)
        assert await is_in(here)
    here.clock.advance_to(ends - 1)
    assert await is_in(here)
    here.clock.advance_to(ends)
    assert not await is_in(here)


@pytest.mark.parametrize("role", ["admin", "responder"])
async def test_a_session_that_is_left_alone_ends_sooner(here: Running, role: Role) -> None:
    sit_down(here, "dana", role)
    later(here, lifetime(role, trusted=False).idle - 1)
    assert await is_in(here)
    later(here, lifetime(role, trusted=False).idle)
    assert not await is_in(here)


async def test_whoever_becomes_an_admin_has_an_admins_time(here: Running) -> None:
    dana = sit_down(here, "dana", "responder", trusted=True)
    later(here, 3 * HOUR)
    assert await is_in(here)
    now = here.clock.now()
    here.site.ledger.transact(lambda tx: change(tx.connection, dana.id, Change(role="admin"), "tests", now))
    later(here, HOUR)
    assert not await is_in(here)


@pytest.mark.parametrize("wanted", [Change(disabled=True), Change(role="viewer")])
async def test_what_is_taken_from_an_account_is_gone_everywhere_within_a_minute(here: Running, wanted: Change) -> None:
    await here.post()
    dana = sit_down(here, "dana", "responder")
    elsewhere = Running(here.site, here.clock)
    show(elsewhere, here.client.cookies[COOKIE])
    for one in (here, elsewhere):
        assert await sees_what_was_sent(one)
    now = here.clock.now()
    here.site.ledger.transact(lambda tx: change(tx.connection, dana.id, wanted, "tests", now))
    later(here, MINUTE)
    for one in (here, elsewhere):
        assert not await sees_what_was_sent(one)


async def test_a_cookie_of_another_make_is_worth_nothing(here: Running) -> None:
    dana = account(here, "dana")
    good = cookie_for(here, dana)
    with here.site.ledger.read() as connection:
        row = connection.execute(sql("select id, hash from sessions")).one()
    forged = (good[:-1] + ("A" if good[-1] != "A" else "B"), good + "A", good[:-1], "", row.id, bytes(row.hash).hex())
    for cookie in (*forged, dana.id, "dana", "admin", "tsl_gqZleHBpcmVz.AAAA", "x" * 4000):
        show(here, cookie)
        assert not await is_in(here), cookie
    show(here, good)
    assert await is_in(here)


# --------------------------------------------------------------------------------------- once more


async def test_signing_out_ends_the_session_and_forgets_the_cookie(here: Running) -> None:
    sit_down(here, "dana")
    cookie = here.client.cookies[COOKIE]
    answer = await here.client.post("/signout", data={"csrf": await csrf(here)})
    assert (answer.headers["location"], "Max-Age=0" in answer.headers["set-cookie"]) == ("/signin", True)
    assert await caller_of(here, cookie) is None
    assert not await is_in(here)


async def test_showing_again_who_one_is_makes_the_session_fresh_under_another_cookie(here: Running) -> None:
    made = account(here, "dana", password=HASH)
    show(here, cookie_for(here, made))
    shown, before = await csrf(here), here.client.cookies[COOKIE]
    later(here, HOUR)
    wrong = await here.client.post("/signin/again", data={"password": "x", "csrf": shown})
    assert (wrong.status_code, "That is not it" in wrong.text) == (403, True)
    answer = await here.client.post("/signin/again", data={"password": PASSWORD, "csrf": shown, "next": "/incidents"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents")
    fresh = await caller_of(here, here.client.cookies[COOKIE])
    assert fresh is not None
    assert fresh.proved_at == here.clock.now()
    assert await caller_of(here, before) is None
    assert await csrf(here) == shown


async def test_nobody_guesses_by_showing_it_again(here: Running) -> None:
    made = account(here, "dana", password=HASH)
    show(here, cookie_for(here, made))
    wrong = {"password": "guess", "csrf": await csrf(here)}
    codes = [(await here.client.post("/signin/again", data=wrong)).status_code for _ in range(FREE["account"] + 1)]
    assert codes == [403] * FREE["account"] + [429]


async def test_whoever_is_not_in_is_not_asked_whether_it_is_still_them(here: Running) -> None:
    for answer in (await here.client.get("/signin/again"), await here.client.post("/signin/again")):
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin")


# ---------------------------------------------------------------------------------------- what they may


async def test_a_viewer_sees_and_may_not_act_nor_read_what_was_sent(here: Running) -> None:
    await here.post()
    sit_down(here, "gita", "viewer")
    page = (await here.client.get("/")).text
    assert "Orders fail" in page
    assert not await sees_what_was_sent(here)
    data = {"by": "gita", "csrf": await csrf(here)}
    assert (await here.client.post("/incidents/INC-1/acknowledge", data=data)).status_code == 403


async def test_a_responder_acts_for_their_team_in_their_own_name_or_a_colleagues(here: Running) -> None:
    await here.post()
    sit_down(here, "gita")
    data = {"by": "gita", "csrf": await csrf(here)}
    assert (await here.client.post("/incidents/INC-1/acknowledge", data=data)).status_code == 403
    await here.client.post("/signout", data=data)
    sit_down(here, "eve")
    data = {"by": "gita", "csrf": await csrf(here)}
    assert (await here.client.post("/incidents/INC-1/acknowledge", data=data)).status_code == 403
    assert (await here.client.post("/incidents/INC-1/acknowledge", data=data | {"by": "dana"})).status_code == 303
    assert "dana has it" in (await here.client.get("/")).text
