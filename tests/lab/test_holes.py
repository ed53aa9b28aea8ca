"""Checks of the second group: each finds what it is for, at the narrowest place, and nothing in a sound rulebook."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.lab.broken import SOUND, broken, case_of, found, places, reachable, read
from tocsin.core.catalogue.people import ContactLadder, Entry
from tocsin.core.instant import DAY, HOUR, MINUTE, parse_instant
from tocsin.core.oncall.override import Override
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.checks import (
    condition_error,
    confidential,
    management_unaware,
    need_unmet,
    night_load,
    nobody_behind,
    quiet_contact,
    shadowed_criterion,
    sla_unreachable,
    slow_step,
    storm,
    too_fast,
    unreachable_route,
    wakes_wrong,
)
from tocsin.lab.verifier.contract import Check
from tocsin.lib.translate import knows, say

MODULES = (
    sla_unreachable, shadowed_criterion, condition_error, unreachable_route, storm, too_fast, wakes_wrong,
    confidential, night_load, need_unmet, quiet_contact, nobody_behind, slow_step, management_unaware,
)  # fmt: skip

HAND_OVER = "      - {hand_over: team, wait: 5m}\n"
NEXT = HAND_OVER + "      - {notify: team.next, wait: 10m}\n"
MANY = """  - name: Many users affected
    when: "signal.severity == 'critical' && signal.affected_users > 500"
    then: {priority: P1, major: true}
"""
BREACH = "signal.labels.category == 'security' && signal.severity == 'critical'"
CARE_STEP = "      - {notify: team, wait: 1h, hours: office}\n"
CARE = "functional:\n" + CARE_STEP
BREACH_LADDER = """    functional:
      - {hand_over: team:security, wait: 5m}
      - {notify: team.next, wait: 10m}
      - {notify: team.all, wait: 10m}
