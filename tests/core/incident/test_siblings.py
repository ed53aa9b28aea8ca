"""More alerts than one incident keeps: who keeps them, who is paged for them, and what happens when the first ends."""

from itertools import count

from tests.cast import MONDAY, small_rulebook, target
from tests.core.incident.play import SOURCE, Play, signal, world
from tocsin.core.ids import IncidentId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.ending import FLAP_WINDOW
from tocsin.core.incident.sharing import MOST_SIBLINGS, Put, concerns_others, share_out, succession
from tocsin.core.incident.siblings import JUDGED_AGAIN, attended
from tocsin.core.incident.state import ALERT_LIMIT, Alert, Incident
from tocsin.core.instant import MINUTE
from tocsin.core.signal import Signal

FIRST, SECOND, THIRD = (IncidentId(f"INC-{n}") for n in (1, 2, 3))
ON, OFF = Alert(firing=True), Alert(firing=False)


def incident(id_: IncidentId, *names: str, firing: bool = True, full: bool = False, **fields: object) -> Incident:
    """One with these alerts; a full one has others besides."""
    others = {f"{id_}:{n}": OFF for n in range(ALERT_LIMIT - len(names))} if full else {}
    plain = {"status": "open", "priority": "P2", "alerts": {name: Alert(firing=firing) for name in names} | others}
    return Incident(id_, **(plain | fields))  # type: ignore[arg-type]


def shared(first: Incident, *siblings: Incident, signals: tuple[Signal, ...], texts: tuple[str, ...] = ()) -> list[Put]:
    fresh = (IncidentId(f"NEW-{n}") for n in count(1))
    report = cmd.Report(SOURCE, "scripts", signals, texts)
    return list(share_out(report, first, siblings, MONDAY, lambda: next(fresh)))


def told(puts: list[Put]) -> list[tuple[str, list[str]]]:
    """Who gets which alerts; what is no report by its name."""
    return [
        (id_, [one.alert for one in command.signals] if isinstance(command, cmd.Report) else [type(command).__name__])
        for id_, command in puts
    ]


# ------------------------------------------------------------------------------------------ who keeps what


def test_a_report_that_one_incident_has_room_for_is_left_as_it_is() -> None:
    first, report = incident(FIRST, "a"), cmd.Report(SOURCE, "scripts", (signal(alert="b"),))
    assert not concerns_others(first, report)
    assert share_out(report, first, (), MONDAY, lambda: SECOND) == ((FIRST, report),)


def test_alerts_that_a_full_incident_does_not_know_open_a_sibling_and_it_hears_of_them() -> None:
    first = incident(FIRST, "a", full=True, confidential=True)
    puts = shared(first, signals=(signal(alert="a"), signal(alert="b"), signal(alert="c")), texts=("t1", "", "t3"))
    assert told(puts) == [(FIRST, ["a"]), ("NEW-1", ["b", "c"]), (FIRST, ["Overflow"])]
    (_, kept), (_, heard) = puts[1:]
    assert isinstance(kept, cmd.Report)
    assert (kept.beside, kept.texts) == (cmd.Beside(FIRST, confidential=True), ("", "t3"))
    assert isinstance(heard, cmd.Overflow)
    assert (heard.siblings, [one.alert for one in heard.signals]) == (("NEW-1",), ["b", "c"])


def test_what_a_sibling_has_room_for_joins_it_and_each_finds_whoever_keeps_it() -> None:
    first, second = incident(FIRST, "a", full=True), incident(SECOND, "b")
    puts = shared(
        first,
        second,
        signals=(signal(action="resolve", alert="b"), signal(action="resolve", alert="a"), signal(alert="c")),
    )
    assert told(puts) == [(SECOND, ["b", "c"]), (FIRST, ["a"]), (FIRST, ["Overflow"])]
    known = shared(first, second, signals=(signal(action="resolve", alert="b"),))
    assert told(known) == [(SECOND, ["b"])]


def test_more_than_fit_into_one_sibling_open_another() -> None:
    puts = shared(Incident(FIRST), signals=tuple(signal(alert=str(n)) for n in range(2 * ALERT_LIMIT + 1)))
    assert [(id_, len(alerts)) for id_, alerts in told(puts)] == [
        (FIRST, ALERT_LIMIT), ("NEW-1", ALERT_LIMIT), ("NEW-2", 1), (FIRST, 1),
    ]  # fmt: skip


def test_only_so_many_siblings_are_made_and_the_rest_is_counted() -> None:
    siblings = [incident(IncidentId(f"INC-{n}"), full=True) for n in range(2, MOST_SIBLINGS + 2)]
    puts = shared(incident(FIRST, full=True), *siblings, signals=(signal(alert="one more"),))
    assert told(puts) == [(FIRST, ["one more"])]


