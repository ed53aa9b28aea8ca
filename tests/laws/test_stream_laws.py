"""Laws of the deciders beside the incident: what must hold whatever comes, and in whatever order."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.cast import ANA, BEN, CARLA, DANA, EVE, KAI, MINUTE, MONDAY, TOM, facts, small_rulebook
from tocsin.core.decider import Refused
from tocsin.core.desk.decide import DESK, surroundings
from tocsin.core.desk.decide import decide as decide_desk
from tocsin.core.desk.state import Desk
from tocsin.core.group.decide import GROUP, line
from tocsin.core.group.decide import decide as decide_group
from tocsin.core.group.state import Join, Leave
from tocsin.core.ids import IncidentId, SourceId
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.instant import DAY, HOUR, SECOND
from tocsin.core.mailbox import state as mailbox
from tocsin.core.mailbox.decide import MAILBOX
from tocsin.core.mailbox.decide import decide as decide_mailbox
from tocsin.core.mailbox.state import LONGEST
from tocsin.core.react import in_hand, react
from tocsin.core.routing.criteria import Conditions
from tocsin.core.signal import Signal
from tocsin.core.signature.decide import SIGNATURE
from tocsin.core.signature.decide import decide as decide_signature
from tocsin.core.signature.state import THRESHOLDS, See, Tick
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Habit, Happening, Signals
from tocsin.lab.simulator import Transcript, play

WORLD = World(small_rulebook(), Conditions({}), facts())
INCIDENTS = [IncidentId(f"INC-{n}") for n in range(1, 7)]
SHARED = (ANA, BEN, KAI, TOM)
"""Members of teams whose work is assigned to one of them."""


# ------------------------------------------------------------------------------------------------ desk


def happening(at: int, key: int, service: str, action: str) -> Happening:
    signal = Signal(key=f"k{key}", action=action, title="x", severity="error", labels={"service": service})  # type: ignore[arg-type]
    return Happening(MONDAY + HOUR + at * MINUTE, Signals(SourceId("scripts"), (signal,)))


HAPPENINGS = st.lists(
    st.builds(
        happening,
        st.integers(0, 600),
        st.integers(1, 6),
        st.sampled_from(["customer-care", "order-database", "nowhere"]),
        st.sampled_from(["trigger", "trigger", "resolve"]),
    ),
    min_size=1,
    max_size=12,
)
HABITS = st.lists(
    st.builds(
        Habit,
        st.sampled_from([ANA, BEN, CARLA, DANA, EVE, KAI, TOM]),
        st.sampled_from(["acknowledge", "decline", "resolve"]),
        st.integers(0, 90).map(lambda minutes: minutes * MINUTE),
    ),
    max_size=4,
)


def told(happenings: list[Happening], habits: list[Habit]) -> Transcript:
    until = max(one.at for one in happenings) + 5 * HOUR
    return play(WORLD, happenings, until, Behaviour(habits=tuple(habits)))


@given(HAPPENINGS, HABITS)
def test_desks_count_exactly_what_incidents_have_in_hand(happenings: list[Happening], habits: list[Habit]) -> None:
    transcript = told(happenings, habits)
    live = [one for one in transcript.incidents.values() if one.live]
    expected = Counter(person for one in live for person in in_hand(one) if person in SHARED)
    assert surroundings(transcript.desks.values()).load == dict(expected)


@given(HAPPENINGS, HABITS)
def test_a_desk_that_hears_it_twice_stands_where_it_stood(happenings: list[Happening], habits: list[Habit]) -> None:
    transcript = told(happenings, habits)
    desks: dict[str, Desk] = {}
    for incident in transcript.incidents:
        state = initial(incident)
        for event in transcript.events(incident):
            state = evolve(state, event)
            for reaction in react(event, state):
                once = hear(desks.get(reaction.stream) or DESK.initial(reaction.stream), reaction.command, event.at)
                desks[reaction.stream] = once
                assert hear(once, reaction.command, event.at) == once


def hear(desk: Desk, command, now: int) -> Desk:  # type: ignore[no-untyped-def]
    for event in decide_desk(desk, command, WORLD, now):
        desk = DESK.evolve(desk, event)
    return desk


# --------------------------------------------------------------------------------------------- mailbox


OFFERS = st.lists(
    st.tuples(st.integers(0, 90), st.sampled_from(INCIDENTS), st.sampled_from(["P1", "P2", "P3"]), st.booleans()),
    max_size=40,
)


@given(OFFERS)
def test_every_page_leaves_once_alone_or_bundled_or_dropped_within_a_minute(
    offers: list[tuple[int, IncidentId, str, bool]],
) -> None:
    state, now = MAILBOX.initial("mailbox:ana"), MONDAY
    offered, gone, waiting_since = 0, 0, []
    agenda = [(wait * SECOND // 2, None if drop else priority, incident) for wait, incident, priority, drop in offers]
    for wait, priority, incident in [*agenda, *[(LONGEST, None, IncidentId("nobody"))] * 4]:
        now += wait
        while (due := MAILBOX.due(state)) is not None and due <= now:
            events = decide_mailbox(state, mailbox.Tick(), WORLD, due)
            assert events, "a tick makes progress"
            assert all(due - since <= LONGEST for since in waiting_since)
            waiting_since.clear()
            for event in events:
                state, gone = (
                    MAILBOX.evolve(state, event),
                    gone + (event.n if isinstance(event, mailbox.Bundled) else 0),
                )
        command = mailbox.Drop(incident) if priority is None else mailbox.Offer(incident, "checkout", priority)  # type: ignore[arg-type]
        offered += priority is not None
        for event in decide_mailbox(state, command, WORLD, now):
            state = MAILBOX.evolve(state, event)
            gone += event.n if isinstance(event, mailbox.Dropped) else isinstance(event, mailbox.SentAlone)
            waiting_since += [now] if isinstance(event, mailbox.Kept) else []
    assert state.waiting == {}
    assert offered == gone
    assert MAILBOX.due(state) is None


# ------------------------------------------------------------------------------------------- signature


@given(st.lists(st.integers(0, 12 * 24), max_size=25))
def test_a_kind_of_alert_recurs_exactly_while_a_threshold_is_met(gaps: list[int]) -> None:
    state, now, all_seen = SIGNATURE.initial("signature:x"), MONDAY, []
    for number, hours in enumerate(gaps):
        now += hours * HOUR
        for command in (Tick(), See(IncidentId(f"INC-{number}"))):
            events = decide_signature(state, command, WORLD, now)
            for event in events:
                state = SIGNATURE.evolve(state, event)
        all_seen.append(now)
        met = any(sum(now < at + within for at in all_seen) >= n for n, within in THRESHOLDS)
        assert state.recurring == met
        assert (SIGNATURE.due(state) is not None) == met
    assert state.total == len(gaps)
    assert len(state.seen) <= 5
    assert all(a.at <= b.at < a.at + 60 * DAY for a, b in pairwise(state.seen))


# ----------------------------------------------------------------------------------------------- group


MOVES = st.lists(
    st.one_of(
        st.builds(Join, st.sampled_from(INCIDENTS), st.sampled_from(INCIDENTS), st.booleans()),
        st.builds(Leave, st.sampled_from(INCIDENTS)),
    ),
    max_size=40,
)


@given(MOVES)
def test_from_every_child_the_way_up_ends_at_the_root(moves: list[Join | Leave]) -> None:
    state = GROUP.initial(f"group:{INCIDENTS[0]}")
    for number, command in enumerate(moves):
        events = decide_group(state, command, WORLD, MONDAY + number)
        for event in () if isinstance(events, Refused) else events:
            state = GROUP.evolve(state, event)
        assert state.root not in state.children
        for child in state.children:
            above = line(state, child)
            assert above[-1] == state.root
            assert len(set(above)) == len(above)
