"""A proof as a table: what goes alike is told once and nothing is lost by it; the same words as on the pages."""

import pytest
from msgspec.structs import replace

from tests.lab.broken import SOUND
from tests.lab.broken import case_of as sound_case
from tests.lab.test_proof import proof
from tocsin.core.instant import DAY, parse_instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.table import badness, lines, worst_lines
from tocsin.lab.verifier.told import facts, heading, scope
from tocsin.lib.translate import languages, say, text

SHARED = {
    "first": "lab.first", "responder": "lab.responder", "management": "lab.management", "human": "lab.human",
    "promise": "lab.promise", "absence": "lab.absence", "kept": "lab.kept", "broken": "lab.broken",
    "somebody_left": "lab.somebody_left", "at_once": "services.immediately", "never": "policies.never",
    "any": "lab.missing",
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_command_and_the_pages_use_the_same_words(language: str) -> None:
    ours = {name: text(f"lab.table.{name}", {}, language) for name in SHARED}
    assert ours == {name: text(f"web.{page}", {}, language) for name, page in SHARED.items()}


def test_what_names_no_service_has_a_line_that_says_so() -> None:
    made = sound_case(SOUND, horizon=DAY).proof
    (line,) = (one for one in lines(made) if "" in one.services and "P1" in one.priorities)
    assert "(no known service)" in heading(line)


def test_every_row_of_a_proof_is_in_exactly_one_line() -> None:
    made = sound_case(SOUND, horizon=DAY).proof
    told = [
        (service, priority, kind)
        for line in lines(made)
        for service in line.services
        for priority in line.priorities
        for kind in line.kinds
    ]
    assert sorted(told) == sorted((row.service, row.priority, row.kind) for row in (*made.rows, *made.nowhere))
    assert len(lines(made)) < len(made.rows) / 4


def test_what_differs_in_anything_that_is_told_has_a_line_of_its_own() -> None:
    rows = list(proof().rows)
    before = len(lines(replace(proof(), rows=tuple(rows))))
    rows[0] = replace(rows[0], ends_at_human=not rows[0].ends_at_human)
    assert len(lines(replace(proof(), rows=tuple(rows)))) == before + 1


def test_the_worst_line_of_each_service_is_never_better_than_another_of_it() -> None:
    made = sound_case(SOUND, horizon=DAY).proof
    worst = {service: line.row for line in worst_lines(made) for service in line.services}
    rows = (*made.rows, *made.nowhere)
    assert sorted(worst) == sorted({row.service for row in rows})
    for row in rows:
        assert badness(worst[row.service]) >= badness(row)


def test_nobody_at_all_is_worse_than_any_wait() -> None:
    row = proof().rows[0]
    waits = replace(row, first=replace(row.first, at=row.first.opening + 300 * DAY))
    assert badness(replace(row, first=replace(row.first, at=None))) > badness(waits)


@pytest.mark.parametrize(("language", "word"), [("en", "Ends at a human"), ("de", "Endet bei einem Menschen")])
def test_a_line_is_told_in_every_language(language: str, word: str) -> None:
    line = lines(proof())[0]
    assert heading(line, language).startswith("mail: P1")
    assert "Europe/Berlin" in scope(proof(), "Europe/Berlin", language)
    told = {one.label: one for one in facts(line.row, "Europe/Berlin", language)}
    assert word in told
    assert not any("lab.table" in one.label + one.told for one in told.values())


def test_what_a_reviewer_should_look_at_is_marked() -> None:
    row = proof().rows[0]
    ill = replace(row, ends_at_human=False, first=replace(row.first, at=None))
    line = replace(lines(proof())[0], row=ill)
    bad = {one.label for one in facts(line.row, "UTC") if one.bad}
    assert {"First human", "Ends at a human"} <= bad


def test_each_case_names_what_it_supposes_where_another_supposes_the_contrary() -> None:
    row = proof().rows[0]
    holds, fails = (Phrase(f"lab.proof.{one}", {"when": "x == 'a'"}) for one in ("holds", "holds_not"))
    both = Phrase("lab.proof.holds", {"when": "y == 'b'"})
    late = replace(row.first, at=row.first.opening + DAY, assuming=(holds, both))
    later = replace(late, at=None, assuming=(fails, both))
    line = replace(
        lines(proof())[0], row=replace(row, first=late, responder=later, management=late, falls=(), respond=None)
    )
    told = {one.label: one.told for one in facts(line.row, "UTC")}
    assert told["First human"].endswith(" [1]")
    assert told["First responder"].endswith(" [2]")
    assert told["Management"].endswith(" [1]")
    assert (told["[1]"], told["[2]"], told["Assuming"]) == (say(holds), say(fails), say(both))


def test_what_is_at_once_whatever_holds_supposes_nothing() -> None:
    row = proof().rows[0]
    holds = Phrase("lab.proof.holds", {"when": "x == 'a'"})
    soon = replace(row.first, at=row.first.opening, assuming=(holds,))
    late = replace(row.first, at=None)
    line = replace(lines(proof())[0], row=replace(row, first=soon, responder=late, falls=(), respond=None))
    assert not any(say(holds) in one.told for one in facts(line.row, "UTC"))


@pytest.mark.parametrize(("late", "told"), [(0, "for what opens Thu, 1"), (1, "for what opens just after Thu, 1")])
def test_what_opens_a_moment_after_a_minute_is_not_told_as_of_that_minute(late: int, told: str) -> None:
    row = proof().rows[0]
    minute = parse_instant("2026-10-01T12:00:00Z")
    never = replace(row.first, opening=minute + late, at=None)
    line = replace(lines(proof())[0], row=replace(row, first=never))
    assert told in next(one.told for one in facts(line.row, "UTC"))
