"""What each check finds in a rulebook that has it, where exactly, and that one that has it not is left alone."""

from dataclasses import dataclass

import pytest

from tests.lab.proving import START, WELL, case_of, changed, found, line, reachable
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, parse_instant
from tocsin.core.oncall.override import Absence, Facts
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.registry import checks
from tocsin.lib.translate import knows, say

ON_CALL = "members: [ana, ben, dana], lead: carla, on_call: primary"


@dataclass(frozen=True)
class Broken:
    """What is replaced, what finds it, how grave it is, and with what the line begins at which it is told."""

    check: str
    replaced: tuple[tuple[str, str], ...]
    severity: str
    at: str
    says: str


BROKEN = [
    Broken(
        "coverage-gap",
        (('turn: daily, handoff: "09:00", starts: 2026-01-05', 'turn: daily, handoff: "09:00", starts: 2026-12-01'),),
        "warning", "duty:", "from 2026-11-02 01:00 to 2026-12-01 09:00 Europe/Berlin (29d8h)",
    ),
    Broken(
        "dead-step", (("{after: 15m, ask: role:duty}", '{after: 15m, ask: "manager:4"}'),),
        "warning", '{after: 15m, ask: "manager:4"}', "Management step 1 of mail never reaches anybody: manager:4",
    ),
    Broken(
        "dead-step", (("{notify: team.all, wait: 10m}", "{notify: stakeholders, wait: 10m}"),),
        "warning", "{notify: stakeholders", "step 2 of mail never reaches anybody: stakeholders names nobody",
    ),
    Broken(
        "dead-step", (("web: {members: [ana, ben, dana], lead: carla}", "web: {members: [ana, ben, dana]}"),
                      ("{after: 15m, ask: role:duty}", "{after: 15m, ask: team.lead}")),
        "info", "{after: 15m", "Management step 1 of mail never reaches anybody where these",
    ),
    Broken(
        "dead-step", (("all, wait: 10m}", 'all, wait: 10m, when: "at_least(P1) && incident.priority == P3"}'),),
        "warning", "when:", "Functional step 2 of mail is never entered: ",
    ),
    Broken(
        "endless-loop",
        (("      - {notify: team.all, wait: 10m}\n",
          "      - {hand_over: team:web, wait: 5m}\n      - {hand_over: team:mail, wait: 5m}\n"),),
        "warning", "{hand_over: team:mail", "Functional step 3 of mail hands over to mail again, back from web",
    ),
    Broken(
        "silent-policy",
        (("{hand_over: team, wait: 5m}", '{hand_over: team, wait: 5m, when: "at_least(P2)"}'),
         ("{notify: team.all, wait: 10m}", '{notify: team.all, wait: 10m, when: "at_least(P1)"}')),
        "error", "functional:", "nobody is called to work on P3, P4, P5",
    ),
    Broken(
        "lone-responder",
        ((ON_CALL, "members: [ana], lead: carla"), ("policy: mail, priority: P2", "policy: mail, priority: P3")),
        "info", "mail: {members: [ana]", "ana alone is ever called for mail",
    ),
    Broken(
        "lone-responder",
        ((ON_CALL, "members: [ana], lead: carla"),
         ("      - {after: 15m, ask: role:duty}\n", "      - {after: 15m, inform: role:duty}\n"),
         ('      - {after: 1h, decide: "Fail over?", options: [fail over, wait], by: role:duty}\n', "")),
        "warning", "mail: {members: [ana]", "nobody but the last resort",
    ),
    Broken(
        "same-person",
        (("{hand_over: team, wait: 5m}", "{notify: schedule:primary, wait: 5m}"),
         ("{notify: team.all, wait: 10m}", "{notify: schedule:primary, wait: 10m}")),
        "warning", "{notify: schedule:primary, wait: 10m}", "Step 2 calls dana again",
    ),
    Broken(
        "clock-change",
        (('Europe/Berlin, week: {mon-sun: ["00:00-08:00"', 'America/New_York, week: {mon-sun: ["00:00-02:00"'),
         ('"20:00-24:00"]', '"14:00-24:00"]')),
        "warning", "primary:", "When the clocks change, nobody is on call on primary",
    ),
    Broken(
        "clock-change",
        (("lead: carla, on_call: primary", "lead: carla, hours: late"),
         ("hours:\n", 'hours:\n  late: {week: {sun: ["02:00-03:00"], mon: ["08:00-09:00"]}}\n')),
        "warning", "late:", "02:00-03:00 does not happen on 2027-03-28",
    ),
    Broken(
        "holiday",
        (('day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}}',
          'day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}, holidays: DE}'),),
        "warning", "primary:", "holidays nobody is on call on primary, first from 2026-12-25 08:00 to 2026-12-25 20:00",
    ),
    Broken(
        "manager-loop",
        (("Carla, manager: omar}", "Carla, manager: dana}"), ("Dana, manager: carla}", "Dana, manager: omar}")),
        "warning", "manager: dana", "comes back to dana: carla -> dana -> omar",
    ),
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one.check} {one.at[:20]}")
def test_a_rulebook_that_has_it_is_found_out_at_the_very_place(broken: Broken) -> None:
    text = changed(*broken.replaced)
    findings = found(broken.check, text)
    assert [one.severity for one in findings] == [broken.severity]
    assert line(text, findings[0]).startswith(broken.at)
    assert broken.says in say(findings[0].text)


