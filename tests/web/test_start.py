"""The first run, step by step: an installation without a rulebook, and how it gets one and everything after it."""

import re
from collections.abc import Iterator

import pytest

from tests.api.conftest import token_for
from tests.cast import MONDAY
from tests.doors import SECRET, URL, Running
from tests.insiders import sit_down
from tocsin.access.permissions import FRESH, Role
from tocsin.app import join
from tocsin.config import loads
from tocsin.config.starters import STARTERS, Answers, Starter, filled
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import HOUR
from tocsin.core.oncall.override import Facts
from tocsin.core.oncall.roster import roster
from tocsin.engine.applying import apply
from tocsin.engine.clock import VirtualClock
from tocsin.engine.stepper import Stepper
from tocsin.engine.worlds import NoRulebookError
from tocsin.settings import Settings
from tocsin.store import accounts, audit_log, people, rulebooks

ANSWERS = {"organisation": "Acme", "timezone": "Europe/London", "name": "Nadia Haddad", "email": "nadia@acme.example"}
OTHERS = {"team": "Ben Okafor, ben@acme.example", "desk": "Kai <kai@acme.example>", "manager": "sofia@acme.example"}


class Empty(Running):
    """An installation in which nothing is, and its engine."""

    stepper: Stepper


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Empty]:
    """Joined as `tocsin serve` joins it, on a clock that can be moved."""
    clock = VirtualClock(MONDAY)
    parts = join(Settings(database=sqlite_url, url=URL, secret=SECRET), clock)
    parts.site.door.open()
    made = Empty(parts.site, clock)
    made.stepper = parts.stepper(clock)
    try:
        yield made
    finally:
        parts.site.door.close()
        parts.ledger.close()


def admin(here: Running, role: Role = "admin") -> None:
    sit_down(here, "nadia", role, "")