def test_a_resolve_or_an_acknowledgement_of_what_nobody_knows_makes_no_sibling() -> None:
    first = incident(FIRST, full=True)
    assert told(shared(first, signals=(signal(action="resolve", alert="x"),))) == [(FIRST, ["x"])]
    assert told(shared(first, signals=(signal(action="acknowledge", alert="x"),))) == [(FIRST, ["x"])]
    second = incident(SECOND, "b")
    assert told(shared(first, second, signals=(signal(action="resolve", alert="x"),))) == [(SECOND, ["x"])]
    assert told(shared(first, second, signals=(signal(action="acknowledge", alert="b"),))) == [(FIRST, ["b"])]


def test_a_sibling_that_ended_longer_ago_than_the_flap_window_is_out_of_use() -> None:
    first = incident(FIRST, full=True)
    ended = incident(SECOND, "b", firing=False, status="resolved", resolved_at=MONDAY - FLAP_WINDOW)
    assert told(shared(first, ended, signals=(signal(alert="b"),)))[0] == (SECOND, ["b"])
    later = incident(SECOND, "b", firing=False, status="resolved", resolved_at=MONDAY - FLAP_WINDOW - 1)
    assert told(shared(first, later, signals=(signal(alert="b"),)))[0] == ("NEW-1", ["b"])


def test_where_all_had_ended_a_sibling_that_fires_again_goes_on_in_the_place_of_the_first() -> None:
    over = {"status": "resolved", "resolved_at": MONDAY - MINUTE, "firing": False}
    puts = shared(incident(FIRST, full=True, **over), incident(SECOND, "b", **over), signals=(signal(alert="b"),))
    (_, report), (id_, command) = puts
    assert isinstance(report, cmd.Report)
    assert report.beside is None
    assert (id_, command) == (SECOND, cmd.FirstEnded(SECOND))


def test_the_worst_of_those_that_still_fire_goes_on_and_the_others_beside_it() -> None:
    second, third = incident(SECOND, "b"), incident(THIRD, "c", priority="P1")
    over = incident(IncidentId("INC-4"), status="resolved", resolved_at=MONDAY - 2 * FLAP_WINDOW)
    assert succession((second, third, over), MONDAY) == (
        (THIRD, cmd.FirstEnded(THIRD, (SECOND,))),
        (SECOND, cmd.FirstEnded(THIRD)),
    )
    assert succession((over,), MONDAY) == ()


# ------------------------------------------------------------------------------------------- who is paged


def held(has_somebody: bool = True) -> Play:
    """A sibling of INC-0, held since Monday morning."""
    play = Play(world().beside(IncidentId("INC-0") if has_somebody else None))
    play.put(cmd.Report(SOURCE, "scripts", (signal(alert="b"),), beside=cmd.Beside(IncidentId("INC-0"))))
    return play


def test_a_sibling_opens_and_pages_nobody_while_the_first_has_somebody() -> None:
    play = held()
    assert (play.state.status, play.state.sibling_of, play.state.hierarchical) == ("open", "INC-0", ())
    play.wait("3h")
    assert play.messages == []
    assert [fact.until - fact.at for fact in play.facts(ev.HeldBeside)] == [JUDGED_AGAIN] * 7


def test_when_the_first_has_nobody_it_stands_for_itself_from_the_next_time_it_is_judged() -> None:
    play = held(has_somebody=False)
    play.wait("29m")
    assert play.messages == []
    play.wait("1m")
    assert play.calls() == [(30, "dana")]
    assert play.state.held_until is None
    assert play.state.ladder_start == MONDAY + JUDGED_AGAIN
    assert len(play.state.hierarchical) == len(small_rulebook().policies["production"].hierarchical)


def test_when_the_first_ends_it_stands_at_once() -> None:
    play = held()
    play.put(cmd.FirstEnded(FIRST, (SECOND,)))
    assert play.calls() == [(0, "dana")]
    assert play.state.siblings == (SECOND,)
    (fact,) = play.facts(ev.Stood)
    assert (fact.why.key, fact.why.values) == ("sibling.first_ended", {"incident": "INC-0"})


def test_when_another_sibling_goes_on_it_is_held_beside_that() -> None:
    play = held()
    play.wait("10m")
    play.put(cmd.FirstEnded(SECOND))
    assert (play.state.sibling_of, play.state.held_until) == (SECOND, MONDAY + 10 * MINUTE + JUDGED_AGAIN)
    assert play.messages == []


def test_its_own_alerts_resolve_it_and_fire_again_held_as_before() -> None:
    play = held()
    play.report(signal(action="resolve", alert="b"))
    assert (play.state.status, play.state.held_until) == ("resolved", None)
    assert play.refused(cmd.FirstEnded(FIRST)) == "ended"
    play.put(cmd.Report(SOURCE, "scripts", (signal(alert="b"),), beside=cmd.Beside(IncidentId("INC-0"))))
    assert (play.state.status, play.state.held_until) == ("open", MONDAY + JUDGED_AGAIN)
    assert play.messages == []


