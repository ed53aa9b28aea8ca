"""From a report to a tap on the lock screen: real letters, sealed by the channel, opened by a browser's keys, shown and
pressed in Chromium. Only the push service is ours, on loopback; Chromium is handed what it has taken by DevTools."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.contracts.pushservice import Browser, Service, push_service
from tests.engine.ports import free_port
from tests.web.browsing import JOURNEY, KEY, PATIENCE, RULES, phone, report, serving
from tocsin.access.accounts import create
from tocsin.access.sessions import begin
from tocsin.channels.push.devices import written
from tocsin.config import load
from tocsin.engine.clock import SystemClock
from tocsin.store import people, sessions
from tocsin.store.ledger import open_ledger
from tocsin.store.people import Contact

pytestmark = JOURNEY

PEOPLE = tuple(load(RULES).rulebook.people)

CLICK = """async (action) => {
  const [notification] = await self.registration.getNotifications();
  let done;
  class Pressed extends NotificationEvent { waitUntil(what) { done = what; } }  // which only the browser's own may do
  self.dispatchEvent(new Pressed("notificationclick", { notification, action }));
  await done;
}"""
SHOWN = """async () => (await self.registration.getNotifications()).map((one) => ({
  title: one.title, body: one.body, tag: one.tag, stays: one.requireInteraction, renotify: one.renotify,
  actions: one.actions.map((act) => act.title), silent: one.silent,
}))"""
ENDED = """async () => {
  let done;
  class Changed extends ExtendableEvent { waitUntil(what) { done = what; } }
  self.dispatchEvent(new Changed("pushsubscriptionchange"));
  await done;
}"""

KEPT = """async () => {
  const kept = await caches.open("tocsin-seen"), all = {};
  for (const one of await kept.keys()) all[new URL(one.url).pathname] = await (await kept.match(one)).text();
  return all;
}"""
"""What this device keeps, by the path of the page."""


class Program(NamedTuple):
    """The program, what its push service took, the keys of everybody's device, and a session of everybody."""

    url: str
    service: Service
    device: Browser
    cookies: dict[str, str]

    def pushed(self, incident: str, after: int = 0) -> tuple[str, str]:
        """The first notice about that incident since so many came: for whom, and what their browser reads."""
        for _ in range(PATIENCE // 100):
            for path, _headers, body in self.service.came[after:]:
                told = self.device.opened(body).decode()
                if f"({incident})" in told:
                    return path.removeprefix("/"), told
            time.sleep(0.1)
        raise AssertionError("nobody was notified")

    def incident(self, id_: str) -> dict[str, Any]:
        """As the API shows it to somebody who is signed in."""
        cookies = {"tocsin": self.cookies["omar"]}
        found: dict[str, Any] = httpx.get(f"{self.url}/api/v1/incidents/{id_}", cookies=cookies).json()
        return found


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A push service in a thread of its own."""
    loop, begun, over, found = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), []

    async def stand() -> None:
        async with push_service() as standing:
            found.append(standing)
            begun.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(stand()))
    thread.start()
    begun.wait()
    yield found[0]
    loop.call_soon_threadsafe(over.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Iterator[Program]:
    """No demonstration: a store in which everybody has an account, and a device at the push service."""
    folder, port = tmp_path_factory.mktemp("push"), free_port()
    device, database = Browser(), f"sqlite:///{folder}/tocsin.db"
    cookies = _peopled(database, device, service)
    environment = os.environ | {
        "TOCSIN_KEY_SCRIPTS": KEY, "TOCSIN_URL": f"http://127.0.0.1:{port}", "TOCSIN_PUSH_ALLOW": "127.0.0.0/8",
    }  # fmt: skip
    with serving(folder / "serve.log", port, environment, "--rulebook", str(RULES), "--database", database):
        yield Program(f"http://127.0.0.1:{port}", service, device, cookies)


def _peopled(database: str, device: Browser, service: Service) -> dict[str, str]:
    ledger, now = open_ledger(database), SystemClock().now()
    cookies = {}
    for person in PEOPLE:
        way = Contact(person, "push", written((device.device(service.endpoint(person)),)), "verified")
        account = ledger.transact(lambda tx, who=person: create(tx.connection, who, "admin", who, "tests", now, ""))
        cookies[person], session = begin(account, "password", now)
        ledger.transact(lambda tx, way=way: people.put(tx.connection, way, now))
        ledger.transact(lambda tx, session=session: sessions.add(tx.connection, session))
    ledger.close()
    return cookies


class Phone(NamedTuple):
    """A phone of somebody's with tocsin on it; `push` hands it what the push service took."""

    page: Any
    worker: Any
    push: Any


Handset = Callable[[str], Phone]


@pytest.fixture
def handset(browser: Any, faults: list[str], program: Program) -> Iterator[Handset]:
    """A phone for whoever is named, with their session."""
    pages: list[Any] = []

    def given(person: str) -> Phone:
        pages.append(phone(browser, faults))
        return _set_up(pages[-1], program, person)

    yield given
    for page in pages:
        page.context.close()


def _set_up(page: Any, program: Program, person: str) -> Phone:
    page.context.grant_permissions(["notifications"], origin=program.url)
    page.context.add_cookies([{"name": "tocsin", "value": program.cookies[person], "url": program.url}])
    tools = page.context.new_cdp_session(page)
    known: list[str] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(_ids(told)))
    tools.send("ServiceWorker.enable")
    page.goto(program.url)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    assert known

    def push(data: str) -> None:
        wanted = {"origin": program.url, "registrationId": known[-1], "data": data}
        tools.send("ServiceWorker.deliverPushMessage", wanted)

    return Phone(page, page.context.service_workers[0], push)


