"""Whom a step names: written in the rulebook, resolved to people only at the moment of paging."""

from typing import Literal

from msgspec import Struct

TargetKind = Literal["person", "team", "schedule", "role", "channel", "manager", "word"]

WORDS = ("team", "team.next", "team.all", "team.lead", "owner", "stakeholders", "requester")
"""The closed words: relative to the incident's owning team, its owner or those who reported it."""


class Target(Struct, frozen=True):
    """`person:ana`, `role:duty-manager`, `manager:1`, or one of `WORDS` (kind `word`); `name` is what stands after."""

    kind: TargetKind
    name: str

    def __str__(self) -> str:
        """As the rulebook writes it."""
        return self.name if self.kind == "word" else f"{self.kind}:{self.name}"
