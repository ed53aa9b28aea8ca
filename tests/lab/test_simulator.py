"""The simulator: the same rules on a virtual clock, with people and providers that behave as told."""

import pytest

from tests.cast import ANA, BEN, DANA, EVE, HOUR, MINUTE, MONDAY, contact, facts, small_rulebook
from tocsin.core.ids import IncidentId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant
from tocsin.core.routing.criteria import Conditions, compile_all
from tocsin.core.signal import Action, Signal
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Habit, Happening, Put, Signals, Trouble
from tocsin.lab.simulator import NoProgressError, Simulation, Transcript, play

WORLD = World(small_rulebook(), Conditions({}), facts())
TWO_WAYS = World(
    small_rulebook(contact=contact("push, email after 1m")), Conditions({}), facts("declared", "push", "email")
)
START = MONDAY + HOUR
INC = IncidentId("INC-1")


def signal(key: str = "k", action: Action = "trigger", service: str = "order-database") -> Signal:
    return Signal(key, action, "it is down", severity="critical", labels={"service": service})


def at(minutes: int, *signals: Signal) -> Happening:
    return Happening(START + minutes * MINUTE, Signals(SourceId("scripts"), signals or (signal(),)))


def does(minutes: int, command: cmd.Command) -> Happening:
    return Happening(START + minutes * MINUTE, Put(INC, command))


def sent(transcript: Transcript) -> list[tuple[int, str, str]]:
    """(minute, to, method) of whatever was handed over."""
    tries = (one for one in transcript.tried if one.outcome == "sent")
    return [((one.at - START) // MINUTE, one.message.to, one.message.method) for one in tries]


def minute(number: int) -> Instant:
    return START + number * MINUTE


def test_silence_walks_the_ladder_at_its_own_times() -> None:
    assert sent(play(WORLD, [at(0)], minute(14))) == [(0, "dana", "email"), (5, "eve", "email")]


def test_the_same_story_told_twice_is_the_same_to_the_letter() -> None:
    happenings = [at(0), at(3, signal("other", service="customer-care")), does(7, cmd.Acknowledge("eve"))]
    assert play(WORLD, happenings, minute(300)) == play(WORLD, happenings, minute(300))


def test_stepping_by_hand_and_playing_at_once_are_the_same() -> None:
    simulation = Simulation(WORLD)
    simulation.expect([at(0), does(7, cmd.Acknowledge("eve"))])
    for number in range(90):
        simulation.run(minute(number))
    assert simulation.transcript() == play(WORLD, [at(0), does(7, cmd.Acknowledge("eve"))], minute(89))


def test_somebody_with_a_habit_acknowledges_so_long_after_their_page() -> None:
    transcript = play(WORLD, [at(0)], minute(10), Behaviour(habits=(Habit(EVE, "acknowledge", 2 * MINUTE),)))
    acknowledged = [event for event in transcript.events("INC-1") if isinstance(event, ev.Acknowledged)]
    assert [(event.by, event.at) for event in acknowledged] == [(EVE, minute(7))]


def test_a_passing_failure_is_told_once_and_sent_when_it_is_over() -> None:
    down = Behaviour((Trouble("passing", START, minute(4)),))
    transcript = play(WORLD, [at(0)], minute(4), down)
    outcomes = [event.outcome for event in transcript.events("INC-1") if isinstance(event, ev.Delivery)]
    assert outcomes == ["passing", "sent"]
    assert [one.late for one in transcript.tried] == [0, 4 * MINUTE]


def test_what_an_acknowledgement_makes_needless_is_not_sent_after_an_outage() -> None:
    down = Behaviour((Trouble("passing", START, minute(4)),))
    assert sent(play(WORLD, [at(0), does(2, cmd.Acknowledge("dana"))], minute(4), down)) == []


def test_a_method_that_failed_for_good_is_broken_for_every_later_page() -> None:
    gone = Behaviour((Trouble("permanent", START, method="push", person="dana"),))
    simulation = Simulation(TWO_WAYS, gone)
    simulation.expect([at(0), at(1, signal("other"))])
    simulation.run(minute(1))
    assert simulation.world.facts.methods["dana"] == {"push": "broken", "email": "declared"}
    assert TWO_WAYS.facts.methods["dana"]["push"] == "declared"
    assert [one.message.method for one in simulation.tried if one.message.incident == "INC-2"] == ["email"]


def test_a_key_finds_its_incident_until_the_flap_window_has_passed() -> None:
    over = signal(action="resolve")
    late = Happening(minute(22) + 1, Signals(SourceId("scripts"), (signal(),)))
    for last, statuses in ((at(22), ["open"]), (late, ["resolved", "open"])):
        transcript = play(WORLD, [at(0), at(1, over), at(10), at(12, over), last], minute(23))
        assert [one.status for one in transcript.incidents.values()] == statuses


def test_a_resolve_of_nothing_makes_no_incident() -> None:
    assert play(WORLD, [at(0, signal(action="resolve"))], minute(1)).incidents == {}


def test_signals_of_several_keys_are_several_incidents_and_the_load_is_shared_between_them() -> None:
    many = (signal("a", service="nowhere"), signal("b", service="nowhere"))
    transcript = play(WORLD, [at(0, *many)], minute(0))
    assert [one.functional.called for one in transcript.incidents.values()] == [(ANA,), (BEN,)]


def test_the_same_delivery_within_a_minute_joins_and_is_not_counted() -> None:
    counting = World(small_rulebook(), compile_all(["reports('10m') >= 3"]), facts())
    seconds = [Happening(START + n * 1_000_000, Signals(SourceId("scripts"), (signal(),))) for n in (0, 30, 120)]
    events = play(counting, seconds, minute(3)).events("INC-1")
    assert [(event.at - START) // 1_000_000 for event in events if isinstance(event, ev.Repeated)] == [120]


def test_a_refused_command_is_kept_with_its_reason() -> None:
    transcript = play(WORLD, [at(0), does(1, cmd.Accept("eve", request="r9"))], minute(1))  # type: ignore[arg-type]
    assert [(one.incident, one.why.code) for one in transcript.refused] == [("INC-1", "unknown_request")]


def test_at_one_instant_timers_come_before_people() -> None:
    transcript = play(WORLD, [at(0), does(5, cmd.Acknowledge("dana"))], minute(5))
    assert sent(transcript)[:2] == [(0, "dana", "email"), (5, "eve", "email")]
    assert transcript.incidents["INC-1"].owner == DANA


def test_a_tick_that_changes_nothing_is_an_error_and_not_an_endless_loop() -> None:
    simulation = Simulation(WORLD)
    simulation.expect([at(0)])
    simulation.run(minute(0))
    with pytest.raises(NoProgressError):
        simulation._tick("INC-1")


def test_a_play_that_would_never_end_stops_when_enough_was_done_and_says_so() -> None:
    whole = play(WORLD, [at(0)], minute(600))
    part = play(WORLD, [at(0)], minute(600), most=12)
    assert (whole.whole, part.whole) == (True, False)
    assert part.told == whole.told[: len(part.told)]
    assert 0 < len(part.told) < len(whole.told)


def test_what_is_overdue_when_it_fires_again_comes_after_the_messages_of_that_instant() -> None:
    happenings = [at(0), at(10, signal(action="resolve")), at(18)]
    facts = [event for event in play(WORLD, happenings, minute(18)).events("INC-1") if event.at == minute(18)]
    named = [type(event) for event in facts if isinstance(event, ev.Delivery | ev.RungFired)]
    assert named.index(ev.RungFired) == named.count(ev.Delivery) - 1  # frank's, who hears of it by that step, is later
