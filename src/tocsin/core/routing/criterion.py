"""A criterion: when its condition holds, it raises; it never lowers."""

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PolicyId
from tocsin.core.instant import Duration
from tocsin.core.steps import Ask, Inform


class Raise(Struct, frozen=True):
    """The worst priority wins, the first policy named, flags are or-ed; `escalate` at once, and once per cool-down."""

    priority: Priority | None = None
    policy: PolicyId | None = None
    major: bool = False
    confidential: bool = False
    escalate: Ask | Inform | None = None


class Criterion(Struct, frozen=True):
    """`when` is a CEL expression over signal, incident and calendar."""

    name: str
    when: str
    then: Raise
    cool_down: Duration = 0
