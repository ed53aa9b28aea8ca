"""The audit log: narrowed, turned page by page, taken away as a table; and a chain that shows when it was broken."""

import csv
import io

from sqlalchemy import text

from tests.cast import DAY, MONDAY
from tests.doors import Running
from tests.insiders import sit_down
from tests.web.administering import read
from tests.web.reading import Taken
from tocsin.store import audit_log
from tocsin.store.audit_log import Deed
from tocsin.web.pages.settings.audit import GOOD_FOR, SIZE

PLACE = "/settings/audit"


def write(here: Running, *deeds: Deed, at: int = MONDAY) -> None:
    here.site.ledger.transact(lambda tx: [audit_log.append(tx.connection, one, at) for one in deeds])


async def test_deeds_are_told_the_newest_first_and_narrowed_by_who_what_and_when(here: Running) -> None:
    write(here, Deed("carla", "override.made", "o1"), at=MONDAY - DAY)
    write(here, Deed("token:ci", "rulebook.applied", "7", {"note": "a new team"}))
    sit_down(here, "nadia", "security-audit")
    text_ = (await read(here, PLACE)).text
    assert text_.index("rulebook.applied") < text_.index("override.made")
    assert "note: a new team" in text_
    assert told(await read(here, f"{PLACE}?actor=carla")) == ["override.made"]
    assert told(await read(here, f"{PLACE}?what=rulebook")) == ["rulebook.applied"]
    assert "override.made" not in told(await read(here, f"{PLACE}?since=2026-01-05"))
    assert told(await read(here, f"{PLACE}?until=2026-01-04")) == ["override.made"]
    assert "Nothing was administered that is like that" in (await read(here, f"{PLACE}?what=nothing")).text


def told(page: Taken) -> list[str]:
    return [one for one in page.data if "." in one and " " not in one and one.islower()]


async def test_the_log_is_turned_page_by_page(here: Running) -> None:
    write(here, *(Deed("carla", "override.made", f"o{n}") for n in range(SIZE + 5)))
    sit_down(here, "nadia", "security-audit")
    first = await read(here, f"{PLACE}?actor=carla")
    (earlier,) = [value for _, name, value in first.attributes if name == "href" and "before=" in value]
    second = await read(here, earlier)
    assert (len(told(first)), len(told(second))) == (SIZE, 5)
    assert "before=" not in str(second.attributes)


async def test_the_chain_is_said_to_hold_and_to_be_broken_when_it_is(here: Running) -> None:
    write(here, Deed("carla", "override.made", "o1"))
    sit_down(here, "nadia", "security-audit")
    assert "The chain holds: all 2 entries" in (await read(here, PLACE)).text
    here.site.ledger.transact(lambda tx: tx.connection.execute(text("update audit set actor = 'ben' where n = 1")))
    here.clock.advance_to(here.clock.now() + GOOD_FOR)
    page = (await read(here, PLACE)).text
    assert "The chain does not hold: entry 1 is not what was written" in page


async def test_the_log_is_taken_away_as_a_table_in_which_nothing_is_a_formula(here: Running) -> None:
    write(here, Deed("carla", "override.made", "=1+1"), Deed("ben", "override.made", "o2"))
    sit_down(here, "nadia", "security-audit")
    answer = await here.client.get(f"{PLACE}.csv?actor=carla")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="audit.csv"' in answer.headers["content-disposition"]
    head, row = csv.reader(io.StringIO(answer.text))
    assert head[:5] == ["n", "at", "actor", "what", "object"]
    assert row[2:5] == ["carla", "override.made", "'=1+1"]


async def test_nobody_takes_it_away_who_may_not_read_it(here: Running) -> None:
    sit_down(here, "hugo", "manager")
    assert (await here.client.get(f"{PLACE}.csv")).status_code == 403
