"""Overrides, absences and the ways to people, over the API: made, seen on call, called off; tried and verified."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.api.conftest import ADMIN, token_for
from tests.doors import Running
from tests.oncalling import ACME
from tests.oncalling import stored as in_service
from tocsin.config import loads
from tocsin.core.instant import MINUTE
from tocsin.engine.applying import apply
from tocsin.engine.trial import code, reference
from tocsin.store import audit_log, people
from tocsin.store.people import Contact
from tocsin.store.tables import outbox

SHIFT = {"schedule": "infra-primary", "start": "2026-01-05T10:00:00Z", "end": "2h", "person": "eve", "of": "dana"}


async def call(here: Running, method: str, path: str, status: int = 200, /, **body: Any) -> Any:
    given = {"json": body} if body else {}
    answer = await here.client.request(method, f"/api/v1{path}", headers=ADMIN, **given)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def audited(here: Running) -> list[str]:
    with here.site.ledger.read() as connection:
        return [one.what for one in reversed(audit_log.latest(connection, 50))]


async def test_an_override_is_made_listed_and_called_off(here: Running) -> None:
    made = await call(here, "POST", "/overrides", 201, **SHIFT)
    assert (made["start"], made["end"], made["mode"]) == ("2026-01-05T10:00:00Z", "2026-01-05T12:00:00Z", "replace")
    for query, found in {
        "": [made],
        "?schedule=infra-primary": [made],
        "?person=dana": [made],
        "?person=finn": [],
    }.items():
        assert (await call(here, "GET", f"/overrides{query}"))["overrides"] == found
    await call(here, "DELETE", f"/overrides/{made['id']}", 204)
    assert (await call(here, "GET", "/overrides"))["overrides"] == []
    await call(here, "DELETE", f"/overrides/{made['id']}", 404)
    assert audited(here) == ["override.made", "override.revoked"]


async def test_an_override_that_is_over_is_listed_no_more(here: Running) -> None:
    await call(here, "POST", "/overrides", 201, **SHIFT | {"start": "", "end": "30m"})
    here.clock.advance_to(here.clock.now() + 30 * MINUTE)
    assert (await call(here, "GET", "/overrides"))["overrides"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": "infra-primry"},
        {"person": "nobody"},
        {"of": "nobody"},
        {"end": "2026-01-05T09:30:00Z"},
        {"start": "2026-01-01T00:00:00Z", "end": "1h"},
        {"end": "999d"},
        {"start": "99999d"},
        {"mode": "add"},
        {"mode": "swap"},
    ],
)
async def test_an_override_without_sense_is_refused(here: Running, wrong: dict[str, str]) -> None:
    await call(here, "POST", "/overrides", 422, **SHIFT | wrong)


async def test_an_override_sent_twice_with_one_key_is_made_once(here: Running) -> None:
    headers = ADMIN | {"idempotency-key": "drag-1"}
    answers = [await here.client.post("/api/v1/overrides", json=SHIFT, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await call(here, "GET", "/overrides"))["overrides"]) == 1


async def test_nobody_is_put_on_who_is_away_then(stored: Running) -> None:
    await call(stored, "POST", "/absences", 201, person="eve", start="2026-01-05T11:00:00Z", end="1h")
    told = await call(stored, "POST", "/overrides", 422, **SHIFT)
    assert told["detail"] == "person: eve is away, 2026-01-05T11:00:00Z to 2026-01-05T12:00:00Z."
    assert (await call(stored, "POST", "/overrides", 201, **SHIFT | {"end": "1h", "reason": "dentist"}))["reason"] == (
        "dentist"
    )
    await call(stored, "POST", "/overrides", 422, **SHIFT | {"end": "1h", "reason": "x" * 201})


async def test_an_absence_is_made_and_ended(here: Running) -> None:
    made = await call(here, "POST", "/absences", 201, person="dana", end="5d")
    assert (await call(here, "GET", "/absences?person=dana"))["absences"] == [made]
    await call(here, "DELETE", f"/absences/{made['id']}", 204)
    assert (await call(here, "GET", "/absences"))["absences"] == []
    await call(here, "POST", "/absences", 422, person="nobody", end="5d")


@pytest.fixture
def stored(sqlite_url: str) -> Iterator[Running]:
    """With a world that is read out of the store, as in service."""
    with in_service(sqlite_url) as standing:
        ADMIN["authorization"] = f"Bearer {token_for(standing, 'admin')}"
        yield standing


async def test_an_override_shows_at_once_who_is_on_call(stored: Running) -> None:
    made = await call(stored, "POST", "/overrides", 201, **SHIFT)

    async def on() -> list[str]:
        found = await call(stored, "GET", "/oncall?at=2026-01-05T11:00:00Z")
        schedule = next(one for one in found["schedules"] if one["schedule"] == "infra-primary")
        return [one["person"] for one in schedule["people"]]

    assert await on() == ["eve"]
    await call(stored, "DELETE", f"/overrides/{made['id']}", 204)
    assert await on() == ["dana"]


# -------------------------------------------------------------------------------------------- contacts


async def test_a_way_is_added_tried_verified_by_its_code_and_taken_away(here: Running) -> None:
    path = "/people/dana/contacts"
    added = await call(here, "POST", path, 201, method="email", address="dana@acme.example")
    assert (added["state"], (await call(here, "GET", path))["contacts"]) == ("declared", [added])
    await call(here, "GET", f"{path}/{added['id']}/test", 404)
    trial = await call(here, "POST", f"{path}/{added['id']}/test", 202)
    assert (await call(here, "GET", f"{path}/{added['id']}/test"))["state"] == "waiting"
    way = Contact("dana", "email", "dana@acme.example")
    sent = code(way, here.clock.now(), here.site.secret)
    with here.site.ledger.read() as connection:
        row = connection.execute(select(outbox.c.id, outbox.c.body).where(outbox.c.person == "dana")).one()
    assert (row.id, sent.encode() in bytes(row.body)) == (trial["id"], True)
    await call(here, "POST", f"{path}/{added['id']}/verify", 409, code="000000" if sent != "000000" else "1")
    verified = await call(here, "POST", f"{path}/{added['id']}/verify", code=sent)
    assert (verified["id"], verified["state"]) == (added["id"], "verified")
    await call(here, "DELETE", f"{path}/{added['id']}", 204)
    assert (await call(here, "GET", path))["contacts"] == []
    assert audited(here) == ["contact.added", "contact.verified", "contact.removed"]
    with here.site.ledger.read() as connection:
        assert not any(b"dana@" in one.details for one in audit_log.latest(connection, 50))


async def test_a_code_is_good_for_half_an_hour_at_most_and_for_its_own_way(here: Running) -> None:
    path = "/people/dana/contacts"
    first = await call(here, "POST", path, 201, method="email", address="a@acme.example")
    way, other = (Contact("dana", "email", f"{name}@acme.example") for name in "ab")
    sent = code(way, here.clock.now(), here.site.secret)
    assert code(other, here.clock.now(), here.site.secret) != sent
    here.clock.advance_to(here.clock.now() + 30 * MINUTE)
    await call(here, "POST", f"{path}/{first['id']}/verify", 409, code=sent)


async def test_whoever_guesses_at_a_code_waits(here: Running) -> None:
    added = await call(here, "POST", "/people/dana/contacts", 201, method="email", address="dana@acme.example")
    path = f"/people/dana/contacts/{added['id']}/verify"
    statuses = [
        (await here.client.post(f"/api/v1{path}", json={"code": f"{n}"}, headers=ADMIN)).status_code for n in range(8)
    ]
    assert statuses == [409] * 5 + [429] * 3 or statuses == [409] * 6 + [429] * 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"method": "pigeon", "address": "x"}, 422),
        ({"method": "email", "address": "nobody"}, 422),
        ({"method": "email", "address": "a@b, c@d"}, 422),
        ({"method": "email", "address": "a@b\nBcc: c@d"}, 422),
        ({"method": "webhook", "address": "javascript:alert(1)"}, 422),
        ({"method": "email", "address": ""}, 422),
        ({"method": "email"}, 422),
    ],
)
async def test_an_address_without_sense_is_refused(here: Running, body: dict[str, str], status: int) -> None:
    await call(here, "POST", "/people/dana/contacts", status, **body)


async def test_a_way_that_is_there_or_one_too_many_is_refused(here: Running) -> None:
    for n in range(20):
        await call(here, "POST", "/people/dana/contacts", 201, method="email", address=f"d{n}@acme.example")
    await call(here, "POST", "/people/dana/contacts", 409, method="email", address="d0@acme.example")
    await call(here, "POST", "/people/dana/contacts", 409, method="email", address="e@acme.example")
    await call(here, "GET", "/people/nobody/contacts", 404)
    await call(here, "DELETE", "/people/dana/contacts/none", 404)


def test_a_reference_does_not_say_where_it_leads() -> None:
    way = Contact("dana", "email", "dana@acme.example")
    assert (len(reference(way)), "dana" in reference(way)) == (16, False)


def test_the_best_way_of_each_method_comes_first(here: Running) -> None:
    ways = [Contact("dana", "email", "b@x", "broken"), Contact("dana", "email", "a@x"), Contact("eve", "email", "e@x")]

    def put(tx: Any) -> list[str]:
        for way in ways:
            people.put(tx.connection, way, here.clock.now())
        return [one.address for one in people.of(tx.connection, "dana")]

    assert here.site.ledger.transact(put) == ["a@x", "b@x"]


# ------------------------------------------------------------------------------------------- catalogue


async def test_people_say_teams_roles_and_ways_but_no_address(here: Running) -> None:
    found = (await call(here, "GET", "/people?team=infrastructure"))["people"]
    assert [one["id"] for one in found] == ["dana", "eve", "finn", "frank"]
    frank = found[-1]
    assert (frank["leads"], frank["manager"], frank["methods"]) == (["infrastructure"], "omar", {"email": "declared"})
    assert (await call(here, "GET", "/people/frank")) == frank
    first = await call(here, "GET", "/people?limit=2")
    second = await call(here, "GET", f"/people?limit=2&cursor={first['cursor']}")
    assert [one["id"] for one in first["people"] + second["people"]] == ["ana", "ben", "carla", "dana"]
    assert (await here.client.get("/api/v1/people/fank", headers=ADMIN)).json()["hint"] == "did you mean frank?"


async def test_services_teams_and_sources_are_told(here: Running) -> None:
    services = (await call(here, "GET", "/services"))["services"]
    checkout = next(one for one in services if one["id"] == "checkout")
    assert (checkout["team"], checkout["policy"], checkout["stakeholders"]) == (
        "payments",
        "production",
        ["role:executive"],
    )
    assert await call(here, "GET", "/services/checkout") == checkout
    await call(here, "GET", "/services/none", 404)
    teams = (await call(here, "GET", "/teams"))["teams"]
    assert {one["id"]: one["lead"] for one in teams}["payments"] == "hugo"
    sources = {one["id"]: (one["intake"], one["keys"]) for one in (await call(here, "GET", "/sources"))["sources"]}
    assert sources == {
        "scripts": ("generic", 1),
        "prometheus": ("alertmanager", 1),
        "keyless": ("generic", 0),
        "open": ("generic", 0),
    }


@pytest.mark.parametrize("source", ["scripts", "prometheus"])
async def test_a_sample_of_its_format_is_taken_as_a_real_signal(here: Running, source: str) -> None:
    done: httpx.Response = await here.client.post(f"/api/v1/sources/{source}/sample", json={}, headers=ADMIN)
    assert done.status_code == 202, done.text
    one = done.json()["incidents"][0]
    assert (one["outcome"], (await call(here, "GET", f"/incidents/{one['id']}"))["source"]) == ("opened", source)


async def test_a_sample_of_ones_own_is_sent_as_it_is(here: Running) -> None:
    done = await call(here, "POST", "/sources/scripts/sample", 202, body={"title": "Mine", "severity": "info"})
    assert (await call(here, "GET", f"/incidents/{done['incidents'][0]['id']}"))["title"] == "Mine"
    await call(here, "POST", "/sources/nobody/sample", 404, body={})


# ------------------------------------------------------------------------------------ language and zone


async def test_language_and_zone_are_chosen_shown_and_given_back(stored: Running) -> None:
    before = await call(stored, "GET", "/people/dana")
    assert (before["language"], before["zone"]) == ("", "")
    made = await call(stored, "PUT", "/people/dana/settings", language="de", zone="Europe/Berlin")
    assert (made["name"], made["language"], made["zone"]) == ("Dana Levi", "de", "Europe/Berlin")
    everybody = (await call(stored, "GET", "/people"))["people"]
    assert [one["id"] for one in everybody if one["language"] == "de"] == ["dana"]
    assert (await call(stored, "PUT", "/people/dana/settings"))["zone"] == ""


@pytest.mark.parametrize("wrong", [{"language": "tlh"}, {"zone": "Mars/Base"}, {"zone": "../etc/passwd"}])
async def test_a_language_or_zone_that_there_is_not_is_refused(here: Running, wrong: dict[str, str]) -> None:
    await call(here, "PUT", "/people/dana/settings", 422, **wrong)
    await call(here, "PUT", "/people/nobody/settings", 404, language="de")


async def test_a_rulebook_that_is_applied_later_leaves_the_choice_alone(stored: Running) -> None:
    await call(stored, "PUT", "/people/dana/settings", language="de", zone="Europe/Berlin")
    changed = ACME.read_text("utf-8").replace("Dana Levi", "Dana Levi-Stern")
    apply(stored.site.ledger, loads({"acme.yaml": changed}), stored.clock.now())
    found = await call(stored, "GET", "/people/dana")
    assert (found["name"], found["language"], found["zone"]) == ("Dana Levi-Stern", "de", "Europe/Berlin")
