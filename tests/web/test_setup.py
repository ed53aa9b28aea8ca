"""First run and invitations: a link that works once, for an hour, and only for what it was made for."""

from pathlib import Path

import pytest

from tests.doors import Running
from tests.insiders import PASSWORD, account, another_browser, caller_of, cookie_for
from tocsin.access.accounts import Change, RefusedError, change, first, invite
from tocsin.access.permissions import Caller
from tocsin.core.instant import HOUR
from tocsin.store import accounts, audit_log, invitations
from tocsin.store.invitations import Purpose

CHOICE = {"login": "nadia", "password": PASSWORD, "person": "nadia"}


def setup_link(here: Running) -> str:
    return "/setup/" + here.site.ledger.transact(lambda tx: first(tx.connection, here.clock.now()))


def link_for(here: Running, login: str, purpose: Purpose) -> str:
    def body(tx: object) -> str:
        kept = accounts.by_login(tx.connection, login)  # type: ignore[attr-defined]
        return invite(tx.connection, kept, purpose, "nadia", here.clock.now())  # type: ignore[attr-defined]

    return "/setup/" + here.site.ledger.transact(body)


def logins(here: Running) -> dict[str, str]:
    with here.site.ledger.read() as connection:
        return {one.login: one.role for one in accounts.everything(connection)}


def on_disk(here: Running) -> bytes:
    file = Path(here.site.ledger.url.removeprefix("sqlite:///"))
    return file.read_bytes() + file.with_name(file.name + "-wal").read_bytes()


async def caller(here: Running) -> Caller | None:
    return await caller_of(here, here.client.cookies["__Host-tocsin"])


async def test_the_first_admin_is_made_by_the_link_and_is_in(here: Running) -> None:
    path = setup_link(here)
    form = await here.client.get(path)
    assert (form.status_code, 'name="person"' in form.text) == (200, True)
    answer = await here.client.post(path, data=CHOICE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    found = await caller(here)
    assert found is not None
    assert (found.name, found.role, found.person) == ("nadia", "admin", "nadia")
    assert (await another_browser(here).post("/signin", data=CHOICE)).status_code == 303
    with here.site.ledger.read() as connection:
        told = [(one.actor, one.what) for one in audit_log.latest(connection, 9)]
    assert told == [("setup", "account.created"), ("setup", "setup.offered")]


async def test_looking_at_a_link_changes_nothing_however_often(here: Running) -> None:
    path = setup_link(here)
    for _ in range(3):
        assert (await here.client.get(path)).status_code == (await here.client.head(path)).status_code == 200
    assert logins(here) == {}
    assert (await here.client.post(path, data=CHOICE)).status_code == 303


async def test_a_link_works_once(here: Running) -> None:
    path = setup_link(here)
    assert (await here.client.post(path, data=CHOICE)).status_code == 303
    other = another_browser(here)
    for answer in (await other.get(path), await other.post(path, data=CHOICE | {"login": "mallory"})):
        assert (answer.status_code, "of no use" in answer.text) == (404, True)
    assert logins(here) == {"nadia": "admin"}


async def test_a_link_that_is_old_unknown_or_renewed_looks_like_one_that_never_was(here: Running) -> None:
    renewed, path = setup_link(here), setup_link(here)
    never = await here.client.get("/setup/" + "A" * 43)
    assert never.status_code == 404
    assert (await here.client.get(renewed)).text == never.text
    assert (await here.client.post(renewed, data=CHOICE)).status_code == 404
    here.clock.advance_to(here.clock.now() + HOUR)
    assert (await here.client.get(path)).text == never.text
    assert (await here.client.post(path, data=CHOICE)).status_code == 404
    assert logins(here) == {}


async def test_as_soon_as_there_is_an_account_no_link_makes_an_admin(here: Running) -> None:
    path = setup_link(here)
    account(here, "dana", "viewer")
    assert (await here.client.post(path, data=CHOICE)).status_code == 404
    with pytest.raises(RefusedError, match="set-up"):
        setup_link(here)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"login": ""}, "A login is 1 to 80"),
        ({"login": "na dia"}, "A login is 1 to 80"),
        ({"login": "<b>"}, "A login is 1 to 80"),
        ({"password": "short"}, "at least 12"),
        ({"password": "x" * 300}, "at most 256"),
        ({"password": "Passw0rd!2024"}, "guess that one early"),
        ({"password": "nadianadia12"}, "guess that one early"),
        ({"person": "nobody"}, "no such person"),
    ],
)
async def test_what_is_wrong_is_said_and_the_link_stays_good(here: Running, wrong: dict[str, str], said: str) -> None:
    path = setup_link(here)
    answer = await here.client.post(path, data=CHOICE | wrong)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "<b>" not in answer.text.replace("<b>n", "")
    assert logins(here) == {}
    assert (await here.client.post(path, data=CHOICE)).status_code == 303


