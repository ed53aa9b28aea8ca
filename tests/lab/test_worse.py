"""What a change makes worse: longer waits, ladders that end nowhere, less after one absence, errors that are new."""

from itertools import pairwise
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import MINUTE
from tocsin.core.phrase import Phrase
from tocsin.engine.verifying import Verdict
from tocsin.engine.weighing import TOLD, Weighed, weigh
from tocsin.lab.verifier.finding import Finding, Severity
from tocsin.lab.verifier.reach import Fall, Loss, Proof, Respond, Row, Stretch, Way, Worst
from tocsin.lab.verifier.worse import How, Worse, new_errors, worse
from tocsin.lib.translate import text

NEVER = -1


def waits(minutes: int) -> Worst:
    return Worst(0, None if minutes == NEVER else minutes * MINUTE, (PersonId("dana"),), ())


def row(first: int = 0, responder: int = 5, *, human: bool = True, falls: tuple[Fall, ...] = (), **more: Any) -> Row:
    service, priority = ServiceId(more.get("service", "checkout")), more.get("priority", "P1")
    told, kept = more.get("management"), more.get("respond")
    management = None if told is None else waits(told)
    promise = None if kept is None else Respond("gold", 10 * MINUTE, waits(5 if kept else 20))
    return Row(
        service, priority, more.get("kind", "incident"), more.get("ways", ()), waits(first), waits(responder),
        management, human, promise, falls,
    )  # fmt: skip


def way(*silent: tuple[int, int]) -> Way:
    """Openings of an hour, in minutes: nobody is ever reached of those that are silent, in no way."""
    edges = sorted({0, 60, *(edge for span in silent for edge in span)})
    line = tuple(
        Stretch(start * MINUTE, end * MINUTE, None if (start, end) in silent else start * MINUTE, True, (), ())
        for start, end in pairwise(edges)
    )
    return Way((), line, line, line)


def falls(name: str, at: int, *, rounds: bool = False, loss: Loss = "person") -> tuple[Fall, ...]:
    return (Fall(loss, name, waits(at), rounds),)


def proof(*rows: Row) -> Proof:
    return Proof(0, 1, rows, ())


def finding(where: tuple[str, ...], severity: Severity = "error", code: str = "V001") -> Finding:
    return Finding(code, severity, where, Phrase("lab.worse.never"), Phrase("lab.worse.never"))


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        (row(5), row(6), ["slower"]),
        (row(5), row(NEVER), ["slower"]),
        (row(6), row(5), []),
        (row(NEVER), row(NEVER), []),
        (row(NEVER), row(60), []),
        (row(5, 5), row(5, 6), ["later"]),
        (row(5, 5), row(6, 6), ["slower"]),
        (row(), row(human=False), ["endless"]),
        (row(human=False), row(), []),
        (row(), row(falls=falls("lena", 15, rounds=True)), ["fewer"]),
        (row(falls=falls("lena", 15, rounds=True)), row(falls=falls("lena", NEVER)), ["fewer"]),
        (row(falls=falls("lena", 15, rounds=True)), row(falls=falls("eve", 15, rounds=True)), []),
        (row(falls=falls("lena", NEVER)), row(falls=falls("lena", 15, rounds=True)), []),
        (row(), row(falls=falls("email", NEVER, loss="method")), ["fewer"]),
        (row(falls=falls("sms", NEVER, loss="method")), row(falls=falls("email", NEVER, loss="method")), []),
        (row(falls=falls("sms", NEVER, loss="method")), row(falls=falls("sms", NEVER, loss="provider")), ["fewer"]),
        (row(management=10), row(management=12), ["managed_later"]),
        (row(management=10), row(management=NEVER), ["managed_later"]),
        (row(management=10), row(), ["unmanaged"]),
        (row(), row(management=10), []),
        (row(respond=True), row(respond=False), ["broken"]),
        (row(respond=True), row(), ["unpromised"]),
        (row(respond=False), row(), []),
        (row(respond=False), row(respond=True), []),
    ],
)
def test_of_what_both_have_only_what_is_worse_is_told(old: Row, new: Row, how: list[str]) -> None:
    assert [one.how for one in worse(proof(old), proof(new))] == how


