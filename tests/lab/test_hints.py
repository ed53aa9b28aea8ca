"""What a finding says can be done: its hint helps where it is followed to the letter, and so does an allowance."""

import pytest

from tests.lab.broken import broken
from tests.lab.broken import case_of as sound_case
from tests.lab.proving import case_of, changed
from tests.lab.test_checks import BROKEN
from tests.lab.test_holes import ALONE, CARE, CARE_STEP, FINDS, HAND_OVER, criterion
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.registry import checks
from tocsin.lib.translate import say

NIGHT = ("  care:\n    hours: office\n", "  care:\n"), (CARE, CARE + CARE_STEP)
FOLLOWED = [
    # what is planted, what the hint says, what is written then
    ("sla-unreachable", NIGHT, "hours: office under care", ("  care:\n", "  care:\n    hours: office\n")),
    ("too-fast", [(HAND_OVER, HAND_OVER.replace("5m", "2m"))], "wait: 4m", ("wait: 2m", "wait: 4m")),
    (
        "too-fast",
        [("wait: 1h, hours: office", "wait: 5m, hours: office")],
        "wait: 8m",
        ("wait: 5m, hours: office", "wait: 8m, hours: office"),
    ),
    ("need-unmet", [(HAND_OVER, HAND_OVER.replace("5m", "5m, need: 4"))], "need: 3", ("need: 4", "need: 3")),
    (
        "quiet-contact",
        [("urgent:  [push, sms after 1m, voice after 3m]", "urgent: [email]")],
        "[push, email, sms after 1m, voice after 3m]",
        ("urgent: [email]", "urgent: [push, email, sms after 1m, voice after 3m]"),
    ),
    (
        "storm",
        [
            ("assign: round_robin", "assign: everyone"),
            ("members: [kai, tom]", "members: [kai, tom, ana, ben, leo, dana]"),
        ],
        "assign: round_robin",
        ("assign: everyone", "assign: round_robin"),
    ),
    (
        "storm",
        [("warning: P3", "warning: P2")],
        "{critical: P1, error: P2, warning: P3, info: P5, else: P2}",
        (
            "{critical: P1, error: P2, warning: P2, else: P2}",
            "{critical: P1, error: P2, warning: P3, info: P5, else: P2}",
        ),
    ),
    (
        "unreachable-route",
        [("intake: generic, service: label:service", "intake: email, service: checkout")],
        "service: label:service",
        ("intake: email, service: checkout", "intake: generic, service: label:service"),
    ),
    (
        "condition-error",
        [criterion("100 / signal.affected_users > 2", "{major: true}")],
        "signal.affected_users > 0 && 100 / signal.affected_users > 2",
        ('"100 / signal', '"signal.affected_users > 0 && 100 / signal'),
    ),
    (
        "condition-error",
        [criterion("int(signal.labels.n) > 5", "{major: true}")],
        "signal.labels.n.matches('^[0-9]{1,9}$') && int(signal.labels.n) > 5",
        ('"int(signal', "\"signal.labels.n.matches('^[0-9]{1,9}$') && int(signal"),
    ),
]


def of(check: str, case: Case) -> list[Finding]:
    (mine,) = (one for one in checks() if one.name == check)
    return [one for one in examine(case, of=[mine]).findings if one.code == mine.code]


@pytest.mark.parametrize(("check", "planted", "says", "mend"), FOLLOWED, ids=[one[0] for one in FOLLOWED])
def test_a_hint_that_is_followed_to_the_letter_does_away_with_its_finding(
    check: str, planted: list[tuple[str, str]], says: str, mend: tuple[str, str]
) -> None:
    text = broken(*planted)
    found = of(check, sound_case(text))
    assert any(says in say(one.hint) for one in found)
    assert text.count(mend[0]) == 1
    assert of(check, sound_case(text.replace(*mend))) == []


def test_where_nobody_is_known_who_might_acknowledge_one_is_enough() -> None:
    nobody = ("{notify: team.all, wait: 10m}", "{notify: 'manager:4', wait: 10m, need: 2}")
    text = changed(nobody, ("      - {hand_over: team, wait: 5m}\n", ""))
    (one,) = of("need-unmet", case_of(text))
    assert say(one.hint) == "Write need: 1, or call more people"


def test_the_hours_that_a_hint_names_are_some_that_there_are() -> None:
    given = (
        ("warning: P3", "warning: P3, info: P5"),
        ("exhausted: {every: 4h, hours: office}", "exhausted: {every: 4h}"),
    )
    text = broken(*given).replace("office", "bureau")
    (one,) = (one for one in of("wakes-wrong", sound_case(text)) if one.where[-1] == "exhausted")
    assert "exhausted: {every: 1d, hours: bureau}" in say(one.hint)


def test_a_promise_that_counts_in_hours_is_told_in_them() -> None:
    later = (CARE, CARE + CARE_STEP.replace("1h", "3h") + CARE_STEP), ("respond: {else: 4h}", "respond: {else: 3h}")
    (one,) = of("sla-unreachable", sound_case(broken(*later)))
    assert say(one.text).startswith("P1 promises a response within 3h (office) (care), but the last step of complaint")
    assert "is called only after 4h (office)" in say(one.text)
    assert say(one.hint).startswith("Shorten the waits"), "no closed team is to blame: the waits alone are too long"


def test_a_condition_that_is_false_is_told_as_it_is_written() -> None:
    (one,) = of("shadowed-criterion", sound_case(broken(criterion("1 > 2", "{major: true}"))))
    assert say(one.text) == "The criterion Added never applies: 1 > 2"
    assert say(one.hint) == "Correct the condition, or remove the criterion"


SLOW = "{hand_over: team:security, wait: 45m}"
PLANTED = {module.CHECK.name: broken(*replaced) for module, replaced, _ in reversed(FINDS)}
PLANTED |= dict.fromkeys(("nobody-behind", "management-unaware"), broken(*ALONE))
PLANTED["slow-step"] = PLANTED["nobody-behind"].replace("{hand_over: team:security, wait: 5m}", SLOW)
PLANTED["decision"] = changed(("wait], by: role:duty}", "wait], by: stakeholders}"))
PLANTED |= {one.check: changed(*one.replaced) for one in reversed(BROKEN)}


@pytest.mark.parametrize("until", ["2199-01-01", "2026-11-02"])
@pytest.mark.parametrize("check", sorted(PLANTED))
def test_what_any_check_finds_can_be_allowed_with_a_reason_until_its_day_has_come(check: str, until: str) -> None:
    text = PLANTED[check]
    made = sound_case if "Acme Retail" in text else case_of
    first, *_ = of(check, made(text))
    (mine,) = (one for one in checks() if one.name == check)
    entry = f'  - {{finding: {check}, at: {".".join(first.where)}, reason: "known, and on its way", until: {until}}}\n'
    found = examine(made(f"{text}allow:\n{entry}"), of=[mine])
    if until > "2027":
        assert [one.by.reason for one in found.suppressed if one.finding.where == first.where]
        assert first.where not in [one.where for one in found.findings]
        assert {one.code for one in found.findings} <= {mine.code}
    else:
        assert found.suppressed == ()
        assert first.where in [one.where for one in found.findings if one.code == mine.code]
        (expired,) = (one for one in found.findings if one.code == "V091")
        assert say(expired.text).startswith(f"The allowance of {check} at {'.'.join(first.where)} held until {until}")
        assert "known, and on its way" in say(expired.hint)


def test_a_fault_is_planted_for_every_check_that_needs_no_proof() -> None:
    by_facts = {"contact"}
    assert {one.name for one in checks() if not one.proves} - by_facts == set(PLANTED)