async def test_whoever_is_invited_sets_a_password_and_keeps_login_and_role(here: Running) -> None:
    account(here, "dana")
    path = link_for(here, "dana", "invite")
    assert 'value="dana"' in (await here.client.get(path)).text
    answer = await here.client.post(path, data={"login": "nadia", "password": PASSWORD, "person": "nadia"})
    assert answer.status_code == 303
    found = await caller(here)
    assert found is not None
    assert (found.name, found.role, found.person) == ("dana", "responder", "dana")
    assert logins(here) == {"dana": "responder"}


async def test_a_reset_ends_what_was_before_at_once(here: Running) -> None:
    from tests.insiders import HASH

    dana = account(here, "dana", password=HASH)
    cookie = cookie_for(here, dana)
    path = link_for(here, "dana", "reset")
    assert await caller_of(here, cookie) is None
    assert (await here.client.post("/signin", data={"login": "dana", "password": PASSWORD})).status_code == 403
    assert (await here.client.post(path, data={"password": "rain on tin roofs"})).status_code == 303
    answer = await another_browser(here).post("/signin", data={"login": "dana", "password": "rain on tin roofs"})
    assert answer.status_code == 303


async def test_an_account_that_is_disabled_cannot_be_entered_by_a_link(here: Running) -> None:
    dana = account(here, "dana")
    path = link_for(here, "dana", "invite")
    now = here.clock.now()
    here.site.ledger.transact(lambda tx: change(tx.connection, dana.id, Change(disabled=True), "nadia", now))
    assert (await here.client.post(path, data={"password": PASSWORD})).status_code == 404


async def test_the_store_holds_no_link_and_no_password(here: Running) -> None:
    path = setup_link(here)
    await here.client.post(path, data=CHOICE)
    kept = on_disk(here)
    assert b"nadia" in kept
    for secret in (path.rpartition("/")[2], PASSWORD, here.client.cookies["__Host-tocsin"]):
        assert secret.encode() not in kept


async def test_another_site_cannot_use_a_link(here: Running) -> None:
    path = setup_link(here)
    answer = await here.client.post(path, data=CHOICE, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert logins(here) == {}


def test_the_last_admin_stays_one(here: Running) -> None:
    nadia = account(here, "nadia", "admin")
    for wanted in (Change(disabled=True), Change(role="manager")):
        with pytest.raises(RefusedError, match="last-admin"):
            here.site.ledger.transact(lambda tx, w=wanted: change(tx.connection, nadia.id, w, "nadia", 0))  # type: ignore[misc]
    account(here, "omar", "admin")
    here.site.ledger.transact(lambda tx: change(tx.connection, nadia.id, Change(role="viewer"), "omar", 0))
    assert logins(here) == {"nadia": "viewer", "omar": "admin"}


def test_an_invitation_says_until_when_it_is_good() -> None:
    one = invitations.Invitation("i", b"", "setup", "", 0, HOUR)
    assert (one.good(HOUR - 1), one.good(HOUR)) == (True, False)
