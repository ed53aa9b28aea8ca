"""Reports of no known service: compared, weighed and looked at by the checks as those of services are."""

from functools import lru_cache

import pytest

from tests.lab.proving import START, WELL, case_of, changed, found, line, reachable
from tests.lab.test_against import DAYS, between, told
from tocsin.core.ids import SourceId
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, Span, parse_instant
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.engine.weighing import Weighed
from tocsin.lab.behaviour import Behaviour, Happening, Signals
from tocsin.lab.simulator import play
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.registry import checks
from tocsin.lab.verifier.spans import joined
from tocsin.lab.verifier.told import example
from tocsin.lab.verifier.worse import worse
from tocsin.lib.translate import say

UNROUTED = "unrouted: {team: mail, policy: mail, priority: P2}"
LOST = (UNROUTED, "unrouted: {team: mail, policy: lost, priority: P2}")
AT_NIGHT = """policies:
  lost:
    functional:
      - {notify: person:nadia, wait: 15m, when: "in_hours('night')"}
      - {hand_over: team, wait: 5m}
      - {notify: team.all, wait: 10m}
    hierarchical:
      - {after: 15m, ask: role:duty}
      - {after: 1h, decide: "Fail over?", options: [fail over, wait], by: role:duty}
"""
ELSEWHERE = (LOST, ("policies:\n", AT_NIGHT))
NIGHTLY = changed(*ELSEWHERE)


def lost(ladder: str, *replaced: tuple[str, str], priority: str = "P2") -> str:
    """What names no known service runs under a policy of its own, with that ladder."""
    where = (UNROUTED, f"unrouted: {{team: mail, policy: lost, priority: {priority}}}")
    return changed(where, ("policies:\n", f"policies:\n  lost: {ladder}\n"), *replaced)


@lru_cache
def world(text: str) -> World:
    return case_of(text).world


def called(text: str, at: Instant, service: str = "", claim: str = "") -> tuple[Instant, frozenset[str]]:
    """Whom the simulator calls first to work on what is reported then, and when."""
    signal = Signal(key="x", action="trigger", title="x", service=service, severity=claim)
    opening = Happening(at, Signals(SourceId("any"), (signal,)))
    played = play(world(text), (opening,), at + 2 * HOUR, Behaviour())
    pages = [one for one in played.tried if one.message.purpose == "page" and one.outcome == "sent"]
    first = min(one.at for one in pages)
    return first, frozenset(str(one.message.to) for one in pages if one.at == first)


