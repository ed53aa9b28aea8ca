"""The proof of a rulebook: whom every service, priority and kind reaches, when, and on what that hangs."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec.structs import replace

from tocsin.core.catalogue.priority import PRIORITIES, Priority, worst
from tocsin.core.catalogue.service import Service
from tocsin.core.ids import TeamId
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind
from tocsin.core.sla.target import Sla
from tocsin.core.steps import HandOver
from tocsin.core.world import CHANNEL, World
from tocsin.lab.verifier.confirming import confirm, confirm_falls
from tocsin.lab.verifier.exploring import Explored, Explorer
from tocsin.lab.verifier.losing import Losses
from tocsin.lab.verifier.opening import Openings, nowhere, openings, scope
from tocsin.lab.verifier.promising import respond
from tocsin.lab.verifier.reach import KINDS, Disagreement, Fall, Proof, Respond, Row, Rung, Stretch, Worst
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.timeline import Ground, Stand
from tocsin.lab.verifier.walk import PATIENCE

ASSUMING = (
    Phrase("lab.proof.nobody_acts"),
    Phrase("lab.proof.providers_work"),
    Phrase("lab.proof.roster_as_entered"),
    Phrase("lab.proof.one_report"),
    Phrase("lab.proof.patience"),
)
"""What every proof takes for granted."""


class Provable(Protocol):
    """What a case says: the world that live rules would consult, and the openings that are asked about."""

    start: Instant
    end: Instant

    @property
    def world(self) -> World:
        """Rulebook, conditions and roster facts."""


def prove(case: Provable) -> Proof:
    """Every service x priority x kind over all openings of the case."""
    prover = _Prover(case)
    book = case.world.rulebook
    rows = tuple(
        prover.row(service, priority, kind)
        for service in book.services.values()
        if book.service_of(service.id) is not None
        for priority in PRIORITIES
        for kind in KINDS
    )
    lost = tuple(prover.lost(priority, kind) for priority in PRIORITIES for kind in KINDS)
    return Proof(case.start, case.end, rows, ASSUMING, tuple(prover.disagreements), lost)


class _Prover:
    """What rows share: walks, worst cases, losses."""

    def __init__(self, case: Provable) -> None:
        self.case = case
        self.ground = Ground(case.world, case.start)
        self.explorer = Explorer(self.ground, case.end)
        self.losses = Losses(self.ground, case.end)
        self.disagreements: list[Disagreement] = []
        self._worst: dict[tuple[int, Rung], Worst] = {}
        self._falls: dict[int, tuple[Fall, ...]] = {}
        self._confirmed: set[int] = set()
        self._ends: dict[object, bool] = {}
        self._rows: dict[object, Row] = {}
        self._kept: list[object] = []

    def row(self, service: Service, priority: Priority, kind: Kind) -> Row:
        """One row; those that open alike and promise the same share all but their names."""
        outer = (service.sla, scope(self.ground, service, priority, kind))
        known = self._rows.get(outer)
        if known is None:
            known = self._rows[outer] = self._opened(service, priority, kind)
        same = (service.id, priority, kind) == (known.service, known.priority, known.kind)
        return known if same else _named(known, service, priority, kind)

    def lost(self, priority: Priority, kind: Kind) -> Row:
        """The row of what claims that and names no service: it is as bad at least as `unrouted` says."""
        unrouted = self.case.world.rulebook.unrouted
        service = nowhere(self.case.world.rulebook)
        return _named(self.row(service, worst(unrouted.priority, priority), kind), service, priority, kind)

    def _opened(self, service: Service, priority: Priority, kind: Kind) -> Row:
        found = openings(self.ground, service, priority, kind)
        key = (service.sla, tuple((one.key, tuple(sorted(one.supposed.items()))) for one in found.all))
        known = self._rows.get(key)
        if known is None:
            known = self._rows[key] = self._proved(service, priority, kind, found)
        return known

    def _proved(self, service: Service, priority: Priority, kind: Kind, found: Openings) -> Row:
        promised = service.sla is not None
        explored = [one for opening in found.all for one in self.explorer.ways(opening, promised)]
        row = Row(
            service=service.id,
            priority=priority,
            kind=kind,
            ways=tuple(one.way for one in explored),
            first=self._of_all(explored, "first"),
            responder=self._of_all(explored, "responder"),
            management=self._management(explored),
            ends_at_human=all(self._ends_at_human(one.setting) for one in found.all),
            respond=self._promise(explored, service),
            falls=self._falling(explored),
            assuming=(Phrase("lab.proof.cut"),) if found.cut or any(one.cut for one in explored) else (),
        )
        self.disagreements += confirm(self.ground, row, explored)
        for one in explored:
            if id(one) not in self._confirmed:
                self._confirmed.add(id(one))
                self.disagreements += confirm_falls(self.losses, row, one, self._falls[id(one)])
        return row

    def _of_all(self, explored: Iterable[Explored], rung: Rung) -> Worst:
        return max((self._of_one(one, rung) for one in explored), key=_length)

    def _of_one(self, one: Explored, rung: Rung) -> Worst:
        key = (id(one), rung)
        known = self._worst.get(key)
        if known is None:
            stretch = max(one.way.line(rung), key=_length_of)
            known = Worst(stretch.start, stretch.at, stretch.people, stretch.by, one.way.assuming)
            self._worst[key] = known
            self._kept.append(one)
        return known

    def _management(self, explored: list[Explored]) -> Worst | None:
        """None where no hierarchical step and no escalation is there to come in any way."""
        silent = all(
            not one.opening.setting.policy.hierarchical and all(stretch.at is None for stretch in one.way.management)
            for one in explored
        )
        return None if silent else self._of_all(explored, "management")

    def _promise(self, explored: list[Explored], service: Service) -> Respond | None:
        """A clock that starts when somebody accepts is never late: whoever accepts has responded."""
        sla = self.case.world.rulebook.slas.get(service.sla or "")
        if sla is None or sla.starts == "acceptance":
            return None
        found = [one for each in explored if (one := self._promised(each, sla)) is not None]
        return min(found, key=_left, default=None)

    def _promised(self, one: Explored, sla: Sla) -> Respond | None:
        handed = self.explorer.handed(one) if sla.starts == "hand_over" else ()
        return respond(self.ground, one, sla, handed)

    def _falling(self, explored: list[Explored]) -> tuple[Fall, ...]:
        """Of each loss the worst over all ways."""
        found: dict[tuple[str, str], Fall] = {}
        for one in explored:
            if id(one) not in self._falls:
                self._falls[id(one)] = self.losses.falls(one)
                self._kept.append(one)
            for fall in self._falls[id(one)]:
                known = found.get((fall.loss, fall.name), fall)
                worse = fall if _length(fall.worst) > _length(known.worst) else known
                sure = worse.worst.at is None or (fall.longest and known.longest)
                found[fall.loss, fall.name] = worse if worse.longest is sure else replace(worse, longest=sure)
        return tuple(sorted(found.values(), key=lambda fall: _length(fall.worst), reverse=True))

    def _ends_at_human(self, setting: Setting) -> bool:
        """Whether the last resort has a human at every instant, whichever team owns the incident by then."""
        teams = {setting.team, *(team for team in self._handed(setting) if team is not None)}
        return all(self._has_last_resort(Stand((team, setting.service, (), ()))) for team in sorted(teams))

    def _handed(self, setting: Setting) -> Iterator[TeamId | None]:
        policies = self.case.world.rulebook.policies
        named = [policies[p] for _, one, _ in setting.criteria if (p := one.then.policy)]
        for policy in (setting.policy, *named):
            for step in policy.functional:
                if isinstance(step, HandOver):
                    yield self.ground.owning_team(step.targets[0], setting.team)

    def _has_last_resort(self, stand: Stand) -> bool:
        key = stand[:2]
        if key not in self._ends:
            self._ends[key] = all(any(not one.startswith(CHANNEL) for one in some) for some in self._resorts(stand))
        return self._ends[key]

    def _resorts(self, stand: Stand) -> Iterator[tuple[str, ...]]:
        at = self.case.start
        while at < self.case.end + PATIENCE:
            people, until = self.ground.last_resort(stand, at)
            yield people
            if until is None:
                return
            at = until


def _named(row: Row, service: Service, priority: Priority, kind: Kind) -> Row:
    return Row(
        service.id, priority, kind, row.ways, row.first, row.responder, row.management, row.ends_at_human,
        row.respond, row.falls, row.assuming,
    )  # fmt: skip


def _length(worst: Worst) -> tuple[bool, int]:
    return worst.at is None, worst.delay or 0


def _length_of(stretch: Stretch) -> tuple[bool, int]:
    return stretch.at is None, stretch.delay or 0


def _left(one: Respond) -> tuple[bool, int]:
    return one.worst.at is not None, 0 if one.worst.at is None else one.due - one.worst.at
