"""Verdicts: made once for each rulebook, roster and day, with the proof in a thread of its own."""

from msgspec.structs import replace

from tests.cast import MONDAY, facts, small_rulebook
from tocsin.config.digest import digest_of
from tocsin.core.instant import DAY, HOUR
from tocsin.core.rulebook import Rulebook
from tocsin.engine.verifying import KEPT, Verdicts

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
