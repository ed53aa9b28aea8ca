"""What is proved: whom an opening reaches at every instant, to the microsecond, and on what that hangs."""

from functools import lru_cache
from itertools import islice

from msgspec.structs import replace

from tocsin.config import loads
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, parse_instant
from tocsin.core.oncall.override import Absence, Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.confirming import confirm_falls
from tocsin.lab.verifier.difference import apart
from tocsin.lab.verifier.exploring import Explorer
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.losing import Losses
from tocsin.lab.verifier.opening import openings
from tocsin.lab.verifier.reach import Fall, Proof, Row, Stretch
from tocsin.lab.verifier.repeating import Walks
from tocsin.lab.verifier.standing import Standing
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import walked
from tocsin.lib.translate import say

START = parse_instant("2027-03-22T08:00:00Z")
TEXT = """tocsin: 1
organisation: Acme
timezone: Europe/Berlin
last_resort: [person:nadia]
unrouted: {team: mail, policy: mail, priority: P2}
people: {ana: {name: Ana}, ben: {name: Ben}, carla: {name: Carla}, nadia: {name: Nadia}}
hours:
  day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}}
  night: {timezone: Europe/Berlin, week: {mon-sun: ["20:00-24:00", "00:00-02:30", "03:00-08:00"]}}
teams:
  mail: {members: [ana, ben], lead: carla, on_call: primary}
schedules:
  primary:
    timezone: Europe/Berlin
    rotations:
      - {people: [ana], turn: weekly, handoff: mon 09:00, starts: 2026-01-05, only: day}
      - {people: [ben], turn: weekly, handoff: mon 09:00, starts: 2026-01-05, only: night}
slas:
  gold: {targets: {respond: {P1: 15m, else: 1h}}}
services:
  mail: {team: mail, policy: mail, sla: gold}
policies:
  mail:
    functional:
      - {notify: schedule:primary, wait: 20m}
      - {notify: person:carla, wait: 10m, when: "signal.severity == 'critical'"}
    hierarchical:
      - {after: 30m, inform: team.lead}
"""


def proof(text: str = TEXT, absences: tuple[Absence, ...] = (), days: int = 14) -> Proof:
    return _proof(text, absences, days)


@lru_cache
def _proof(text: str, absences: tuple[Absence, ...], days: int) -> Proof:
    return _case(START, days, text, absences).proof


def _case(start: Instant, days: int, text: str = TEXT, absences: tuple[Absence, ...] = ()) -> Case:
    loaded = loads({"rules.yaml": text})
    assert loaded.rulebook is not None, loaded.complaints
    facts = Facts(1, absences=absences, methods={one: {"email": "verified"} for one in loaded.rulebook.people})
    return Case(loaded.rulebook, compile_all(loaded.rulebook.conditions), start, facts, horizon=days * DAY)


def row(priority: str = "P2", of: Proof | None = None) -> Row:
    rows = (of or proof()).rows
    return next(one for one in rows if (one.priority, one.kind) == (priority, "incident"))


def at(text: str) -> Instant:
    return parse_instant(text)


def falls(of: Row, loss: str) -> dict[str, Fall]:
    return {one.name: one for one in of.falls if one.loss == loss}


def test_stretches_change_to_the_microsecond_at_the_hours_of_the_layers() -> None:
    line = row().ways[0].responder
    evening = next(one for one in line if one.start == at("2027-03-22T19:00:00Z"))
    assert evening.people == ("ben",)
    assert evening.by == ("policies", "mail", "functional", "0")
    before = line[line.index(evening) - 1]
    assert (before.end, before.people) == (evening.start, ("ana",))


def test_a_gap_is_passed_over_at_once_and_without_the_second_step_only_management_is_left() -> None:
    gap = at("2027-03-23T01:45:00Z")  # 02:45 in Berlin: neither layer is on
    with_carla, without = row().ways
    assert {one.people for one in with_carla.first if one.start <= gap < one.end} == {("carla",)}
    assert [str(one.key) for one in without.assuming] == ["lab.proof.holds_not"]
    assert {one.by for one in without.first if one.start <= gap < one.end} == {
        ("policies", "mail", "hierarchical", "0")
    }


