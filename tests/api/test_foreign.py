"""Every operation of the document, for every role, with what is one's own, foreign, confidential and absent.

What is expected is read from the table alone; what may not be known of is answered as what does not exist.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.described import known
from tests.cast import small_rulebook
from tests.doors import Running, running
from tocsin.access.about import About, about_incident, about_person, about_schedule
from tocsin.access.permissions import ROLES, TABLE, Caller, Role, Verb, allowed, may
from tocsin.access.tokens import caller_of, mint
from tocsin.api.openapi.operations import Operation
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, SECOND
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.engine.trial import reference
from tocsin.engine.working import decode_state
from tocsin.store import facts, people, tokens
from tocsin.store.people import Contact
from tocsin.store.queries.states import state_of

WAY = Contact("dana", "email", "dana@acme.example")
SECRET = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))
FOR_PEOPLE_ALONE: set[Verb] = {"incident.break-glass"}
"""Verbs that no token may use, whatever its role: tests/api/test_glass.py and others have them."""

BODIES: dict[str, Any] = {
    "/api/v1/overrides": {"schedule": "infra-primary", "end": "1h", "person": "eve"},
    "/api/v1/absences": {"person": "dana", "end": "1h"},
}
"""Where the object stands in the body."""


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """With one criterion that makes incidents confidential."""
    with running(sqlite_url, rulebook=small_rulebook(criteria=(SECRET,))) as standing:
        yield standing


def caller(here: Running, role: Role, *teams: str) -> tuple[Caller, dict[str, str]]:
    """A program of that role, bound to those teams, and its header."""
    text, token = mint(f"{role}-{'-'.join(teams)}", role, here.clock.now(), None, teams)
    here.site.ledger.transact(lambda tx: tokens.add(tx.connection, token))
    return caller_of(token), {"authorization": f"Bearer {text}"}


def make(here: Running) -> None:
    """Dana's override, absence and way of being reached, as they were before somebody deleted them."""
    now, dana = here.clock.now(), PersonId("dana")

    def body(tx: Any) -> None:
        found = facts.gathered(tx.connection, {})
        if "the-override" not in {one.id for one in found.overrides}:
            override = Override("the-override", ScheduleId("infra-primary"), now, now + DAY, PersonId("eve"))
            facts.append(tx.connection, override, now, "tests")
        if "the-absence" not in {one.id for one in found.absences}:
            facts.append(tx.connection, Absence("the-absence", dana, now, now + DAY), now, "tests")
        people.put(tx.connection, WAY, now)

    here.site.ledger.transact(body)


def state(here: Running, incident: str) -> Any:
    with here.site.ledger.read() as connection:
        found = state_of(connection, incident)
    assert found is not None
    return decode_state(found)


def objects(here: Running, one: Operation, incident: str) -> tuple[str, About | None]:
    """The address of an operation on infrastructure's things, and whose they are; None where it has no object."""
    book = here.site.worlds.world().rulebook
    values = {
        "incident": incident, "person": "dana", "contact": reference(WAY), "override": "the-override",
        "absence": "the-absence", "schedule": "infra-primary", "service": "order-database", "source": "scripts",
        "account": "none", "session": "none", "token": "none", "key": "none",
        "swap": "none", "calendar": "none", "passkey": "none", "version": "7",
    }  # fmt: skip
    path, about = one.path, None
    for parameter in (one for one in one.parameters if one.place == "path"):
        path = path.replace(f"{{{parameter.name}}}", values[parameter.name])
        if parameter.name == "incident":
            about = about_incident(state(here, incident), book)
    if "{override}" in one.path or one.path == "/api/v1/overrides" or "/swaps" in one.path:
        about = about_schedule("infra-primary", book)
    if "{absence}" in one.path or one.path == "/api/v1/absences" or "/contacts" in one.path or "/settings" in one.path:
        about = about_person("dana", book)
    if "{account}" in one.path:
        about = About()  # nobody's: whoever may with their own alone must not learn that it does not exist
    return path, about


async def ask(here: Running, one: Operation, path: str, headers: dict[str, str]) -> httpx.Response:
    here.clock.advance_to(here.clock.now() + SECOND)
    if any(word in one.path for word in ("override", "absence", "contact")):
        make(here)
    body = {"json": BODIES.get(one.path, {})} if one.method in ("POST", "PUT", "PATCH") else {}
    return await here.client.request(one.method, path, headers=headers, **body)


def judged(here: Running) -> list[Operation]:
    """Operations that need a verb of the table."""
    return [one for one in known(here) if one.verb in TABLE and one.verb not in FOR_PEOPLE_ALONE]


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_with_own_and_foreign_things_what_the_table_says(here: Running, role: Role) -> None:
    incident, wrong = await here.post(), []
    make(here)
    for teams in ((), ("infrastructure",), ("payments",)):
        who, headers = caller(here, role, *teams)
        for one in judged(here):
            path, about = objects(here, one, incident)
            verb: Verb = one.verb  # type: ignore[assignment]
            good = may(who, verb)
            if about is not None and (one.method != "GET" or "/contacts" in path or "/accounts" in path):
                good = allowed(who, verb, about) == "yes"
            status = (await ask(here, one, path, headers)).status_code
            if (status in (401, 403)) == good or status >= 500:
                wrong.append((teams, one.method, path, verb, status))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
async def test_what_may_not_be_known_of_is_answered_as_what_does_not_exist(here: Running, role: Role) -> None:
    hidden = await here.post(labels={"category": "security", "service": "order-database"})
    about = about_incident(state(here, hidden), here.site.worlds.world().rulebook)
    wrong = []
    for teams in ((), ("infrastructure",), ("payments",)):
        who, headers = caller(here, role, *teams)
        for one in judged(here):
            if "{incident}" not in one.path:
                continue
            verb: Verb = one.verb  # type: ignore[assignment]
            told = await ask(here, one, one.path.replace("{incident}", hidden), headers)
            absent = await ask(here, one, one.path.replace("{incident}", "INC-999"), headers)
            knows = allowed(who, "incident.read", about) == "yes"
            same = told.text.replace(hidden, "INC-999") == absent.text and told.status_code == absent.status_code
            if (not knows and not same) or (knows and may(who, verb) and told.status_code == 404):
                wrong.append((teams, one.method, one.path, told.status_code, told.text, absent.text))
    assert wrong == []


async def test_lists_counts_and_exports_leave_out_what_may_not_be_known_of(here: Running) -> None:
    hidden = await here.post(labels={"category": "security", "service": "order-database"}, title="canary-title")
    shown = await here.post(key="other")
    _, headers = caller(here, "admin")
    for one in judged(here):
        if one.method == "GET" and "{" not in one.path:
            answer = await ask(here, one, one.path, headers)
            assert hidden not in answer.text.replace(shown, ""), one.path
            assert "canary-title" not in answer.text, one.path