@pytest.mark.parametrize(
    ("old", "new", "spans"),
    [
        ([way()], [way((10, 20))], [(10, 20)]),
        ([way((10, 20))], [way((10, 20))], []),
        ([way((10, 20))], [way()], []),
        ([way((10, 20))], [way((10, 30))], [(20, 30)]),
        ([way((10, 20))], [way((5, 20))], [(5, 10)]),
        ([way((10, 20)), way((20, 30))], [way((10, 30))], []),
        ([way((10, 20))], [way((10, 20)), way((40, 50))], [(40, 50)]),
        ([way((10, 20), (30, 40))], [way((5, 45))], [(5, 10)]),
    ],
)
def test_openings_that_reach_nobody_any_more_are_told_even_where_others_never_did(
    old: list[Way], new: list[Way], spans: list[tuple[int, int]]
) -> None:
    def worst(ways: list[Way]) -> Row:
        return row(NEVER if any(one.at is None for way in ways for one in way.first) else 0, 0, ways=tuple(ways))

    found = worse(proof(worst(old)), proof(worst(new)))
    assert [(one.how, one.start, one.end) for one in found] == [
        ("silent", start * MINUTE, end * MINUTE) for start, end in spans
    ]


def test_what_only_one_of_them_has_is_not_compared() -> None:
    assert worse(proof(row(service="a")), proof(row(9, service="b"))) == ()


def test_kinds_that_go_alike_are_told_once_and_priorities_each() -> None:
    def book(minutes: int) -> Proof:
        priorities: tuple[Priority, ...] = ("P1", "P2")
        return proof(
            *(row(minutes, priority=one, kind=kind) for one in priorities for kind in ("incident", "security"))
        )

    assert [(one.priority, one.kind) for one in worse(book(0), book(3))] == [("P1", "incident"), ("P2", "incident")]


def test_an_error_is_new_unless_it_only_moved_within_its_definition() -> None:
    old = [finding(("policies", "mail", "functional", "0")), finding(("policies", "web"), "warning")]
    moved, second = finding(("policies", "mail", "functional", "1")), finding(("policies", "mail", "functional", "2"))
    worsened = finding(("policies", "web"))
    assert new_errors(old, [moved]) == ()
    assert new_errors(old, [moved, second, worsened]) == (second, worsened)


def test_it_is_told_in_words_and_a_great_deal_is_cut() -> None:
    quiet = Verdict(0, (), (), proof(row(5)))
    slow = replace(quiet, proof=proof(row(NEVER, falls=falls("lena", NEVER))))
    place, opening = "checkout P1 (incident)", "Thu, 1 Jan 1970, 00:00 UTC"
    assert weigh(quiet, slow).told() == (
        f"{place}: the longest wait for a human grows from 5 min 00 s to never, for what opens {opening}",
        f"{place}: without lena the ladders leave nobody; before, the worst absence left somebody",
    )
    moment = replace(quiet, proof=proof(replace(row(), first=Worst(1, None, (), ()))))
    (told,) = weigh(quiet, moment).told()
    assert told.endswith(f"for what opens just after {opening}")
    many = Verdict(0, tuple(finding(("policies", str(n))) for n in range(TOLD + 7)), (), quiet.proof)
    told = weigh(quiet, many).told()
    assert (len(told), told[-1]) == (TOLD + 1, "and 7 more")


def test_without_both_proofs_findings_alone_are_compared() -> None:
    bare = Verdict(0, (), ())
    half = weigh(bare, replace(bare, proof=proof(row(9))))
    assert (half.unproved, half.bad, half.refused) == ("late", False, True)
    assert weigh(bare, replace(bare, failed=True)).told() == (
        "the waits were not compared: a proof broke down, which is a mistake of tocsin's own",
    )


def test_every_way_of_getting_worse_has_its_words() -> None:
    for how in get_args(How):
        for loss in get_args(Loss) if how == "fewer" else ("person",):
            found = Weighed(worse=(Worse(ServiceId("shop"), "P2", "incident", how, 0, None, 0, MINUTE, loss=loss),))
            assert found.told("en")[0].startswith("shop P2 (incident): ")
            assert found.told("de")[0] != found.told("en")[0]


def test_the_german_of_what_is_left_fits_whatever_number_its_sentence_has() -> None:
    told = {"service": "mail", "priority": "P1", "kind": "incident", "person": "lena", "had": "jemand"}
    has = text("lab.worse.left.rounds", {}, "de")
    said = text("lab.worse.fewer", told | {"has": has}, "de")
    assert "bleibt nur die Rettungsrunde" in said, "its verb is in the singular"