def test_where_all_is_well_no_check_finds_anything() -> None:
    assert examine(case_of(WELL)).findings == ()


@pytest.mark.parametrize("check", checks(), ids=lambda one: one.name)
def test_a_check_has_a_code_and_a_name_of_its_own(check: object) -> None:
    others = [one for one in checks() if one is not check]
    assert check.code not in [one.code for one in others]  # type: ignore[attr-defined]
    assert check.name not in [one.name for one in others]  # type: ignore[attr-defined]


def test_all_that_is_said_has_sentences() -> None:
    for broken in BROKEN:
        for finding in found(broken.check, changed(*broken.replaced)):
            phrases = [finding.text, finding.hint, *([finding.counterexample.text] if finding.counterexample else [])]
            for phrase in phrases:
                assert knows(phrase.key)
                assert "?]" not in say(phrase) + say(phrase, "de")


def test_a_gap_that_somebody_meant_is_none() -> None:
    text = changed(("people: [carla, omar, nadia], turn: daily", "people: [carla, none, nadia], turn: daily"))
    assert found("coverage-gap", text) == []


def test_layers_that_do_not_meet_leave_a_gap_that_nobody_meant() -> None:
    (seam,) = found("coverage-gap", changed(('"00:00-08:00", "20:00-24:00"', '"00:00-07:30", "20:00-24:00"')))
    assert "400 gaps in primary, 8d8h in all" in say(seam.text)
    assert "from 2026-11-02 07:30 to 2026-11-02 08:00 Europe/Berlin" in say(seam.text)
    assert seam.counterexample is not None
    assert seam.counterexample.at == parse_instant("2026-11-02T06:30:00Z")
    meant = changed(('"00:00-08:00", "20:00-24:00"', '"00:00-03:00", "20:00-24:00"'))
    assert found("coverage-gap", meant) == []


def test_a_break_of_one_layer_is_no_gap() -> None:
    assert (
        found(
            "coverage-gap",
            changed(('week: {mon-sun: ["08:00-20:00"]}', 'week: {mon-sun: ["08:00-12:00", "13:00-20:00"]}')),
        )
        == []
    )


def test_a_gap_that_an_absence_tears_names_a_case_of_it() -> None:
    away = Absence("a1", PersonId("ben"), START + 3 * DAY, START + 4 * DAY)
    known = reachable(WELL)
    (finding,) = found("coverage-gap", WELL, Facts(1, (), (away,), known.methods))
    assert finding.where == ("schedules", "primary")
    assert finding.counterexample is not None
    assert finding.counterexample.at == parse_instant("2026-11-05T07:00:00Z")  # the night is another's
    assert finding.counterexample.service == "mail"


def test_a_decision_that_nobody_may_take_is_told_at_who_should() -> None:
    text = changed(("by: role:duty}", "by: person:ana}"))
    (finding,) = found("decision", text, reachable(text, ana={"email": "broken"}))
    assert finding.severity == "error"
    assert line(text, finding).startswith("by: person:ana")
    assert found("decision", text) == []


def test_a_policy_whose_people_cannot_be_reached_is_silent_for_their_team() -> None:
    dead = {person: {"email": "broken"} for person in ("ana", "ben", "dana")}
    findings = found("silent-policy", WELL, reachable(WELL, **dead))  # type: ignore[arg-type]
    assert [(one.severity, one.text.values["team"]) for one in findings] == [("error", "mail"), ("error", "web")]


@pytest.mark.parametrize(
    ("ways", "version", "severity", "says"),
    [
        ({}, 1, "error", "they have no way of being reached"),
        ({"email": "broken", "sms": "broken"}, 1, "error", "every way is broken (email, sms)"),
        ({"email": "broken", "sms": "declared"}, 1, "warning", "A way to ana is broken: email"),
        ({"email": "declared"}, 1, "info", "No way to ana has been verified: email"),
        ({"email": "declared"}, 0, "", ""),
        ({"email": "declared", "sms": "verified"}, 1, "", ""),
    ],
)
def test_ways_that_are_broken_or_unverified_are_told_by_what_is_left(
    ways: dict[str, str], version: int, severity: str, says: str
) -> None:
    facts = reachable(WELL, version, ana=ways)  # type: ignore[arg-type]
    findings = found("contact", WELL, facts)
    assert [one.severity for one in findings] == ([severity] if severity else [])
    assert all(line(WELL, one).startswith("ana:") and says in say(one.text) for one in findings)


