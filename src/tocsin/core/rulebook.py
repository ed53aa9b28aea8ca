"""Everything static that a decision may consult, as one frozen value with a digest."""

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.allowance import Allowance
from tocsin.core.catalogue.people import ContactLadder, Person, Role, Team
from tocsin.core.catalogue.priority import Priority, PriorityRules
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PolicyId, ServiceId, TeamId
from tocsin.core.oncall.schedule import Schedule
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criterion import Criterion
from tocsin.core.routing.expectation import Expectation
from tocsin.core.routing.source import Source
from tocsin.core.sla.target import Sla


class Unrouted(Struct, frozen=True):
    """Where a signal goes that names no known service: somebody is paged all the same."""

    team: TeamId
    policy: PolicyId
    priority: Priority


class Rulebook(Struct, frozen=True):
    """The organisation's rules. Every id that one part names exists in another: `config` has checked it.

    `digest` is the hex SHA-256 over the canonical form of all the rest. `expect` and `allow` are for
    the verifier; nothing that happens to an incident rests on them.
    """

    organisation: str
    timezone: str
    last_resort: tuple[Target, ...]
    unrouted: Unrouted
    people: dict[str, Person] = {}
    contact: ContactLadder = ContactLadder()
    roles: dict[str, Role] = {}
    hours: dict[str, Hours] = {}
    teams: dict[str, Team] = {}
    schedules: dict[str, Schedule] = {}
    priorities: PriorityRules = PriorityRules()
    services: dict[str, Service] = {}
    criteria: tuple[Criterion, ...] = ()
    policies: dict[str, Policy] = {}
    slas: dict[str, Sla] = {}
    sources: dict[str, Source] = {}
    expect: tuple[Expectation, ...] = ()
    allow: tuple[Allowance, ...] = ()
    digest: str = ""

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every expression that it holds, each once."""
        steps = (step for policy in self.policies.values() for step in (*policy.functional, *policy.hierarchical))
        found = [*(step.when for step in steps if step.when), *(criterion.when for criterion in self.criteria)]
        return tuple(dict.fromkeys(found))

    def service_of(self, name: str) -> Service | None:
        """The service of that id whose team and policy exist, or None: then `unrouted` applies."""
        service = self.services.get(ServiceId(name))
        if service is None or service.team not in self.teams or service.policy not in self.policies:
            return None
        return service
