"""Whoever guesses: slowed down, never believed, and never a reason why somebody else waits."""

import random

from tests.api.conftest import token_for
from tests.doors import ENVIRONMENT, KEY, Running
from tests.insiders import HASH, PASSWORD, account, another_browser, gate_of
from tests.web.conftest import here
from tocsin.access.throttle import FREE, LONGEST, Throttle, keys_for
from tocsin.core.instant import HOUR, MINUTE, SECOND
from tocsin.engine.trial import code, reference
from tocsin.lib import secrets
from tocsin.store import people
from tocsin.store.people import Contact

__all__ = ["here"]

NOON = 1_790_000_000_000_000
RIGHT = {"login": "dana", "password": PASSWORD}


def test_ten_thousand_guesses_in_three_hours_are_a_few_hundred_and_the_owner_waits_for_none() -> None:
    throttle, dice, judged, waits = Throttle(), random.Random(7), 0, []
    for n in range(10_000):
        now = NOON + n * 3 * HOUR // 10_000
        pause = throttle.begin(keys_for("dana", f"198.51.100.{dice.randrange(250)}", ""), now)
        judged += pause == 0
        if n % 100 == 99:
            mine = keys_for("dana", "192.0.2.1", "phone-of-dana")
            waits.append(throttle.begin(mine, now))
            throttle.passed(mine)
    assert judged <= 3 * 60 + 15
    assert max(waits) == 0


def test_each_guess_waits_longer_than_the_one_before_until_a_minute() -> None:
    throttle, keys, now, pauses = Throttle(), keys_for("dana", "192.0.2.66", ""), NOON, []
    for _ in range(15):
        while (pause := throttle.begin(keys, now)) > 0:
            pauses.append(pause)
            now += pause
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (SECOND, LONGEST)


