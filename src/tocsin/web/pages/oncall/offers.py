"""Swaps that are offered at this moment, as the reader may answer them."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.oncall.override import Swap
from tocsin.engine.swapping import speaks
from tocsin.web.pages.oncall.view import Viewing
from tocsin.web.parts.words import name_of


class Offer(Struct, frozen=True):
    """Who gives which hours for which; `answers` are the words that the reader may say to it."""

    swap: Swap
    person: str
    other: str
    give: str
    take: str
    answers: tuple[str, ...]


def offers(seen: Viewing) -> tuple[Offer, ...]:
    """All that are still open, those first that wait for the reader."""
    return tuple(sorted(_open(seen), key=lambda one: (not one.answers, one.swap.ends_at)))


def _open(seen: Viewing) -> Iterator[Offer]:
    viewer, book = seen.frame.viewer, seen.world.rulebook
    for one in seen.world.facts.swaps:
        if one.standing(seen.frame.now) != "offered":
            continue
        answers: tuple[str, ...] = ("accept", "decline") if speaks(viewer, one.other, book) else ()
        answers += ("withdraw",) if speaks(viewer, one.person, book) else ()
        yield Offer(
            one, name_of(one.person, seen.names), name_of(one.other, seen.names),
            seen.stretch(one.give.start, one.give.end), seen.stretch(one.take.start, one.take.end), answers,
        )  # fmt: skip
