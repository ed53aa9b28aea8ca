"""One's own devices: added by the browser itself, tried, taken away; and nobody else's."""

from typing import Any

import pytest

from tests.cast import MINUTE
from tests.contracts.pushservice import Browser
from tests.doors import Running
from tests.insiders import csrf, sit_down
from tests.web.reading import Taken
from tocsin.channels.push.devices import devices_of
from tocsin.channels.push.keys import key_of
from tocsin.store import audit_log, people
from tocsin.store.people import Contact

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


def subscription(name: str = "a", **more: Any) -> dict[str, Any]:
    """What a browser's PushSubscription is as JSON."""
    device = Browser().device(f"https://push.example/{name}")
    return {
        "endpoint": device.endpoint,
        "expirationTime": None,
        "keys": {"p256dh": device.p256dh, "auth": device.auth},
    } | more


async def add(here: Running, given: dict[str, Any]) -> tuple[int, Any]:
    headers = {"x-csrf-token": await csrf(here), "user-agent": PHONE}
    answer = await here.client.post("/account/push", json=given, headers=headers)
    return answer.status_code, answer.json()


def ways(here: Running, person: str = "dana") -> list[Contact]:
    with here.site.ledger.read() as connection:
        return people.of(connection, person)


async def test_a_browser_adds_itself_as_a_way_that_its_person_has_shown_to_be_theirs(here: Running) -> None:
    sit_down(here, "dana")
    assert (await add(here, subscription()))[0] == 201
    (way,) = ways(here)
    assert (way.method, way.state) == ("push", "verified")
    (device,) = devices_of(way.address)
    assert (device.name, device.key) == ("Chrome, Android", key_of(here.site.secret).id)
    page = Taken((await here.client.get("/account")).text)
    assert "Chrome, Android" in page.text
    assert ("div", "data-key", key_of(here.site.secret).public) in page.attributes


async def test_each_device_stays_and_the_same_one_again_is_there_once(here: Running) -> None:
    sit_down(here, "dana")
    for name in ("a", "b", "a", "c", "d", "e", "f"):
        await add(here, subscription(name))
    (way,) = ways(here)
    assert [one.endpoint[-1] for one in devices_of(way.address)] == ["f", "e", "d", "c", "a"]


async def test_one_is_taken_away_and_with_the_last_the_way_itself(here: Running) -> None:
    sit_down(here, "dana")
    for name in ("a", "b"):
        await add(here, subscription(name))
    for left in (1, 0):
        page = Taken((await here.client.get("/account")).text)
        device = next(value for tag, name, value in page.attributes if (tag, name) == ("li", "data-device"))
        form = {"device": device, "csrf": await csrf(here)}
        assert (await here.client.post("/account/push/remove", data=form)).status_code == 303
        assert sum(len(devices_of(way.address)) for way in ways(here)) == left


async def test_a_trial_goes_to_them_and_the_audit_log_knows_what_was_done_but_no_address(here: Running) -> None:
    sit_down(here, "dana")
    await add(here, subscription())
    await here.client.post("/account/push/test", data={"csrf": await csrf(here)})
    with here.site.ledger.read() as connection:
        sent = connection.exec_driver_sql("select person, method from outbox").all()
        told = [str(one) for one in audit_log.latest(connection, 50)]
    assert [tuple(row) for row in sent] == [("dana", "push")]
    assert any("contact.added" in one for one in told)
    assert "push.example" not in "".join(told)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"endpoint": "https://push.example/a"},
        subscription(endpoint="http://push.example/a"),
        subscription(endpoint="javascript:alert(1)"),
        subscription(keys={"p256dh": "AA", "auth": "AA"}),
        subscription(keys="none"),
    ],
)
async def test_what_is_no_subscription_is_refused(here: Running, given: dict[str, Any]) -> None:
    sit_down(here, "dana")
    assert (await add(here, given))[0] == 422
    assert ways(here) == []


async def test_it_takes_a_session_a_proof_that_is_not_old_and_a_form_of_ours(here: Running) -> None:
    assert (await here.client.post("/account/push", json=subscription())).status_code == 401
    sit_down(here, "dana")
    assert (await here.client.post("/account/push", json=subscription())).status_code == 403
    here.clock.advance_to(here.clock.now() + 20 * MINUTE)
    assert await add(here, subscription()) == (403, {"wrong": "again", "next": "/signin/again?next=/account"})
    assert ways(here) == []


async def test_whoever_is_no_person_or_only_looks_is_offered_none(here: Running) -> None:
    sit_down(here, "robot", "responder", "")
    assert "push-here" not in (await here.client.get("/account")).text
    assert (await add(here, subscription()))[0] == 422