def test_one_password_tried_at_ten_thousand_logins_from_one_place_is_slow_too() -> None:
    throttle = Throttle()
    judged = sum(
        throttle.begin(keys_for(f"user-{n}", "192.0.2.66", ""), NOON + n * SECOND // 10) == 0 for n in range(10_000)
    )
    assert judged <= FREE["address"] + 1000 // 60 + 12


async def test_a_burst_at_the_sign_in_is_answered_by_waiting_and_the_owner_comes_in(here: Running) -> None:
    account(here, "dana", password=HASH)
    await here.client.post("/signin", data=RIGHT)  # on a browser of their own, once before
    told, stranger = [], another_browser(here)
    for n in range(24):
        answer = await stranger.post("/signin", data=RIGHT | {"password": f"guess {n}"})
        told.append((answer.status_code, int(answer.headers.get("retry-after", "0"))))
        here.clock.advance_to(here.clock.now() + SECOND)
    assert [status for status, _ in told[: FREE["account"]]] == [403] * FREE["account"]
    assert {status for status, _ in told[FREE["account"] :]} == {403, 429}
    assert sum(status == 403 for status, _ in told) <= FREE["account"] + 5
    assert max(wait for _, wait in told[-10:]) > max(wait for _, wait in told[:8])
    assert (await here.client.post("/signin", data=RIGHT)).status_code == 303
    here.clock.advance_to(here.clock.now() + MINUTE)
    assert (await stranger.post("/signin", data=RIGHT)).status_code == 303  # a minute is the longest, for anybody


async def test_hundreds_of_made_up_tokens_are_nobodys_and_look_alike(here: Running) -> None:
    good, gate = token_for(here, "admin"), gate_of(here)
    ident = good.split("_")[1]
    texts = [secrets.mint().text for _ in range(200)] + [f"toc_{ident}_{secrets.mint().text[-32:]}" for _ in range(200)]
    assert [text for text in texts if await gate.by_token(text) is not None] == []
    odd = ["", "x", good[:-1], good + "a", good.upper(), f"{good} {good}", "toc__", "null", "undefined", good[:20]]
    answers = set()
    for text in [*texts[180:220], *odd]:
        answer = await here.client.get("/api/v1/incidents", headers={"authorization": f"Bearer {text}"})
        answers.add((answer.status_code, answer.text, answer.headers["www-authenticate"]))
    assert len(answers) == 1
    for header in (f"Basic {good}", f"bearer{good}", f"Token {good}"):
        assert (await here.client.get("/api/v1/incidents", headers={"authorization": header})).status_code == 401
    assert (await here.client.get("/api/v1/incidents", headers={"authorization": f"Bearer {good}"})).status_code == 200


async def test_whoever_tries_tokens_on_and_on_waits_and_a_good_one_from_the_same_place_does_not(here: Running) -> None:
    good = token_for(here, "admin")
    seen = []
    for _ in range(300):
        bad = {"authorization": f"Bearer {secrets.mint().text}"}
        answer = await here.client.get("/api/v1/incidents", headers=bad)
        seen.append(answer.status_code)
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1
    assert seen[:100] == [401] * 100
    assert seen.count(429) > 100
    assert (await here.client.get("/api/v1/incidents", headers={"authorization": f"Bearer {good}"})).status_code == 200


async def test_wrong_keys_of_sources_look_alike_and_the_right_one_still_gets_through(here: Running) -> None:
    wrong = ["", "x", KEY[:-1], KEY + "x", KEY.upper(), ENVIRONMENT["KEY_PROMETHEUS"], KEY[::-1], f" {KEY}x"]
    wrong += [secrets.mint().text for _ in range(60)]
    answers = set()
    for source in ("scripts", "nobody-knows-it", "keyless", "open"):
        for key in wrong if source == "scripts" else wrong[:9]:
            answer = await here.client.post(
                f"/in/{source}", json={"title": "x"}, headers={"authorization": f"Bearer {key}"}
            )
            answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert await here.post() == "INC-1"


async def test_one_time_links_that_are_made_up_look_alike_and_are_none(here: Running) -> None:
    account(here, "dana")
    answers = set()
    for _ in range(20):
        made_up = secrets.reference()[0]
        answers.add((await here.client.get(f"/setup/{made_up}")).text)
        told = await here.client.post(f"/setup/{made_up}", data={"login": "eve", "password": "a long enough password"})
        answers.add(told.text)
        assert told.status_code == 404
    assert len(answers) == 1


async def test_a_day_of_guessing_at_a_code_of_six_figures_is_a_few_hundred_guesses(here: Running) -> None:
    way, now = Contact("dana", "email", "dana@acme.example"), here.clock.now()
    here.site.ledger.transact(lambda tx: people.put(tx.connection, way, now))
    path = f"/api/v1/people/dana/contacts/{reference(way)}/verify"
    headers = {"authorization": f"Bearer {token_for(here, 'admin')}"}
    right = code(way, now, here.site.secret)
    judged = 0
    for n in range(60):
        guess = f"{n:06}" if f"{n:06}" != right else "x"
        answer = await here.client.post(path, json={"code": guess}, headers=headers)
        judged += answer.status_code == 409
        here.clock.advance_to(here.clock.now() + SECOND)
    assert judged <= FREE["account"] + 7
    assert here.clock.now() - now == MINUTE


async def test_no_login_is_believed_without_its_password(here: Running) -> None:
    account(here, "dana", password=HASH)
    logins = ("dana", "nobody", "", "' or 1=1 --", "x" * 5_000, "dana\0", "DANA\u202e", "*")
    given = [("dana", one) for one in ("", HASH, PASSWORD.upper(), PASSWORD + "\0")] + [(one, "") for one in logins]
    for login, password in given:
        answer = await here.client.post("/signin", data={"login": login, "password": password})
        assert answer.status_code in (403, 429), (login, password)
        assert "set-cookie" not in answer.headers
        here.clock.advance_to(here.clock.now() + MINUTE)