def test_a_time_that_the_clock_skips_leaves_no_gap_in_that_night() -> None:
    skipped = at("2027-03-28T01:00:00Z")  # 02:30 never is on that Sunday: the night goes on at 03:00
    assert {one.people for one in row().ways[0].responder if one.start <= skipped < one.end} == {("ben",)}


def test_the_worst_opening_waits_longest_and_says_what_was_supposed() -> None:
    worst = row().responder
    assert worst.opening == at("2027-03-23T01:30:00Z")
    assert worst.by == ("teams", "mail")
    assert worst.delay == 30 * MINUTE
    assert [one.key for one in worst.assuming] == ["lab.proof.holds_not"]


def test_a_promise_is_judged_by_the_last_of_the_ladder() -> None:
    strict, mild = row("P1").respond, row("P1", proof(TEXT.replace("{P1: 15m", "{P1: 25m"))).respond
    assert strict is not None
    assert not strict.met
    assert strict.worst.at is None  # in the gap the ladder has nobody at all, if the second step is not for it
    assert mild is not None
    assert not mild.met
    whole = proof(TEXT.replace('"00:00-02:30", "03:00-08:00"', '"00:00-08:00"'))
    late, kept = row("P1", whole).respond, row("P3", whole).respond
    assert late is not None
    assert (late.met, late.worst.delay, late.worst.people) == (False, 20 * MINUTE, ("carla",))
    assert kept is not None
    assert kept.met


def test_a_promise_is_that_of_the_priority_to_which_a_criterion_raises_at_some_times() -> None:
    raised = """criteria:
  - {name: Weekend, when: "calendar.weekday == 'sat'", then: {priority: P1}}
services:"""
    text = TEXT.replace("services:", raised).replace("wait: 20m", "wait: 1m").replace("wait: 10m", "wait: 20m")
    late = text.replace("person:carla, wait: 20m, when: \"signal.severity == 'critical'\"", "person:nadia, wait: 20m")
    late = late.replace("- {notify: person:nadia", "- {notify: person:carla, wait: 20m}\n      - {notify: person:nadia")
    promised = row("P4", proof(late)).respond
    assert promised is not None
    assert not promised.met
    assert promised.due - promised.worst.opening == 15 * MINUTE


def test_whoever_is_called_again_last_is_not_the_last_who_hears_of_it() -> None:
    steps = (f"- {{notify: person:{one}, wait: 20m}}" for one in ("ana", "ben", "ana"))
    text = TEXT.replace("- {notify: schedule:primary, wait: 20m}", "\n      ".join(steps))
    promised = row("P1", proof(text.replace("signal.severity == 'critical'", "false"), days=1)).respond
    assert promised is not None
    assert not promised.met
    assert (promised.worst.delay, promised.worst.people) == (20 * MINUTE, ("ben",))


def test_one_method_that_all_hang_on_leaves_nobody_and_one_absence_leaves_the_rounds_after_exhaustion() -> None:
    assert falls(row(), "method")["email"].worst.at is None
    assert falls(row(), "provider")["email"].worst.at is None
    alone = falls(row(), "person")["ana"]
    assert alone.rounds
    assert alone.worst.by == ("teams", "mail")


def test_a_last_resort_that_rings_whoever_is_away_is_nobody() -> None:
    text = TEXT.replace("[person:nadia]", "[person:ana]").replace("[ana, ben], lead: carla", "[ana]")
    steps = text.replace("notify: schedule:primary", "notify: person:ana").replace(
        "signal.severity == 'critical'", "false"
    )
    alone = falls(row(of=proof(steps.replace("inform: team.lead", "inform: person:carla"), days=1)), "person")["ana"]
    assert (alone.worst.at, alone.rounds) == (None, False)


def test_an_absence_that_only_a_condition_makes_good_is_told_though_both_ways_begin_alike() -> None:
    whole = proof(TEXT.replace('"00:00-02:30", "03:00-08:00"', '"00:00-08:00"'))
    with_carla, without = row(of=whole).ways
    assert with_carla.responder is without.responder
    alone = falls(row(of=whole), "person")["ana"]
    assert alone.rounds
    assert [str(one.key) for one in alone.worst.assuming] == ["lab.proof.holds_not"]


