"""The runner: order, a check that breaks down, and findings that are allowed for a time."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT
from tests.lab.proving import WELL, case_of, changed, loaded
from tocsin.core.catalogue.allowance import Allowance
from tocsin.core.instant import parse_instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.examine import covers, examine
from tocsin.lab.verifier.finding import Finding, Severity
from tocsin.lab.verifier.registry import EXPIRED, FAILED, IDLE, checks, table

LONE = (
    ("lead: carla, on_call: primary", "lead: carla"),
    ("mail: {members: [ana, ben, dana]", "mail: {members: [ana]"),
)
ALLOWED = '{finding: lone-responder, at: teams.mail, reason: "two people only until March", until: 2027-03-01}'


ONE = [check for check in checks() if check.name == "lone-responder"]


def allowing(*entries: str) -> str:
    return changed(*LONE) + "allow:\n" + "".join(f"  - {one}\n" for one in entries)


def finds(code: str, *at: tuple[Severity, str]) -> Check:
    def find(_: Case) -> Iterator[Finding]:
        yield from (
            Finding(code, severity, tuple(where.split(".")), Phrase("lab.check.loop"), Phrase("lab.check.loop.hint"))
            for severity, where in at
        )

    return Check(code, f"check-{code}", "warning", find)


def test_the_worst_comes_first_then_codes_and_places_by_their_numbers() -> None:
    found = examine(
        case_of(WELL),
        of=[
            finds("V102", ("info", "a"), ("warning", "policies.10"), ("warning", "policies.9")),
            finds("V101", ("info", "z"), ("error", "x")),
        ],
    )
    told = [(one.severity, one.code, one.where[-1]) for one in found.findings]
    assert told == [
        ("error", "V101", "x"),
        ("warning", "V102", "9"),
        ("warning", "V102", "10"),
        ("info", "V101", "z"),
        ("info", "V102", "a"),
    ]


def test_a_check_that_breaks_down_is_a_finding_and_hides_nothing_else() -> None:
    def find(_: Case) -> Iterator[Finding]:
        yield Finding("V101", "info", ("a",), Phrase("lab.check.loop"), Phrase("lab.check.loop.hint"))
        raise KeyError("mail")

    found = examine(case_of(WELL), of=[Check("V101", "breaks", "info", find), finds("V102", ("warning", "b"))])
    assert [(one.severity, one.code) for one in found.findings] == [
        ("error", FAILED),
        ("warning", "V102"),
        ("info", "V101"),
    ]
    assert found.findings[0].text.values == {"check": "breaks", "error": "KeyError: 'mail'"}


def test_progress_is_told_by_name_before_each_check() -> None:
    heard: list[tuple[str, int, int]] = []
    examine(case_of(WELL), lambda *told: heard.append(told), [finds("V101"), finds("V102")])
    assert heard == [("check-V101", 0, 2), ("check-V102", 1, 2)]


def test_what_is_allowed_is_suppressed_with_its_reason_until_its_day() -> None:
    text = allowing(ALLOWED)
    during = examine(case_of(text), of=ONE)
    assert during.findings == ()
    assert [(one.finding.where, one.by.reason) for one in during.suppressed] == [
        (("teams", "mail"), "two people only until March")
    ]
    last = examine(case_of(text, start=parse_instant("2027-02-28T22:59:59Z")), of=ONE)
    assert last.findings == ()


def test_a_finding_is_allowed_by_the_code_that_it_shows_as_well() -> None:
    found = examine(case_of(allowing(ALLOWED.replace("lone-responder", "V005"))), of=ONE)
    assert (found.findings, len(found.suppressed)) == ((), 1)


def test_from_that_day_on_in_the_organisations_zone_it_is_told_again_and_so_is_the_allowance() -> None:
    found = examine(case_of(allowing(ALLOWED), start=parse_instant("2027-02-28T23:00:00Z")), of=ONE)
    assert found.suppressed == ()
    assert [(one.code, one.where) for one in found.findings] == [
        (EXPIRED, ("allow", "0")),
        ("V005", ("teams", "mail")),
    ]


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (ALLOWED.replace("teams.mail", "teams.web"), "lab.check.idle"),
        (ALLOWED.replace("lone-responder", "loan-responder"), "lab.check.idle.unknown"),
    ],
)
def test_an_allowance_that_matches_nothing_is_a_finding(entry: str, key: str) -> None:
    found = examine(case_of(allowing(ALLOWED, entry)), of=ONE)
    assert [(one.code, one.where, one.text.key) for one in found.findings] == [(IDLE, ("allow", "1"), key)]


@pytest.mark.parametrize(
    ("at", "where", "expected"),
    [
        ("teams.mail", ("teams", "mail"), True),
        ("teams", ("teams", "mail"), True),
        ("teams.mai", ("teams", "mail"), False),
        ("teams.mail.lead", ("teams", "mail"), False),
        ("policies.a.b.functional.1", ("policies", "a.b", "functional", "1"), True),
        ("policies.a.b.functional.1", ("policies", "a.b", "functional", "12"), False),
    ],
)
def test_an_allowance_means_its_place_and_all_below(at: str, where: tuple[str, ...], expected: bool) -> None:
    assert covers(Allowance("x", at, "", "2027-01-01"), "x", where) is expected
    assert not covers(Allowance("y", at, "", "2027-01-01"), "x", where)


def test_every_code_has_a_row_with_a_meaning() -> None:
    rows = table()
    assert [one.code for one in rows] == sorted({one.code for one in rows})
    assert all(one.meaning.endswith((".", "?")) for one in rows)


def test_the_page_of_findings_is_as_the_checks_write_it() -> None:
    generator = [sys.executable, str(ROOT / "tools" / "findings.py"), "--check"]
    assert subprocess.run(generator, check=False).returncode == 0, "out of date: run `make docs`"


def test_an_allowance_is_read_as_it_is_written() -> None:
    book = loaded(allowing(ALLOWED)).rulebook
    assert book is not None
    assert book.allow == (Allowance("lone-responder", "teams.mail", "two people only until March", "2027-03-01"),)