def test_two_people_of_a_rotation_follow_each_other_and_are_never_one_on_both_steps() -> None:
    text = changed(("{notify: team.all, wait: 10m}", "{notify: team.next, wait: 10m}"))
    assert found("same-person", text) == []


def test_a_hand_over_along_new_teams_does_not_come_back() -> None:
    text = changed(("{notify: team.all, wait: 10m}", "{hand_over: team:web, wait: 10m}"))
    assert [one.where for one in found("endless-loop", text)] == []


def test_layers_of_two_continents_that_overlap_survive_the_change_of_the_clocks() -> None:
    text = changed(
        ('Europe/Berlin, week: {mon-sun: ["00:00-08:00"', 'America/New_York, week: {mon-sun: ["00:00-03:00"'),
        ('"20:00-24:00"]', '"13:00-24:00"]'),
    )
    assert found("clock-change", text, start=parse_instant("2026-11-02T00:00:00Z")) == []


NIGHT = "      - {people: [dana, ana, ben], turn: weekly, handoff: mon 09:00, starts: 2026-01-05, only: night}\n"


def test_a_holiday_is_found_also_in_a_gap_that_begins_the_evening_before_and_ends_after_a_weekend() -> None:
    days = "2026-11-13, 2026-11-16, 2026-11-18"
    office = f'day: {{timezone: Europe/Berlin, week: {{mon-fri: ["08:00-18:00"]}}, holidays: [{days}]}}'
    week = ('day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}}', office)
    (finding,) = found("holiday", changed(week, (NIGHT, "")))
    told = finding.text.values
    assert (told["n"], told["days"]) == ("3", days)
    assert (told["from"], told["until"]) == ("2026-11-13 08:00", "2026-11-13 18:00"), "and not the evening before"


def test_a_gap_that_holds_a_holiday_beside_a_change_of_the_clock_is_no_hole_of_the_clock() -> None:
    monday = 'day: {timezone: Europe/London, week: {mon: ["01:00-02:00"]}, holidays: [2027-03-29]}'
    text = changed(('day: {timezone: Europe/Berlin, week: {mon-sun: ["08:00-20:00"]}}', monday), (NIGHT, ""))
    text = text.replace("timezone: Europe/Berlin\nlast", "timezone: Pacific/Apia\nlast")
    assert found("clock-change", text) == []
    (finding,) = found("holiday", text)
    assert finding.text.values["days"] == "2027-03-29"


STEPS = "    functional:\n      - {hand_over: team, wait: 5m}\n      - {notify: team.all, wait: 10m}\n"


def silent(*whens: str) -> list[Finding]:
    """What is found of a policy whose only steps have these conditions."""
    steps = "".join(f'      - {{notify: team, wait: 5m, when: "{when}"}}\n' for when in whens)
    return found("silent-policy", changed((STEPS, f"    functional:\n{steps}")))


@pytest.mark.parametrize(
    "whens",
    [
        ["signal.severity == 'critical'"],
        ["signal.affected_users > 100", "signal.labels.zone == 'eu'"],
        ["in_hours('day')"],
        ["in_hours('day')", "signal.kind == 'complaint'"],
        ["calendar.hour < 22"],
    ],
)
def test_conditions_that_may_all_fail_leave_a_policy_silent_and_the_case_says_when(whens: list[str]) -> None:
    (finding,) = silent(*whens)
    assert (finding.severity, finding.where) == ("warning", ("policies", "mail", "functional"))
    assert finding.counterexample is not None
    assert [one.values["when"] for one in finding.counterexample.assuming] == [*whens]


@pytest.mark.parametrize(
    "whens",
    [
        ["signal.severity == 'critical'", "signal.severity != 'critical'"],
        ["in_hours('day')", "!in_hours('day')"],
        ["signal.kind == 'incident'", "signal.kind != 'incident'"],
        ["at_least(P2)", "!at_least(P2)"],
        ["incident.service in ['mail', 'web']", "!(incident.service in ['mail', 'web'])"],
    ],
)
def test_conditions_of_which_one_always_holds_leave_nobody_uncalled(whens: list[str]) -> None:
    assert silent(*whens) == []


@pytest.mark.parametrize(
    ("when", "dead"),
    [
        ("incident.service == 'shop'", True),
        ("incident.service == 'mail'", False),
        ("signal.severity == 'a' && signal.severity == 'b'", True),
        ("signal.severity == 'a' || signal.severity == 'b'", False),
        ("signal.kind == 'complaint'", False),
    ],
)
def test_a_step_is_dead_where_no_service_kind_or_signal_makes_its_condition_hold(when: str, dead: bool) -> None:
    text = changed(("{notify: team.all, wait: 10m}", f'{{notify: team.all, wait: 10m, when: "{when}"}}'))
    assert [one.where[-1] for one in found("dead-step", text)] == (["when"] if dead else [])
