"""Signing in: a token once, a cookie that scripts cannot read, and nothing for whoever has neither."""

import pytest

from tests.doors import Running
from tocsin.access.permissions import Role
from tocsin.access.tokens import REMEMBERED, mint
from tocsin.core.instant import HOUR
from tocsin.store import tokens


def token(here: Running, role: Role = "responder") -> tuple[str, str]:
    text, kept = mint("ana", role, here.clock.now())
    here.site.ledger.transact(lambda tx: tokens.add(tx.connection, kept))
    return text, kept.id


async def signed_in(here: Running, role: Role = "responder") -> str:
    text, id_ = token(here, role)
    answer = await here.client.post("/signin", data={"token": f" {text}\n"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return id_


@pytest.mark.parametrize("path", ["/", "/incidents/INC-1"])
async def test_whoever_is_not_signed_in_is_asked_to(here: Running, path: str) -> None:
    await here.post()
    answer = await here.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert "Orders fail" not in answer.text
    refused = await here.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"})
    assert refused.headers["location"] == "/signin"
    assert 'name="token"' in (await here.client.get("/signin")).text


async def test_a_token_signs_in_by_a_cookie_that_holds_no_token(here: Running) -> None:
    text, _ = token(here)
    answer = await here.client.post("/signin", data={"token": text})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-tocsin=tsl_")
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert text.rpartition("_")[2] not in cookie
    await here.post()
    assert "Orders fail" in (await here.client.get("/")).text


@pytest.mark.parametrize("given", ["", "toc_aaaaaaaa_" + "a" * 32, "hunter2", "<script>"])
async def test_what_is_no_token_does_not_sign_in(here: Running, given: str) -> None:
    answer = await here.client.post("/signin", data={"token": given})
    assert answer.status_code == 403
    assert "That is no token" in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


async def test_a_revoked_token_ends_its_sign_in_within_moments(here: Running) -> None:
    id_ = await signed_in(here)
    here.site.ledger.transact(lambda tx: tokens.revoke(tx.connection, id_, here.clock.now()))
    here.clock.advance_to(here.clock.now() + REMEMBERED)
    assert (await here.client.get("/")).status_code == 303


async def test_a_sign_in_lasts_twelve_hours(here: Running) -> None:
    await signed_in(here)
    here.clock.advance_to(here.clock.now() + 12 * HOUR - 1_000_000)
    assert (await here.client.get("/")).status_code == 200
    here.clock.advance_to(here.clock.now() + 1_000_000)
    assert (await here.client.get("/")).status_code == 303


async def test_a_cookie_of_another_make_is_worth_nothing(here: Running) -> None:
    here.client.cookies.set("__Host-tocsin", "tsl_gqZleHBpcmVz.AAAA")
    assert (await here.client.get("/")).status_code == 303


async def test_a_viewer_sees_and_may_not_act_nor_read_what_was_sent(here: Running) -> None:
    await here.post()
    await signed_in(here, "viewer")
    page = (await here.client.get("/")).text
    assert "Orders fail" in page
    assert "do-acknowledge" not in page
    assert "Step 1 of the escalation policy" not in page.partition('id="outbox"')[2]
    assert (await here.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"})).status_code == 403


async def test_a_responder_acts_for_a_person(here: Running) -> None:
    await here.post()
    await signed_in(here)
    assert (await here.client.post("/incidents/INC-1/acknowledge", data={"by": "dana"})).status_code == 303
    assert "dana has it" in (await here.client.get("/")).text


async def test_signing_out_forgets_the_cookie(here: Running) -> None:
    await signed_in(here)
    await here.client.post("/signout")
    assert (await here.client.get("/")).headers["location"] == "/signin"
