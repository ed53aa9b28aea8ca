"""From a signal to an incident: where it goes, how bad it is, and that nothing that comes in goes nowhere."""

import msgspec
import pytest

from tests.cast import MONDAY, small_rulebook
from tests.core.incident.play import SOURCE, Play, inform, ladder, notify, signal, world
from tocsin.core.ids import SourceId, TeamId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.opening import route
from tocsin.core.incident.state import ALERT_LIMIT
from tocsin.core.incident.telling import tell
from tocsin.core.phrase import Phrase
from tocsin.core.routing.source import Source
from tocsin.core.signal import Link


def test_it_stands_with_the_team_of_its_service_under_its_policy() -> None:
    play = Play(world())
    play.trigger(service="checkout")
    state = play.state
    assert (state.service, state.team, state.policy, state.digest) == (
        "checkout",
        "payments",
        "production",
        "production-1",
    )
    assert play.calls() == [(0, "gita")]


@pytest.mark.parametrize(("severity", "priority"), [("critical", "P1"), ("warning", "P3"), ("", "P2"), ("odd", "P2")])
def test_its_priority_is_what_the_severity_is_worth(severity: str, priority: str) -> None:
    play = Play(world())
    play.trigger(severity=severity)
    assert play.state.priority == priority


def test_the_worst_of_several_alerts_counts() -> None:
    play = Play(world())
    play.report(signal(alert="a", severity="info"), signal(alert="b", severity="critical"))
    assert (play.state.priority, play.state.severity) == ("P1", "critical")


def test_the_service_may_stand_in_a_label_that_the_source_names() -> None:
    book = small_rulebook()
    assert route(signal(service="", labels={"service": "checkout"}), SOURCE, book).service == "checkout"
    assert route(signal(service="", labels={"service": "checkout"}), SourceId("new"), book).service == "checkout"


def test_a_source_may_name_its_service_and_kind() -> None:
    care = Source(SOURCE, "email", "care", "customer-care", "complaint")
    play = Play(world(small_rulebook(sources={"scripts": care})))
    play.trigger(service="", severity="warning")
    assert (play.state.service, play.state.kind) == ("customer-care", "complaint")


# -------------------------------------------------------------------------------------- nowhere to go


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"service": ""}, "finding.no_service"),
        ({"service": "nowhere"}, "finding.unknown_service"),
        ({"raw": True}, "finding.raw"),
    ],
)
def test_what_has_no_place_runs_under_unrouted_with_a_finding(fields: dict[str, object], finding: str) -> None:
    play = Play(world())
    play.trigger(severity="info", **fields)
    assert (play.state.service, play.state.team, play.state.priority) == (None, "service-desk", "P2")
    assert [fact.finding.key for fact in play.facts(ev.Found)] == [finding]
    assert len(play.calls()) == 1


def test_a_service_whose_team_is_gone_runs_under_unrouted() -> None:
    book = small_rulebook()
    teams = {name: team for name, team in book.teams.items() if name != "payments"}
    play = Play(world(msgspec.structs.replace(book, teams=teams)))
    play.trigger(service="checkout")
    assert play.state.team == "service-desk"


def test_unrouted_is_never_less_than_what_the_sender_claims() -> None:
    play = Play(world())
    play.trigger(service="nowhere", severity="critical")
    assert play.state.priority == "P1"


def test_the_same_finding_stands_once() -> None:
    play = Play(world())
    play.trigger(service="nowhere")
    play.put(cmd.Resolve("ana"))
    play.trigger(service="nowhere")
    assert len(play.state.findings) == 1


# ------------------------------------------------------------------------------------------ batches


def test_one_report_may_open_several_alerts() -> None:
    play = Play(world())
    play.report(signal(alert="a"), signal(alert="b"))
    assert sorted(play.state.alerts) == ["a", "b"]
    assert len(play.facts(ev.Opened)) == 1
    assert len(play.calls()) == 1


def test_a_trigger_and_its_resolve_in_one_report_leave_a_resolved_incident() -> None:
    play = Play(world())
    play.report(signal(), signal(action="resolve"))
    assert play.state.status == "resolved"


def test_the_sender_s_clock_decides_within_a_report() -> None:
    play = Play(world())
    play.report(signal(at=MONDAY), signal(action="resolve", at=MONDAY - 1))
    assert play.state.status == "open"


