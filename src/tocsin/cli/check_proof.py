"""The proof in what `tocsin check` says: lines that are read at 80 columns, and the same exactly for programs."""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any, Literal

from tocsin.cli.output import safe
from tocsin.core.instant import Instant, format_instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.reach import Fall, Proof, Respond, Worst
from tocsin.lab.verifier.table import Line, lines, worst_lines
from tocsin.lab.verifier.told import Fact, facts, heading, scope
from tocsin.lib.translate import say, text

Amount = Literal["summary", "full", "none"]

WIDTH, MARGIN = 80, 22
FEW = 6
"""So many lines are all told in a summary; of more it tells the worst of each service."""

MOST = 20
"""Lines of a summary at most."""


def shown(proof: Proof, amount: Amount) -> tuple[tuple[Line, ...], int]:
    """The lines that are told, and how many there are besides."""
    if amount == "none":
        return (), 0
    every = lines(proof)
    told = every if amount == "full" or len(every) <= FEW else worst_lines(proof)[:MOST]
    return told, len(every) - len(told)


def as_text(proof: Proof, zone: str, amount: Amount) -> Iterator[str]:
    """A paragraph for each line of the proof, then what is taken for granted for all of them."""
    told, more = shown(proof, amount)
    yield from _wrapped(scope(proof, zone), 0)
    for line in told:
        yield ""
        yield from _wrapped(heading(line), 2)
        for fact in facts(line.row, zone):
            yield from _fact(fact)
    yield ""
    if more:
        yield text("lab.table.more", {"n": str(more)})
    yield text("lab.table.assuming")
    for one in proof.assuming:
        yield from _wrapped(f"- {say(one)}", 4, "  ")


def _fact(fact: Fact) -> Iterator[str]:
    mark = "!" if fact.bad else " "
    yield from _wrapped(f"{fact.label:<{MARGIN - 5}} {safe(fact.told)}", MARGIN, f"  {mark} ")


def _wrapped(said: str, margin: int, begin: str = "") -> Iterator[str]:
    return iter(wrap(f"{begin}{safe(said)}", WIDTH, subsequent_indent=" " * margin, break_on_hyphens=False))


def as_data(proof: Proof | None, amount: Amount) -> dict[str, Any] | None:
    """The same lines with instants in UTC and waits in microseconds, both exact; null for never, and for none."""
    if proof is None:
        return None
    told, more = shown(proof, amount)
    return {
        "start": format_instant(proof.start),
        "end": format_instant(proof.end),
        "assuming": _said(proof.assuming),
        "lines_left_out": more,
        "lines": [_line(one) for one in told],
    }


def _line(line: Line) -> dict[str, Any]:
    row = line.row
    return {
        "services": line.services,
        "priorities": line.priorities,
        "kinds": line.kinds,
        "first_human": _worst(row.first),
        "first_responder": _worst(row.responder),
        "management": None if row.management is None else _worst(row.management),
        "ends_at_human": row.ends_at_human,
        "response": None if row.respond is None else _respond(row.respond),
        "losses": [_fall(one) for one in row.falls],
        "assuming": _said(row.assuming),
    }


def _worst(one: Worst) -> dict[str, Any]:
    return {
        "opening": format_instant(one.opening),
        "reached_at": _instant(one.at),
        "wait_microseconds": one.delay,
        "people": one.people,
        "by": ".".join(one.by),
        "assuming": _said(one.assuming),
    }


def _respond(one: Respond) -> dict[str, Any]:
    begun, due = format_instant(one.begun), format_instant(one.due)
    return {"sla": one.sla, "kept": one.met, "clock_starts": begun, "due": due, "last_person": _worst(one.worst)}


def _fall(one: Fall) -> dict[str, Any]:
    left = "nobody" if one.worst.at is None else "rounds" if one.rounds else "somebody"
    return {"loss": one.loss, "name": one.name, "leaves": left, "longest": one.longest, "worst": _worst(one.worst)}


def _said(phrases: Iterable[Phrase]) -> list[str]:
    return [say(one) for one in phrases]


def _instant(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)
