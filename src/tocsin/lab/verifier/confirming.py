"""Every worst case, put to the real rules at that very opening: where they say otherwise, that is said, not hidden."""

from collections.abc import Iterable, Iterator

from tocsin.core.ids import ServiceId
from tocsin.core.instant import DAY, Instant, format_instant
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind, Signal
from tocsin.lab.verifier.content import APART
from tocsin.lab.verifier.exploring import Explored
from tocsin.lab.verifier.losing import Losses
from tocsin.lab.verifier.played import MOST, Heard, Played, play, supposing
from tocsin.lab.verifier.reach import RUNGS, Disagreement, Fall, Row, Rung, Stretch
from tocsin.lab.verifier.supposing import content
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.witness import witness

ROUNDS = 60
"""Things that are looked at of an opening with something missing, before the rounds go on as they went."""

AHEAD = 2 * DAY
"""How long after an opening of which nobody hears is looked whether that is so."""


def confirm(ground: Ground, row: Row, explored: Iterable[Explored]) -> Iterator[Disagreement]:
    """The worst case of each rung, of each way that it is the worst of; rungs that open at one instant in one go."""
    for one in explored:
        together: dict[tuple[Instant, Instant], dict[Rung, Stretch]] = {}
        for rung in RUNGS:
            worst = {"first": row.first, "responder": row.responder, "management": row.management}[rung]
            if worst is not None and worst.assuming == one.way.assuming and playable(ground, one):
                stretch = _longest(one.way.line(rung))
                until = stretch.start + AHEAD if stretch.at is None else stretch.at
                together.setdefault((stretch.start, until), {})[rung] = stretch
        for (_, until), same in together.items():
            yield from _against(ground, row, one, same, until)


def confirm_falls(losses: Losses, row: Row, one: Explored, falls: Iterable[Fall]) -> Iterator[Disagreement]:
    """Every loss of a way, put to the real rules with that missing."""
    for fall in falls:
        ground, worst = losses.without(fall.loss, fall.name), fall.worst
        missing = Explored(one.opening, dict(fall.supposed), one.way)
        if not playable(ground, missing):
            continue
        deaf = () if fall.loss == "method" else (fall.name,)
        until = worst.opening + AHEAD if worst.at is None else worst.at
        played = _played(ground, row, missing, worst.opening, until, ("responder",), deaf, ROUNDS)
        heard = played.heard.get("responder")
        stretch = Stretch(worst.opening, worst.opening + 1, worst.at, False, worst.people, worst.by)
        people = set(() if heard is None else heard.people)
        turned = heard is not None and heard.at == worst.at and bool(people & set(worst.people))
        if not agrees(stretch, worst.opening, heard, played) and not turned:
            proved = None if worst.at is None else Heard(worst.at, worst.people)
            yield Disagreement(
                row.service, row.priority, row.kind, fall.loss, worst.opening, _said(proved), _said(heard), fall.name
            )


def playable(ground: Ground, one: Explored) -> bool:
    """Whether the rules can be made to go this way: whose turn it is by skill hangs on what a signal says.

    So does what is supposed differently of one text, where it cannot be judged or hangs on time as well.
    """
    texts = {(name.partition(APART)[0], value) for name, value in one.supposed.items() if isinstance(value, bool)}
    if len(texts) > len({text for text, _ in texts}):
        return False
    teams = [name.split(":")[1] for name, value in one.supposed.items() if isinstance(value, str)]
    known = ground.world.rulebook.teams
    return len(set(teams)) == len(teams) and all(known[team].assign != "skilled" for team in teams)


def reported(one: Explored, service: ServiceId, kind: Kind) -> Signal | None:
    """A report of which all that is supposed of signals is true, to open it by; None where none is known."""
    found = witness(content(one.supposed))
    return None if found is None else found.signal(service, kind)


def agrees(stretch: Stretch, opening: int, heard: Heard | None, played: Played) -> bool:
    """Whether the rules say of that opening what its stretch says, as far as they were asked."""
    at = stretch.reached_at(opening)
    if at is None:
        return heard is None
    if heard is None:
        return played.until is not None and played.until <= at
    known = set(stretch.people) | set(stretch.any_of)
    same = set(heard.people) <= known if stretch.any_of else set(heard.people) == known
    return heard.at == at and same


def _longest(line: tuple[Stretch, ...]) -> Stretch:
    return max(line, key=lambda stretch: (stretch.at is None, stretch.delay or 0))


def _played(
    ground: Ground, row: Row, one: Explored, opening: Instant, until: Instant, rungs: Iterable[Rung],
    deaf: tuple[str, ...] = (), most: int = MOST,
) -> Played:  # fmt: skip
    """What the rules do of it, opened by a report of which all is true where one is known."""
    report = reported(one, row.service, row.kind)
    world = supposing(ground.world, one.supposed, content=report is None)
    return play(world, row.service, row.priority, row.kind, opening, until, rungs, report, deaf, most)


def _against(
    ground: Ground, row: Row, one: Explored, same: dict[Rung, Stretch], until: Instant
) -> Iterator[Disagreement]:
    opening = next(iter(same.values())).start
    played = _played(ground, row, one, opening, until, same)
    for rung, worst in same.items():
        heard = played.heard.get(rung)
        if not agrees(worst, opening, heard, played):
            proved = Heard(worst.at, worst.people) if worst.at is not None else None
            yield Disagreement(row.service, row.priority, row.kind, rung, opening, _said(proved), _said(heard))


def _said(heard: Heard | None) -> Phrase:
    if heard is None:
        return Phrase("lab.proof.nobody")
    return Phrase("lab.proof.heard", {"people": ", ".join(heard.people), "at": format_instant(heard.at)})
