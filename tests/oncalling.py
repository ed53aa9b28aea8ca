"""A tocsin whose roster facts are really kept, as a person of the cast who is signed in sees it."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from tests.doors import ENVIRONMENT, Running, running
from tocsin.config import loads
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.world import World
from tocsin.engine.applying import apply
from tocsin.engine.worlds import StoredWorlds
from tocsin.store import facts

ACME = Path(__file__).parents[1] / "examples" / "acme.yaml"


@contextmanager
def stored(url: str) -> Iterator[Running]:
    """Acme Retail out of the store, as in service."""
    with running(url) as standing:
        apply(standing.site.ledger, loads({"acme.yaml": ACME.read_text("utf-8")}), standing.clock.now())
        worlds = StoredWorlds(standing.site.ledger, standing.clock, frozenset(("email",)))
        yield Running(replace(standing.site, worlds=worlds, environment=dict(ENVIRONMENT)), standing.clock)


def enter(here: Running, *made: Override | Absence) -> None:
    """Roster facts that somebody entered before."""
    for one in made:
        here.site.ledger.transact(lambda tx, one=one: facts.append(tx.connection, one, here.clock.now(), "tests"))
    here.site.worlds.refresh()


def world(here: Running) -> World:
    """As it is now."""
    return here.site.worlds.refresh()


async def page(here: Running, path: str = "/oncall", status: int = 200) -> str:
    """What a page says, without its marks."""
    answer = await here.client.get(path)
    assert answer.status_code == status, answer.text
    return words(answer.text)


def words(markup: str) -> str:
    """The words of a page, in their order."""
    main = markup[markup.index("<main") :] if "<main" in markup else markup
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))