async def press(here: Running, path: str, **form: str) -> tuple[int, str, str]:
    """Status, where to, and the page."""
    shown = re.search(r'name="csrf" value="([^"]+)"', (await here.client.get("/start/rulebook")).text)
    assert shown is not None
    answer = await here.client.post(path, data=form | {"csrf": shown[1]})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def text_in(page: str) -> str:
    found = re.search(r'<textarea class="code"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")


async def begun(here: Running, starter: Starter = "just_me") -> None:
    """With that starter in force."""
    _, _, page = await press(here, "/start/rulebook", do="fill", starter=starter, **ANSWERS, **OTHERS)
    form = {"text": text_in(page), "file": "rulebook.yaml", "me": "nadia", "version": "0"}
    assert (await press(here, "/start/rulebook", do="apply", **form))[:2] == (303, "/start")


async def test_before_the_first_rulebook_admins_are_led_to_it_and_others_are_told(empty: Empty) -> None:
    admin(empty)
    assert (await empty.client.get("/")).headers["location"] == "/start"
    assert (await empty.client.get("/start")).headers["location"] == "/start/rulebook"
    assert (await empty.client.get("/start/rulebook")).status_code == 200
    token = token_for(empty, "viewer")
    told = await empty.client.get("/api/v1/incidents", headers={"authorization": f"Bearer {token}"})
    assert (told.status_code, told.json()["type"].rpartition(":")[2]) == (503, "no-rulebook")
    assert (await empty.client.post("/in/scripts", json={"title": "x"})).status_code == 503
    assert empty.site.ready.faults() == ["no rulebook is in force: signals are refused"]
    empty.client.cookies.clear()
    sit_down(empty, "vera", "viewer")
    answer = await empty.client.get("/")
    assert (answer.status_code, "There are no rules yet" in answer.text) == (503, True)


@pytest.mark.parametrize("role", ["viewer", "responder", "team-lead", "manager", "security-audit"])
async def test_it_is_an_admins_alone(here: Running, role: Role) -> None:
    sit_down(here, "dana", role)
    for step in ("", "/rulebook", "/reach", "/source", "/ring", "/done"):
        assert (await here.client.get(f"/start{step}")).status_code == 403
    assert "/start" not in (await here.client.get("/")).text


@pytest.mark.parametrize("starter", STARTERS)
async def test_a_starter_is_put_in_force_audited_and_whoever_did_it_is_the_person_it_names(
    empty: Empty, starter: Starter
) -> None:
    admin(empty)
    await begun(empty, starter)
    with empty.site.ledger.read() as connection:
        kept = rulebooks.latest(connection)
        deeds = [(one.actor, one.what) for one in audit_log.latest(connection, 2)]
        account = accounts.by_login(connection, "nadia")
        ways = [(way.person, way.address) for way in people.everything(connection)]
    assert kept is not None
    assert (kept.version, kept.applied_by, account and account.person) == (1, "account:nadia", "nadia")
    assert deeds == [("account:nadia", "account.person"), ("account:nadia", "rulebook.applied")]
    assert ("nadia", "nadia@acme.example") in ways
    assert empty.site.ready.faults() == []


@pytest.mark.parametrize("starter", STARTERS)
@pytest.mark.parametrize("more", [{}, OTHERS])
def test_a_starter_has_no_faults_and_its_maker_is_on_call_at_any_hour(starter: Starter, more: dict[str, str]) -> None:
    for hours in range(0, 14 * 24, 5):
        now = MONDAY + hours * HOUR
        made = filled(starter, Answers(**ANSWERS, **more), now)
        loaded = loads({"rulebook.yaml": made.text})
        assert loaded.complaints == ()
        assert loaded.rulebook is not None
        if starter != "just_me":
            book = loaded.rulebook
            on = roster(ScheduleId("weekly"), now, book.schedules, book.hours, Facts())
            assert on.people == ("nadia",)


@pytest.mark.parametrize(
    "typed",
    ['x", email: "y', "a\nb: c", "{evil: 1}", "@me@", "# no", "<b>", "Ünïcödé 名前", "-", "'\"\\", "null", "x" * 300],
)
def test_whatever_is_typed_into_a_starter_is_text_there(typed: str) -> None:
    said = {"organisation": typed, "name": typed, "team": typed, "desk": typed, "manager": typed}
    plain = loads({"rulebook.yaml": filled("service_desk", Answers(**ANSWERS), MONDAY).text}).rulebook
    loaded = loads({"rulebook.yaml": filled("service_desk", Answers(**ANSWERS | said), MONDAY).text})
    if len(typed) > 200:
        assert {one.code for one in loaded.errors} == {"F012"}
        return
    assert (loaded.errors, plain is None) == ((), False)
    assert loaded.rulebook is not None
    assert loaded.rulebook.organisation == " ".join(typed.split())
    assert loaded.rulebook.policies == (plain and plain.policies)


async def test_every_complaint_is_shown_with_its_line_and_nothing_can_be_put_in_force(empty: Empty) -> None:
    admin(empty)
    bad = "tocsin: 1\npeople:\n  ana: {nam: Ana}\nteams: {web: {members: [bob]}}\n"
    for do, status in (("look", 200), ("apply", 422)):
        found, _, page = await press(empty, "/start/rulebook", do=do, text=bad, file="mine.yaml", version="0")
        assert found == status
        assert page.count('<li class="error">') == len(loads({"mine.yaml": bad}).errors)
        assert "mine.yaml, line 3" in page
        assert "ana: {nam: Ana}" in page
        assert 'value="apply"' not in page
    with empty.site.ledger.read() as connection:
        assert rulebooks.number(connection) == 0


async def test_another_version_meanwhile_is_not_run_over(empty: Empty) -> None:
    admin(empty)
    await begun(empty)
    theirs = filled("small_team", Answers(**ANSWERS, team="Ben, ben@acme.example"), MONDAY).text
    apply(empty.site.ledger, loads({"rulebook.yaml": theirs}), empty.clock.now(), by="ben")
    mine = theirs.replace("5m", "6m")
    status, _, page = await press(empty, "/start/rulebook", do="apply", text=mine, file="rulebook.yaml", version="1")
    assert (status, "version 2" in page, "policies.escalate" in page) == (409, True, True)
    assert (await press(empty, "/start/rulebook", do="apply", text=mine, file="rulebook.yaml", version="2"))[0] == 303


async def test_what_makes_the_proof_of_a_rulebook_in_force_worse_is_refused_here_too(empty: Empty) -> None:
    admin(empty)
    await begun(empty, "small_team")
    with empty.site.ledger.read() as connection:
        kept = rulebooks.latest(connection)
    assert kept is not None
    ((name, text),) = kept.texts.items()
    later = re.sub(r"after: \d+m", "after: 50m", text)
    assert later != text
    status, _, page = await press(empty, "/start/rulebook", do="apply", text=later, file=name, version="1")
    assert (status, "grows from" in page, "tocsin apply --force" in page) == (422, True, True)


async def test_a_trial_is_read_here_while_no_mail_server_is_set_up(empty: Empty) -> None:
    admin(empty)
    await begun(empty)
    page = (await empty.client.get("/start/reach")).text
    assert "TOCSIN_SMTP" in page
    way = re.search(r'name="way" value="(\w+)"', page)
    assert way is not None
    assert (await press(empty, "/start/reach/trial", way=way[1]))[1] == "/start/reach"
    assert (await empty.client.get("/start")).headers["location"] == "/start/reach"
    await empty.stepper.settle()
    page = (await empty.client.get("/start/reach")).text
    assert "Hello Nadia Haddad" in page
    assert (await empty.client.get("/start")).headers["location"] == "/start/source"


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("email", "ana@acme.example", 303),
        ("email", "nobody", 422),
        ("webhook", "ftp://x", 422),
        ("pigeon", "x", 422),
        ("email", "nadia@acme.example", 422),
        ("email", "", 422),
    ],
)
async def test_another_way_is_added_if_it_can_lead_somewhere(
    empty: Empty, method: str, address: str, status: int
) -> None:
    admin(empty)
    await begun(empty)
    assert (await press(empty, "/start/reach/way", method=method, address=address))[0] == status
    with empty.site.ledger.read() as connection:
        known = [way.address for way in people.of(connection, "nadia")]
    assert (len(known), address in known) == ((2, True) if status == 303 else (1, address == "nadia@acme.example"))