def test_a_report_that_is_acknowledged_there_already_pages_once_and_rests() -> None:
    play = Play(world())
    play.report(signal(), signal(action="acknowledge"))
    assert play.state.suspended_until is not None
    assert len(play.calls()) == 1


@pytest.mark.parametrize("action", ["resolve", "acknowledge"])
def test_without_a_trigger_nothing_is_opened(action: str) -> None:
    play = Play(world())
    assert play.refused(cmd.Report(SOURCE, "scripts", (signal(action=action),))) == "nothing_live"


@pytest.mark.parametrize("command", [cmd.Acknowledge("ana"), cmd.Note("ana", "t"), cmd.Resolve("ana")])
def test_nothing_can_be_done_to_what_is_not_there(command: cmd.Command) -> None:
    assert Play(world()).refused(command) == "unknown"


def test_a_tick_for_what_is_not_there_does_nothing() -> None:
    assert Play(world()).tick() == ()


def test_more_alerts_than_fit_are_counted_and_not_kept() -> None:
    play = Play(world())
    play.report(*(signal(alert=str(number)) for number in range(ALERT_LIMIT + 5)))
    assert len(play.state.alerts) == ALERT_LIMIT
    assert [fact.why.values for fact in play.facts(ev.Ignored)] == [{"n": "5"}]
    play.report(*(signal(alert=f"x{number}") for number in range(7)))
    assert [fact.why.values for fact in play.facts(ev.Ignored)] == [{"n": "5"}, {"n": "7"}]


# ---------------------------------------------------------------------------------- what is recorded


def test_long_texts_are_stored_apart() -> None:
    play = Play(world())
    play.report(signal(text="secret " * 1000), texts=("t1",))
    (opened,) = play.facts(ev.Opened)
    assert (opened.text, opened.signal.text, play.state.text) == ("t1", "", "t1")


def test_a_fact_keeps_few_labels_and_links_and_the_shortest_first() -> None:
    labels = {f"l{number:03}": "x" * number for number in range(300)}
    play = Play(world())
    play.trigger(labels=labels, links=tuple(Link(f"https://acme.example/{n}") for n in range(20)), title="y" * 5000)
    (opened,) = play.facts(ev.Opened)
    assert len(msgspec.json.encode(opened.signal)) < 8000
    assert len(opened.signal.links) == 8
    assert list(opened.signal.labels)[:2] == ["l000", "l001"]
    assert len(play.state.title) == 1024


def test_it_links_back_to_the_ended_incident_of_the_same_key() -> None:
    play = Play(world())
    play.put(cmd.Report(SOURCE, "scripts", (signal(),), after="INC-7"))
    told = tell(play.facts(ev.Opened)[0])
    assert (told.why, play.state.findings) == (Phrase("opened.after", {"incident": "INC-7"}), ())


def test_the_policy_is_pinned_by_its_content() -> None:
    play = ladder(notify("person:ana"), notify("person:ben"))
    play.trigger()
    old = play.world
    edited = ladder(notify("person:eve"), notify("person:eve"), digest="edited").world
    play.world = msgspec.structs.replace(edited, pinned={"test": old.rulebook.policies["production"]})
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (5, "ben")]


def test_a_policy_that_is_gone_altogether_leaves_that_of_unrouted() -> None:
    play = ladder(notify("person:ana"), notify("person:ben"))
    play.trigger()
    book = small_rulebook()
    policies = {"complaint": book.policies["complaint"]}
    unrouted = msgspec.structs.replace(book.unrouted, policy=book.policies["complaint"].id)
    play.world = world(msgspec.structs.replace(book, policies=policies, unrouted=unrouted))
    play.wait("6m")
    assert play.state.functional.lap == 1
    assert play.state.team == TeamId("infrastructure")


def test_steps_for_the_very_opening_are_done_with_it() -> None:
    play = ladder(notify("person:ana"), hierarchical=[inform("requester", "0m"), inform("role:head-of-it", "9h")])
    play.trigger(reporter="kai")
    assert play.calls("inform") == [(0, "kai")]


def test_a_requester_once_named_stays_known() -> None:
    play = ladder(notify("person:ana"), hierarchical=[inform("requester", "5m")])
    play.trigger(reporter="kai")
    play.trigger(alert="second")
    play.wait("6m")
    assert play.calls("inform") == [(5, "kai")]
