"""What a step may yield: moves. The walker carries them out; simulator and verifier read the same ones."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId
from tocsin.core.instant import Period

Urgency = Literal["urgent", "routine"] | None
"""How loudly; None leaves it to the incident's priority."""

Unless = Literal["acknowledged", "resolved"]
"""What makes a step needless, judged when it is due."""


class Page(Struct, frozen=True, tag="page"):
    """Call responders; the ladder goes on until `need` of them have acknowledged."""

    targets: tuple[Target, ...]
    need: int = 1
    urgency: Urgency = None
    skills: tuple[str, ...] = ()


class Transfer(Struct, frozen=True, tag="hand_over"):
    """Move ownership to the first target's team; its responder is paged by the Page that follows."""

    target: Target


class Hold(Struct, frozen=True, tag="wait"):
    """Wait for an acknowledgement before the next step, counted in `hours`."""

    wait: Period
    hours: HoursId | None


class Tell(Struct, frozen=True, tag="inform"):
    """Inform; no answer is needed."""

    targets: tuple[Target, ...]


class Question(Struct, frozen=True, tag="ask"):
    """Ask for an answer `within` a time (None: the default of the priority), of whoever `targets` name.

    With `options` it is a decision; `default` is taken at the deadline only where the step names one.
    """

    targets: tuple[Target, ...]
    within: Period | None = None
    hours: HoursId | None = None
    text: str = ""
    options: tuple[str, ...] = ()
    default: str | None = None


Move = Page | Transfer | Hold | Tell | Question