def test_where_they_go_is_compared_and_it_is_what_the_simulator_does_of_them() -> None:
    compared = told(*ELSEWHERE)
    assert (compared.services, compared.nowhere, {one.service for one in compared.groups}) == ((), True, {""})
    (group,) = compared.groups
    changes = [one for one in group.changes if one.rung == "responder"]
    spans = joined(span for one in changes for span in one.windows)
    first = parse_instant("2026-11-02T19:00:00Z")
    assert spans[1] == Span(first, first + 12 * HOUR), "one night, on the clock of Berlin"
    for span in spans[:3]:
        for at in {span.start - 1, span.start, (span.start + span.end) // 2, span.end - 1, span.end}:
            inside = any(one.start <= at < one.end for one in spans)
            assert at < START or (called(WELL, at, "ghost") != called(NIGHTLY, at, "ghost")) == inside, at
            assert at < START or called(WELL, at, "mail") == called(NIGHTLY, at, "mail"), at


def test_a_report_is_compared_by_what_it_claims_and_goes_by_the_worse_of_that_and_unrouted() -> None:
    routine = ("routine: [email]}", "routine: [email after 10m]}")
    milder = (UNROUTED, UNROUTED.replace("P2", "P5"))
    before, after = changed(routine), changed(routine, milder)
    severity = {name: one for one, name in case_of(before).rulebook.priorities.severity.items()}
    late = {
        priority
        for priority, claim in severity.items()
        if called(before, START, claim=claim)[0] < called(after, START, claim=claim)[0]
    }
    assert late == {"P3", "P4", "P5"} & set(severity), "what claims P2 came as P2 before, and still does"
    found = worse(case_of(before).proof, case_of(after).proof)
    assert {(one.service, one.priority) for one in found} == {("", name) for name in ("P3", "P4", "P5")}
    assert {(one.before, one.after) for one in found if one.how == "slower"} == {(0, 10 * MINUTE)}
    (compared,) = between(before, after).groups
    assert ({name for name, _ in compared.rows}, compared.minutes) == ({"P3", "P4", "P5"}, DAYS * DAY // MINUTE)


def test_what_gets_worse_for_them_is_told_in_the_words_of_the_proof() -> None:
    slow = lost("{functional: [{notify: 'channel:ops', wait: 20m}]}")
    found = worse(case_of(WELL).proof, case_of(slow).proof)
    assert {one.service for one in found} == {""}
    english, german = (Weighed(worse=found).told(language) for language in ("en", "de"))
    said = "(no known service) P1, P2, P3, P4, P5 (incident): the longest wait for a human grows from at once to 20 min"
    assert english[0].startswith(said)
    assert german[0].startswith("(kein bekannter Dienst) P1")


def test_what_is_worse_for_them_is_told_before_all_that_is_worse_for_services() -> None:
    slow = changed(("- {hand_over: team, wait: 5m}", "- {notify: 'channel:ops', wait: 5m}"))
    found = worse(case_of(WELL).proof, case_of(slow).proof)
    assert list(dict.fromkeys(one.service for one in found)) == ["", "mail", "web"]


GHOSTS = (
    (UNROUTED, "unrouted: {team: ghosts, policy: lost, priority: P2}"),
    ("teams:\n", "teams:\n  ghosts: {members: [omar], lead: omar}\n"),
    ("policies:\n", "policies:\n  lost: {functional: [{notify: person:omar, wait: 5m}]}\n"),
    ("last_resort: [person:nadia, person:omar]", "last_resort: [person:omar]"),
)


def only(name: str, text: str, *replaced: tuple[str, str]) -> Finding:
    """The one finding of that check that is about what names no known service."""
    assert all(text.count(before) == 1 for before, _ in replaced)
    for before, after in replaced:
        text = text.replace(before, after)
    (mine,) = (one for one in found(name, text) if one.counterexample is not None and not one.counterexample.service)
    return mine


def case(one: Finding, language: str = "en") -> str:
    assert one.counterexample is not None
    return example(one.counterexample, language)


def test_of_reports_of_which_nobody_ever_hears_there_is_an_error_at_unrouted_with_a_case() -> None:
    text = changed(*GHOSTS)
    deaf = reachable(text, omar={"email": "broken"})
    resort, mine = found("nobody-reached", text, deaf)
    assert (resort.where, mine.where, mine.severity) == (("last_resort",), ("unrouted",), "error")
    assert say(resort.text).endswith("no ladder of mail, web ends at a human, and none of reports of no known service")
    assert say(mine.text).startswith("There are reports of no known service of which no human ever hears, at P1")
    assert case(mine) == "P1 on (no known service), Mon, 2 Nov 2026, 01:00 CET Europe/Berlin: nobody, ever"
    assert case(mine, "de").startswith("P1 auf (kein bekannter Dienst), ")
    assert found("nobody-reached", text) == []


@pytest.mark.parametrize(("until", "codes"), [("2199-01-01", []), ("2026-11-01", ["V013", "V091"])])
def test_what_the_proof_finds_of_them_is_allowed_at_unrouted_until_its_day_has_come(
    until: str, codes: list[str]
) -> None:
    allowed = f"allow: [{{finding: nobody-reached, at: unrouted, reason: the desk moves, until: {until}}}]\n"
    text = f"{changed(*GHOSTS)}{allowed}"
    check = [one for one in checks() if one.name == "nobody-reached"]
    seen = examine(case_of(text, reachable(text, omar={"email": "broken"})), of=check, prove=True)
    assert [one.code for one in seen.findings if one.where != ("last_resort",)] == codes
    assert [one.by.reason for one in seen.suppressed] == ([] if codes else ["the desk moves"])
    for one in seen.findings:
        assert line(text, one).startswith({"V013": ("unrouted:", "last_resort:", "["), "V091": "{finding"}[one.code])


def test_one_loss_that_leaves_them_with_nobody_is_found() -> None:
    mine = only("single-loss", changed(*GHOSTS))
    assert mine.where == ("people", "omar")
    assert say(mine.text).endswith("nobody is ever called to work on some reports of no known service")
    policy = ("  web: {team: web, policy: mail}", "  web: {team: ghosts, policy: lost}")
    (both,) = found("single-loss", changed(*GHOSTS, policy))
    assert say(both.text).endswith("on some openings: web, and reports of no known service")


def test_a_gap_of_a_schedule_that_calls_for_nothing_else_has_a_case() -> None:
    late = "  late:\n    rotations: [{people: [ana, ben], turn: daily, handoff: '09:00', starts: 2026-12-01}]\n"
    team = "  ghosts: {members: [ana, ben], lead: omar, on_call: late}\n"
    text = changed(*GHOSTS).replace(GHOSTS[1][1], f"teams:\n{team}").replace("schedules:\n", f"schedules:\n{late}")
    mine = only("coverage-gap", text.replace("notify: person:omar", "notify: team"))
    assert case(mine).startswith(
        "P2 on (no known service), Mon, 2 Nov 2026, 01:00 CET Europe/Berlin: nobody is on call"
    )


@pytest.mark.parametrize(
    ("when", "priorities"),
    [("at_least(P2)", ""), ("at_least(P1)", "P2"), ("!at_least(P3)", "P1, P2"), ("at_least(P3)", "")],
)
def test_a_condition_that_never_holds_of_them_is_looked_for_at_the_priorities_that_they_can_have(
    when: str, priorities: str
) -> None:
    text = lost(f"{{functional: [{{notify: person:ana, wait: 5m, when: '{when}'}}]}}")
    told = [say(one.text) for one in found("silent-policy", text) if one.where[:2] == ("policies", "lost")]
    said = f"Under lost nobody is called to work on {priorities}: no condition of a functional step can hold"
    assert told == ([said] if priorities else [])


def test_what_criteria_make_confidential_of_them_needs_somebody_cleared() -> None:
    criteria = (
        "criteria:\n  - {name: leak, when: \"signal.kind == 'security'\", then: {confidential: true}}\npolicies:\n"
    )
    text = lost("{functional: [{notify: person:ana, wait: 5m}]}").replace("policies:\n", criteria)
    cleared = text.replace("{name: Ben,", "{name: Ben, cleared: true,")
    assert [one.where[1] for one in found("confidential-uncleared", cleared)] == ["lost"]
    assert found("confidential-uncleared", cleared.replace("{name: Ana,", "{name: Ana, cleared: true,")) == []


def test_a_policy_under_which_only_they_have_no_promise_still_tells_management_nothing() -> None:
    levels = "levels: {respond: {'75%': {inform: team.lead}}}"
    slas = f"slas:\n  gold: {{targets: {{respond: {{else: 4h}}}}, {levels}}}\nservices:\n"
    bare = WELL[: WELL.index("    hierarchical:")].replace("services:\n", slas)
    for team in ("mail", "web"):
        bare = bare.replace(
            f"  {team}: {{team: {team}, policy: mail}}", f"  {team}: {{team: {team}, policy: mail, sla: gold}}"
        )
    assert [one.where for one in found("management-unaware", bare)] == [("policies", "mail")]
    ladders = "functional: [{notify: team, wait: 5m}], hierarchical: [{after: 15m, ask: role:duty}]"
    own = f"{bare.replace(*LOST)}  lost: {{{ladders}}}\n"
    assert found("management-unaware", own) == []


@pytest.mark.parametrize(("priority", "woken"), [("P5", True), ("P2", False)])
def test_the_last_resort_is_woken_for_little_only_where_they_may_be_little(priority: str, woken: bool) -> None:
    severity = ("services:\n", "priorities: {severity: {critical: P1, info: P5, else: P2}}\nservices:\n")
    text = lost("{functional: [{notify: team, wait: 5m}]}", severity, priority=priority)
    told = [one for one in found("wakes-wrong", text) if one.where[:2] == ("policies", "lost")]
    assert bool(told) is woken