def _ids(told: dict[str, Any]) -> list[str]:
    return [one["registrationId"] for one in told["registrations"]]


def shown(hand: Phone, title: str) -> dict[str, Any]:
    """The one notification there is, once it has that in its title."""
    for _ in range(PATIENCE // 100):
        found = hand.worker.evaluate(SHOWN)
        if len(found) == 1 and title in found[0]["title"]:
            one: dict[str, Any] = found[0]
            return one
        time.sleep(0.1)
    raise AssertionError(f"there is no notification with {title}: {found}")


def test_a_page_is_acknowledged_from_the_notification(handset: Handset, program: Program) -> None:
    incident = report(program.url, "pushed", title="Orders fail")
    person, told = program.pushed(incident)
    hand = handset(person)
    hand.push(told)
    call = shown(hand, "Orders fail")
    assert call["title"] == f"P1 Orders fail ({incident})"
    assert (call["actions"], call["stays"], call["renotify"], call["tag"]) == (
        ["Acknowledge", "Open"],
        True,
        True,
        incident,
    )
    hand.worker.evaluate(CLICK, "act-0")
    done = shown(hand, "You have it")
    assert (done["stays"], done["silent"], done["tag"]) == (False, True, incident)
    found = program.incident(incident)
    assert (found["status"], found["owner"]) == ("acknowledged", person)


def test_somebody_else_has_it_already(handset: Handset, program: Program) -> None:
    incident = report(program.url, "taken", title="Shop is slow")
    person, told = program.pushed(incident)
    other = next(one for one in ("gita", "ines") if one != person)
    hand = handset(other)
    hand.page.goto(f"{program.url}/incidents/{incident}")
    hand.page.get_by_role("button", name="Acknowledge").tap()
    hand.page.locator("#incident .owner.good").wait_for()
    hand.push(told)
    shown(hand, "Shop is slow")
    hand.worker.evaluate(CLICK, "act-0")
    assert "has it" in shown(hand, " has it")["title"]
    assert program.incident(incident)["owner"] == other


def test_without_a_network_it_says_that_nothing_was_done(handset: Handset, program: Program, faults: list[str]) -> None:
    incident = report(program.url, "no net", title="Till is dead")
    person, told = program.pushed(incident)
    hand = handset(person)
    hand.push(told)
    shown(hand, "Till is dead")
    hand.page.context.set_offline(True)
    hand.worker.evaluate(CLICK, "act-0")
    call = shown(hand, "Till is dead")
    assert call["body"] == "No network: nothing was done. Open it and try again."
    assert call["actions"] == ["Open"]
    hand.page.context.set_offline(False)
    assert program.incident(incident)["owner"] is None
    faults[:] = [one for one in faults if "ERR_INTERNET_DISCONNECTED" not in one]


def test_the_end_replaces_the_call(handset: Handset, program: Program) -> None:
    incident = report(program.url, "ends", title="Mail is stuck")
    person, told = program.pushed(incident)
    hand = handset(person)
    hand.push(told)
    shown(hand, "Mail is stuck")
    before = len(program.service.came)
    report(program.url, "ends", action="resolve")
    _, over = program.pushed(incident, before)
    hand.push(over)
    ended = shown(hand, "Over: Mail is stuck")
    assert (ended["actions"], ended["stays"], ended["silent"]) == (["Open"], False, True)


def test_what_is_confidential_is_never_kept_on_a_device(handset: Handset, program: Program) -> None:
    report(program.url, "plain", title="Plain as day")
    labels = {"service": "identity", "category": "security"}
    incident = report(program.url, "hush", title="Insider at work", labels=labels)
    page = handset("lena").page
    page.goto(f"{program.url}/incidents/{incident}")
    page.locator(".hush").first.wait_for()
    page.goto(program.url)
    page.get_by_role("link", name="Insider at work").wait_for()
    page.wait_for_function(f"async () => ((await ({KEPT})())['/'] ?? '').includes('Plain as day')")
    told = page.evaluate(KEPT)
    assert [path for path, text in told.items() if "Insider" in text or path == f"/incidents/{incident}"] == []


def test_whose_browser_ends_the_notifications_is_asked_to_allow_them_again(handset: Handset) -> None:
    hand = handset("gita")
    hand.worker.evaluate(ENDED)
    asked = shown(hand, "Nothing rings here any more")
    assert (asked["stays"], asked["actions"], "allow them again" in asked["body"]) == (True, [], True)
