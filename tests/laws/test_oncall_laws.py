"""Laws of the roster: no gap, no overlap, nobody on who is away, and one answer however it is asked."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.laws.jumps import NOTABLE, UNITS, ZONES, hours, instants, jumps, people, rotations, zones
from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.zones import EPOCH_DAY, first_instant, format_day, local_time, parse_day
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Instant
from tocsin.core.oncall.coverage import shifts, time_on_call
from tocsin.core.oncall.handoff import next_handoff, shift_of
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.oncall.roster import on_call, roster
from tocsin.core.oncall.rotation import first_handoff, turn, turn_at
from tocsin.core.oncall.schedule import Rotation, Schedule

PRIMARY, SECONDARY = ScheduleId("primary"), ScheduleId("secondary")


# ---------------------------------------------------------------------------------------------- turns


def check_turns(rotation: Rotation, zone: str, at: Instant) -> None:
    """About `at`, each turn begins where the one before ends, and the turn at an instant is the one that holds it."""
    now = turn_at(rotation, zone, at)
    assert now is not None
    assert now.start <= at < now.end
    for number in range(max(0, now.number - 3), now.number + 4):
        this, following = turn(rotation, zone, number), turn(rotation, zone, number + 1)
        assert this.end == following.start
        assert this.start <= this.end
        assert this.person == rotation.people[number % len(rotation.people)]
        if this.start < this.end:
            assert turn_at(rotation, zone, this.start) == this == turn_at(rotation, zone, this.end - 1)
        else:  # only where the clock skipped all of it
            assert local_time(zone, this.start) - local_time(zone, this.start - 1) >= HOUR // 2


@given(st.data())
def test_turns_follow_one_another_without_gap_or_overlap_at_every_jump_of_a_clock(data) -> None:
    zone = data.draw(zones)
    at = data.draw(instants(zone))
    rotation = data.draw(rotations(at))
    check_turns(rotation, zone, max(at, first_handoff(rotation, zone)))


@pytest.mark.parametrize("zone", NOTABLE)
def test_turns_follow_one_another_at_every_jump_of_a_notable_zone(zone: str) -> None:
    for jump in jumps(zone):
        started = format_day(jump.at // DAY + EPOCH_DAY - 35)
        skipped = (jump.at + min(jump.before, jump.after)) // (60 * 10**6) % 1440
        for unit in UNITS:
            rotation = Rotation((PersonId("ana"), PersonId("ben")), unit, started, 1, skipped + 30)
            check_turns(rotation, zone, jump.at)
            check_turns(rotation, zone, jump.at - 1)
            check_turns(rotation, zone, jump.at + HOUR)


@pytest.mark.prove
def test_turns_follow_one_another_at_every_jump_of_every_zone() -> None:
    for zone in ZONES:
        test_turns_follow_one_another_at_every_jump_of_a_notable_zone(zone)


@given(st.data())
def test_a_turn_begins_at_its_wall_clock_time(data) -> None:
    zone = data.draw(zones)
    rotation = data.draw(rotations(data.draw(instants(zone))))
    begun = turn(rotation, zone, data.draw(st.integers(0, 60))).start
    wall = local_time(zone, begun)
    if rotation.turn == "hourly":
        on_time = wall % HOUR == rotation.minute % 60 * 60_000_000
    else:
        on_time = wall % DAY == rotation.minute * 60_000_000
    assert on_time or local_time(zone, begun - 1) < wall - HOUR // 4  # or just after the gap that skipped it


@given(st.data())
def test_nobody_is_on_before_the_first_handoff_which_is_the_first_on_or_after_the_day_it_starts(data) -> None:
    zone = data.draw(zones)
    rotation = data.draw(rotations(data.draw(instants(zone))))
    first = first_handoff(rotation, zone)
    assert turn_at(rotation, zone, first - 1) is None
    assert turn_at(rotation, zone, first) is not None
    longest = {"hourly": 1, "daily": 1, "weekly": 7, "monthly": 31}[rotation.turn]
    begins = first_instant(zone, (parse_day(rotation.starts) - EPOCH_DAY) * DAY)
    assert begins <= first <= begins + (longest + 2) * DAY


# --------------------------------------------------------------------------------------------- roster


class Organisation:
    """A drawn schedule with its secondary, hours, overrides and absences about an instant."""

    def __init__(self, schedules: dict[str, Schedule], opened: dict[str, Hours], facts: Facts, at: Instant) -> None:
        self.schedules, self.hours, self.facts, self.at = schedules, opened, facts, at

    def __repr__(self) -> str:
        return f"at {self.at}: {self.schedules} {self.hours} {self.facts}"

    def on(self, at: Instant, facts: Facts | None = None, name: ScheduleId = PRIMARY, by: int = 0) -> set[PersonId]:
        found = on_call(name, at, self.schedules, self.hours, self.facts if facts is None else facts, by=by)
        assert len({duty.person for duty in found}) == len(found)
        return {duty.person for duty in found}


@st.composite
def spans(draw: st.DrawFn, at: Instant) -> tuple[Instant, Instant]:
    start = at + draw(st.integers(-72, 72)) * HOUR + draw(st.integers(0, 2))
    return start, start + draw(st.integers(0, 96)) * HOUR


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    zone = draw(zones)
    at = draw(instants(zone))
    opened = {"drawn": draw(hours(zone, at))}
    layers = tuple(draw(st.lists(rotations(at, gaps=True, only=("drawn",)), min_size=1, max_size=3)))
    schedules = {
        PRIMARY: Schedule(PRIMARY, zone, layers),
        SECONDARY: Schedule(SECONDARY, zone, follows=PRIMARY, by=draw(st.integers(1, 2))),
    }
    overrides, absences = [], []
    for number in range(draw(st.integers(0, 4))):
        start, end = draw(spans(at))
        mode = draw(st.sampled_from(("replace", "add", "remove")))
        whom = draw(st.sampled_from((PRIMARY, SECONDARY)))
        of = draw(st.none() | people) if mode == "replace" else None
        overrides.append(Override(f"o{number}", whom, start, end, draw(people), mode, of))
    for number in range(draw(st.integers(0, 2))):
        start, end = draw(spans(at))
        absences.append(Absence(f"a{number}", draw(people), start, end))
    return Organisation(schedules, opened, Facts(1, tuple(overrides), tuple(absences)), at)


schedule_names = st.sampled_from((PRIMARY, SECONDARY))


@given(organisations(), schedule_names, st.integers(0, 2), st.integers(0, 10**9))
def test_an_answer_holds_over_the_whole_span_that_it_names(acme, name, by, share) -> None:
    now = roster(name, acme.at, acme.schedules, acme.hours, acme.facts, by=by)
    since = max(now.since, acme.at - 9 * DAY) if now.since is not None else acme.at - 9 * DAY
    until = min(now.until, acme.at + 9 * DAY) if now.until is not None else acme.at + 9 * DAY
    assert since <= acme.at < until
    for at in (since, until - 1, since + (until - since) * share // 10**9):
        assert roster(name, min(at, until - 1), acme.schedules, acme.hours, acme.facts, by=by) == now


@given(organisations(), schedule_names)
def test_shifts_fill_the_time_without_a_seam_and_say_what_on_call_says_at_every_instant(acme, name) -> None:
    start, end = acme.at - 5 * DAY, acme.at + 5 * DAY
    found = shifts(name, start, end, acme.schedules, acme.hours, acme.facts)
    assert (found[0].start, found[-1].end) == (start, end)
    for shift, following in pairwise(found):
        assert shift.end == following.start
        assert set(shift.people) != set(following.people)
    for shift in found:
        for at in (shift.start, (shift.start + shift.end) // 2, shift.end - 1):
            assert acme.on(at, name=name) == set(shift.people)
    assert sum(time_on_call(found).values()) == sum((s.end - s.start) * len(s.people) for s in found)


@given(organisations(), schedule_names)
def test_the_next_handoff_is_where_the_shift_ends(acme, name) -> None:
    found = shifts(name, acme.at, acme.at + 5 * DAY, acme.schedules, acme.hours, acme.facts)
    handoff = next_handoff(name, acme.at, acme.schedules, acme.hours, acme.facts, within=5 * DAY - 1)
    assert (handoff and handoff.at) == (found[0].end if len(found) > 1 else None)
    if handoff:
        assert set(handoff.joining) | set(handoff.staying) == set(found[1].people)
        assert set(handoff.leaving) | set(handoff.staying) == set(found[0].people)


@given(organisations())
def test_a_shift_of_somebody_is_the_longest_time_they_are_on_without_a_break(acme) -> None:
    for person in acme.on(acme.at):
        span = shift_of(person, PRIMARY, acme.at, acme.schedules, acme.hours, acme.facts, within=9 * DAY)
        assert span is not None
        for at in (span.start, span.end - 1, (span.start + span.end) // 2):
            assert person in acme.on(at)
        assert span.start == acme.at - 9 * DAY or person not in acme.on(span.start - 1)
        assert span.end == acme.at + 9 * DAY or person not in acme.on(span.end)


@given(organisations(), schedule_names, st.integers(0, 2))
def test_nobody_is_on_call_who_is_away(acme, name, by) -> None:
    away = {absence.person for absence in acme.facts.absences if absence.start <= acme.at < absence.end}
    assert not acme.on(acme.at, name=name, by=by) & away


@given(organisations(), people)
def test_replacing_everybody_for_a_whole_span_leaves_exactly_that_person(acme, person) -> None:
    last = Override("last", PRIMARY, acme.at - DAY, acme.at + DAY, person)
    facts = Facts(2, (*acme.facts.overrides, last))
    (shift,) = shifts(PRIMARY, acme.at - DAY, acme.at + DAY, acme.schedules, acme.hours, facts)
    assert shift.people == (person,)


@given(organisations(), people)
def test_who_is_added_last_is_on_and_who_is_removed_last_is_not(acme, person) -> None:
    span = (PRIMARY, acme.at, acme.at + 1)
    present = replace(acme.facts, absences=())
    added = replace(present, overrides=(*present.overrides, Override("last", *span, person, "add")))
    removed = replace(present, overrides=(*present.overrides, Override("last", *span, person, "remove")))
    assert acme.on(acme.at, added) >= {person} | acme.on(acme.at, present)
    assert person not in acme.on(acme.at, removed)


@given(organisations(), people, schedule_names)
def test_what_is_entered_for_later_changes_nothing_that_was(acme, person, name) -> None:
    later = Override("later", PRIMARY, acme.at + 1, acme.at + DAY, person)
    away = Absence("later", person, acme.at + 1, acme.at + DAY)
    facts = replace(acme.facts, overrides=(*acme.facts.overrides, later), absences=(*acme.facts.absences, away))
    before = roster(name, acme.at, acme.schedules, acme.hours, acme.facts)
    after = roster(name, acme.at, acme.schedules, acme.hours, facts)
    assert [(duty.person, duty.why) for duty in after.duties] == [(duty.person, duty.why) for duty in before.duties]
    assert after.why_not == before.why_not


@given(organisations(), st.integers(1, 2))
def test_who_comes_later_in_the_rotation_is_never_somebody_who_is_on_now(acme, by) -> None:
    assert not acme.on(acme.at, name=PRIMARY, by=by) & acme.on(acme.at)


@given(organisations())
def test_everybody_on_call_has_a_reason_and_where_nobody_is_there_is_one_too(acme) -> None:
    now = roster(PRIMARY, acme.at, acme.schedules, acme.hours, acme.facts)
    assert all(duty.why for duty in now.duties)
    assert now.duties or now.why_not


@given(st.data())
def test_a_secondary_is_whoever_takes_over_next(data) -> None:
    zone = data.draw(zones)
    at = data.draw(instants(zone))
    rotation = replace(data.draw(rotations(at)), people=tuple(map(PersonId, ("ana", "ben", "carla"))))
    at = max(at, first_handoff(rotation, zone))
    now = turn_at(rotation, zone, at)
    assert now is not None
    schedules = {PRIMARY: Schedule(PRIMARY, zone, (rotation,)), SECONDARY: Schedule(SECONDARY, zone, (), PRIMARY, 1)}
    upcoming = turn(rotation, zone, now.number + 1)
    assert [duty.person for duty in on_call(SECONDARY, at, schedules, {}, Facts())] == [upcoming.person]
    assert on_call(SECONDARY, at, schedules, {}, Facts()) == on_call(PRIMARY, at, schedules, {}, Facts(), by=1)
