"""Verdicts: made once for each rulebook, roster and day, with the proof in a thread of its own."""

from msgspec.structs import replace

from tests.cast import MONDAY, facts, small_rulebook
from tocsin.config.digest import digest_of
from tocsin.core.instant import DAY, HOUR
from tocsin.core.rulebook import Rulebook
from tocsin.engine.verifying import CHECKING, KEPT, Verdicts
from tocsin.engine.weighing import weigh

LONG = 300.0


def book(**fields: object) -> Rulebook:
    made = replace(small_rulebook(**fields), services={})
    return replace(made, digest=digest_of(made))


def test_findings_are_found_once_a_day_for_each_rulebook_and_roster() -> None:
    verdicts, rules = Verdicts(), book()
    first = verdicts.of(rules, facts(), MONDAY)
    assert verdicts.of(rules, facts(), MONDAY + HOUR).findings is first.findings
    assert verdicts.of(rules, facts(), MONDAY + DAY).findings is not first.findings
    assert verdicts.of(rules, replace(facts(), version=99), MONDAY).findings is not first.findings


def test_a_proof_is_made_when_somebody_asks_for_it_and_kept() -> None:
    verdicts, rules = Verdicts(), book()
    assert verdicts.of(rules, facts(), MONDAY).proof is None
    made = verdicts.of(rules, facts(), MONDAY, prove=True, wait=LONG)
    assert (made.proof is not None, made.under_way, made.failed) == (True, False, False)
    assert verdicts.of(rules, facts(), MONDAY).proof is made.proof


def test_several_that_are_asked_for_at_once_are_all_proved() -> None:
    verdicts = Verdicts()
    books = [replace(book(), digest=str(n)) for n in range(4)]
    for one in books:
        verdicts.of(one, facts(), MONDAY, prove=True)
    assert all(verdicts.of(one, facts(), MONDAY, prove=True, wait=LONG).proof is not None for one in books)


def test_only_the_last_ones_are_kept() -> None:
    verdicts = Verdicts()
    first = verdicts.of(book(), facts(), MONDAY)
    for n in range(KEPT):
        verdicts.of(replace(book(), digest=str(n)), facts(), MONDAY)
    assert verdicts.of(book(), facts(), MONDAY).findings is not first.findings


def test_whoever_does_not_wait_for_the_checks_has_them_the_next_time() -> None:
    verdicts, rules = Verdicts(), book()
    found = verdicts.soon(rules, facts(), MONDAY, LONG)
    assert found is not None
    assert verdicts.of(rules, facts(), MONDAY).findings is found.findings
    other = verdicts.soon(rules, replace(facts(), methods={"ana": {"sms": "verified"}}), MONDAY, LONG)
    assert other is not None
    assert other.findings is not found.findings


def test_so_many_may_be_checked_at_once_and_no_more() -> None:
    verdicts = Verdicts()
    with verdicts._turn:  # somebody else's rulebook is being checked
        asked = [verdicts.soon(replace(book(), digest=str(n)), facts(), MONDAY, 0.0) for n in range(CHECKING + 1)]
    assert asked == [None] * (CHECKING + 1)
    assert verdicts.soon(replace(book(), digest="0"), facts(), MONDAY, LONG) is not None
    assert verdicts.soon(replace(book(), digest=str(CHECKING)), facts(), MONDAY, LONG) is not None


def test_once_it_is_proved_what_the_proof_finds_is_among_the_findings() -> None:
    only = {one: {"email": "verified"} for one in facts().methods}
    hanging = replace(facts(), methods=only)
    verdicts, rules = Verdicts(), small_rulebook()
    rules = replace(rules, digest=digest_of(rules))
    assert "V014" not in {one.code for one in verdicts.of(rules, hanging, MONDAY).findings}
    made = verdicts.of(rules, hanging, MONDAY, prove=True, wait=LONG)
    assert "V014" in {one.code for one in made.findings}
    assert not weigh(verdicts.of(replace(rules, digest="before"), hanging, MONDAY), made).bad
