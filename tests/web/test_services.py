"""What is looked after: the list by team, and one service with who would be reached, its gaps and its incidents."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from tests.cast import HOUR, MONDAY, small_rulebook
from tests.doors import Running, running
from tests.insiders import sit_down
from tests.web.reading import Taken
from tocsin.access.permissions import ROLES, Role
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import HoursId, ServiceId, SlaId
from tocsin.core.instant import parse_period
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.core.rulebook import Rulebook
from tocsin.core.sla.target import Sla

NIGHTS = HoursId("daytime")


def gappy() -> Rulebook:
    """Payments are on call on weekdays by day alone; checkout needs the database, and has an SLA."""
    book = small_rulebook()
    days = Hours(NIGHTS, "Europe/London", (((8 * 60, 18 * 60),),) * 5 + ((),) * 2, day=10 * HOUR)
    known = book.schedules["payments-primary"]
    layers = tuple(replace(one, only=NIGHTS) for one in known.rotations)
    checkout = replace(
        book.services["checkout"],
        sla=SlaId("gold"),
        runbook="https://wiki.acme.example/checkout",
        depends_on=(ServiceId("order-database"),),
    )
    gold = Sla(SlaId("gold"), {"respond": {"P1": parse_period("15m"), "else": parse_period("1d")}})
    return small_rulebook(
        hours=book.hours | {NIGHTS: days},
        schedules=book.schedules | {known.id: replace(known, rotations=layers)},
        services=book.services | {"checkout": checkout},
        slas={"gold": gold},
    )


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Running]:
    with running(sqlite_url, rulebook=gappy()) as standing:
        yield standing


async def read(here: Running, path: str, status: int = 200) -> Taken:
    answer = await here.client.get(path)
    assert answer.status_code == status, answer.text
    return Taken(answer.text)


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_who_is_signed_in_sees_what_is_looked_after(here: Running, role: Role) -> None:
    sit_down(here, "dana", role)
    assert "order-database" in (await read(here, "/services")).text
    page = await read(here, "/services/order-database")
    assert "Looked after by infrastructure" in page.text
    assert ("prometheus" in page.text) is (role != "viewer")  # sources are not for viewers


async def test_the_list_is_grouped_by_team_and_says_who_is_called_first_and_what_is_live(here: Running) -> None:
    sit_down(here, "dana")
    await here.post()
    text = (await read(here, "/services")).text
    assert text.index("complaints") < text.index("infrastructure") < text.index("payments")
    assert "order-database" in text
    assert "1 live incident" in text
    assert "called first now dana" in text


async def test_team_text_and_gaps_narrow_the_list_by_its_address(shop: Running) -> None:
    sit_down(shop, "dana")
    assert titles(await read(shop, "/services?team=payments")) == ["checkout"]
    assert titles(await read(shop, "/services?q=NETWORK")) == ["core-network"]
    assert titles(await read(shop, "/services?uncovered=1")) == ["checkout"]
    assert "No service is like that" in (await read(shop, "/services?q=%3Cb%3E")).text


def titles(page: Taken) -> list[str]:
    return [value.removeprefix("/services/") for _, _, value in page.attributes if value.startswith("/services/")]


async def test_a_service_says_who_is_called_at_once_and_when_each_step_follows(here: Running) -> None:
    sit_down(here, "dana")
    text = (await read(here, "/services/order-database?priority=P1")).text
    steps = text[text.index("Step by step, as P1") :]
    assert "at once Hand over to the team on call dana" in steps
    assert "+5 min Page the next on call eve" in steps
    assert "+15 min Inform the team's lead frank" in steps
    assert steps.index("+5 min") < steps.index("+15 min") < steps.index("+1 h")


async def test_gaps_of_the_days_to_come_are_said_in_words(shop: Running) -> None:
    sit_down(shop, "dana")
    text = (await read(shop, "/services/checkout")).text
    assert "payments-primary has 10 gaps in the next 14 days" in text
    assert "Mon 5 Jan 18:00" not in text  # today's times need no day
    assert "18:00 – Tue 6 Jan 08:00: nobody is on, for 14 h" in text
    assert "infra-primary has somebody on" in (await read(shop, "/services/order-database")).text


async def test_what_hangs_on_what_is_drawn_in_both_directions(shop: Running) -> None:
    sit_down(shop, "dana")
    assert "/services/order-database" in titles_of(await read(shop, "/services/checkout"))
    assert "/services/checkout" in titles_of(await read(shop, "/services/order-database"))


def titles_of(page: Taken) -> list[str]:
    return [value for tag, name, value in page.attributes if name == "href"]


async def test_promises_runbook_and_stakeholders_are_shown(shop: Running) -> None:
    sit_down(shop, "dana")
    page = await read(shop, "/services/checkout")
    assert "15 min 1 d 1 d 1 d 1 d" in page.text
    assert ("a", "href", "https://wiki.acme.example/checkout") in page.attributes
    assert "the executive" in page.text


async def test_no_confidential_incident_of_others_is_shown_or_counted(sqlite_url: str) -> None:
    hush = Criterion("hush", "signal.severity == 'critical'", Raise(confidential=True))
    with running(sqlite_url, rulebook=small_rulebook(criteria=(hush,))) as secret:
        await secret.post(severity="warning", title="Slow", key="a")
        await secret.post(title="Hush", key="b")
        sit_down(secret, "dana")
        assert {"Slow", "Hush"} <= set((await read(secret, "/services/order-database")).data)
        assert "2 live incidents" in (await read(secret, "/services")).text
        sit_down(secret, "gita", "admin")
        text = (await read(secret, "/services/order-database")).text
        assert "Slow" in text
        assert "Hush" not in text
        assert "1 live incident " in (await read(secret, "/services")).text


async def test_an_incident_that_is_over_is_among_the_last(here: Running) -> None:
    sit_down(here, "dana")
    await here.post(key="a", title="It was slow")
    here.tick_until(MONDAY + HOUR)
    await here.post(key="a", action="resolve")
    text = (await read(here, "/services/order-database")).text
    assert "Nothing is wrong with it" in text
    assert "The last 1 that ended P1 It was slow" in text
    assert "took 1 h" in text


async def test_a_service_that_does_not_exist_is_not_found(here: Running) -> None:
    sit_down(here, "dana")
    await read(here, "/services/nowhere", 404)


async def test_without_any_service_the_page_teaches_how_to_have_one(sqlite_url: str) -> None:
    with running(sqlite_url, rulebook=small_rulebook(services={})) as bare:
        sit_down(bare, "dana")
        text = (await read(bare, "/services")).text
    assert "No service is looked after yet" in text
    assert "depends_on" in text


async def test_what_is_proved_of_a_service_stands_on_its_page(here: Running) -> None:
    sit_down(here, "dana")
    assert "have not been proved yet" in (await read(here, "/services/order-database")).text
    world = here.site.worlds.world()
    here.site.verdicts.of(world.rulebook, world.facts, here.clock.now(), prove=True, wait=300)
    page = await read(here, "/services/order-database")
    text = page.text[page.text.index("Who is reached, at worst") :]
    assert "P1 at once dana" in text
    assert "play it" in text
    hrefs = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    played = next(one for one in hrefs if one.startswith("/lab/simulate?service=order-database"))
    assert "until somebody is reached" in (await read(here, played)).text
