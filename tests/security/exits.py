"""Everything that comes out again of two installations that were flooded, as plain data: read once, judged by many."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from tests.api.described import known
from tests.cast import CAST, period, small_rulebook, target
from tests.doors import SECRET, URL, Running, running
from tests.security.corpus import SIGNAL, corpus, twin
from tests.security.flood import Words, plan, send
from tests.web.reading import link, state
from tocsin.access.links import Links
from tocsin.access.tokens import mint
from tocsin.api.v1.acts import ACTS
from tocsin.channels.contract import Letter
from tocsin.core.instant import MINUTE
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import Decide
from tocsin.engine.letters import Letters
from tocsin.engine.working import decode_message
from tocsin.lib import logs
from tocsin.store import people, tokens
from tocsin.web import pages
from tocsin.web.pages.report.saying import Said

OWN = ("reason", "text", "option")
"""Fields of acts that people fill with words of their own; the others are closed."""

STAMP = "2026-01-05T09:00:00Z"
"""The time of every line of the logs."""

KNOWN = {
    "schedule": "infra-primary",
    "person": "dana",
    "service": "core-network",
    "source": "scripts",
    "team": "payments",
    "policy": "network",
    "account": "none",
    "version": "1",
    "number": "1",
    "file": "rules.yaml",
}
"""What stands in addresses; accounts have a test of their own."""

SEALED = ("link", "address")
"""What leads to somebody's own page by being known: nobody guesses one here."""

CLOSED = {"by": "dana", "to": "person:eve", "priority": "P2", "request": "r1"}


class Answer(NamedTuple):
    status: int
    kind: str
    text: str


class Exits(NamedTuple):
    """What one installation says. `done` are the acts that it took, `log` the lines that it wrote."""

    pages: dict[str, Answer]
    api: dict[str, Answer]
    letters: list[Letter]
    titles: dict[str, str]
    done: set[str]
    log: list[str]


# --------------------------------------------------------------------------------------------- what admins write


def ruled(*, harmless: bool) -> Rulebook:
    """The cast's rulebook with words of the corpus wherever its author may write some."""

    def said(start: int, n: int = 1) -> tuple[str, ...]:
        texts = tuple(corpus("xss")[(start + i) % len(corpus("xss"))] for i in range(n))
        return tuple(map(twin, texts)) if harmless else texts

    book = small_rulebook()
    network, service = book.policies["network"], book.services["core-network"]
    asked = Decide(" ".join(said(0, 40)), said(40, 12), (target("team"),), period("1m"), within=period("15m"))
    return replace(
        book,
        organisation=" ".join(said(60, 40)),
        services=book.services
        | {"core-network": replace(service, runbook="javascript:fired(1)" if not harmless else "plain words")},
        policies=book.policies | {"network": replace(network, hierarchical=(asked, *network.hierarchical))},
    )


