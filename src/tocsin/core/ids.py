"""The ids that rules and events speak of: plain text with a type, so that a team is never taken for a person."""

from typing import NewType

PersonId = NewType("PersonId", str)
"""A person of the rulebook: `ana`. Events hold this and never a name or an address."""

TeamId = NewType("TeamId", str)
ScheduleId = NewType("ScheduleId", str)
RoleId = NewType("RoleId", str)
ServiceId = NewType("ServiceId", str)
PolicyId = NewType("PolicyId", str)
HoursId = NewType("HoursId", str)
SlaId = NewType("SlaId", str)
SourceId = NewType("SourceId", str)

IncidentId = NewType("IncidentId", str)
"""`INC-1`; numbers come from a sequence and may have gaps."""

RequestId = NewType("RequestId", str)
"""One ask, decision or offer of one incident: `r3`; what an answer refers to."""

ALWAYS = HoursId("always")
"""The built-in hours that never close."""

CLOSED_WORDS = frozenset(
    {"team", "team.next", "team.all", "team.lead", "owner", "stakeholders", "requester", "always", "else", "none"}
)
"""Words with a meaning of their own; no id may equal one of them."""
