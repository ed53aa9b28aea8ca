"""Notifications to browsers, over real sockets: sealed for one browser, signed for its service, honest about both."""

import json
from typing import Any

import pytest

from tests.contracts.letters import NOW, SECRET, letter
from tests.contracts.pushservice import Browser, Service, proven, push_service, un64
from tocsin.channels.contract import Choice, Letter, Outcome, Wiring
from tocsin.channels.push.devices import Device, complaint, written
from tocsin.channels.push.keys import key_of
from tocsin.channels.push.notice import ROOM, notice
from tocsin.channels.push.send import build

LOOPBACK = {"TOCSIN_PUSH_ALLOW": "127.0.0.0/8"}


async def push(
    *devices: Device, settings: Any = LOOPBACK, one: Letter | None = None, old: tuple[bytes, ...] = ()
) -> Outcome:
    channel = build(Wiring(settings, SECRET, "https://tocsin.acme.example", old))
    try:
        return await channel.send(one or letter(), written(devices))
    finally:
        await channel.close()


async def shown(one: Letter | None = None) -> dict[str, Any]:
    """What the browser reads of it."""
    browser = Browser()
    async with push_service() as service:
        assert (await push(browser.device(service.endpoint()), one=one)).status == "sent"
        found: dict[str, Any] = json.loads(browser.opened(service.came[0][2]))
    return found


def test_what_the_standard_sealed_is_opened_so_that_what_we_seal_is_judged_rightly() -> None:
    browser = Browser(un64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), un64("BTBZMqHH6r4Tts7J_aSIgg"))
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert browser.opened(un64(body)) == b"When I grow up, I want to be a watermelon"


async def test_only_the_browser_reads_it_and_its_service_knows_whom_to_ask() -> None:
    browser = Browser()
    async with push_service() as service:
        outcome = await push(browser.device(service.endpoint()))
        ((_, headers, body),) = service.came
    assert outcome == Outcome("sent", "HTTP 201: taken by the push service, not seen yet")
    assert b"Disk full" not in body
    assert json.loads(browser.opened(body))["title"] == "P1 Disk full on db-3 (INC-7)"
    claims = proven(headers["Authorization"])
    assert claims["aud"] == f"http://127.0.0.1:{service.port}"
    assert claims["sub"] == "https://tocsin.acme.example"
    assert 0 < claims["exp"] - NOW // 1_000_000 <= 24 * 3600
    assert claims["k"] == key_of(SECRET).public
    assert {name: headers[name] for name in ("Content-Encoding", "Urgency", "TTL")} == {
        "Content-Encoding": "aes128gcm", "Urgency": "high", "TTL": "3600",
    }  # fmt: skip


async def test_what_comes_of_one_incident_replaces_what_was_not_delivered_and_says_not_of_which() -> None:
    browser = Browser()
    async with push_service() as service:
        for one in (letter(), letter(purpose="over", urgent=False), letter(thread="INC-8")):
            await push(browser.device(service.endpoint()), one=one)
        first, second, third = (headers["Topic"] for _, headers, _ in service.came)
    assert first == second != third
    assert "INC" not in first
    assert len(first) <= 32


async def test_the_same_letter_is_never_sealed_alike_twice() -> None:
    browser = Browser()
    async with push_service() as service:
        for _ in range(2):
            await push(browser.device(service.endpoint()))
        (_, _, first), (_, _, second) = service.came
    assert first[16:] != second[16:]
    assert first[:16] != second[:16]


async def test_a_critical_call_stays_on_the_screen_and_acts_with_one_tap() -> None:
    told = await shown()
    assert (told["stays"], told["quiet"], told["tag"]) == (True, False, "INC-7")
    assert told["open"] == "/incidents/INC-7"
    (act,) = told["acts"]
    assert (act["title"], act["path"]) == ("Acknowledge", letter().act_url.removeprefix("https://tocsin.example"))
    assert "Step 1 of the escalation policy" in told["body"]


@pytest.mark.parametrize("purpose", ["taken", "over", "inform"])
async def test_news_replace_the_call_without_a_sound(purpose: Any) -> None:
    told = await shown(letter(purpose=purpose, act_url="", act_label="", urgent=False))
    assert (told["stays"], told["quiet"], told["acts"]) == (False, True, [])


async def test_an_offer_is_accepted_or_declined_from_the_lock_screen() -> None:
    choices = tuple(Choice(word, f"https://tocsin.example/l/{word}") for word in ("Accept", "Decline"))
    told = await shown(letter(purpose="offer", act_url="", act_label="", choices=choices))
    assert told["acts"] == [{"title": "Accept", "path": "/l/Accept"}, {"title": "Decline", "path": "/l/Decline"}]


