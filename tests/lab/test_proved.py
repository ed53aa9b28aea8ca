"""What the proof itself finds: openings of which nobody hears, single losses, and defects of the proof's own."""

from msgspec.structs import replace

from tests.lab.broken import broken
from tests.lab.broken import case_of as sound_case
from tests.lab.proving import WELL, case_of, changed, reachable
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, parse_instant
from tocsin.core.oncall.override import Facts
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.checks import clock_change, sla_unreachable
from tocsin.lab.verifier.confirming import confirm
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.exploring import Explored, Explorer
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.opening import openings
from tocsin.lab.verifier.reach import Disagreement, Proof
from tocsin.lab.verifier.timeline import Ground
from tocsin.lib.translate import say

BEN = PersonId("ben")


def short(text: str = WELL, facts: Facts | None = None) -> Case:
    """A case of three days: enough to prove, and quick."""
    whole = case_of(text, facts)
    return Case(whole.rulebook, whole.conditions, whole.start, whole.facts, horizon=3 * DAY)


def found(code: str, case: Case) -> list[Finding]:
    return [one for one in examine(case, prove=True).findings if one.code == code]


def test_a_sound_rulebook_has_nothing_that_its_proof_finds() -> None:
    assert [one for one in examine(short(), prove=True).findings if one.code < "V015"] == []


def disagreeing(case: Case) -> tuple[Disagreement, ...]:
    """What the real rules say to a prover that took ben for whoever is rung first."""
    ground = Ground(case.world, case.start)
    row = next(one for one in case.proof.rows if (one.service, one.priority) == ("mail", "P1"))
    opening = openings(ground, case.rulebook.services[row.service], row.priority, row.kind).all[0]
    one = Explorer(ground, case.end).ways(opening)[0]
    assert one.way.first[0].people != (BEN,)
    wrong = replace(one.way, first=tuple(replace(each, people=(BEN,)) for each in one.way.first))
    misled = Explored(one.opening, one.supposed, wrong)
    return tuple(confirm(ground, replace(row, first=replace(row.first, people=(BEN,))), [misled]))


def test_where_proof_and_rules_disagree_it_is_an_error_that_asks_to_report_it() -> None:
    case = short()
    told = disagreeing(case)
    assert [one.rung for one in told] == ["first"]
    case.__dict__["proof"] = replace(case.proof, disagreements=told)
    (finding,) = found("V000", case)
    assert (finding.severity, finding.where) == ("error", ("services", "mail"))
    assert "it is tocsin that is wrong here" in say(finding.text)
    assert "report it" in say(finding.hint)
    assert finding.counterexample is not None
    assert "ben at 2026-11-02T" in say(finding.counterexample.text)
    assert finding.counterexample.at == told[0].opening


def test_a_proof_that_breaks_down_is_a_finding_and_hides_no_other() -> None:
    class Broken(Case):
        @property
        def proof(self) -> Proof:  # type: ignore[override]
            raise ZeroDivisionError("on purpose")

    whole = case_of(changed(("hand_over: team, wait: 5m", "hand_over: team, wait: 30s")))
    case = Broken(whole.rulebook, whole.conditions, whole.start, whole.facts)
    codes = [one.code for one in examine(case, prove=True).findings]
    assert codes.count("V093") == 1
    assert "V026" in codes
    assert not set(codes) & {"V000", "V013", "V014"}


def test_a_service_that_reaches_nobody_is_an_error_with_a_case() -> None:
    ways = {one: {"email": "broken"} for one in ("ana", "ben", "dana", "carla", "omar", "nadia")}
    findings = found("V013", short(facts=reachable(WELL, **ways)))  # type: ignore[arg-type]
    services = [one for one in findings if one.where[0] == "services"]
    assert [one.where for one in services] == [("services", "mail"), ("services", "web")]
    assert all(one.counterexample is not None and one.counterexample.reached_at is None for one in services)
    (endless,) = (one for one in findings if one.where == ("last_resort",))
    assert "nobody of the last resort can be reached" in say(endless.text)


def test_a_way_on_which_all_hang_is_found_once() -> None:
    only = {one: {"email": "verified"} for one in ("ana", "ben", "dana", "carla", "omar", "nadia")}
    findings = found("V014", short(facts=reachable(WELL, **only)))  # type: ignore[arg-type]
    assert [(one.where, one.severity) for one in findings] == [(("contact",), "warning")]
    assert say(findings[0].text).startswith("If email fails or its provider is down")
    assert all(one.counterexample is not None and one.counterexample.assuming for one in findings)


def test_what_only_the_proof_would_find_is_no_idle_allowance_while_nothing_is_proved() -> None:
    allowed = 'allow: [{finding: single-loss, at: contact, reason: "another comes in March", until: 2027-03-01}]\n'
    only = {one: {"email": "verified"} for one in ("ana", "ben", "dana", "carla", "omar", "nadia")}
    case = short(f"{WELL}{allowed}", reachable(WELL, **only))  # type: ignore[arg-type]
    assert [one.code for one in examine(case).findings if one.code == "V092"] == []
    proved = examine(case, prove=True)
    assert {one.finding.code for one in proved.suppressed} == {"V014"}
    assert found("V092", short(f"{WELL}{allowed}")) != []


def test_a_promise_that_only_a_policy_of_a_criterion_misses_is_found_once_it_is_proved() -> None:
    slow = "      - {hand_over: team:security, wait: 5m}\n      - {notify: team.next, wait: 10m}\n"
    text = broken((slow, slow.replace("5m", "45m")), ("policy: security-breach, sla: gold", "policy: security-breach"))
    whole = sound_case(text, horizon=3 * DAY)
    assert list(sla_unreachable.CHECK.find(whole)) == []
    (finding,) = found("V021", whole)
    assert finding.where[:3] == ("policies", "security-breach", "functional")
    case = finding.counterexample
    assert case is not None
    assert case.service in ("checkout", "order-database")
    assert any("Supposed that this holds: signal.labels.category" in say(one) for one in case.assuming)


def test_the_sound_rulebook_is_sound_also_where_it_is_proved() -> None:
    assert examine(sound_case(broken(), horizon=21 * DAY), prove=True).findings == ()


def test_a_hole_of_the_clock_says_who_is_called_then_and_who_usually_is() -> None:
    text = changed(
        ('Europe/Berlin, week: {mon-sun: ["00:00-08:00"', 'America/New_York, week: {mon-sun: ["00:00-02:00"'),
        ('"20:00-24:00"]', '"14:00-24:00"]'),
    )
    start = parse_instant("2027-02-10T00:00:00Z")
    whole = case_of(text, start=start)
    case = Case(whole.rulebook, whole.conditions, start, whole.facts, horizon=40 * DAY)
    (quick,) = clock_change.CHECK.find(case)
    assert quick.counterexample is None
    (finding,) = found("V008", case)
    told = finding.counterexample
    assert told is not None
    assert told.text.values["then"] != told.text.values["usual"]
    assert told.at == parse_instant("2027-03-15T06:00:00Z")
    assert told.reached_at is not None
