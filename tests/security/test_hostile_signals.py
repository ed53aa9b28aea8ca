"""Whatever a monitored host, an admin or a reporter writes comes out as text, at every exit, and commands nothing."""

import asyncio
import csv
import io
import json
import re
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import category

import msgspec
import pytest

from tests.api.test_ical import events
from tests.cast import MONDAY
from tests.cli.terminal import ACME, in_process
from tests.security.carried import Carrier, carriers, leaves, reached
from tests.security.corpus import SIGNAL, corpus, everything
from tests.security.exits import STAMP, Answer, Exits, gather, standing
from tests.security.flood import Words
from tests.web.browsing import JOURNEY, browser
from tests.web.reading import Taken
from tocsin.channels.contract import Letter
from tocsin.channels.email.compose import Sender, compose
from tocsin.channels.email.headers import one_line
from tocsin.channels.webhook.send import payload
from tocsin.config import load
from tocsin.core.ids import PersonId
from tocsin.core.signal import Signal
from tocsin.engine.applying import apply
from tocsin.engine.calendars import Shift, calendar
from tocsin.intake.bounds import CONTROLS, bounded, is_web
from tocsin.intake.registry import intakes
from tocsin.lib.spreadsheet import cell
from tocsin.store.ledger import open_ledger

__all__ = ["browser"]

pytestmark = pytest.mark.timeout(400)  # two installations are flooded and read out before the first test
IN_A_BROWSER = JOURNEY[0]

SENDER = Sender("tocsin@acme.example")
BAD = re.compile(f"[{CONTROLS}]")
BAD_IN_HEADER = re.compile(f"[{CONTROLS}\t\r\n]")
TEXTS = {"key", "title", "alert", "text", "severity", "service", "reporter", "labels", "labels: names", "links"}
"""Every field of a signal that can hold words, and `links: texts`."""