async def test_it_rings_at_whoever_set_it_up_and_leaves_the_menu_when_they_answer(empty: Empty) -> None:
    admin(empty)
    await begun(empty, "service_desk")
    status, where, _ = await press(empty, "/start/source/test", source="prometheus")
    assert (status, where) == (303, "/start/ring?incident=INC-1")
    with empty.site.ledger.read() as connection:
        assert audit_log.latest(connection, 1)[0].what == "source.sampled"
    await empty.stepper.settle()
    page = (await empty.client.get(where)).text
    assert "Nadia Haddad" in page
    assert "You are needed" in page
    assert 'href="/start"' in (await empty.client.get("/")).text
    assert (await press(empty, "/start/ring/INC-1/acknowledge"))[1] == "/start/done"
    empty.clock.advance_to(empty.clock.now() + 3_000_000)
    assert 'href="/start"' not in (await empty.client.get("/")).text
    assert (await press(empty, "/start/ring/INC-99/acknowledge"))[0] == 409


async def test_a_key_is_shown_once_and_of_two_no_third_is_made(empty: Empty) -> None:
    admin(empty)
    await begun(empty)
    _, _, page = await press(empty, "/start/source/key", source="signals")
    key = re.search(r'id="key" tabindex="0">(\w+)<', page)
    assert key is not None
    assert f"Authorization: Bearer {key[1]}" in page.replace("&#39;", "'")
    assert key[1] not in (await empty.client.get("/start/source")).text
    assert (await empty.client.get("/start/source/fresh")).json()["incident"] == ""
    sent = await empty.client.post("/in/signals", json={"title": "x"}, headers={"authorization": f"Bearer {key[1]}"})
    assert sent.status_code == 202
    assert (await empty.client.get("/start/source/fresh")).json()["incident"] == "INC-1"
    assert [(await press(empty, "/start/source/key", source="signals"))[0] for _ in range(2)] == [200, 409]
    assert (await press(empty, "/start/source/key", source="none"))[0] == 422


async def test_what_is_sensitive_asks_for_a_proof_that_is_fresh(empty: Empty) -> None:
    admin(empty)
    await begun(empty)
    empty.clock.advance_to(empty.clock.now() + FRESH)
    again = (
        ("/start/source/key", {"source": "signals"}),
        ("/start/reach/way", {"method": "email", "address": "other@acme.example"}),
        ("/start/rulebook", {"do": "apply", "text": filled("just_me", Answers(**ANSWERS), MONDAY).text}),
    )
    for path, form in again:
        status, where, _ = await press(empty, path, **form)
        assert (status, where.partition("?")[0]) == (303, "/signin/again")


async def test_an_account_that_is_nobody_chooses_who_it_is(empty: Empty) -> None:
    admin(empty)
    theirs = filled("just_me", Answers(**ANSWERS | {"name": "Carla Reyes"}), MONDAY).text
    assert (await press(empty, "/start/rulebook", do="apply", text=theirs, version="0"))[0] == 303
    assert (await empty.client.get("/start")).headers["location"] == "/start/reach"
    assert '<option value="carla">Carla Reyes' in (await empty.client.get("/start/reach")).text
    for person, status in (("zoe", 422), ("carla", 303)):
        assert (await press(empty, "/start/reach/me", person=person))[0] == status
    with empty.site.ledger.read() as connection:
        found = accounts.by_login(connection, "nadia")
    assert found is not None
    assert found.person == "carla"


def test_what_only_pages_people_does_not_begin_without_rules(sqlite_url: str) -> None:
    with pytest.raises(NoRulebookError, match="no rulebook is in force"):
        join(Settings(database=sqlite_url, parts=frozenset({"engine"})))


async def test_a_demonstration_has_no_first_run_in_its_menu(demo: Running) -> None:
    assert 'href="/start"' not in (await demo.client.get("/")).text


@pytest.mark.parametrize("path", ["/offline", "/offline?act=yes", "/manifest.webmanifest", "/worker.js"])
async def test_what_a_browser_installs_is_there_before_the_first_rulebook(empty: Empty, path: str) -> None:
    assert (await empty.client.get(path)).status_code == 200
    admin(empty)
    assert (await empty.client.get(path)).status_code == 200
