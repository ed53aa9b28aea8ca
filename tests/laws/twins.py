"""Random courses of many incidents in random organisations, for the simulator and the live engine to play."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.cast import CAST, MINUTE
from tests.stories.story import EXAMPLES
from tocsin.config.load import Loaded, loads
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR, SECOND, Duration, Instant, parse_instant
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.routing.criteria import compile_all
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Trouble

ACME = (EXAMPLES / "acme.yaml").read_text("utf-8")
HEAD, _, REST = ACME.partition("\npolicies:")
TAIL = REST[REST.index("\nslas:") :]
METHODS = ("email", "sms", "voice")
BEGINNINGS = {
    "a Monday morning": "2026-01-05T09:00:00Z",
    "a Friday, before the office closes": "2026-01-09T17:40:00Z",
    "the night that skips an hour": "2026-03-29T00:40:00Z",
    "the night that has an hour twice": "2026-10-25T00:10:00Z",
    "a hand-off, in half an hour": "2026-01-12T08:30:00Z",
    "the weekend": "2026-01-10T22:00:00Z",
}

# --------------------------------------------------------------------------------------- organisations

TARGETS = (
    "team", "team", "team.next", "team.all", "team.lead", "owner", "stakeholders", "person:dana", "person:gita",
    "team:infrastructure", "team:payments", "team:service-desk", "team:complaints", "schedule:infra-secondary",
    "schedule:weekend-duty", "role:duty-manager", "role:executive", "manager:1", "manager:2",
)  # fmt: skip
WHEN = (None, None, None, "at_least(P2)", "signal.severity == 'critical'", "in_hours('office')", "reports('10m') > 2")


def _step(draw: Any, verbs: Sequence[str], times: dict[str, Sequence[str]], whenever: bool = False) -> str:
    verb = draw(st.sampled_from(verbs))
    named = draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2, unique=True))
    if whenever and named[0] == "stakeholders":  # they are told; a policy must call somebody
        named = [*named[1:], "team"] if "team" not in named[1:] else named[1:]
    parts = [f"{name}: {draw(st.sampled_from(values))}" for name, values in times.items()]
    when, hours = None if whenever else draw(st.sampled_from(WHEN)), draw(st.sampled_from((None, None, None, "office")))
    if verb == "decide":
        parts += ['decide: "Fall back?"', "options: [fall back, wait]", f'by: "{named[0]}"']
        parts += draw(st.sampled_from(((), ("default: wait",))))
    elif verb == "hand_over":
        parts.append(f'hand_over: "{named[0]}"')
    else:
        parts.append(f"{verb}: [" + ", ".join(f'"{one}"' for one in named) + "]")
    if verb in ("ask", "decide"):
        parts += draw(st.sampled_from(((), ("within: 15m",), ("within: 1h",))))
    if verb == "notify":
        parts += draw(st.sampled_from(((), (), ("need: 2",), ("skills: [linux]",), ("as: routine",))))
    parts += [f'when: "{when}"'] if when else []
    parts += [f"hours: {hours}"] if hours else []
    return f"      - {{{', '.join(parts)}}}"


def _policy(draw: Any, name: str) -> str:
    waits, afters = ("1m", "5m", "10m", "30m"), ("0m", "5m", "15m", "30m", "2h", "1d")
    unless = ("acknowledged", "acknowledged", "resolved")
    several, times = st.integers(1, 3), {"wait": waits, "unless": unless}
    verbs = ("notify", "notify", "hand_over")
    functional = [_step(draw, verbs, times, whenever=n == 0) for n in range(draw(several))]
    times = {"after": afters, "unless": ("acknowledged", "resolved")}
    hierarchical = [_step(draw, ("inform", "ask", "decide"), times) for _ in range(draw(several))]
    rest = [f"    repeat: {draw(st.integers(0, 2))}"]
    rest += draw(st.sampled_from(((), ("    acknowledged_for: {P1: 10m, P2: 20m, else: 1h}",))))
    slow, quick = "    exhausted: {every: 1h, hours: office}", "    exhausted: {every: 45m}"
    rest += draw(st.sampled_from(((), (slow,), (quick,))))
    return "\n".join([f"  {name}:", "    functional:", *functional, "    hierarchical:", *hierarchical, *rest])


class Organisation(Struct, frozen=True):
    """A rulebook as text and read; quick to compare and short to show."""

    text: str
    loaded: Loaded

    def __repr__(self) -> str:
        return f"Organisation({self.text[len(HEAD) : -len(TAIL)]})"


@cache
def read(text: str) -> Organisation:
    """The organisation of that text; every one that is drawn here is a sound one."""
    loaded = loads({"acme.yaml": text})
    assert loaded.rulebook is not None, [(one.line, one.text) for one in loaded.errors]
    return Organisation(text, loaded)


@st.composite
def organisations(draw: Any) -> Organisation:
    """Acme as it is, or with other policies."""
    if draw(st.integers(0, 3)) == 0:
        return read(ACME)
    names = ("production", "network", "security-breach", "complaint")
    return read("\n".join([HEAD, "policies:", *(_policy(draw, name) for name in names), TAIL]))


# --------------------------------------------------------------------------------------------- happenings

SERVICES = ("order-database", "order-database", "checkout", "core-network", "identity", "customer-care", "nowhere")
KEYS = ("a", "b", "c")


class Happens(Struct, frozen=True):
    """One thing, `wait` after the one before: a post, a deed, a change of roster or rulebook, or mere time.

    `who` is a person's id or `called`, `asked`, `owner`: whoever is when it happens. `incident` counts from 1, and is
    the last one where there are fewer.
    """

    wait: Duration
    source: str = ""
    body: dict[str, Any] | None = None
    who: str = ""
    does: dict[str, str] | None = None
    incident: int = 1
    fact: Absence | Override | None = None
    rules: Organisation | None = None


class Course(Struct, frozen=True):
    """All of one story, as both are to play it. `beyond` is how long time passes after the last of it."""

    organisation: Organisation
    begins: Instant
    world: World
    behaviour: Behaviour
    happens: tuple[Happens, ...]
    beyond: Duration


waits = st.sampled_from([0, 0, 1, 4, 5, 10, 15, 30, 45]).map(lambda minutes: minutes * MINUTE) | st.sampled_from(
    [SECOND, 59 * SECOND, 3 * HOUR]
)


def _body(key: str, action: str, service: str, severity: str, users: int, category: str) -> dict[str, Any]:
    labels = {"service": service} | ({"category": category} if category else {})
    return {
        "key": key, "action": action, "title": key, "severity": severity, "labels": labels, "affected_users": users,
    }  # fmt: skip


bodies = st.builds(
    _body,
    st.sampled_from(KEYS),
    st.sampled_from(("trigger",) * 5 + ("acknowledge", "resolve", "resolve")),
    st.sampled_from(SERVICES),
    st.sampled_from(("critical", "critical", "error", "warning")),
    st.sampled_from((0, 0, 0, 900)),
    st.sampled_from(("", "", "", "security")),
)
posts = st.builds(Happens, waits, st.just("scripts"), bodies)
complaint = {
    "kind": "complaint", "reporter": "tom", "wants_escalation": True, "labels": {"service": "customer-care"},
}  # fmt: skip
complaints = st.builds(Happens, waits, st.just("scripts"), bodies.map(lambda one: one | complaint))
whoever = st.sampled_from((*("called", "asked", "owner") * 6, *CAST))


def deed(who: st.SearchStrategy[str], verb: str, **words: st.SearchStrategy[str]) -> st.SearchStrategy[Happens]:
    """Somebody does that to one of the first incidents."""
    does = st.fixed_dictionaries({"verb": st.just(verb), **words})
    return st.builds(Happens, waits, who=who, does=does, incident=st.integers(1, 3))


reached = st.sampled_from(("team:payments", "team:infrastructure", "team:service-desk", "person:eve", "person:tom"))
times = st.sampled_from(("+20m", "+45m", "+2h", "+30h"))
linked = st.sampled_from(("INC-1", "INC-2", "PRB-1"))
OUTCOMES = ("sent", "rung_out", "passing", "permanent")
deeds = st.one_of(
    deed(st.just("called"), "acknowledge"),
    deed(whoever, "acknowledge"),
    deed(st.just("called"), "acknowledge by link"),
    deed(st.just("called"), "decline the page"),
    deed(whoever, "take over"),
    deed(st.just("owner"), "unacknowledge"),
    deed(st.just("asked"), "answer", option=st.sampled_from(("", "fall back", "wait", "isolate"))),
    deed(st.just("asked"), "accept"),
    deed(st.just("asked"), "decline"),
    deed(whoever, "resolve"),
    deed(whoever, "reopen"),
    deed(whoever, "close"),
    deed(whoever, "snooze"),
    deed(whoever, "pend", reason=st.just("waiting-for-vendor")),
    deed(whoever, "escalate"),
    deed(whoever, "escalate", ladder=st.just("hierarchical")),
    deed(whoever, "escalate", to=reached),
    deed(whoever, "priority", priority=st.sampled_from(("P1", "P2", "P3", "P4"))),
    deed(st.just("owner"), "reassign", to=reached),
    deed(whoever, "reassign", to=reached),
    deed(whoever, "note"),
    deed(whoever, "acknowledge", eta=times),
    deed(whoever, "snooze", until=times),
    deed(whoever, "pend", until=times),
    deed(whoever, "post update"),
    deed(whoever, "link", to=linked, relation=st.sampled_from(("related", "problem", "duplicate_of", "caused_by"))),
    deed(whoever, "unlink", to=linked),
    deed(st.just("called"), "receipt", method=st.sampled_from(METHODS), outcome=st.sampled_from(OUTCOMES)),
    deed(st.just("last"), "undo"),
)


@st.composite
def flaps(draw: Any) -> list[Happens]:
    """It goes and comes again, up to the third time and beyond."""
    goes = draw(bodies) | {"key": draw(st.sampled_from(KEYS))}
    gaps = st.sampled_from([0, 1, 2, 5, 11]).map(lambda minutes: minutes * MINUTE)
    rounds = [Happens(draw(gaps), "scripts", goes | {"action": "trigger"})]
    for _ in range(draw(st.integers(1, 4))):
        rounds += [Happens(draw(gaps), "scripts", goes | {"action": action}) for action in ("resolve", "trigger")]
    return rounds


@st.composite
def handed(draw: Any) -> list[Happens]:
    """Somebody takes it and gives it on, and one who is asked says something to that, or nobody does."""
    which = draw(st.integers(1, 3))
    verbs: list[tuple[str, dict[str, str]]] = [
        ("called", {"verb": "acknowledge"}),
        ("owner", {"verb": "reassign", "to": draw(reached)}),
        *(("asked", {"verb": verb}) for verb in draw(st.lists(st.sampled_from(("accept", "decline")), max_size=3))),
    ]
    return [Happens(draw(waits), who=who, does=does, incident=which) for who, does in verbs]


@st.composite
def taken_back(draw: Any) -> list[Happens]:
    """One does something and takes it back."""
    act = draw(deeds)
    wait = draw(st.sampled_from((0, SECOND, MINUTE)))
    return [act, Happens(wait, who="last", does={"verb": "undo"}, incident=act.incident)]


def roster_changes(begins: Instant) -> st.SearchStrategy[Happens]:
    """Somebody falls ill, or a shift is covered by somebody else, from about then on."""
    starts = st.sampled_from((-HOUR, 0, 10 * MINUTE, HOUR, DAY)).map(lambda after: begins + after)
    lengths = st.sampled_from((20 * MINUTE, 3 * HOUR, 2 * DAY))
    ids = st.uuids().map(lambda one: f"f-{one}")
    people = st.sampled_from(CAST)
    away = st.builds(lambda i, p, s, n: Absence(i, p, s, s + n), ids, people, starts, lengths)
    covered = st.builds(
        lambda i, schedule, s, n, p, mode: Override(i, ScheduleId(schedule), s, s + n, p, mode),
        ids, st.sampled_from(("infra-primary", "payments-primary", "weekend-duty")), starts, lengths, people,
        st.sampled_from(("replace", "replace", "add", "remove")),
    )  # fmt: skip
    return st.builds(Happens, waits, fact=away | away | covered)


def _facts(draw: Any) -> Facts:
    """Ways to everybody; some have few, one or two have none."""
    states = st.sampled_from(("declared", "verified"))
    odd = draw(st.dictionaries(st.sampled_from(CAST), st.dictionaries(st.sampled_from(METHODS), states), max_size=5))
    plain = dict.fromkeys(METHODS[: draw(st.integers(1, 3))], "declared")
    methods: dict[str, Any] = {person: dict(sorted(odd.get(person, plain).items())) for person in CAST}
    methods["carla"] = {"email": "verified"}
    return Facts(1, methods=methods)


def _troubles(draw: Any) -> tuple[Trouble, ...]:
    """Ways that fail for good, and providers that are down and do not come back.

    No way of the last resort: that is told of an outage, which is no fact of any incident, and may find it broken then.
    """
    ways = st.builds(
        lambda person, method: Trouble("permanent", 0, person=person, method=method),
        st.sampled_from([one for one in CAST if one not in ("carla", "nadia")]),
        st.sampled_from(METHODS),
    )
    providers = st.sampled_from(METHODS[1:]).map(lambda method: Trouble("passing", 0, method=method))
    drawn = draw(st.lists(st.one_of(ways, ways, providers), max_size=3))
    down = {one.method for one in drawn if one.outcome == "passing"}  # and says nothing of its addresses
    return tuple(one for one in drawn if one.outcome == "passing" or one.method not in down)


@st.composite
def courses(draw: Any) -> Course:
    """The first thing that happens is a signal, the last is that time passes."""
    organisation = draw(organisations())
    begins = parse_instant(BEGINNINGS[draw(st.sampled_from(sorted(BEGINNINGS)))])
    ruled = st.builds(Happens, waits, rules=organisations())
    single = st.one_of(posts, deeds, deeds, complaints, roster_changes(begins), ruled).map(lambda one: [one])
    parts = draw(st.lists(st.one_of(single, single, single, flaps(), handed(), taken_back()), min_size=5, max_size=11))
    openings = [
        Happens(draw(waits), "scripts", draw(bodies) | {"key": key, "action": "trigger"})
        for key in KEYS[: draw(st.sampled_from((1, 2, 2, 3)))]
    ]
    happens = (*openings, *(one for part in parts for one in part))
    troubles, beyond = _troubles(draw), draw(st.sampled_from((20 * MINUTE, HOUR, 2 * HOUR)))
    if any(one.outcome == "passing" for one in troubles):  # each minute of it is many tries
        happens, beyond = tuple(replace(one, wait=min(one.wait, 4 * MINUTE)) for one in happens), 10 * MINUTE
    rulebook = organisation.loaded.rulebook
    assert rulebook is not None
    world = World(rulebook, compile_all(rulebook.conditions), _facts(draw))
    return Course(organisation, begins, world, Behaviour(troubles), happens, beyond)