class Both(NamedTuple):
    """What both installations say, and the folder of the hostile one."""

    hostile: Exits
    twin: Exits
    database: Path


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Flooded, and read out."""
    found, database = [], tmp_path_factory.getbasetemp()
    for harmless in (False, True):
        folder = tmp_path_factory.mktemp("harmless" if harmless else "hostile")
        with standing(folder, harmless=harmless) as here:
            found.append(asyncio.run(gather(here, harmless=harmless)))
        database = database if harmless else folder / "tocsin.db"
    with closing(open_ledger(f"sqlite:///{database}")) as ledger:
        apply(ledger, load(ACME), MONDAY, by="\x1b[31mtests")
    return Both(found[0], found[1], database)


# ------------------------------------------------------------------------------------------------- the corpora


def test_the_corpora_are_as_large_as_they_should_be_and_repeat_nothing() -> None:
    assert len(corpus("xss")) >= 200
    assert len(corpus("addresses")) >= 60
    for kind in (*SIGNAL, "addresses", "places"):
        assert len(set(corpus(kind))) == len(corpus(kind)) >= 40, kind


def test_every_field_of_a_signal_that_can_hold_words_is_reached() -> None:
    said = {name for name, kind in Signal.__annotations__.items() if kind is str}
    assert said | {"labels", "links"} <= TEXTS
    for format_ in intakes():
        found = set().union(*(reached(one) for one in carriers() if one.format == format_))
        wanted = (
            TEXTS | {"links: texts"} if format_ == "generic" else {"title", "text", "labels", "labels: names", "links"}
        )
        assert found >= wanted, format_


@pytest.mark.parametrize("carrier", carriers(), ids=lambda one: f"{one.format}-{one.name}-{one.typed}")
def test_every_text_in_every_place_of_every_format_becomes_a_clean_bounded_signal(carrier: Carrier) -> None:
    for start in range(0, len(everything()), 2):  # neighbouring places get those between
        words = Words(everything(), start, harmless=False)
        signals = carrier.read(words.say)
        assert signals or not carrier.request(words.say)[0].strip()
        for signal in signals:
            assert _told(bounded(signal)) == _told(signal), start
            assert not [link for link in signal.links if not is_web(link.href)]
            assert not BAD.search(_told(signal))


def _told(signal: Signal) -> str:
    """Everything in it, whatever kind of space parts the words."""
    return re.sub(r"(\\n|\s)+", " ", json.dumps(msgspec.to_builtins(signal), ensure_ascii=False).replace("\xa0", " "))


# ------------------------------------------------------------------------------------------------------- pages

SKELETON = """
pages => pages.map(html => {
  const page = new DOMParser().parseFromString(html, "text/html"), told = [], wrong = [];
  for (const node of page.querySelectorAll("*")) {
    const names = node.getAttributeNames();
    told.push(node.nodeName + " " + names.join(" "));
    for (const name of names) {
      const value = node.getAttribute(name);
      if (/^on|^style$|^srcdoc$|^hx-/.test(name)) wrong.push(name);
      if (/^(href|src|action|formaction|poster|data|srcset|xlink:href)$/.test(name)
          && !/^(https?:\\/\\/|\\/(?!\\/)|#|\\?|$)/.test(value)) wrong.push(name + "=" + value);
    }
    if (node.nodeName === "A" && /^https?:/.test(node.getAttribute("href") || "")
        && !(node.getAttribute("rel") || "").includes("noreferrer")) wrong.push("no rel: " + node.outerHTML);
  }
  const comments = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT).nextNode();
  return [told.join("\\n"), wrong, comments && comments.data, (page.querySelector("h1") || {}).textContent || ""];
})
"""


@pytest.fixture(scope="module")
def taken(both: Both, browser: Any) -> dict[str, tuple[list[Any], list[Any]]]:
    """Every page of both as a real browser takes it apart."""
    page, found = browser.new_page(), {}
    paths = [path for path, one in both.hostile.pages.items() if one.text]
    for first in range(0, len(paths), 40):
        some = paths[first : first + 40]
        sides = [page.evaluate(SKELETON, [markup(side.pages[path]) for path in some]) for side in both[:2]]
        found |= {path: (sides[0][n], sides[1][n]) for n, path in enumerate(some)}
    return found


def markup(answer: Answer) -> str:
    """A page; or the pieces of one that a script asks for. A script is ours alone, and says nothing of anybody's."""
    if answer.kind.startswith("text/html"):
        return answer.text
    if "javascript" in answer.kind:
        assert "fired(" not in answer.text
        return ""
    found = json.loads(answer.text) if "json" in answer.kind else {}
    return "".join(leaves([found.get(name) for name in ("pieces", "parts", "rows", "html", "piece")]))


@IN_A_BROWSER
def test_no_page_has_a_node_or_an_attribute_that_its_harmless_twin_lacks(
    both: Both, taken: dict[str, tuple[list[Any], list[Any]]]
) -> None:
    assert list(both.hostile.pages) == list(both.twin.pages)
    assert len(both.hostile.titles) > 150
    other = [path for path, (hostile, harmless) in taken.items() if hostile[0] != harmless[0]]
    assert [(path, _difference(*(side[0] for side in taken[path]))) for path in other[:3]] == []
    assert other == []


def _difference(hostile: str, harmless: str) -> str:
    """Where they part."""
    pairs = zip(hostile.split("\n"), harmless.split("\n"), strict=False)
    return next((f"{one} / {other}" for one, other in pairs if one != other), "longer")


@IN_A_BROWSER
def test_no_page_has_a_handler_a_style_a_comment_or_an_address_that_is_none_of_the_web(
    taken: dict[str, tuple[list[Any], list[Any]]],
) -> None:
    assert {path: side[0][1] for path, side in taken.items() if side[0][1]} == {}
    assert {path: side[0][2] for path, side in taken.items() if side[0][2]} == {}


@IN_A_BROWSER
def test_what_was_written_is_read_whole(both: Both, taken: dict[str, tuple[list[Any], list[Any]]]) -> None:
    for incident, title in both.hostile.titles.items():
        shown = " ".join(taken[f"/incidents/{incident}"][0][3].split())
        assert " ".join(title.split()) in shown, incident


def test_every_page_answers_and_every_act_was_tried(both: Both) -> None:
    assert {path: one.status for path, one in both.hostile.pages.items() if one.status >= 500} == {}
    assert {"note", "escalate", "resolve", "priority", "pending", "reopen", "reassign", "answer"} <= both.hostile.done
    assert {"post-update", "link"} <= both.hostile.done


# ----------------------------------------------------------------------------------------------------- letters


def test_no_mail_gains_a_header_a_receiver_or_an_element(both: Both) -> None:
    purposes = set()
    for hostile, harmless in zip(_few(both.hostile.letters), _few(both.twin.letters), strict=True):
        mails = [
            message_from_bytes(compose(one, "dana@acme.example", SENDER), policy=policy.default)
            for one in (hostile, harmless)
        ]
        mail, other = mails
        assert mail.keys() == other.keys()
        assert mail.defects == []
        assert (mail["to"].addresses[0].addr_spec, len(mail["to"].addresses)) == ("dana@acme.example", 1)
        assert mail["from"].addresses[0].addr_spec == SENDER.address
        assert not [name for name in mail if BAD_IN_HEADER.search(str(mail[name]))]
        assert one_line(hostile.title)[:200] in " ".join(str(mail["subject"]).split()) or len(hostile.title) > 200
        bodies = [[part.get_content() for part in one.iter_parts()] for one in mails]
        assert len(bodies[0]) == 2
        assert _clean(hostile.title) in _clean(bodies[0][0])
        assert Taken(bodies[0][1]).nodes == Taken(bodies[1][1]).nodes, hostile.id
        assert not BAD.search(bodies[0][0])
        hrefs = {value for _, name, value in Taken(bodies[0][1]).attributes if name in ("href", "src")}
        given = {one.url for one in hostile.choices} | {one.href for one in hostile.links if is_web(one.href)}
        assert hrefs - {hostile.incident_url, hostile.act_url} <= given
        purposes.add(hostile.purpose)
    assert purposes >= {"page", "ask", "decide"}
    assert len(both.hostile.letters) > 150


def _few(letters: list[Letter]) -> list[Letter]:
    """Every fourth page, and all else."""
    return [one for n, one in enumerate(letters) if n % 4 == 0 or one.purpose != "page"]


def _clean(text: str) -> str:
    return " ".join(re.sub(f"[{CONTROLS}]", "", text).split())


def test_a_webhook_is_one_json_object_in_which_words_are_words(both: Both) -> None:
    for hostile, harmless in zip(both.hostile.letters, both.twin.letters, strict=True):
        told, other = json.loads(payload(hostile)), json.loads(payload(harmless))
        assert told.keys() == other.keys()
        assert told["title"] == hostile.title
        assert "\n" not in told["subject"]


# ------------------------------------------------------------------------------------------------------- data


def test_every_answer_to_programs_says_what_it_is_and_is_that(both: Both) -> None:
    kinds = {"application/json", "application/problem+json", "text/csv; charset=utf-8", "text/html; charset=utf-8"}
    kinds |= {"text/plain; version=0.0.4; charset=utf-8", "text/calendar; charset=utf-8"}
    for path, answer in both.hostile.api.items():
        assert answer.kind in kinds, path
        if "json" in answer.kind:
            json.loads(answer.text)
    html = {path for path, answer in both.hostile.api.items() if "html" in answer.kind}
    assert html == {"/api/docs"}
    assert "fired(" not in both.hostile.api["/api/docs"].text


def test_no_cell_of_the_export_is_computed_and_each_row_is_one(both: Both) -> None:
    tables = {path: one.text for path, one in (both.hostile.api | both.hostile.pages).items() if "csv" in one.kind}
    assert len(tables) >= 2
    for path, text in tables.items():
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert {len(row) for row in rows} == {len(rows[0])}, path
        assert not [cell for row in rows for cell in row if re.match(r"\s*[=+\-@|%\t\r＝＋－＠]", cell)], path
        assert not [cell for row in rows for cell in row if BAD.search(cell)], path
    assert tables["/api/v1/incidents.csv"].count("\r\n") > 150


def test_a_formula_gets_an_apostrophe_whatever_unseen_stands_before_it() -> None:
    assert [t for t in corpus("csv") if re.match(r"[\s\x00-\x20\x7f\ufeff\u200b]*[=+\-@|＝＋－＠]", cell(t))] == []


def test_a_calendar_of_hostile_names_is_read_as_a_calendar() -> None:
    for name in everything()[::5]:
        text = calendar(name, [Shift("infra", PersonId("dana"), 0, 3_600_000_000)], {"dana": name}, 0).decode()
        assert len(events(text)) == 1
        assert len(text.splitlines()) == len(text.split("\r\n")) - 1, name


# ------------------------------------------------------------------------------------------------- logs, terminal


def test_every_line_of_the_logs_is_one_of_ours(both: Both) -> None:
    assert len(both.hostile.log) > 10
    for line in both.hostile.log:
        assert line.startswith(STAMP), line
        assert not re.search(f"[{CONTROLS}\x1b\r]", line)


COMMANDS = (
    ("incident", "list", "--status", "all"),
    ("incident", "show", "INC-1"),
    ("incident", "show", "INC-7"),
    ("audit",),
    ("doctor",),
    ("oncall",),
    ("token", "list"),
    ("account", "list"),
)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_what_commands_a_terminal(
    both: Both, command: tuple[str, ...], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = in_process(capsys, *command, "--format", form, "--database", f"sqlite:///{both.database}")
    assert ran.status in (0, 1), ran.err
    for text in (ran.out, ran.err):
        seen = [letter for letter in text if letter != "\n" and category(letter) in ("Cc", "Cs", "Zl", "Zp")]
        assert seen == []
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", text)
    if form == "json":
        json.loads(ran.out)
