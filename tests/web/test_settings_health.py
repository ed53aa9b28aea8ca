"""Health and rulebook: what is wrong is said at once and with what helps; the rules are read word for word."""

import pytest

from tests.cast import MONDAY
from tests.doors import Running, running
from tests.insiders import sit_down
from tests.web.administering import read
from tocsin.config import loads
from tocsin.engine.applying import apply

TINY = """tocsin: 1
organisation: Acme Retail
timezone: UTC
last_resort: [person:ana]
unrouted: {team: desk, policy: only, priority: P2}
people: {ana: {name: Ana Sousa, email: ana@acme.example}}
teams: {desk: {members: [ana]}}
policies: {only: {functional: [{notify: team, wait: 5m}]}}
"""


async def test_all_is_well_where_nothing_is_wrong(here: Running) -> None:
    sit_down(here, "hugo", "manager")
    await here.post()
    text = (await read(here, "/settings/health")).text
    assert "All is well" in text
    assert "Every live incident has a next action" in text
    assert "Live P1 1" in text
    assert "% free" in text
    assert "TOCSIN_ROOTS" in text


async def test_what_is_wrong_is_said_first(sqlite_url: str) -> None:
    with running(sqlite_url, faults=("the timers loop has not come round for 40 s",)) as ill:
        sit_down(ill, "hugo", "manager")
        text = (await read(ill, "/settings/health")).text
        assert "Something is wrong the timers loop has not come round for 40 s" in text
        ill.site.door.takes_signals = False
        assert "new signals are refused with 503" in (await read(ill, "/settings/health")).text


async def test_the_password_of_a_database_is_never_shown(postgres_url: str) -> None:
    with running(postgres_url) as there:
        sit_down(there, "hugo", "manager")
        text = (await read(there, "/settings/health")).text
    assert "postgresql://" in text
    assert "Ballast" not in text


async def test_an_incident_that_is_long_overdue_is_named_with_a_link(here: Running) -> None:
    sit_down(here, "hugo", "manager")
    incident = await here.post()
    here.clock.advance_to(MONDAY + 20 * 60_000_000)
    page = await read(here, "/settings/health")
    assert "Not every live incident is being escalated" in page.text
    assert ("a", "href", f"/incidents/{incident}") in page.attributes


async def test_the_rulebook_is_read_word_for_word_and_taken_away(here: Running) -> None:
    loaded = loads({"rulebook.yaml": TINY})
    assert loaded.errors == ()
    apply(here.site.ledger, loaded, MONDAY, by="carla", note="the first")
    changed = loads({"rulebook.yaml": TINY + "# changed\n"})
    apply(here.site.ledger, changed, MONDAY + 1, by="token:ci")
    sit_down(here, "dana", "viewer")
    page = await read(here, "/settings/rulebook")
    assert "Version 2 is in force, applied by ci" in page.text
    assert "the first" in page.text
    assert "last_resort: [person:ana]" in page.text
    answer = await here.client.get("/settings/rulebook/file?version=1&name=rulebook.yaml")
    assert (answer.text, answer.headers["content-type"]) == (TINY, "text/plain; charset=utf-8")
    assert 'filename="rulebook.yaml"' in answer.headers["content-disposition"]


@pytest.mark.parametrize("query", ["", "?version=9&name=x", "?version=1&name=../../etc/passwd"])
async def test_a_file_that_no_version_has_is_not_found(here: Running, query: str) -> None:
    sit_down(here, "dana", "viewer")
    assert (await here.client.get(f"/settings/rulebook/file{query}")).status_code == 404


async def test_without_a_version_the_page_teaches_how_to_apply_one(here: Running) -> None:
    sit_down(here, "dana", "viewer")
    assert "tocsin apply" in (await read(here, "/settings/rulebook")).text
