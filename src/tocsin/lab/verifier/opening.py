"""With what an incident of a service, priority and kind opens: its setting, and how criteria may change it.

Rows that open alike share one setting: what no condition reads is left out of it.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, islice

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority, worst
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ServiceId
from tocsin.core.routing.criterion import Criterion
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind
from tocsin.lab.verifier.content import reads
from tocsin.lab.verifier.finding import NOWHERE, Path
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.satisfying import consistent, subjects
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.supposing import Asking, Supposed, Undecided, judged
from tocsin.lab.verifier.timeline import Ground

MOST = 64
"""Combinations of what has to be supposed that are explored for one row; what is left out is named."""


class Opening(Struct, frozen=True):
    """A setting and what is supposed of criteria for it to come about; `key` tells settings apart.

    `alike` is all that may be supposed of them for the very same, `supposed` among it.
    """

    setting: Setting
    key: tuple[object, ...]
    supposed: Supposed
    alike: tuple[Supposed, ...] = ()


class Openings(Struct, frozen=True):
    """All openings of one row; `cut`: not every combination of criteria is among them."""

    all: tuple[Opening, ...]
    cut: bool


def nowhere(book: Rulebook) -> Service:
    """What names no service that there is, as though it were one: it stands with whom `unrouted` says."""
    return Service(NOWHERE, book.unrouted.team, book.unrouted.policy)


def openings_of(ground: Ground, name: ServiceId, priority: Priority, kind: Kind) -> Openings:
    """Those of a row of the proof, by the priority that it claims; of the service '' it is one of no known service."""
    book = ground.world.rulebook
    if name:
        return openings(ground, book.services[name], priority, kind)
    return openings(ground, nowhere(book), worst(book.unrouted.priority, priority), kind)


def openings(ground: Ground, service: Service, priority: Priority, kind: Kind) -> Openings:
    """Each way in which criteria may speak, those that lead to the same setting only once."""
    book = ground.world.rulebook
    policy = book.policies[service.policy]
    blank = Setting(service.id, service.team, policy, priority, kind)
    sure, timed, free = _criteria(ground, blank)
    names = tuple(dict.fromkeys(name for _, name in free))
    combinations_of, cut = combined(names)
    related = _related(names, ground.once(_asked_later))
    found: dict[object, Opening] = {}
    alike: dict[object, list[Supposed]] = {}
    for given in combinations_of:
        supposed: Supposed = dict(given)
        applied = sure | {path for path, name in free if supposed[name]}
        setting = _shared(ground, _settled(ground, blank, applied, timed))
        kept = {name: value for name, value in supposed.items() if name in related}
        key = _key(setting)
        whole = (key, tuple(sorted(kept.items())))
        alike.setdefault(whole, []).append(supposed)
        if whole not in found or sum(map(bool, supposed.values())) < sum(map(bool, found[whole].supposed.values())):
            found[whole] = Opening(setting, key, supposed)
    return Openings(tuple(replace(one, alike=tuple(alike[whole])) for whole, one in found.items()), cut)


def scope(ground: Ground, service: Service, priority: Priority, kind: Kind) -> tuple[object, ...]:
    """All that the openings of a row hang on: rows of one scope have the same."""
    own, kinds = ground.once(_speaks)
    return (service.id if own else None, service.team, service.policy, priority, kind if kinds else None)


def _criteria(ground: Ground, blank: Setting) -> tuple[frozenset[Path], frozenset[Path], list[tuple[Path, str]]]:
    """The criteria that apply whatever comes, those that time decides, and those that content does, by what is left."""
    sure: set[Path] = set()
    timed: set[Path] = set()
    free: list[tuple[Path, str]] = []
    asking = Asking(blank.priority, blank.kind, blank.service, blank.team)
    for path, criterion in _each(ground.world.rulebook):
        if reads(criterion.when).timed:
            timed.add(path)
            continue
        front = Front(ground.start, ground.start + 1)
        try:
            if judged(ground, criterion.when, ".".join(path), asking, {}, front, (ground.start, True)) is True:
                sure.add(path)
        except Undecided as question:
            if len(question.options) > 1:
                free.append((path, question.name))
            elif question.options[0]:
                sure.add(path)
    return frozenset(sure), frozenset(timed), free


def _each(book: Rulebook) -> Iterator[tuple[Path, Criterion]]:
    for index, criterion in enumerate(book.criteria):
        yield ("criteria", str(index)), criterion


@lru_cache(maxsize=4096)
def combined(names: tuple[str, ...]) -> tuple[tuple[tuple[tuple[str, bool], ...], ...], bool]:
    """Every combination that there can be; of too many: none, each alone, each pair as far as there is room, and all.

    What is left of that room is for others as they come.
    """
    whole = tuple(islice(_possible(names, ()), MOST + 1))
    if len(whole) <= MOST:
        return whole, False
    some = [(), *((name,) for name in names), names, *combinations(names, 2)]
    asked = (tuple((name, name in chosen) for name in names) for chosen in some)
    found = dict.fromkeys(islice((one for one in asked if consistent(frozenset(one))), MOST))
    return tuple(islice(dict.fromkeys((*found, *whole)), MOST)), True


def _possible(names: tuple[str, ...], so_far: tuple[tuple[str, bool], ...]) -> Iterator[tuple[tuple[str, bool], ...]]:
    if not names:
        yield so_far
        return
    for value in (False, True):
        following = (*so_far, (names[0], value))
        if consistent(frozenset(following)):
            yield from _possible(names[1:], following)


def _related(names: tuple[str, ...], later: frozenset[str]) -> frozenset[str]:
    """Those that say anything of what is asked later, by themselves or by way of others."""
    found: frozenset[str] = frozenset()
    about = later
    while more := [name for name in names if name not in found and subjects(name) & about]:
        found |= frozenset(more)
        about = about.union(*map(subjects, more))
    return found


def _settled(ground: Ground, blank: Setting, applied: frozenset[Path], waiting: frozenset[Path]) -> Setting:
    """The setting with the criteria that apply; where time decides of any, they are left to the walk, in order."""
    chosen = [(path, one) for path, one in _each(ground.world.rulebook) if path in applied or path in waiting]
    if waiting:
        criteria = tuple((path, one, path in applied) for path, one in chosen)
        return Setting(blank.service, blank.team, blank.policy, blank.priority, blank.kind, criteria)
    raises = [one.then for _, one in chosen]
    named = next((one.policy for one in raises if one.policy is not None), None)
    policy = ground.world.rulebook.policies.get(named or "", blank.policy)
    priority = worst(blank.priority, *(one.priority for one in raises if one.priority is not None))
    steps = tuple((path, one.then.escalate) for path, one in chosen if one.then.escalate is not None)
    return Setting(blank.service, blank.team, policy, priority, blank.kind, (), steps)


def _shared(ground: Ground, setting: Setting) -> Setting:
    """Without the service and the kind where nothing in it depends on them."""
    book = ground.world.rulebook
    policies = [setting.policy, *(book.policies[p] for _, one, _ in setting.criteria if (p := one.then.policy))]
    texts = [one.when for _, one, _ in setting.criteria]
    texts += [step.when for one in policies for step in (*one.functional, *one.hierarchical) if step.when is not None]
    service = setting.service
    if not ground.once(_tells_stakeholders) and not any(reads(text).service for text in texts):
        service = None
    kind: Kind = setting.kind if any(reads(text).kind for text in texts) else "incident"
    return Setting(service, setting.team, setting.policy, setting.priority, kind, setting.criteria, setting.escalations)


def _key(setting: Setting) -> tuple[object, ...]:
    criteria = tuple((path, sure) for path, _, sure in setting.criteria)
    escalations = tuple(path for path, _ in setting.escalations)
    opens = (setting.service, setting.team, setting.policy.id, setting.priority, setting.kind)
    return (*opens, criteria, escalations)


def _asked_later(book: Rulebook) -> frozenset[str]:
    """All of which the conditions of steps say anything, and those of criteria that wait for the time."""
    policies = book.policies.values()
    asked = {step.when for one in policies for step in (*one.functional, *one.hierarchical) if step.when is not None}
    asked |= {criterion.when for criterion in book.criteria if reads(criterion.when).timed}
    return frozenset().union(*map(subjects, asked))


def _speaks(book: Rulebook) -> tuple[bool, bool]:
    """Whether anything in it may hang on the service, and on the kind."""
    read = [reads(text) for text in book.conditions]
    return _tells_stakeholders(book) or any(one.service for one in read), any(one.kind for one in read)


def _tells_stakeholders(book: Rulebook) -> bool:
    """Whether any target is the service's own people."""
    return any(target.name == "stakeholders" for target in targets(book))


def targets(book: Rulebook) -> Iterator[Target]:
    """All targets of policies, criteria, roles and of the last resort."""
    for policy in book.policies.values():
        for step in (*policy.functional, *policy.hierarchical):
            yield from step.targets
    for criterion in book.criteria:
        if criterion.then.escalate is not None:
            yield from criterion.then.escalate.targets
    for role in book.roles.values():
        yield from role.holders
    yield from book.last_resort