def name(here: Running, *, harmless: bool) -> None:
    """Everybody gets a name that is a piece of the corpus, and an address; so do some tokens."""
    texts = [text.replace("\0", "").encode("utf-8", "ignore").decode() for kind in SIGNAL for text in corpus(kind)]
    lots = [" ".join(texts[n :: len(texts) // 6]) for n in range(len(CAST))]
    named = {who: f"{who} {twin(lot) if harmless else lot}" for who, lot in zip(CAST, lots, strict=True)}  # in order
    rows = [people.PersonRow(who, text) for who, text in named.items()]
    ways = [people.Contact(who, "email", f"{who}@acme.example") for who in CAST]
    here.site.ledger.transact(lambda tx: people.seed(tx.connection, rows, ways, here.clock.now()))
    for text in list(named.values())[:5]:
        _, token = mint(text, "viewer", here.clock.now())
        here.site.ledger.transact(lambda tx, token=token: tokens.add(tx.connection, token))


# ------------------------------------------------------------------------------------------------ what people write


async def act(here: Running, incident: str, words: Words) -> set[str]:
    """Everything that can be done to it by hand, with words in every field that takes some."""
    done = set()
    for which, known_act in ACTS.items():
        fields = {name: CLOSED.get(name) for name in known_act.takes.__struct_fields__}
        body = {name: words.say(n) if name in OWN else value for n, (name, value) in enumerate(fields.items())}
        body |= {"to": "INC-1"} if which == "link" else {}
        sent = {name: value for name, value in body.items() if value is not None}
        answer = await here.client.post(f"/api/v1/incidents/{incident}/{which}", json=sent)
        done |= {which} if answer.status_code == 200 else set()
    return done


async def report(here: Running, words: Words) -> None:
    """Somebody reports something by hand."""
    body = {"title": f"x {words.say(0)}", "text": words.say(1), "reporter": words.say(2), "severity": words.say(3)}
    body |= {"labels": {words.say(4): words.say(5)}, "links": [{"href": words.address(6), "text": words.say(7)}]}
    answer = await here.client.post("/api/v1/incidents", json=body | {"key": words.say(8)})
    assert answer.status_code == 201, answer.text


# ----------------------------------------------------------------------------------------------------- in and out


@contextmanager
def standing(folder: Path, *, harmless: bool) -> Iterator[Running]:
    """An installation at home, open to its own machine, and its log beside it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with running(f"sqlite:///{folder}/tocsin.db", rulebook=ruled(harmless=harmless), demo=True) as here:
        here.client.headers["host"] = "127.0.0.1:8400"
        name(here, harmless=harmless)
        try:
            yield here
        finally:
            root.handlers[:], root.level = handlers, level
            structlog.reset_defaults()


async def fill(here: Running, *, harmless: bool) -> tuple[list[str], set[str]]:
    """All that is sent and done: the incidents in the order of what was sent, and the acts that were taken."""
    came: list[str] = []
    done: set[str] = set()
    for carrier, texts, start in plan():
        came += await send(here, carrier, Words(texts, start, harmless))
    for start in range(0, len(corpus("xss")), 9):
        await report(here, Words(corpus("xss"), start, harmless))
    for n, incident in enumerate(sorted(set(came), key=_number)[:12]):
        done |= await act(here, incident, Words(corpus("xss"), n * 24, harmless))
    await here.post(key="asked", title="words", labels={"service": "core-network"})
    here.tick_until(here.clock.now() + 16 * MINUTE)
    return sorted(set(came), key=_number), done


def _number(incident: str) -> int:
    return int(incident.rpartition("-")[2])


async def gather(here: Running, *, harmless: bool) -> Exits:
    """What comes out."""
    stream = io.StringIO()
    logs.configure(lambda: STAMP, as_json=False, stream=stream)
    shown, done = await fill(here, harmless=harmless)
    found = {path: await _get(here, path) for path in _paths(here, shown)}
    for start in range(0, len(corpus("xss")), 9):
        found[f"/report {start}"] = await _reflected(here, Words(corpus("xss"), start, harmless))
    told = {path: await _get(here, path) for path in _operations(here, shown[::8])}
    titles = {one: state(here, one).title for one in shown}
    return Exits(found, told, _letters(here), titles, done, stream.getvalue().split("\n")[:-1])


async def _reflected(here: Running, words: Words) -> Answer:
    """The form for reports as it comes back, with everything in it that was filled in: all of it wrong."""
    data = {name_: words.say(n) for n, name_ in enumerate(Said.__struct_fields__)}
    answer = await here.client.post("/report", data=data)
    assert answer.status_code in (200, 409, 422), answer.text
    return Answer(answer.status_code, answer.headers["content-type"], answer.text)


async def _get(here: Running, path: str) -> Answer:
    answer = await here.client.get(path)
    return Answer(answer.status_code, answer.headers.get("content-type", ""), answer.text)


def _paths(here: Running, incidents: list[str]) -> Iterator[str]:
    """Every page: those of an incident for each, the smaller ones for some, all others once."""
    streams = {"/changes"}
    routes = {
        path for page in pages.found() for one in page.handlers if "GET" in one.http_methods for path in one.paths
    }
    for path in sorted(routes - streams):
        for name_, value in KNOWN.items():
            path = re.sub(rf"{{{name_}:\w+}}", value, path)
        places = re.findall(r"{(\w+):\w+}", path)
        if "incident" in places:
            some = incidents if path == "/incidents/{incident:str}" else incidents[::8]
            yield from (path.replace("{incident:str}", one) for one in some)
        elif path.startswith("/l/"):
            yield from (link(here, one, "dana") for one in incidents[::8])
        elif not places:
            yield path
        else:
            assert places[0] in SEALED, f"{path} is looked at by nobody: put what it wants into KNOWN"


def _operations(here: Running, incidents: list[str]) -> Iterator[str]:
    for one in known(here):
        path = one.path
        for name_, value in KNOWN.items():
            path = path.replace(f"{{{name_}}}", value)
        if one.method == "GET" and "{incident}" in path:
            yield from (path.replace("{incident}", which) for which in incidents)
        elif one.method == "GET" and "{" not in path:
            yield path


def _letters(here: Running) -> list[Letter]:
    """The letters that wait to be sent."""
    ledger = here.site.ledger
    rows = ledger.transact(lambda tx: tx.claim(here.clock.now(), "tests", {0: 2000, 1: 2000, 2: 2000}, MINUTE))
    built = Letters(ledger, here.site.worlds, Links(SECRET, URL), here.clock).all(
        [decode_message(row.body) for row in rows]
    )
    return [one[0] for one in built.values() if isinstance(one, tuple)]
