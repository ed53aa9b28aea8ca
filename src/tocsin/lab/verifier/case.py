"""What is to be proved: a rulebook with today's roster facts, from one instant on."""

from functools import cached_property

from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import Conditions
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.lab.verifier.proof import prove
from tocsin.lab.verifier.reach import Proof

HORIZON: Duration = 400 * DAY
"""How far ahead is proved: beyond every yearly holiday and both changes of the clock."""


class Case:
    """The question, and answers that several checks share; each is worked out once."""

    def __init__(
        self,
        rulebook: Rulebook,
        conditions: Conditions,
        start: Instant,
        facts: Facts | None = None,
        *,
        horizon: Duration = HORIZON,
    ) -> None:
        self.rulebook = rulebook
        self.conditions = conditions
        self.facts = facts or Facts()
        self.start = start
        self.end = start + horizon

    @cached_property
    def world(self) -> World:
        """What the live rules would consult."""
        return World(self.rulebook, self.conditions, self.facts)

    @property
    def made(self) -> Proof | None:
        """The proof, where somebody has had it made."""
        found: Proof | None = self.__dict__.get("proof")
        return found

    @cached_property
    def proof(self) -> Proof:
        """Whom every service, priority and kind reaches, over the whole time."""
        return prove(self)
