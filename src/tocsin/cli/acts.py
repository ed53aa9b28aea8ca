"""What a person does to an incident by command: as the API wants to hear it, and as the engine does."""

from collections.abc import Collection
from typing import Any, Literal

from msgspec import Struct

from tocsin.cli.known import instead
from tocsin.cli.output import MistakeError
from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import Instant, format_instant
from tocsin.core.rulebook import Rulebook

Verb = Literal["acknowledge", "resolve", "escalate", "undo"]
Ladder = Literal["functional", "hierarchical"]

LOCAL = "token:local"
"""Who acts where nobody says: whoever may open the database."""


class Act(Struct, frozen=True):
    """`by` is a person's id, '' for whoever sits at the machine; what an act does not know stays empty."""

    verb: Verb
    by: str = ""
    reason: str = ""
    eta: Instant | None = None
    ladder: Ladder = "functional"
    target: Target | None = None

    def body(self) -> dict[str, Any]:
        """For the API: only what is said."""
        told: dict[str, Any] = {"by": self.by, "reason": self.reason}
        told |= {"eta": format_instant(self.eta)} if self.eta is not None else {}
        if self.verb == "escalate":
            told |= {"ladder": self.ladder, "target": str(self.target) if self.target else ""}
        return {name: value for name, value in told.items() if value}

    def command(self) -> cmd.Acknowledge | cmd.Resolve | cmd.Escalate | cmd.Undo:
        """For the engine."""
        by = self.by or LOCAL
        if self.verb == "acknowledge":
            return cmd.Acknowledge(by, self.eta)
        if self.verb == "resolve":
            return cmd.Resolve(by, self.reason)
        if self.verb == "undo":
            return cmd.Undo(by)
        return cmd.Escalate(by, self.ladder, self.reason, self.target)


def person(text: str, rulebook: Rulebook) -> str:
    """The id of a person; MistakeError with those there are."""
    if text and text not in rulebook.people:
        raise MistakeError(f"there is no person {text}", instead(text, rulebook.people))
    return text


def target(text: str, rulebook: Rulebook) -> Target | None:
    """`team:payments`, `person:ana`, `role:x`, `schedule:x`, `manager:1` or a word of the language; None for ''."""
    if not text:
        return None
    if text in WORDS:
        return Target("word", text)
    kind, _, name = text.partition(":")
    known: dict[TargetKind, Collection[str]] = {
        "person": rulebook.people,
        "team": rulebook.teams,
        "schedule": rulebook.schedules,
        "role": rulebook.roles,
        "manager": tuple("123456789"),
    }
    for word, names in known.items():
        if kind == word and name in names:
            return Target(word, name)
        if kind == word:
            raise MistakeError(f"there is no {kind} {name}", instead(name, names))
    raise MistakeError(f"{text!r} names nobody", "write person:ID, team:ID, role:ID, schedule:ID or manager:1")