@pytest.mark.parametrize("text", ["x" * 20_000, "狼" * 20_000, '"\\\n' * 9_000, "\U0001f600" * 9_000, "\ud83d" * 9_000])
async def test_however_much_there_is_to_say_it_fits(text: str) -> None:
    one = letter(title=text, reason=text, next=text, question=text, service=text[:200])
    assert len(notice(one)) <= ROOM
    browser = Browser()
    async with push_service() as service:
        assert (await push(browser.device(service.endpoint()), one=one)).status == "sent"
        assert len(service.came[0][2]) <= 4096


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        *((status, "sent") for status in (200, 201, 202)),
        *((status, "permanent") for status in (404, 410)),
        *((status, "passing") for status in (301, 400, 401, 403, 413, 429, 500, 503)),
    ],
)
async def test_only_a_browser_that_is_gone_breaks_the_address(status: int, wanted: str) -> None:
    async with push_service() as service:
        service.answers["/a"] = (status, {"Retry-After": "90", "Location": "/b"})
        outcome = await push(Browser().device(service.endpoint()))
    assert outcome.status == wanted
    assert outcome.retry_after == (90.0 if wanted == "passing" else None)
    assert len(service.came) == 1


async def test_each_device_gets_it_and_one_that_takes_it_is_enough() -> None:
    phone, laptop = Browser(), Browser()
    async with push_service() as service:
        service.answers["/gone"] = (410, {})
        outcome = await push(phone.device(service.endpoint()), laptop.device(service.endpoint("gone")))
        assert sorted(path for path, _, _ in service.came) == ["/a", "/gone"]
    assert outcome.status == "sent"
    assert outcome.detail.startswith("1 of 2 devices")


async def test_one_that_may_come_back_is_tried_again_and_only_when_all_are_gone_it_is_broken() -> None:
    async with push_service() as service:
        service.answers |= {"/gone": (404, {}), "/busy": (503, {})}
        gone, busy = (Browser().device(service.endpoint(name)) for name in ("gone", "busy"))
        assert (await push(gone, busy)).status == "passing"
        assert (await push(gone, gone)).status == "permanent"


async def test_a_changed_secret_reaches_devices_that_know_the_old_one_until_that_is_forgotten() -> None:
    old = b"the secret of last year, long enough"
    async with push_service() as service:
        device = Browser().device(service.endpoint(), key=key_of(old).id)
        assert (await push(device, old=(old,))).status == "sent"
        assert proven(service.came[0][1]["Authorization"])["k"] == key_of(old).public
        forgotten = await push(device)
    assert (forgotten.status, len(service.came)) == ("permanent", 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"])
async def test_it_reaches_into_no_network_that_is_not_opened(host: str) -> None:
    async with push_service() as service:
        outcome = await push(Browser().device(f"http://{host}:{service.port}/a"), settings={})
    assert (outcome.status, service.came) == ("permanent", [])
    assert "TOCSIN_PUSH_ALLOW" in outcome.detail


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://push.example/a", "ftp://push.example/a", "https://", "https://u:p@push.example/", "//push.example/a"),
        *("https://push.example/a b", "https://push.example/\n", "https://[::1", f"https://push.example/{'a' * 2000}"),
    ],
)
def test_an_endpoint_is_a_plain_https_address(endpoint: str) -> None:
    assert complaint(written((Browser().device(endpoint),)))


@pytest.mark.parametrize("spoilt", ["", "AA", "BTBZMqHH6r4Tts7J_aSIg!", "ä"])
def test_keys_that_are_none_are_refused_when_they_are_given(spoilt: str) -> None:
    good = Browser().device("https://push.example/a")
    assert complaint(written((good,))) == ""
    assert complaint(written((Device(good.endpoint, spoilt, good.auth),)))
    assert complaint(written((Device(good.endpoint, good.p256dh, spoilt),)))
    assert complaint(written((good,) * 6))
    assert complaint("[]")


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(ValueError, match="TOCSIN_PUSH_ALLOW"):
        build(Wiring({"TOCSIN_PUSH_ALLOW": "nowhere"}, SECRET))


def test_the_key_hangs_on_the_secret_alone() -> None:
    assert key_of(SECRET).public == key_of(bytes(SECRET)).public
    assert key_of(SECRET).public != key_of(SECRET + b"!").public
    assert un64(key_of(SECRET).public)[0] == 4


async def test_a_service_that_is_not_there_may_come_back() -> None:
    service = Service()
    async with push_service() as standing:
        service.port = standing.port
    assert (await push(Browser().device(service.endpoint()))).status == "passing"