def test_an_absence_is_weighed_for_each_priority_that_goes_another_way_without_them() -> None:
    whole = TEXT.replace('"00:00-02:30", "03:00-08:00"', '"00:00-08:00"')
    severe = proof(whole.replace("signal.severity == 'critical'", "at_least(P2)"))
    assert "ana" not in falls(row("P2", severe), "person")
    assert falls(row("P3", severe), "person")["ana"].rounds


def test_an_absence_changes_the_stretches_from_its_first_microsecond_to_its_last() -> None:
    away = Absence("a", "ana", at("2027-03-24T10:00:00Z"), at("2027-03-24T11:00:00Z"))  # type: ignore[arg-type]
    before, after = (proof(absences=some) for some in ((), (away,)))
    lines = [row("P2", made).ways[0].first for made in (before, after)]
    assert [(one.start, one.end) for one in apart(*lines)] == [(away.start, away.end)]
    assert not list(apart(lines[0], lines[0]))


def test_a_round_that_waits_for_its_provider_is_not_begun_anew_by_a_step_that_is_no_louder() -> None:
    steps = "- {notify: person:ana, wait: 5m}\n      - {notify: person:ana, wait: 5m, as: routine}"
    text = TEXT.replace("- {notify: schedule:primary, wait: 20m}", steps).replace(
        "signal.severity == 'critical'", "false"
    )
    case = _case(START, 1, text.replace("teams:", "contact: {urgent: [sms], routine: [email]}\nteams:"))
    both = {one: {"email": "verified", "sms": "verified"} for one in case.rulebook.people}
    case.facts = replace(case.facts, methods=both)
    assert falls(row(of=case.proof), "provider")["sms"].rounds


def test_whoever_of_an_assigned_team_comes_first_decides_whom_management_is_told_of_next() -> None:
    text = TEXT.replace("lead: carla, on_call: primary", "assign: round_robin").replace("schedule:primary", "team")
    next_one = text.replace("30m, inform: team.lead", "5m, inform: team.next")
    told = {one.people for way in row(of=proof(next_one, days=1)).ways for one in way.management}
    assert told == {("ana",), ("ben",)}


def test_a_call_that_would_ring_when_its_question_climbs_reaches_nobody() -> None:
    text = TEXT.replace("teams:", "contact: {urgent: [email after 2m]}\nteams:")
    asked = proof(text.replace("30m, inform: team.lead", "0m, ask: person:carla, within: 2m"), days=1)
    management = row(of=asked).management
    assert management is not None
    assert (management.delay, management.people) == (2 * MINUTE, ("nadia",))
    assert asked.disagreements == ()


def test_what_names_no_service_runs_under_unrouted_and_is_as_bad_at_least_as_that_says() -> None:
    lost = "policies:\n  lost: {functional: [{notify: person:ben, wait: 5m, when: 'at_least(P2)'}]}\n"
    made = proof(
        TEXT.replace("policy: mail, priority: P2}", "policy: lost, priority: P3}").replace("policies:\n", lost)
    )
    rows = {one.priority: one for one in made.nowhere if one.kind == "incident"}
    assert (len(made.nowhere), {one.service for one in made.nowhere}) == (20, {""})
    assert {name: one.responder.people == ("ben",) for name, one in rows.items()} == {
        "P1": True, "P2": True, "P3": False, "P4": False, "P5": False,
    }  # fmt: skip
    assert rows["P4"].ways is rows["P5"].ways is rows["P3"].ways
    assert made.disagreements == ()


def test_a_ladder_ends_at_a_human_unless_the_last_resort_can_be_empty() -> None:
    assert row().ends_at_human
    gaps = proof(TEXT.replace("last_resort: [person:nadia]", "last_resort: [schedule:primary]"), days=1)
    assert not row(of=gaps).ends_at_human


def test_every_worst_case_is_what_the_rules_do() -> None:
    assert proof().disagreements == ()
    assert proof(days=400).rows[0].ways[0].first[-1].end == START + 400 * DAY
    assert proof(days=400).disagreements == ()


class Counted(Walks):
    """Walks that are counted; what is told again is none."""

    count = 0

    def _walked(self, *given) -> Stretch:
        self.count += 1
        return super()._walked(*given)


