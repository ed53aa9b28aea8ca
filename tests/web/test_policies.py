"""Policies: the list, both ladders of one as the rules would walk them, and every version of the rulebook."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import tocsin
from tests.doors import Running, running
from tests.insiders import sit_down
from tests.quick import QUICK
from tests.web.reading import Taken
from tocsin.access.permissions import ROLES, Role
from tocsin.config import loads
from tocsin.engine.applying import apply

ACME = (Path(tocsin.__file__).parents[2] / "examples" / "acme.yaml").read_text()


SPARE = ACME.replace("\npolicies:\n", "\npolicies:\n  spare:\n    functional: [{notify: person:carla, wait: 5m}]\n")


async def read(here: Running, path: str, status: int = 200) -> Taken:
    answer = await here.client.get(path)
    assert answer.status_code == status, answer.text
    return Taken(answer.text)


def put(here: Running, text: str, note: str = "", by: str = "omar") -> int:
    return apply(here.site.ledger, loads({"acme.yaml": text}), here.clock.now(), by, note)


@pytest.fixture
def acme(sqlite_url: str) -> Iterator[Running]:
    """Acme's rulebook, in force and in the store."""
    book = loads({"acme.yaml": ACME}).rulebook
    assert book is not None
    with running(sqlite_url, rulebook=book) as standing:
        put(standing, ACME, "the first")
        yield standing


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_who_is_signed_in_sees_what_would_happen(acme: Running, role: Role) -> None:
    sit_down(acme, "dana", role)
    assert "security-breach" in (await read(acme, "/policies")).text
    page = await read(acme, "/policies/production")
    assert "Who works on it" in page.text
    assert ("Change or try" in page.text) is (role != "viewer")


async def test_the_list_says_for_which_services_a_policy_is_and_which_has_none(acme: Running) -> None:
    sit_down(acme, "dana")
    text = (await read(acme, "/policies")).text
    assert "For 2 services: checkout, order-database" in text
    assert "for what names no service" in text
    assert "by the criterion Security breach" in text


async def test_the_list_has_what_needs_care_first_with_findings_and_the_longest_wait(sqlite_url: str) -> None:
    bad = QUICK.replace("by: role:executive, within: 15m", "by: stakeholders, within: 15m")
    with running(sqlite_url, rulebook=loads({"acme.yaml": bad}).rulebook) as here:
        sit_down(here, "dana")
        before = (await read(here, "/policies")).text
        assert "has not been proved today" in before
        world = here.site.worlds.world()
        made = here.site.verdicts.of(world.rulebook, world.facts, here.clock.now(), prove=True, wait=300)
        assert made.proof is not None
        text = (await read(here, "/policies")).text
    assert text.index("security-breach") < text.index("network")
    assert "1 error" in text[text.index("security-breach") : text.index("network")]
    assert "First human at worst: at once" in text
    assert "What needs care comes first" in text


async def test_both_ladders_are_drawn_with_those_whom_the_rules_would_reach_then(acme: Running) -> None:
    sit_down(acme, "dana")
    text = (await read(acme, "/policies/production?service=order-database&priority=P1&at=2026-01-08T03:00")).text
    assert "As P1 of order-database" in text
    assert text.index("at once") < text.index("+5 min")
    assert "Dana Levi" in text
    other = (await read(acme, "/policies/production?service=checkout&priority=P4&at=2026-01-08T03:00")).text
    assert "Gita Rao" in other
    assert "As P4 of checkout" in other


async def test_what_an_address_asks_for_and_there_is_not_is_drawn_as_something_there_is(acme: Running) -> None:
    sit_down(acme, "dana")
    text = (await read(acme, "/policies/production?service=%3Cb%3E&priority=P9&at=tomorrow")).text
    assert "As P1 of checkout" in text
    await read(acme, "/policies/nothing", 404)


async def test_a_policy_without_a_service_is_drawn_for_something_that_names_none(sqlite_url: str) -> None:
    with running(sqlite_url, rulebook=loads({"acme.yaml": SPARE}).rulebook) as here:
        sit_down(here, "dana")
        text = (await read(here, "/policies/spare")).text
        assert "As P1 of something that names no service" in text
        assert "at once" in text
        assert "carla" in text
        assert "Nothing comes to it" in (await read(here, "/policies")).text


async def test_the_lines_of_a_policy_are_shown_as_they_are_written(acme: Running) -> None:
    sit_down(acme, "dana")
    text = (await read(acme, "/policies/network")).text
    assert "acme.yaml, lines 102 to 110" in text


async def test_versions_tell_who_when_and_why_and_what_differs_between_any_two(acme: Running) -> None:
    sit_down(acme, "dana")
    put(acme, ACME.replace("wait: 5m", "wait: 7m"), "calmer", "eve")
    put(acme, ACME.replace("wait: 5m", "wait: 9m"), "calmer still", "omar")
    text = (await read(acme, "/rulebook/versions")).text
    assert text.index("calmer still") < text.index("Eve Martin") < text.index("the first")
    assert "Take it back" not in text
    assert "5m -> 9m" in (await read(acme, "/rulebook/difference?old=1&new=3")).text
    assert "9m -> 7m" in (await read(acme, "/rulebook/difference?old=3&new=2")).text
    second = (await read(acme, "/rulebook/versions/2")).text
    assert "5m -> 7m" in second
    assert "calmer" in second


@pytest.mark.parametrize(
    "path",
    ["/rulebook/versions/7", "/rulebook/versions/99999999999999999999", "/rulebook/difference?old=0&new=1",
     "/rulebook/difference?old=1&new=-3"],
)  # fmt: skip
async def test_there_is_no_page_for_a_version_that_never_was(acme: Running, path: str) -> None:
    sit_down(acme, "dana")
    await read(acme, path, 404)


async def test_many_versions_are_shown_a_page_at_a_time(acme: Running) -> None:
    sit_down(acme, "dana")
    for n in range(1, 33):
        put(acme, f"{ACME}# {n}\n", f"note {n}.")
    first, second = await read(acme, "/rulebook/versions"), await read(acme, "/rulebook/versions?below=4")
    assert ("note 32." in first.text, "note 2." in first.text) == (True, False)
    assert ("note 32." in second.text, "note 2." in second.text) == (False, True)


async def test_where_there_is_no_version_the_page_says_how_to_make_one(here: Running) -> None:
    sit_down(here, "dana")
    assert "No rulebook has been put in force here yet" in (await read(here, "/rulebook/versions")).text
    assert "production" in (await read(here, "/policies")).text
