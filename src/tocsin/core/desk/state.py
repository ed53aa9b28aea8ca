"""The desk as a value, what can be put to it, and the facts about it. Its stream is `desk:` and the team's id."""

from msgspec import Struct

from tocsin.core.ids import IncidentId, PersonId, TeamId
from tocsin.core.instant import DAY, Duration, Instant

HELD_LIMIT = 1_000
"""Incidents that a desk counts as somebody's work; of more, the latest."""

GONE_LIMIT = 100
"""Incidents that have left and are remembered, so that a late repeat does not bring one back."""

PASSAGES_LIMIT = 200
PASSAGES_KEPT: Duration = 30 * DAY

TO_AND_FRO = 3
"""So many transfers of one incident between the same two teams are one too many."""


class Held(Struct, frozen=True, array_like=True):
    """Who has an incident in hand: its owner, or whoever is being called; `seq` is the incident's own."""

    people: tuple[PersonId, ...]
    seq: int


class Passage(Struct, frozen=True, array_like=True):
    """An incident came from that other team, or went to it."""

    incident: IncidentId
    team: TeamId
    came: bool
    at: Instant


class Desk(Struct, frozen=True):
    """The decider's value. `last` had the last turn; only people to whom work is assigned in turn are counted."""

    id: str
    seq: int = 0
    at: Instant = 0
    last: PersonId | None = None
    held: dict[IncidentId, Held] = {}
    gone: dict[IncidentId, int] = {}
    passages: tuple[Passage, ...] = ()

    @property
    def team(self) -> TeamId:
        """Whose desk it is."""
        return TeamId(self.id.removeprefix("desk:"))

    def known(self, incident: IncidentId) -> int:
        """The incident's seq at which this desk last heard of it; 0 where it never did, or long ago."""
        held = self.held.get(incident)
        return self.gone.get(incident, 0) if held is None else held.seq

    def passed(self, incident: IncidentId, team: TeamId) -> int:
        """How often that incident went between this team and `team`, either way, as far as is remembered."""
        return sum(1 for one in self.passages if (one.incident, one.team) == (incident, team))


def desk_of(team: TeamId) -> str:
    """The stream of a team's desk."""
    return f"desk:{team}"


class Engage(Struct, frozen=True, tag="engage"):
    """The incident is in these people's hands now; `called` are those of them who have just been called."""

    incident: IncidentId
    seq: int
    people: tuple[PersonId, ...]
    called: tuple[PersonId, ...] = ()


class TakeTurn(Struct, frozen=True, tag="take_turn"):
    """Another team's incident has called one of this team: that was their turn."""

    person: PersonId


class Leave(Struct, frozen=True, tag="leave"):
    """The incident is over."""

    incident: IncidentId
    seq: int


class Receive(Struct, frozen=True, tag="receive"):
    """The incident came from another team."""

    incident: IncidentId
    seq: int
    giver: TeamId
    people: tuple[PersonId, ...] = ()


class PassOn(Struct, frozen=True, tag="pass_on"):
    """The incident went to another team."""

    incident: IncidentId
    seq: int
    taker: TeamId


Command = Engage | TakeTurn | Leave | Receive | PassOn


class Fact(Struct, frozen=True, kw_only=True):
    """`at` is when it happened, UTC microseconds."""

    at: Instant


class Engaged(Fact, frozen=True, tag="engaged"):
    """These have the incident in hand; `turn` is who of this team had their turn by it."""

    incident: IncidentId
    seq: int
    people: tuple[PersonId, ...]
    turn: PersonId | None = None


class TurnTaken(Fact, frozen=True, tag="turn_taken"):
    """Somebody of this team was called for another team's incident."""

    person: PersonId


class Borrowed(Fact, frozen=True, tag="borrowed"):
    """This desk's incident has called somebody of another team, whose desk must know."""

    incident: IncidentId
    person: PersonId
    team: TeamId


class Left(Fact, frozen=True, tag="left"):
    """The incident is over."""

    incident: IncidentId
    seq: int


class Received(Fact, frozen=True, tag="received"):
    """The incident came from another team."""

    incident: IncidentId
    seq: int
    giver: TeamId
    people: tuple[PersonId, ...] = ()


class PassedOn(Fact, frozen=True, tag="passed_on"):
    """The incident went to another team."""

    incident: IncidentId
    seq: int
    taker: TeamId


class SentToAndFro(Fact, frozen=True, tag="sent_to_and_fro"):
    """The incident has gone between the two teams too often, `n` times by now; the incident itself asks for help."""

    incident: IncidentId
    team: TeamId
    n: int


Event = Engaged | TurnTaken | Borrowed | Left | Received | PassedOn | SentToAndFro