def test_a_start_at_an_odd_microsecond_costs_hardly_more_walks_and_proves_the_same() -> None:
    counts = []
    for odd in (0, 13_000_001):
        case = _case(START + odd, 60)
        ground = Ground(case.world, case.start)
        opening = openings(ground, case.rulebook.services["mail"], "P2", "incident").all[0]
        one = next(iter(Explorer(ground, case.start + DAY).ways(opening)))
        given = ground, opening.setting, one.supposed
        walks = Counted(*given, "responder", case.end)
        told = list(walks.over(case.start, case.end))
        counts.append(walks.count)
        assert [told[0].start, *(each.end for each in told)] == [*(each.start for each in told), case.end]
        for each in told:
            alone = walked(Standing(*given, Front(each.start, case.end)), "responder")
            assert each.end <= alone.end
            assert each == replace(alone, end=each.end)
    assert counts[1] <= counts[0] + 10
    assert counts[0] < len(told) / 3


def test_a_walk_that_begins_a_microsecond_before_a_change_is_not_told_again_for_all_of_a_year() -> None:
    case = _case(START, 60)
    ground = Ground(case.world, case.start)
    opening = openings(ground, case.rulebook.services["mail"], "P2", "incident").all[0]
    one = next(iter(Explorer(ground, case.start + DAY).ways(opening)))
    walks = Walks(ground, opening.setting, one.supposed, "responder", case.end)
    middle = case.start + 30 * DAY
    for each in list(walks.over(case.start, middle))[1:]:
        assert len(list(islice(walks.over(each.start - 1, each.start + DAY), 100))) < 100
    rest = list(islice(walks.over(middle, case.end), 1_000))
    assert rest[-1].end >= case.end


def test_priorities_and_kinds_that_go_alike_share_their_work() -> None:
    kinds = [one for one in proof().rows if one.priority == "P2"]
    assert len(kinds) == 4
    assert len({id(one.ways) for one in kinds}) == 1
    assert row().management is not None
    assert row().management.delay is not None
    assert row().management.delay <= HOUR


def test_what_priority_decides_is_not_supposed_and_the_rest_is_shown_by_a_report() -> None:
    mixed = proof(TEXT.replace("signal.severity == 'critical'", "at_least(P2) || signal.affected_users > 3"))
    assert [one.supposed for one in row("P1", mixed).ways] == [()]
    with_carla, without = row("P3", mixed).ways
    assert with_carla.supposed == (("signal.affected_users > 3", True),)
    assert [str(one.key) for one in without.assuming] == ["lab.proof.holds_not"]
    assert [say(one) for one in with_carla.assuming] == [
        "Supposed that this holds: signal.affected_users > 3", "For example where the report says affected_users = 4"
    ]  # fmt: skip
    assert mixed.disagreements == ()


def test_criteria_that_exclude_one_another_are_not_supposed_together() -> None:
    criteria = """criteria:
  - {name: many, when: "signal.affected_users > 100", then: {priority: P1}}
  - {name: some, when: "signal.affected_users > 10", then: {policy: mail}}
"""
    text = TEXT.replace("signal.severity == 'critical'", "!(signal.affected_users > 50)") + criteria
    ways = row("P3", proof(text)).ways
    many, some, few = (f"signal.affected_users > {n}" for n in (100, 10, 50))
    assert {(dict(way.supposed).get(many), dict(way.supposed).get(some)) for way in ways} == {
        (False, False), (False, True), (True, True)
    }  # fmt: skip
    assert {dict(way.supposed)[f"!({few})"] for way in ways if dict(way.supposed).get(many)} == {False}
    assert proof(text).disagreements == ()


def test_a_loss_that_the_rules_tell_otherwise_is_a_disagreement() -> None:
    case = _case(START, 14, TEXT)
    ground = Ground(case.world, case.start)
    losses, told = Losses(ground, case.end), row(of=case.proof)
    (opening,) = openings(ground, case.rulebook.services["mail"], "P2", "incident").all
    one = next(each for each in Explorer(ground, case.end).ways(opening) if losses.falls(each))
    found = losses.falls(one)
    assert {each.loss for each in found} == {"person", "method", "provider"}
    assert list(confirm_falls(losses, told, one, found)) == []
    later = [replace(each, worst=replace(each.worst, at=each.worst.opening, people=("nadia",))) for each in found]
    assert [each.missing for each in confirm_falls(losses, told, one, later)] == [each.name for each in found]
