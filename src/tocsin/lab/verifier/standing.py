"""How one incident stands while nobody acts: both cursors, whom it calls, and when each of them hears of it."""

from collections.abc import Callable

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PersonId, ServiceId, TeamId
from tocsin.core.incident.state import Request
from tocsin.core.incident.whom import Group
from tocsin.core.instant import Duration, Instant, Period
from tocsin.core.outgoing import Purpose
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criteria import Error
from tocsin.core.routing.criterion import Criterion
from tocsin.core.signal import Kind
from tocsin.core.steps import Ask, Inform
from tocsin.core.world import CHANNEL
from tocsin.lab.verifier.content import reads
from tocsin.lab.verifier.finding import Path
from tocsin.lab.verifier.front import Front, Moment
from tocsin.lab.verifier.ordering import Order
from tocsin.lab.verifier.supposing import Asking, Supposed, judged
from tocsin.lab.verifier.timeline import Ground, Stand


class Setting(Struct, frozen=True):
    """What an incident opens with. `criteria` are those that only time decides, and those that apply beside them.

    `escalations` come with the criteria that apply whenever it opens.
    """

    service: ServiceId | None
    team: TeamId
    policy: Policy
    priority: Priority
    kind: Kind
    criteria: tuple[tuple[Path, Criterion, bool], ...] = ()
    escalations: tuple[tuple[Path, Ask | Inform], ...] = ()


class Call:
    """Somebody's round: when it rings first, for which purpose and because of what."""

    __slots__ = ("any_of", "at", "by", "over", "person", "purpose", "routine")

    def __init__(self, person: PersonId, purpose: Purpose, at: Moment, routine: bool, by: Path) -> None:
        self.person = person
        self.purpose = purpose
        self.at = at
        self.routine = routine
        self.by = by
        self.any_of: tuple[PersonId, ...] = ()
        self.over = at


Calling = tuple[PersonId, Purpose, int]
"""Who is called for which purpose, and for which question."""


class Question:
    """A request that waits for its answer."""

    __slots__ = ("by", "deadline", "request")

    def __init__(self, request: Request, deadline: Moment, by: Path) -> None:
        self.request = request
        self.deadline = deadline
        self.by = by


