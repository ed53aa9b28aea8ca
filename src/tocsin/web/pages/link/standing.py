"""How things stand between one person and what a link was about: what is still asked of them, what became of it."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from tocsin.access.links import Link
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.soft import MACHINES, counts_from, critical
from tocsin.core.incident.state import Incident
from tocsin.core.incident.undoing import UNDO_WITHIN
from tocsin.core.instant import SECOND, Instant

Action = Literal["acknowledge", "confirm", "still_on_it", "seen", "choose", "accept", "decline", "undo"]
Mood = Literal["asked", "open", "yours", "taken", "declined", "answered", "gone", "over", "told"]
"""`asked`: waits for this person. `open`: not for them in particular, but they may. The others ask nothing."""

ACTIONS: dict[str, tuple[Action, ...]] = {
    "page": ("acknowledge", "confirm", "still_on_it", "decline"),
    "still_on_it": ("still_on_it", "confirm", "acknowledge", "decline"),
    "ask": ("seen",),
    "decide": ("choose",),
    "offer": ("accept", "decline"),
}
"""What a link may do by its purpose, the default first. Those that are not named here only show."""


TAKING = ("page", "still_on_it", "offer")
"""The purposes of links by which somebody takes an incident, and may take that back."""


class Button(Struct, frozen=True):
    """One thing that may be done; `option` is the answer that it gives."""

    action: Action
    option: str = ""


class Standing(Struct, frozen=True):
    """`by` has it, has answered with `option`, or has ended it, at `at`.

    `soft`: what was said by the link is to be confirmed; they are asked at `again_at`, and a press counts `from_at` on.
    """

    mood: Mood
    buttons: tuple[Button, ...] = ()
    by: str = ""
    option: str = ""
    at: Instant | None = None
    soft: bool = False
    again_at: Instant | None = None
    from_at: Instant | None = None


class Press(Struct, frozen=True):
    """When somebody looks or presses; `known`: it is the addressed person, who is signed in."""

    at: Instant
    known: bool = False


def standing(link: Link, state: Incident, past: Sequence[ev.Event], press: Press) -> Standing:
    """How it stands now."""
    if not state.live:
        return _over(past)
    if link.purpose in ("page", "still_on_it"):
        return _owned(link, state, press) if state.owner == link.person else _owning(link, state, past)
    if link.purpose in ACTIONS:
        return _request(link, state, past, press)
    return Standing("told")


def _over(past: Sequence[ev.Event]) -> Standing:
    ending = next((event for event in reversed(past) if isinstance(event, ev.Resolved)), None)
    return Standing("over") if ending is None else Standing("over", by=ending.by, at=ending.at)


def _owned(link: Link, state: Incident, press: Press) -> Standing:
    """They have it already: asked again, to be confirmed, or nothing to do. What comes too soon is not offered."""
    lease, from_at = state.lease, _too_soon(link, state, press, counts_from(state))
    counts = from_at is None
    soft = lease is not None and lease.soft
    if lease is not None and lease.asked_until is not None:
        buttons = (*((Button("still_on_it"),) if counts else ()), Button("decline"))
        return Standing("asked", buttons, by=link.person, soft=soft, from_at=from_at)
    if lease is not None and soft:
        confirm = (Button("confirm"),) if counts else ()
        return Standing("yours", confirm, by=link.person, soft=True, again_at=lease.ends_at, from_at=from_at)
    return Standing("yours", by=link.person)


def _too_soon(link: Link, state: Incident, press: Press, from_at: Instant) -> Instant | None:
    """From when a press counts, where that is still to come: what was only just sent, machines are reading now."""
    from_at = max(from_at, link.at + MACHINES)
    if press.known or not critical(state) or press.at >= from_at:
        return None
    return -(-from_at // SECOND) * SECOND


def _owning(link: Link, state: Incident, past: Sequence[ev.Event]) -> Standing:
    if link.person in state.acknowledged_by or (state.owner is not None and not state.calling):
        return Standing("taken", by=state.owner or "")
    main = Button("acknowledge")
    if _called(state, link.person):
        return Standing("asked", (main, Button("decline")))
    return Standing("declined" if _said_no(past, link.person) else "open", (main,))


def _called(state: Incident, person: PersonId) -> bool:
    """Whether the person may still say "I cannot": somebody waits for them."""
    counted_on = state.calling and person in state.functional.called
    return counted_on or any((one.person, one.purpose) == (person, "page") for one in state.rounds)


def taking(link: Link, past: Sequence[ev.Event], now: Instant) -> tuple[int, int] | None:
    """The seq of this person's own acknowledgement, and for how many seconds more it can be taken back."""
    for seq in range(len(past), 0, -1):
        event = past[seq - 1]
        if isinstance(event, ev.Undone):
            return None
        if isinstance(event, ev.Acknowledged) and event.by == link.person:
            left = (event.at + UNDO_WITHIN - now) // SECOND
            return (seq, left) if left > 0 else None
    return None


def _said_no(past: Sequence[ev.Event], person: PersonId) -> bool:
    for event in reversed(past):
        if isinstance(event, ev.Paged) and event.round.person == person:
            return False
        if isinstance(event, ev.Declined) and event.by == person and not event.request:
            return True
    return False


def _request(link: Link, state: Incident, past: Sequence[ev.Event], press: Press) -> Standing:
    request = state.request_of(link.request)
    if request is None:
        return _settled(link, past)
    mood: Mood = "asked" if link.person in request.current else "open"
    if link.purpose != "offer" and (from_at := _too_soon(link, state, press, 0)) is not None:
        return Standing(mood, from_at=from_at)
    if link.purpose == "decide":
        first = sorted(request.options, key=lambda option: option != link.option)
        buttons = tuple(Button("choose", option) for option in first)
        return Standing(mood, buttons)
    if link.purpose == "ask":
        return Standing(mood, (Button("seen"),))
    accept = Button("accept")
    if link.person not in request.current:
        return Standing("open", (accept,)) if link.person in request.asked else Standing("gone")
    both = (accept, Button("decline"))
    return Standing("asked", both[::-1] if link.option == "decline" else both)


def _settled(link: Link, past: Sequence[ev.Event]) -> Standing:
    """The request is no longer open: who answered, or that nobody did."""
    for event in reversed(past):
        if isinstance(event, ev.Answered) and event.request == link.request:
            mine = event.option == "accept" and event.by == link.person
            return Standing("yours" if mine else "answered", by=event.by, option=event.option, at=event.at)
        if isinstance(event, ev.RequestEnded) and event.request == link.request:
            return Standing("gone", at=event.at)
    return Standing("gone")


def command(link: Link, action: str, option: str, seen: int | None, *, known: bool = False) -> cmd.Command | None:
    """The command that a press means; None when a link of this purpose may not do that."""
    if action == "undo":
        return cmd.Undo(link.person, seen) if seen is not None and link.purpose in TAKING else None
    allowed = ACTIONS.get(link.purpose, ())
    usual = link.option if link.option in allowed else next(iter(allowed), "")
    chosen = action or usual
    if chosen not in allowed:
        return None
    match chosen:
        case "acknowledge" | "confirm" | "still_on_it":
            return cmd.Acknowledge(link.person, seen=seen, soft=not known)
        case "seen":
            return cmd.Answer(link.person, link.request)
        case "choose":
            return cmd.Answer(link.person, link.request, option or link.option)
        case "accept":
            return cmd.Accept(link.person, link.request, soft=not known)
        case _:
            return cmd.Decline(link.person, link.request)
