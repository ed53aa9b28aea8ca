"""A service: a catalogue entry, and only that."""

from msgspec import Struct

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PolicyId, ServiceId, SlaId, TeamId


class Service(Struct, frozen=True):
    """What is looked after, by which team, under which policy; `symptoms` are what a dependency may hold."""

    id: ServiceId
    team: TeamId
    policy: PolicyId
    sla: SlaId | None = None
    runbook: str = ""
    depends_on: tuple[ServiceId, ...] = ()
    symptoms: tuple[str, ...] = ()
    stakeholders: tuple[Target, ...] = ()