"""
GOLD = "    targets: {respond: {P1: 30m, P2: 1h, else: 4h}}\n"
SPARE = "{people: [carla, hugo], turn: weekly, handoff: mon 09:00, starts: 2026-01-05}"


def criterion(when: str, then: str) -> tuple[str, str]:
    """One more criterion behind the others."""
    return MANY, f'{MANY}  - name: Added\n    when: "{when}"\n    then: {then}\n'


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.CODE)
def test_a_sound_rulebook_has_nothing_of_it(module: object) -> None:
    check = module.CHECK  # type: ignore[attr-defined]
    assert isinstance(check, Check)
    assert found(check) == []


SLA_CARE = "targets: {respond: {else: 4h}}"
ALONE = [
    (
        BREACH_LADDER,
        "    functional:\n      - {hand_over: team:security, wait: 5m}\n      - {notify: team, wait: 10m}\n",
    ),
    ("    hierarchical:\n      - {after: 5m, ask: role:executive, within: 5m}\n", ""),
]
FINDS = [
    # promises that the ladder cannot keep
    (
        sla_unreachable,
        [("{P1: 30m, P2: 1h, else: 4h}", "{P1: 10m, else: 4h}")],
        ["policies/production/functional/1", "policies/security-breach/functional/1"],
    ),
    (sla_unreachable, [(NEXT, NEXT.replace("10m", "30m"))], ["policies/production/functional/1"]),
    (
        sla_unreachable,
        [(CARE, CARE + CARE_STEP.replace("1h", "3h") + CARE_STEP), (SLA_CARE, "targets: {respond: {else: 3h}}")],
        ["policies/complaint/functional/1"],
    ),
    # counted at any hour, the promise runs out over a night, which the step's hours do not count
    (
        sla_unreachable,
        [("  care:\n    hours: office\n", "  care:\n"), (CARE, CARE + CARE_STEP)],
        ["policies/complaint/functional/0"],
    ),
    # criteria
    (
        shadowed_criterion,
        [criterion("signal.affected_users >= 600 && (signal.severity == 'critical')", "{priority: P2}")],
        ["criteria/2/when"],
    ),
    (
        shadowed_criterion,
        [criterion("signal.severity == 'critical' && signal.affected_users > 500", "{major: true}")],
        ["criteria/2/when"],
    ),
    (
        shadowed_criterion,
        [criterion("signal.severity == 'a' && signal.severity == 'b'", "{major: true}")],
        ["criteria/2/when"],
    ),
    (shadowed_criterion, [criterion("1 > 2", "{major: true}")], ["criteria/2/when"]),
    (shadowed_criterion, [criterion("at_least(P2) && signal.raw", "{priority: P3}")], ["criteria/2/then"]),
    (shadowed_criterion, [criterion(f"{BREACH} && signal.raw", "{policy: production}")], ["criteria/2/when"]),
    (condition_error, [criterion("100 / signal.affected_users > 2", "{major: true}")], ["criteria/2/when"]),
    (condition_error, [criterion("int(signal.labels.shops) > 5", "{major: true}")], ["criteria/2/when"]),
    (
        condition_error,  # as many digits as one likes: more than a number has room for
        [criterion("signal.labels.n.matches('^[0-9]+$') && int(signal.labels.n) > 5", "{major: true}")],
        ["criteria/2/when"],
    ),
    (condition_error, [criterion("['a', 'b'][signal.affected_users] == 'b'", "{major: true}")], ["criteria/2/when"]),
    (condition_error, [criterion("signal.title.matches(signal.labels.pattern)", "{major: true}")], ["criteria/2/when"]),
    (
        condition_error,
        [(HAND_OVER, '      - {hand_over: team, wait: 5m, when: "7 % incident.alerts == 0"}\n')],
        ["policies/production/functional/0/when"],
    ),
    # what nothing leads to
    (
        unreachable_route,
        [
            (
                "  complaint:\n    functional",
                "  spare:\n    functional:\n      - {notify: team, wait: 5m}\n  complaint:\n    functional",
            )
        ],
        ["policies/spare"],
    ),
    (unreachable_route, [("  duty:\n", f"  spare:\n    rotations: [{SPARE}]\n  duty:\n")], ["schedules/spare"]),
    (
        unreachable_route,
        [("  complaints:     {", "  spare: {lead: sofia, members: [kai]}\n  complaints:     {")],
        ["teams/spare"],
    ),
    (
        unreachable_route,
        [("intake: generic, service: label:service", "intake: email, service: checkout")],
        ["services/order-database", "services/identity"],
    ),
    (unreachable_route, [("ask: role:care-manager", "ask: person:sofia")], ["roles/care-manager"]),
    # storms and haste
    (
        storm,
        [
            ("assign: round_robin", "assign: everyone"),
            ("members: [kai, tom]", "members: [kai, tom, ana, ben, leo, dana]"),
        ],
        ["policies/complaint/functional/0"],
    ),
    (
        storm,
        [
            (
                NEXT,
                (
                    "      - {hand_over: team, wait: 1m}\n      - {notify: [team.all, team.lead, "
                    '"role:executive", "role:care-manager"], wait: 10m}\n'
                ),
            )
        ],
        ["policies/production/functional/1"],
    ),
    (storm, [("warning: P3", "warning: P2")], ["priorities/severity"]),
    (too_fast, [(HAND_OVER, HAND_OVER.replace("5m", "2m"))], ["policies/production/functional/0/wait"]),
    (too_fast, [("wait: 1h, hours: office", "wait: 5m, hours: office")], ["policies/complaint/functional/0/wait"]),
    # who is woken
    (wakes_wrong, [("warning: P3", "warning: P3, info: P5")], ["policies/production", "policies/security-breach"]),
    (
        wakes_wrong,
        [("warning: P3", "warning: P3, info: P5"), ("exhausted: {every: 4h, hours: office}", "exhausted: {every: 4h}")],
        ["policies/production", "policies/security-breach", "policies/complaint/exhausted"],
    ),
    (
        wakes_wrong,
        [
            ("last_resort: [person:omar", "last_resort: [person:sofia, person:omar"),
            ("[person:sofia, person:omar]\n\nhours", "[person:omar]\n\nhours"),
        ],
        ["last_resort/0"],
    ),
    (
        confidential,
        [
            ("ana:   {name: Ana, manager: lena, cleared: true}", "ana:   {name: Ana, manager: lena}"),
            ("ben:   {name: Ben, manager: lena, cleared: true}", "ben:   {name: Ben, manager: lena}"),
            ("leo:   {name: Leo, manager: lena, cleared: true}", "leo:   {name: Leo, manager: lena}"),
        ],
        ["policies/security-breach/functional"],
    ),
    (
        night_load,
        [("people: [dana, eve, finn]", "people: [dana, eve]")],
        ["schedules/infra-primary", "schedules/infra-primary"],
    ),
    (
        need_unmet,
        [(HAND_OVER, HAND_OVER.replace("wait: 5m", "wait: 5m, need: 4"))],
        ["policies/production/functional/0/need"],
    ),
    (quiet_contact, [("urgent:  [push, sms after 1m, voice after 3m]", "urgent: [email]")], ["contact/urgent"]),
]


@pytest.mark.parametrize(("module", "replaced", "where"), FINDS, ids=lambda one: getattr(one, "CODE", ""))
def test_it_is_found_at_its_own_place_with_what_to_write(
    module: object, replaced: list[tuple[str, str]], where: list[str]
) -> None:
    findings = found(module.CHECK, *replaced)  # type: ignore[attr-defined]
    assert sorted(places(findings)) == sorted(where)
    for one in findings:
        assert one.code == module.CHECK.code  # type: ignore[attr-defined]
        for phrase in (one.text, one.hint):
            for language in ("en", "de"):
                assert knows(phrase.key)
                assert "?]" not in say(phrase, language), phrase


SPARES = [
    # an escalation is something of its own; an earlier policy wins; a weaker condition covers nothing
    (
        shadowed_criterion,
        [
            criterion(
                "signal.severity == 'critical' && signal.affected_users > 500", "{escalate: {inform: role:executive}}"
            )
        ],
    ),
    (shadowed_criterion, [criterion("signal.severity == 'critical' && signal.affected_users > 400", "{priority: P1}")]),
    (shadowed_criterion, [criterion("signal.severity == 'critical'", "{priority: P1, policy: complaint}")]),
    (shadowed_criterion, [criterion("at_least(P3)", "{priority: P2}")]),
    # guarded: the first part is false where the second would fail
    (condition_error, [criterion("signal.affected_users > 0 && 100 / signal.affected_users > 2", "{major: true}")]),
    (
        condition_error,
        [criterion("signal.labels.n.matches('^[0-9]{1,9}$') && int(signal.labels.n) > 5", "{major: true}")],
    ),
    (
        condition_error,
        [criterion("signal.labels.a == 'x' || reports('10m') >= 20 || in_hours('office')", "{major: true}")],
    ),
    # exactly in time is in time
    (sla_unreachable, [("{P1: 30m, P2: 1h, else: 4h}", "{P1: 15m, else: 4h}")]),
    # one after the other is no crowd, however many they are
    (storm, [("members: [kai, tom]", "members: [kai, tom, ana, ben, leo, dana, eve]")]),
    (too_fast, [(HAND_OVER, HAND_OVER.replace("5m", "3m"))]),
    (wakes_wrong, [("last_resort: [person:omar", "last_resort: [person:sofia, person:omar")]),
    (unreachable_route, [("scripts:    {intake: generic, service: label:service,", "scripts:    {intake: generic,")]),
    # what a message of that intake says goes before what its source is for
    (unreachable_route, [("service: label:service", "service: checkout")]),
    (need_unmet, [(HAND_OVER, HAND_OVER.replace("wait: 5m", "wait: 5m, need: 3"))]),
    # a promise that warns on its way tells somebody
    (management_unaware, [*ALONE[1:], (GOLD, f"{GOLD}    levels: {{respond: {{75%: {{inform: team.lead}}}}}}\n")]),
    # management stands behind it, or the next in turn
    (nobody_behind, ALONE[:1]),
    (nobody_behind, ALONE[1:]),
    # management hears of it meanwhile; what counts in hours of its own is left alone
    (slow_step, [(HAND_OVER, HAND_OVER.replace("5m", "1h"))]),
]


@pytest.mark.parametrize(("module", "replaced"), SPARES, ids=lambda one: getattr(one, "CODE", ""))
def test_what_only_looks_like_it_is_left_alone(module: object, replaced: list[tuple[str, str]]) -> None:
    assert found(module.CHECK, *replaced) == []  # type: ignore[attr-defined]


def test_a_promise_that_cannot_be_kept_has_a_case_with_its_times() -> None:
    [finding] = found(sla_unreachable.CHECK, (NEXT, NEXT.replace("10m", "30m")))
    case = finding.counterexample
    assert case is not None
    assert (case.service, case.priority, case.reached_at) == ("checkout", "P1", case.at + 35 * MINUTE)
    assert say(case.text) == ("all but the last answer too late, and step 3 is called after 35m instead of 30m")


def test_the_worst_opening_lies_before_a_night_that_does_not_count() -> None:
    replaced = ("  care:\n    hours: office\n", "  care:\n"), (CARE, CARE + CARE_STEP)
    [finding] = found(sla_unreachable.CHECK, *replaced)
    case = finding.counterexample
    assert case is not None
    assert case.reached_at is not None
    assert case.reached_at - case.at > 14 * HOUR


def test_a_promise_that_runs_while_the_team_is_closed_cannot_be_kept() -> None:
    replaced = ("  care:\n    hours: office\n", "  care:\n"), (CARE, CARE.replace(", hours: office", ""))
    [finding] = found(sla_unreachable.CHECK, *replaced)
    assert finding.text.values["priorities"] == "P3, P4, P5"  # what is graver goes on at once
    assert say(finding.hint).startswith("Write hours: office under care, so that its clock runs only while")
    assert finding.counterexample is not None
    assert finding.counterexample.reached_at == parse_instant("2026-11-09T08:00:00Z")  # a Monday


@pytest.mark.parametrize(
    "replaced",
    [
        [(NEXT, NEXT.replace("10m", "30m"))],
        [("{P1: 30m, P2: 1h, else: 4h}", "{P1: 10m, else: 4h}")],
        [("  care:\n    hours: office\n", "  care:\n"), (CARE, CARE + CARE_STEP)],
    ],
)
def test_a_promise_that_is_said_to_be_missed_is_missed_by_the_proof_too(replaced: list[tuple[str, str]]) -> None:
    case = case_of(broken(*replaced), horizon=14 * DAY)
    services = case.rulebook.services
    said = {
        (finding.text.values["policy"], priority)
        for finding in sla_unreachable.CHECK.find(case)
        for priority in finding.text.values["priorities"].split(", ")
    }
    missed = [row for row in case.proof.rows if row.respond is not None and not row.respond.met]
    assert said
    assert said <= {(services[row.service].policy, row.priority) for row in missed}
    assert {policy for policy, _ in said} == {services[row.service].policy for row in missed}


def test_a_later_twin_is_the_needless_one() -> None:
    findings = found(shadowed_criterion.CHECK, (MANY, MANY + MANY.replace("Many users", "The same users")))
    assert places(findings) == ["criteria/2/when"]
    assert findings[0].text.values["others"] == "Many users affected"


def test_a_persons_own_ladder_counts_and_ways_that_they_lack_do_not() -> None:
    replaced = (HAND_OVER, HAND_OVER.replace("5m", "4m"))
    book = read(broken(replaced))
    slow = ContactLadder((Entry("push"), Entry("voice", 9 * MINUTE)))
    own = replace(reachable(book), contact={"eve": slow})
    [finding] = list(too_fast.CHECK.find(case_of(broken(replaced), own)))
    assert (finding.text.values["person"], finding.text.values["needed"]) == ("eve", "9m")
    without = replace(own, methods={**own.methods, "eve": {"push": "verified"}})
    assert list(too_fast.CHECK.find(case_of(broken(replaced), without))) == []


def test_whoever_stands_in_by_override_has_nights_too() -> None:
    book = read(SOUND)
    case = case_of(SOUND)
    override = Override("o1", book.schedules["infra-primary"].id, case.start, case.start + 200 * DAY, "dana")  # type: ignore[arg-type]
    facts = replace(reachable(book), overrides=(override,))
    [finding] = list(night_load.CHECK.find(case_of(SOUND, facts)))
    assert (finding.text.values["person"], finding.text.values["whole"]) == ("dana", "400")
    assert int(finding.text.values["nights"]) > 200


def test_nobody_is_on_call_in_more_nights_than_there_are() -> None:
    book = read(SOUND)
    case = case_of(SOUND)
    schedule = book.schedules["infra-primary"].id
    always = Override("o1", schedule, case.start, case.start + 40 * DAY, "dana")  # type: ignore[arg-type]
    facts = replace(reachable(book), overrides=(always,))
    for begun in (0, 7, 22, 23):
        late = Case(book, case.conditions, case.start + begun * HOUR, facts, horizon=30 * DAY)
        (dana,) = (one.text.values for one in night_load.CHECK.find(late) if one.text.values["person"] == "dana")
        assert (dana["nights"], dana["whole"]) == ("30", "30")


def test_a_rotation_by_day_has_no_nights() -> None:
    two = "people: [dana, eve, finn], turn: weekly, handoff: mon 09:00, starts: 2026-01-05}"
    days = two.replace("dana, eve, finn", "dana, eve").replace("}", ", only: office}")
    assert found(night_load.CHECK, (two, days)) == []


def test_codes_are_one_of_a_kind() -> None:
    checks = [check for check in _all() if "V021" <= check.code <= "V040"]
    assert len({check.code for check in checks}) == len({check.name for check in checks}) == len(checks) == len(MODULES)


def _all() -> Iterator[Check]:
    folder = Path(condition_error.__file__).parent
    for file in sorted(folder.glob("[a-z]*.py")):
        yield import_module(f"tocsin.lab.verifier.checks.{file.stem}").CHECK


def test_an_enormous_rulebook_is_checked_too() -> None:
    teams = "".join(f"  t{n}: {{lead: frank, members: [dana, eve], on_call: infra-primary}}\n" for n in range(200))
    services = "".join(f"  s{n}: {{team: t{n % 200}, policy: production, sla: gold}}\n" for n in range(1000))
    text = broken(("teams:\n", "teams:\n" + teams), ("services:\n", "services:\n" + services))
    case = case_of(text)
    assert [one for module in MODULES for one in module.CHECK.find(case)] == []
