"""What stands beside the editor: the ladders of what was typed, and a play of it against one by the rules in force"""

from msgspec import Struct

from tocsin.core.ids import PolicyId
from tocsin.core.instant import Instant
from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.engine.proposals import world_of
from tocsin.web.pages.policies.drawing import Drawing, Start, draw
from tocsin.web.pages.policies.listing import services_of
from tocsin.web.pages.policies.typed import Typed
from tocsin.web.parts.whatif import Asking, Played, begins, play
from tocsin.web.parts.words import Names


class Beside(Struct, frozen=True):
    """`it` is the policy that is drawn, by what was typed where that are rules, else by those in force.

    `played` is what would happen by the same, `before` by those in force where they are others.
    """

    it: Policy | None = None
    drawing: Drawing | None = None
    played: Played | None = None
    before: Played | None = None


def beside(
    typed: Typed, book: Rulebook | None, asking: Asking, today: World, told: tuple[Instant, str, Names]
) -> Beside:
    """For what somebody asks; `told` are the time, the reader's zone, and words."""
    now, zone, names = told
    world = today if book is None else world_of(book, today)
    policy = _policy(typed, world.rulebook, asking)
    if policy is None:
        return Beside()
    orphan = typed.scope == "policy" and not services_of(policy.id, world.rulebook)
    start = Start("" if orphan else asking.service, asking.priority, begins(asking, now, zone))
    differs = world.rulebook.digest != today.rulebook.digest and asking.service in today.rulebook.services
    return Beside(
        policy,
        draw(PolicyId(policy.id), start, world, names),
        play(world, asking, now, zone, names),
        play(today, asking, now, zone, names) if differs else None,
    )


def _policy(typed: Typed, book: Rulebook, asking: Asking) -> Policy | None:
    """The one that is edited, where the service is under it or nothing is; else the service's own."""
    if typed.scope == "policy" and typed.name in book.policies:
        under = services_of(typed.name, book)
        if not under or asking.service in under:
            return book.policies[typed.name]
    service = book.services.get(asking.service)
    return None if service is None else book.policies.get(service.policy)
