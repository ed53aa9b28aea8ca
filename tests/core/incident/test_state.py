"""The incident as a value: small, read back as it was written, folded from its events, with every timer inside."""

import msgspec
import pytest

from tests.cast import HOUR, MONDAY, small_rulebook
from tests.core.incident.play import Play, ask, ladder, notify, put_decision, signal, world
from tocsin.core.decider import Decider
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.due import due, next_timer, timers
from tocsin.core.incident.evolve import APPLY, evolve, initial
from tocsin.core.incident.state import ALERT_LIMIT, Cursor, Incident, Pending, Ring, Round
from tocsin.core.incident.tick import MOST
from tocsin.core.incident.turn import Turn
from tocsin.core.signal import Link

DECIDER: Decider[Incident, ev.Event] = Decider(initial, evolve, due)


def test_a_thousand_alerts_with_long_names_fit_into_64_kib() -> None:
    play = Play(world())
    labels = {f"label-{number}-{'n' * 50}": "v" * 250 for number in range(60)}
    alerts = (
        signal(alert=f"{number:064}", at=MONDAY + number, severity="critical", labels=labels, title="t" * 2000)
        for number in range(ALERT_LIMIT)
    )
    play.report(*alerts)
    play.wait("3h")
    assert len(play.state.alerts) == ALERT_LIMIT
    assert len(msgspec.json.encode(play.state)) < 64 * 1024


def test_a_long_life_leaves_a_small_state() -> None:
    play = ladder(notify("team.all"), hierarchical=[ask("role:duty-manager", "0m")], repeat=20)
    play.trigger()
    play.wait("1d")
    for _ in range(50):
        play.acknowledge("ana")
        play.put(cmd.Unacknowledge("ana"))
    assert len(play.events) > 1000
    assert len(msgspec.json.encode(play.state)) < 8 * 1024


def test_the_fold_of_its_events_is_its_state() -> None:
    play = Play(world())
    play.trigger(links=(Link("https://acme.example/runbook", "runbook"),))
    play.wait("45m")
    play.acknowledge("carla")
    assert DECIDER.fold("INC-1", play.events) == play.state
    assert [state.seq for _, state in DECIDER.replay("INC-1", play.events)] == list(range(1, len(play.events) + 1))


def test_every_fact_reads_back_as_it_was_written() -> None:
    steps = [ask("role:duty-manager", "0m"), put_decision("role:duty-manager", "1m")]
    play = ladder(notify("team:service-desk"), hierarchical=steps)
    play.trigger()
    play.wait("2h")
    for event in play.events:
        assert msgspec.json.decode(msgspec.json.encode(event), type=ev.Event) == event  # type: ignore[arg-type]
    assert msgspec.json.decode(msgspec.json.encode(play.state), type=Incident) == play.state


def test_every_fact_and_command_has_a_tag_of_its_own() -> None:
    tags = [kind.__struct_config__.tag for kind in ev.Event.__args__]
    assert len(set(tags)) == len(tags)
    commands = [kind.__struct_config__.tag for kind in cmd.Command.__args__]
    assert len(set(commands)) == len(commands)


def test_somebody_applies_every_fact() -> None:
    assert set(APPLY) == set(ev.Event.__args__)


def test_its_now_never_goes_back() -> None:
    play = Play(world())
    play.trigger()
    play.now = MONDAY - HOUR
    play.put(cmd.Note("ana", "t1"))
    assert play.state.at == MONDAY
    assert play.facts(ev.Noted)[0].at == MONDAY


def test_before_its_first_fact_nothing_will_happen() -> None:
    assert due(initial("INC-1")) is None
    assert not initial("INC-1").live


def test_every_timer_is_in_the_state_and_the_earliest_is_due() -> None:
    steps = [ask("role:duty-manager", "0m"), put_decision("role:duty-manager", "1h")]
    play = ladder(notify("team:service-desk", "10m"), hierarchical=steps)
    play.trigger()
    play.put(cmd.Pend("ana", "vendor"))
    kinds = {timer.kind for timer in timers(play.state)}
    assert kinds == {"pending", "call", "step", "rung", "request"}
    first = next_timer(play.state)
    assert first is not None
    assert (first.kind, first.at) == ("call", due(play.state))


def test_a_tick_before_it_is_due_does_nothing_and_one_more_changes_nothing() -> None:
    play = ladder(notify("person:ana"), notify("person:ben"))
    play.trigger()
    play.now += 1
    assert play.tick() == ()
    play.outage("5m")
    assert play.tick() == ()


def test_one_tick_serves_so_many_timers_and_the_rest_comes_with_the_next() -> None:
    play = ladder(*(notify("person:ana", "0m") for _ in range(3)), repeat=100)
    play.trigger()
    play.tick()
    assert len(play.facts(ev.StepEntered)) == MOST + 1
    assert (due(play.state) or 0) <= play.now
    play.tick()
    assert play.state.functional.exhausted


def test_closed_has_no_timer() -> None:
    play = ladder(notify("person:ana"))
    play.trigger()
    play.resolved()
    assert [timer.kind for timer in timers(play.state)] == ["close"]
    play.wait("4d")
    assert due(play.state) is None


@pytest.mark.parametrize("field", ["snoozed_until", "suspended_until"])
def test_while_it_rests_functional_timers_do_not_count(field: str) -> None:
    cursor = Cursor(0, due_at=5, queue=("ben",), call_at=3)
    state = Incident(initial("INC-1").id, "open", functional=cursor)
    assert due(state) == 3
    assert due(msgspec.structs.replace(state, **{field: 9})) == 9


def test_a_waiting_ring_is_a_timer_of_a_live_incident_only() -> None:
    rounds = (Round(1, "ana", "page", "urgent", (Ring("email", 1, "sent"), Ring("sms", 7)), ()),)  # type: ignore[arg-type]
    state = Incident(initial("INC-1").id, "acknowledged", rounds=rounds, pending=Pending("vendor", 8))
    assert due(state) == 7
    assert due(msgspec.structs.replace(state, status="resolved")) is None


def test_hours_that_are_known_no_more_count_as_always() -> None:
    play = ladder(notify("person:ana"))
    play.trigger()
    turn = Turn(play.state, play.world, play.now)
    assert turn.hours(None) is None
    assert turn.hours("gone") is None  # type: ignore[arg-type]


def test_hours_that_never_open_again_count_as_always() -> None:
    book = small_rulebook()
    office = book.hours["office"]
    never = msgspec.structs.replace(office, week=((),) * 7)
    play = ladder(notify("person:ana", "2h", hours=office.id), rules={"hours": {"office": never}})
    play.trigger()
    assert play.state.functional.due_at == MONDAY + 2 * HOUR
