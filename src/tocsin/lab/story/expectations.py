"""What a story may expect right after a line: of the incident, and of all that has left since the line before it.

status, owner (or none), team, priority, policy    of the incident
incidents, alerts, firing                          counts
lease: "02:51:30"                                  when the owner is asked again
next: {at: "02:19", what: step}                    the timer that runs out first
timers: {request: "02:38"}                         timers that run, by kind; `none` where none of that kind does
page, inform, ask, decide, offer, still_on_it, taken, over, broken: {ann: [push, voice]}   exactly these, {} nobody
silence: "true"                                    nothing left at all
facts: [handed_over, paged]   no: [exhausted]      among the new facts, in that order; not among them
count: {handed_over: 1}                            of all facts so far; `step by time` are steps entered by time
within: 2s      delayed: 30m                       how late whatever left was, at most; at least
found: finding.unknown_service                     among the findings
criteria: [R7]                                     those that have applied
after: "2"                                         the number of the ended incident that it links back to
refused: stale                                     the command of this line, by code
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, get_args

from msgspec import Struct

from tocsin.core.incident import events as ev
from tocsin.core.incident.due import next_timer, timers
from tocsin.core.incident.state import Incident
from tocsin.core.instant import format_instant, parse_duration
from tocsin.core.outgoing import Purpose
from tocsin.lab.story.stage import Delivered, Stage
from tocsin.lab.story.story import Line, Story, StoryError, clock_of

PURPOSES = get_args(Purpose)


class Scene(Struct, frozen=True):
    """What an expectation is judged by."""

    story: Story
    line: Line
    stage: Stage
    new: Sequence[Delivered]
    facts: Sequence[str]
    refused: str

    @property
    def state(self) -> Incident:
        return self.stage.state(self.line.incident)


def tag(event: ev.Event) -> str:
    """The fact's name as it is stored."""
    return str(event.__struct_config__.tag)


def judge(scene: Scene) -> list[str]:
    """What does not hold, in words; empty when all does."""
    where = f"{scene.story.name}: line {scene.line.number or '-'} at {format_instant(scene.line.at)}"
    found = []
    for name, wanted in scene.line.expect.items():
        if name not in PURPOSES and name not in JUDGES:
            raise StoryError(f"{where}: {name} is nothing that can be expected")
        got = _sent(scene, name) if name in PURPOSES else JUDGES[name](scene, wanted)
        if name in PURPOSES:
            wanted = {who: sorted([ways] if isinstance(ways, str) else ways) for who, ways in wanted.items()}
        if got != wanted:
            found.append(f"{where}: {name} should be {wanted}, is {got}")
    if scene.refused and "refused" not in scene.line.expect:
        found.append(f"{where}: was refused: {scene.refused}")
    return found


def _sent(scene: Scene, purpose: str) -> dict[str, list[str]]:
    ways: dict[str, list[str]] = {}
    for one in scene.new:
        if one.message.purpose == purpose:
            ways.setdefault(one.message.to, []).append(one.message.method)
    return {who: sorted(own) for who, own in ways.items()}


def _lease(scene: Scene, wanted: str) -> str:
    lease = scene.state.lease
    meant = clock_of(scene.story, scene.line.at).peek(wanted)
    return wanted if lease is not None and lease.ends_at == meant else str(lease and format_instant(lease.ends_at))


def _next(scene: Scene, wanted: dict[str, str]) -> dict[str, str]:
    timer = next_timer(scene.state)
    if timer is None:
        return {}
    at = wanted.get("at", "")
    same = not at or timer.at == clock_of(scene.story, scene.line.at).peek(at)
    got = {"at": at if same else format_instant(timer.at), "what": timer.kind}
    return {key: got[key] for key in wanted}


def _timers(scene: Scene, wanted: dict[str, str]) -> dict[str, str]:
    clock = clock_of(scene.story, scene.line.at)
    got = {}
    for kind, at in wanted.items():
        run = [timer.at for timer in timers(scene.state) if timer.kind == kind]
        same = (at == "none" and not run) or (at != "none" and clock.peek(at) in run)
        got[kind] = at if same else str([format_instant(one) for one in run])
    return got


def _facts(scene: Scene, wanted: list[str]) -> list[str]:
    """The wanted ones if they come in that order, else all there are."""
    rest = iter(scene.facts)
    return wanted if all(name in rest for name in wanted) else list(scene.facts)


def _none_of(scene: Scene, wanted: list[str]) -> list[str]:
    there = [name for name in wanted if name in scene.facts]
    return wanted if not there else [f"there is {name}" for name in there]


def _count(scene: Scene, wanted: dict[str, str]) -> dict[str, str]:
    events = scene.stage.events(scene.line.incident)
    counts = Counter(tag(event) for event in events)
    counts["step by time"] = sum(isinstance(e, ev.StepEntered) and e.why.key == "step.time" for e in events)
    return {name: str(counts[name]) for name in wanted}


def _within(scene: Scene, wanted: str) -> str:
    late = max((one.late for one in scene.new), default=0)
    return wanted if late <= parse_duration(wanted) else f"{late} us"


def _delayed(scene: Scene, wanted: str) -> str:
    early = min((one.late for one in scene.new), default=0)
    return wanted if early >= parse_duration(wanted) else f"{early} us"


def _found(scene: Scene, wanted: str) -> str:
    keys = [one.key for one in scene.state.findings]
    return wanted if wanted in keys else str(keys)


def _after(scene: Scene, _: str) -> str:
    opened = next(event for event in scene.stage.events(scene.line.incident) if isinstance(event, ev.Opened))
    before = next((one.values["incident"] for one in opened.why if one.key == "opened.after"), "none")
    return before.rpartition("-")[2]


JUDGES: dict[str, Callable[[Scene, Any], Any]] = {
    "status": lambda scene, _: scene.state.status,
    "owner": lambda scene, _: scene.state.owner or "none",
    "team": lambda scene, _: scene.state.team,
    "priority": lambda scene, _: scene.state.priority,
    "policy": lambda scene, _: scene.state.policy,
    "confidential": lambda scene, _: str(scene.state.confidential).lower(),
    "major": lambda scene, _: str(scene.state.major).lower(),
    "incidents": lambda scene, _: str(scene.stage.incidents()),
    "alerts": lambda scene, _: str(len(scene.state.alerts)),
    "firing": lambda scene, _: str(sum(one.firing for one in scene.state.alerts.values())),
    "requests": lambda scene, _: str(len(scene.state.requests)),
    "silence": lambda scene, _: str(not scene.new).lower(),
    "refused": lambda scene, _: scene.refused,
    "lease": _lease,
    "next": _next,
    "timers": _timers,
    "facts": _facts,
    "no": _none_of,
    "count": _count,
    "within": _within,
    "delayed": _delayed,
    "found": _found,
    "after": _after,
    "criteria": lambda scene, _: list(scene.state.criteria),
}