def fires_again_beside_the_first(play: Play) -> None:
    """Its alerts end, and a minute later they fire again while the first has somebody."""
    play.report(signal(action="resolve", alert="b"))
    play.wait("1m")
    play.world = play.world.beside(IncidentId("INC-0"))
    play.put(cmd.Report(SOURCE, "scripts", (signal(alert="b"),), beside=cmd.Beside(IncidentId("INC-0"))))


def test_what_had_begun_to_page_is_held_when_it_fires_again_however_late_the_next_tick() -> None:
    play = held(has_somebody=False)
    play.wait("31m")
    fires_again_beside_the_first(play)
    assert play.state.held_until is not None
    play.outage("5h")
    play.wait("1h")
    assert play.calls() == [(30, "dana")]


def test_a_step_that_rested_is_entered_afresh_when_the_first_has_nobody_any_more() -> None:
    play = held(has_somebody=False)
    play.wait("31m")
    fires_again_beside_the_first(play)
    play.wait("3h")
    play.world = play.world.beside(None)
    play.wait("40m")
    assert [who for _, who in play.calls()] == ["dana", "dana", "eve"]
    (_, stood) = play.facts(ev.Stood)
    assert play.facts(ev.StepEntered)[1].at == stood.at


def test_one_that_is_held_while_flapping_pages_nobody_when_it_gets_worse() -> None:
    play = held(has_somebody=False)
    play.wait("31m")
    for _ in range(4):
        fires_again_beside_the_first(play)
    assert play.state.flap.quiet_at is not None
    beside = cmd.Beside(IncidentId("INC-0"))
    play.put(cmd.Report(SOURCE, "scripts", (signal(alert="c", severity="critical"),), beside=beside))
    assert play.calls() == [(30, "dana")]


def test_one_that_somebody_has_is_theirs_when_it_fires_again_and_pages_when_they_let_it_lapse() -> None:
    play = held(has_somebody=False)
    play.wait("31m")
    play.acknowledge("dana")
    fires_again_beside_the_first(play)
    assert (play.state.owner, play.state.held_until) == ("dana", None)
    assert play.calls() == [(30, "dana"), (32, "dana")]
    play.put(cmd.Unacknowledge("dana"))
    assert play.calls()[2:] == [(32, "dana")]


def test_one_acknowledged_while_it_was_held_stands_with_both_ladders_when_it_fires_again() -> None:
    play = held()
    play.acknowledge("ana")
    fires_again_beside_the_first(play)
    assert (play.state.owner, play.state.held_until, play.calls()) == ("ana", None, [(1, "ana")])
    assert len(play.state.hierarchical) == len(small_rulebook().policies["production"].hierarchical)


def test_what_a_person_gives_to_somebody_is_held_no_longer() -> None:
    play = held()
    play.put(cmd.Reassign("ana", target("person:eve")))
    assert play.state.held_until is None
    assert play.calls() == [(0, "eve")]


def test_it_stands_where_it_fires_again_and_the_first_is_over() -> None:
    play = held()
    play.report(signal(action="resolve", alert="b"))
    play.wait("1m")
    play.report(signal(alert="b"))
    assert play.calls() == [(1, "dana")]


def test_reopened_by_a_person_it_stands_for_itself() -> None:
    play = held()
    play.put(cmd.Resolve("ana"))
    play.put(cmd.Reopen("ana"))
    assert play.calls() == [(0, "dana")]


def test_whoever_acknowledges_it_has_it_and_when_they_let_go_it_pages() -> None:
    play = held()
    play.acknowledge("ana")
    assert (play.state.status, play.state.held_until) == ("acknowledged", None)
    play.put(cmd.Unacknowledge("ana"))
    assert play.calls() == [(0, "dana")]


def test_a_raised_priority_ends_no_hold() -> None:
    play = held()
    play.put(cmd.SetPriority("ana", "P1", "bad"))
    play.put(cmd.Snooze("ana", MONDAY + MINUTE))
    play.wait("2m")
    assert play.messages == []
    assert play.state.held_until is not None


def test_the_first_is_raised_by_what_its_siblings_keep_and_wakes() -> None:
    play = Play(world())
    play.trigger(severity="warning")
    play.put(cmd.Snooze("ana", MONDAY + 60 * MINUTE))
    before = play.state.priority
    play.put(cmd.Overflow((SECOND,), (signal(alert="x", severity="critical"), signal(alert="y", severity="warning"))))
    assert (before, play.state.priority, play.state.snoozed_until) == ("P3", "P1", None)
    (fact,) = play.facts(ev.Overflowed)
    assert (fact.n, fact.severity, play.state.siblings) == (2, "critical", (SECOND,))


def test_an_incident_has_somebody_while_it_is_live_and_owned_or_on_its_ladder() -> None:
    play = Play(world())
    assert not attended(play.state)
    play.trigger()
    play.wait("1d")
    assert attended(play.state)
    play.acknowledge("dana")
    assert attended(play.state)
    play.put(cmd.Resolve("dana"))
    assert not attended(play.state)
    assert not attended(held().state)  # which waits itself