class Standing:
    """One incident in the making; `now` is the moment being served.

    `mute` are rounds that wait for a provider which is down, and whether they are routine: what is not louder joins.
    `handed`: when the functional ladder came to a hand-over first. `weighed`: it has mattered so far whether it is
    urgent, or P1 or P2; `ranked`: its very priority has. To `blind` walks it matters whether steps call anybody, and
    not whom. `to_last`: it is asked who is called last. `again`: whom a later step calls anew is asked, and not only
    who is rung first of all.
    """

    def __init__(self, ground: Ground, setting: Setting, supposed: Supposed, front: Front, blind: bool = False) -> None:
        self.ground = ground
        self.setting = setting
        self.supposed = supposed
        self.front = front
        self.blind = blind
        self.now: Moment = (front.opening, True)
        self.team = setting.team
        self.priority = setting.priority
        self.policy = setting.policy
        self.escalations = list(setting.escalations)
        self.position, self.lap = -1, 0
        self.called: tuple[PersonId, ...] = ()
        self.tried: tuple[PersonId, ...] = ()
        self.queue: tuple[PersonId, ...] = ()
        self.call_at: Moment | None = None
        self.spacing: Duration = 0
        self.due: Moment | None = None
        self.shut = False
        self.exhausted = False
        self.stage = 0
        self.rungs: list[Moment | None] = []
        self.questions: list[Question] = []
        self.asked = 0
        self.calls: dict[Calling, Call] = {}
        self.mute: dict[Calling, bool] = {}
        self.last: Call | None = None
        self.handed: Moment | None = None
        self.ranked = self.weighed = bool(setting.criteria)
        self.order = Order(self)
        self.to_last = False
        self.again = False

    # ------------------------------------------------------------------------------------- asking

    @property
    def stand(self) -> Stand:
        """What targets are relative to now."""
        return Stand((self.team, self.setting.service, self.called, self.tried))

    @property
    def severe(self) -> bool:
        """Whether it is P1 or P2, which wait for nobody's opening."""
        return self.priority <= "P2"

    @property
    def urgent(self) -> bool:
        """Whether its pages are urgent."""
        return self.priority in self.ground.world.rulebook.priorities.urgent

    def known(self, answer: tuple[object, Instant | None]) -> None:
        """An answer that was asked at `now` holds so long."""
        self.front.holds_until(self.now, answer[1])

    def hours(self, name: HoursId | None) -> Hours | None:
        """Hours by name; None for the built-in `always`."""
        return self.ground.hours(name)

    def after(self, period: Period, hours: Hours | None) -> Moment:
        """When `period` from now is over."""
        found = self.front.after(self.now, period, hours)
        if hours is not None:
            self.ground.count(hours, self.now[0], found[0])
        return found

    def working_day(self) -> Moment:
        """One working day of the owning team from now."""
        team = self.ground.world.rulebook.teams.get(self.team)
        return self.after(Period(days=1), None if team is None else self.hours(team.hours))

    def resolve(self, target: Target, hours_given: bool, skills: tuple[str, ...]) -> Group:
        """Whom a target names now."""
        answer = self.ground.resolve(target, self.stand, hours_given, skills, self.now[0], self.blind)
        self.known(answer)
        return answer[0]

    def there(self, person: PersonId) -> bool:
        """Whether they are present and something leads to them."""
        answer = self.ground.there(person, self.now[0])
        self.known(answer)
        return answer[0]

    def holds(self, when: str | None, site: str) -> bool:
        """Whether a step's condition holds; one that cannot be judged counts as true."""
        if when is None:
            return True
        self.ranked |= reads(when).priority
        asking = Asking(self.priority, self.setting.kind, self.setting.service, self.team)
        verdict = judged(self.ground, when, site, asking, self.supposed, self.front, self.now)
        return verdict if not isinstance(verdict, Error) else True

    def rounds_until(self, length: Duration, change: Instant) -> int:
        """How many rounds from now, at that distance, until the first that is not before `change`; at least one."""
        rounds = max((change - self.now[0] + length - 1) // length, 1)
        self.front.holds_until((self.now[0] + (rounds - 1) * length, self.now[1]), change)
        return rounds

    # ------------------------------------------------------------------------------------- calling

    def call(
        self, person: PersonId, purpose: Purpose, by: Path, *, loud: bool, request: int = 0, at_once: bool = False
    ) -> bool:
        """Begin a round, or leave one that runs; False when nothing leads to them. As `calls.call`."""
        delay = self.ground.delay(person, loud, at_once)
        self.weighed |= self.again or not self.ground.equal(person)
        if delay is None:
            return False
        key = (person, purpose, request)
        known = self.calls.get(key)
        if known is not None and self.again and self._is_over(known, loud, at_once):
            known = None
        if person.startswith(CHANNEL) or (known is not None and not self.front.before(self.now, known.at)):
            return True
        routine = self.mute.get(key) if known is None else known.routine
        if routine is not None and not (at_once or (routine and loud)):
            return True
        if self.ground.mute(person, loud, at_once):
            self.calls.pop(key, None)
            self.mute[key] = not loud and not at_once
            return True
        begun = Call(person, purpose, (self.now[0] + delay, self.now[1]), not loud and not at_once, by)
        if self.again:
            begun.over = (self.now[0] + self.ground.length(person, loud, at_once), self.now[1])
        self.calls[key] = begun
        return True

    def _is_over(self, known: Call, loud: bool, at_once: bool) -> bool:
        """Whether a round has rung by all its ways, or what is louder takes its place."""
        if self.front.before(known.over, self.now) or (known.routine and loud and not at_once):
            return True
        return at_once and self.front.before(self.now, known.over)

    def withdraw(self, request: int) -> None:
        """What has not rung yet of a question that is put to others, or needs no answer any more.

        What would ring at that very instant is not sent any more either.
        """
        for key, one in tuple(self.calls.items()):
            if key[2] == request and not self.front.before(one.at, self.now):
                del self.calls[key]

    def earliest(self, chosen: Callable[[Call], bool]) -> list[Call]:
        """Of the calls that are chosen those that ring first, all at one moment."""
        found: list[Call] = []
        for one in self.calls.values():
            if not chosen(one):
                continue
            if not found or self.front.before(one.at, found[0].at):
                found = [one]
            elif not self.front.before(found[0].at, one.at):
                found.append(one)
        return found
