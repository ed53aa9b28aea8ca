"""Lists in pages: whatever comes in between, each row is seen once; and what the rulebook in force leaves to say."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import ADMIN, token_for
from tests.cast import MONDAY
from tests.doors import Running
from tests.insiders import HASH, account, another_browser, sit_down
from tocsin.access.permissions import ROLES, TABLE
from tocsin.api.v1.cursor import cursor_of
from tocsin.config import loads
from tocsin.config.starters import Answers, filled
from tocsin.engine.applying import apply
from tocsin.store import accounts, passkeys
from tocsin.store.accounts import Identity
from tocsin.store.contract import Tx
from tocsin.store.passkeys import Passkey

HOLES = (Path(__file__).parents[2] / "examples" / "holes.yaml").read_text("utf-8")
ANSWERS = Answers("Acme", "Europe/London", "Nadia", "nadia@acme.example")


async def get(here: Running, path: str, **query: Any) -> httpx.Response:
    return await here.client.get(f"/api/v1/{path}", params=query, headers=ADMIN)


async def pages(here: Running, path: str, limit: int, name: str = "", **query: Any) -> list[list[Any]]:
    """The rows of each page until there is no more."""
    found: list[list[Any]] = []
    cursor: Any = ""
    while cursor is not None:
        answer = await get(here, path, limit=limit, **({"cursor": cursor} if cursor else {}), **query)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[name or path])
        cursor = answer.json()["cursor"]
    return found


async def fill(here: Running) -> None:
    """Seven of everything that is listed, some made in one instant."""
    for n in range(7):
        here.clock.advance_to(MONDAY + (n // 3) * 1_000_000)
        account(here, f"person-{n}")
        await here.client.post("/api/v1/tokens", json={"name": f"t{n}", "role": "viewer"}, headers=ADMIN)
        await here.post(key=f"k{n}")


@pytest.mark.parametrize(
    ("path", "name"), [("accounts", ""), ("tokens", ""), ("outbox", "messages"), ("audit", "entries"), ("people", "")]
)
async def test_pages_hold_all_rows_once_in_the_order_of_the_whole(here: Running, path: str, name: str) -> None:
    await fill(here)
    (whole,) = await pages(here, path, 500, name)
    assert len(whole) >= 7
    for limit in (1, 3, 4):
        found = await pages(here, path, limit, name)
        if path == "tokens":
            assert [row["id"] for page in found for row in page] == [row["id"] for row in whole]
        else:
            assert [row for page in found for row in page] == whole
        assert {len(page) for page in found[:-1]} <= {limit}


async def test_what_comes_in_between_two_pages_moves_nothing(here: Running) -> None:
    await fill(here)
    before = [row["id"] for page in await pages(here, "tokens", 500) for row in page]
    first = (await get(here, "tokens", limit=2)).json()
    here.clock.advance_to(here.clock.now() + 1_000_000)
    await here.client.post("/api/v1/tokens", json={"name": "late", "role": "viewer"}, headers=ADMIN)
    rest = (await get(here, "tokens", cursor=first["cursor"])).json()
    assert [row["id"] for row in (*first["tokens"], *rest["tokens"])] == before


async def test_the_messages_of_one_incident_come_in_pages_too(here: Running) -> None:
    incident = await here.post()
    (whole,) = await pages(here, "outbox", 500, "messages", incident=incident)
    found = await pages(here, "outbox", 1, "messages", incident=incident)
    assert [row for page in found for row in page] == whole
    assert len(whole) == len(found) > 0


@pytest.mark.parametrize("path", ["accounts", "tokens", "outbox", "incidents"])
@pytest.mark.parametrize("cursor", ["x", "bm9uZQ", cursor_of({"a": 1}), cursor_of([1, 2, 3]), "\u20ac", "e30=" * 9])
async def test_a_cursor_that_is_none_is_refused(here: Running, path: str, cursor: str) -> None:
    answer = await get(here, path, cursor=cursor)
    assert (answer.status_code, answer.json()["detail"]) == (422, "cursor: it is none of ours.")


async def test_findings_are_those_of_the_check(here: Running) -> None:
    assert (await get(here, "findings")).status_code == 404
    text = filled("service_desk", ANSWERS, MONDAY).text.replace(', key: "${TOCSIN_KEY_SIGNALS}"', "")
    loaded = loads({"rulebook.yaml": text})
    version = apply(here.site.ledger, loaded, here.clock.now())
    told = (await get(here, "findings")).json()
    assert (told["version"], told["digest"]) == (version, loaded.rulebook and loaded.rulebook.digest)
    assert (told["checked"], told["proved"], told["suppressed"]) == (True, False, [])
    (found,) = (one for one in told["findings"] if not one["place"])
    assert (found["code"], found["severity"], found["file"]) == ("P009", "warning", "rulebook.yaml")
    assert "signals" in text.splitlines()[found["line"] - 1]
    assert found["text"] == "source signals has no key"
    assert found["hint"]
    assert {one["code"] for one in told["notices"]} == {one.code for one in loaded.notices}


async def test_findings_are_those_of_the_lab_too_and_of_the_proof_once_it_is_made(here: Running) -> None:
    apply(here.site.ledger, loads({"holes.yaml": HOLES}), here.clock.now())
    told = (await get(here, "findings")).json()
    found = {one["code"]: one for one in told["findings"]}
    assert {"V008", "V011", "V021"} <= set(found)
    one = found["V021"]
    assert (one["file"], one["place"], one["severity"]) == ("holes.yaml", "policies.ticketing.functional.1", "warning")
    assert HOLES.splitlines()[one["line"] - 1][one["column"] - 1 :].startswith("{notify: team.next, wait: 20m}")
    case = one["counterexample"]
    assert (case["service"], case["priority"], case["timezone"]) == ("ticketing", "P1", "Europe/London")
    assert case["at"] < case["reached_at"]
    book, today = loads({"holes.yaml": HOLES}).rulebook, here.site.worlds.world().facts
    assert book is not None
    assert here.site.verdicts.of(book, today, here.clock.now(), prove=True, wait=300).proof is not None
    assert (await get(here, "findings")).json()["proved"] is True


async def test_a_rulebook_that_is_tried_is_checked_with_the_ways_that_its_files_give(here: Running) -> None:
    async def tried(text: str) -> Any:
        answer = await here.client.post("/api/v1/rulebook/check", json={"texts": {"x.yaml": text}}, headers=ADMIN)
        assert answer.status_code == 200, answer.text
        return answer.json()

    allowed = "allow: [{finding: decision, at: policies, reason: they know, until: 2199-01-01}]\n"
    told = await tried(HOLES + allowed)
    codes = {one["code"] for one in told["findings"]}
    assert (told["checked"], {"V008", "V021"} <= codes, "V011" in codes) == (True, True, False)
    assert [(one["code"], one["reason"], one["until"]) for one in told["suppressed"]] == [
        ("V011", "they know", "2199-01-01")
    ]
    alone = HOLES.replace('email: chen@ferries.example,   phone: "+442071230103", ', "")
    lost = [one for one in (await tried(alone))["findings"] if (one["code"], one["severity"]) == ("V007", "error")]
    assert [one["place"] for one in lost] == ["people.chen"]
    assert (await tried("tocsin: 1\n"))["checked"] is False


async def test_a_rulebook_is_tried_without_being_put_in_force(here: Running) -> None:
    first = filled("small_team", ANSWERS, MONDAY).text
    wrong = first.replace("members: [nadia]", "members: [bob]")

    async def tried(text: str) -> Any:
        body = {"texts": {"rulebook.yaml": text}}
        answer = await here.client.post("/api/v1/rulebook/check", json=body, headers=ADMIN)
        assert answer.status_code == 200, answer.text
        return answer.json()

    told = await tried(first)
    assert (told["usable"], told["version"], told["changes"]) == (True, 0, [])
    assert [one for one in told["findings"] if one["severity"] == "error"] == []
    told = await tried(wrong)
    assert (told["usable"], told["digest"], {one["severity"] for one in told["findings"]}) == (False, None, {"error"})
    version = apply(here.site.ledger, loads({"rulebook.yaml": first}), here.clock.now())
    told = await tried(first.replace("after: 20m", "after: 25m"))
    (change,) = told["changes"]
    assert (told["version"], change["path"], change["kind"]) == (
        version,
        "policies.escalate.hierarchical[0].after",
        "changed",
    )
    assert (await get(here, "rulebook")).json()["version"] == version


async def test_the_same_before_is_told_with_how_it_ended(here: Running) -> None:
    first = await here.post()
    here.clock.advance_to(MONDAY + 600_000_000)
    body = {"by": "dana", "reason": "disk replaced"}
    assert (await here.client.post(f"/api/v1/incidents/{first}/resolve", json=body, headers=ADMIN)).status_code == 200
    await here.client.post(f"/api/v1/incidents/{first}/close", json={"by": "carla"}, headers=ADMIN)
    here.clock.advance_to(MONDAY + 86_400_000_000)
    second = await here.post()
    assert second != first
    (found,) = (await get(here, f"incidents/{second}/similar")).json()["incidents"]
    assert (found["id"], found["took"], "disk replaced" in found["how"]) == (first, "10m", True)
    assert (await get(here, "incidents/INC-999/similar")).status_code == 404


async def test_an_accounts_passkeys_and_identities_are_listed_and_taken_away_but_for_the_last_way_in(
    here: Running,
) -> None:
    gita, now = account(here, "gita"), here.clock.now()

    def keep(tx: Tx) -> None:
        passkeys.add(tx.connection, Passkey("key-1", gita.id, "telephone", b"public", 0, now))
        accounts.link(tx.connection, Identity("https://id.example", "g1", gita.id, now))

    here.site.ledger.transact(keep)
    (key,) = (await get(here, "accounts/gita/passkeys")).json()["passkeys"]
    assert (key["id"], key["name"], key["used_at"]) == ("key-1", "telephone", None)
    (who,) = (await get(here, "accounts/gita/identities")).json()["identities"]
    assert (who["issuer"], who["subject"]) == ("https://id.example", "g1")

    async def gone(path: str, **query: str) -> int:
        return (await here.client.delete(f"/api/v1/accounts/{path}", params=query, headers=ADMIN)).status_code

    assert [await gone("gita/passkeys/key-1") for _ in range(2)] == [204, 404]
    assert await gone("gita/identities", issuer="https://id.example", subject="g1") == 409
    here.site.ledger.transact(lambda tx: accounts.change(tx.connection, gita.id, now, password=HASH))
    assert await gone("gita/identities", issuer="https://id.example", subject="g2") == 404
    assert await gone("gita/identities", issuer="https://id.example", subject="g1") == 204
    told = (await get(here, "audit", what="account")).json()["entries"]
    assert [one["what"] for one in told[:2]] == ["account.parted", "account.passkey-removed"]
    sit_down(here, "dana")
    assert (await here.client.get("/api/v1/accounts/gita/passkeys")).status_code == 403


async def test_nobody_learns_by_a_refusal_which_accounts_there_are(here: Running) -> None:
    gita = account(here, "gita")
    for role in ROLES:
        sit_down(here, f"own-{role}", role)
        reach = TABLE["account.read"].of(role)
        told = [
            (answer.status_code, answer.text.replace(name, "NAME"))
            for name in ("gita", gita.id, "nobody", "no-such")
            for answer in [await here.client.get(f"/api/v1/accounts/{name}/sessions")]
        ]
        if reach == "all":
            assert [status for status, _ in told] == [200, 200, 404, 404]
        else:
            assert set(told) == {(403, told[0][1])}
        own = await here.client.get(f"/api/v1/accounts/own-{role}/sessions")
        assert own.status_code == 200
    assert (await another_browser(here).get("/api/v1/accounts/gita/sessions")).status_code == 401
    token = {"authorization": f"Bearer {token_for(here, 'viewer')}"}
    told = {(await here.client.get(f"/api/v1/accounts/{n}/sessions", headers=token)).status_code for n in ("gita", "x")}
    assert told == {403}
