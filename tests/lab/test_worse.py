"""What a change makes worse: longer waits, ladders that end nowhere, less after one absence, errors that are new."""

from typing import Any

import pytest
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import MINUTE
from tocsin.core.phrase import Phrase
from tocsin.engine.verifying import Verdict
from tocsin.engine.weighing import TOLD, weigh
from tocsin.lab.verifier.finding import Finding, Severity
from tocsin.lab.verifier.reach import Fall, Loss, Proof, Row, Worst
from tocsin.lab.verifier.worse import new_errors, worse

NEVER = -1


def waits(minutes: int) -> Worst:
    return Worst(0, None if minutes == NEVER else minutes * MINUTE, (PersonId("dana"),), ())


def row(first: int = 0, responder: int = 5, *, human: bool = True, falls: tuple[Fall, ...] = (), **more: Any) -> Row:
    service, priority = ServiceId(more.get("service", "checkout")), more.get("priority", "P1")
    return Row(
        service, priority, more.get("kind", "incident"), (), waits(first), waits(responder), None, human, None, falls
    )


def falls(name: str, at: int, *, rescued: bool = False, loss: Loss = "person") -> tuple[Fall, ...]:
    return (Fall(loss, name, waits(at), rescued),)


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
        (row(), row(falls=falls("lena", 15, rescued=True)), ["fewer"]),
        (row(falls=falls("lena", 15, rescued=True)), row(falls=falls("lena", NEVER)), ["fewer"]),
        (row(falls=falls("lena", 15, rescued=True)), row(falls=falls("eve", 15, rescued=True)), []),
        (row(falls=falls("lena", NEVER)), row(falls=falls("lena", 15, rescued=True)), []),
        (row(), row(falls=falls("email", NEVER, loss="method")), []),
    ],
)
def test_of_what_both_have_only_what_is_worse_is_told(old: Row, new: Row, how: list[str]) -> None:
    assert [one.how for one in worse(proof(old), proof(new))] == how


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
    assert weigh(quiet, slow).told() == (
        "checkout P1 (incident): the longest wait for a human grows from 5 min 00 s to never",
        "checkout P1 (incident): without lena the ladders leave nobody; before, the worst absence left somebody",
    )
    many = Verdict(0, tuple(finding(("policies", str(n))) for n in range(TOLD + 7)), ())
    told = weigh(quiet, many).told()
    assert (len(told), told[-1]) == (TOLD + 1, "and 7 more")


def test_without_both_proofs_findings_alone_are_compared() -> None:
    bare = Verdict(0, (), ())
    assert not weigh(bare, replace(bare, proof=proof(row(9)))).proved
    assert not weigh(bare, bare).bad
