"""What shows a secret happens once for each Idempotency-Key; and nothing of the secret is kept for the second time."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import ADMIN, token_for
from tests.doors import Running
from tests.insiders import account

SHOWING: list[tuple[str, dict[str, Any], str, str]] = [
    ("/api/v1/tokens", {"name": "robot", "role": "viewer"}, "token", "/api/v1/tokens"),
    ("/api/v1/sources/scripts/keys", {}, "key", "/api/v1/sources/scripts/keys"),
    ("/api/v1/accounts", {"login": "dana", "role": "responder"}, "link", "/api/v1/accounts"),
    ("/api/v1/accounts/gita/invitation", {}, "link", "/api/v1/audit?what=account.invited"),
]
"""Where, with what, what is secret in the answer, and where one sees how often it was done."""


async def post(here: Running, path: str, body: dict[str, Any], key: str = "once", **headers: str) -> httpx.Response:
    return await here.client.post(path, json=body, headers=ADMIN | {"idempotency-key": key} | headers)


def on_disk(here: Running) -> bytes:
    file = Path(here.site.ledger.url.removeprefix("sqlite:///"))
    return file.read_bytes() + file.with_name(file.name + "-wal").read_bytes()


async def counted(here: Running, path: str) -> int:
    (rows, *_) = (await here.client.get(path, headers=ADMIN)).json().values()
    return len(rows)


@pytest.mark.parametrize(("path", "body", "secret", "seen"), SHOWING)
async def test_the_same_key_makes_one_and_shows_it_once(
    here: Running, path: str, body: dict[str, Any], secret: str, seen: str
) -> None:
    account(here, "gita")
    before = await counted(here, seen)
    first = await post(here, path, body)
    assert first.status_code == 201
    text = first.json()[secret].rpartition("/")[2]
    again = await post(here, path, body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:made")
    made = first.json().get("id") or first.json()["account"]["id"]
    assert again.json()["id"] == made
    assert text not in again.text
    assert text.encode() not in on_disk(here)
    assert await counted(here, seen) == before + 1
    if secret == "link" and "invitation" not in path:
        return  # a login is taken whatever the key
    assert (await post(here, path, body, "another")).status_code == 201


@pytest.mark.parametrize(("path", "body", "secret", "seen"), SHOWING)
async def test_two_with_one_key_at_one_time_make_one(
    here: Running, path: str, body: dict[str, Any], secret: str, seen: str
) -> None:
    account(here, "gita")
    before = await counted(here, seen)
    told = await asyncio.gather(*(post(here, path, body) for _ in range(4)))
    assert sorted(one.status_code for one in told) == [201, 409, 409, 409]
    assert sum(secret in one.json() for one in told) == 1
    assert await counted(here, seen) == before + 1


async def test_a_key_is_the_callers_own_and_what_was_refused_may_be_tried_again(here: Running) -> None:
    wrong = await post(here, "/api/v1/accounts", {"login": "dana", "role": "responder", "person": "nobody"})
    assert wrong.status_code == 422
    assert (await post(here, "/api/v1/accounts", {"login": "dana", "role": "responder"})).status_code == 201
    other = {"authorization": f"Bearer {token_for(here, 'admin', 'other')}"}
    body = {"name": "robot", "role": "viewer"}
    assert (await post(here, "/api/v1/tokens", body)).status_code == 201
    assert (await post(here, "/api/v1/tokens", body, **other)).status_code == 201
    assert (await post(here, "/api/v1/tokens", body, "x" * 1000)).status_code == 400
