"""What an incident's facts mean for the desks, told once and no deeper than allowed."""

from tests.cast import ANA, DANA, KAI, MONDAY
from tocsin.core.desk import state as desk
from tocsin.core.ids import IncidentId, RequestId, TeamId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Cursor, Incident
from tocsin.core.phrase import Phrase
from tocsin.core.react import DEPTH, Reaction, react

INFRASTRUCTURE, COMPLAINTS = TeamId("infrastructure"), TeamId("complaints")
CALLING = Incident(
    IncidentId("INC-7"), "open", seq=4, team=INFRASTRUCTURE, functional=Cursor(called=(DANA,)), transfers=()
)
ENTERED = ev.StepEntered(at=MONDAY, cursor=Cursor(called=(DANA,)), why=Phrase("step.time"))


def test_a_step_that_calls_somebody_tells_the_desk_of_the_owning_team() -> None:
    command = desk.Engage(IncidentId("INC-7"), 4, (DANA,), (DANA,))
    assert react(ENTERED, CALLING) == (
        Reaction("INC-7:4>desk:infrastructure", "desk:infrastructure", command, "INC-7:4", 1),
    )


def test_an_owner_has_it_in_hand_whoever_is_called_besides() -> None:
    (reaction,) = react(ENTERED, Incident(IncidentId("INC-7"), "acknowledged", 4, team=INFRASTRUCTURE, owner=ANA))
    assert reaction.command == desk.Engage(IncidentId("INC-7"), 4, (ANA,), (DANA,))


def test_a_hand_over_tells_the_team_that_gave_and_the_team_that_took() -> None:
    event = ev.HandedOver(at=MONDAY, team=INFRASTRUCTURE, by="", why=Phrase("handover.step"))
    state = Incident(IncidentId("INC-7"), "open", 4, team=INFRASTRUCTURE, transfers=((COMPLAINTS, INFRASTRUCTURE),))
    gave, took = react(event, state)
    assert (gave.stream, gave.command) == ("desk:complaints", desk.PassOn(state.id, 4, INFRASTRUCTURE))
    assert (took.stream, took.command) == ("desk:infrastructure", desk.Receive(state.id, 4, COMPLAINTS))
    assert gave.id != took.id
    assert gave.cause == took.cause == "INC-7:4"


def test_an_end_tells_the_desk_and_a_note_tells_nobody() -> None:
    resolved = ev.Resolved(at=MONDAY, by="ana", why=Phrase("resolve.by"), close_at=MONDAY)
    assert [one.command for one in react(resolved, CALLING)] == [desk.Leave(IncidentId("INC-7"), 4)]
    assert react(ev.Noted(at=MONDAY, by="ana", text="t1"), CALLING) == ()


def test_somebody_who_cannot_has_it_in_hand_no_longer() -> None:
    (reaction,) = react(ev.Declined(at=MONDAY, request=RequestId(""), by=ANA), CALLING)
    assert reaction.command == desk.Engage(IncidentId("INC-7"), 4, (DANA,))


def test_a_borrowed_turn_is_told_to_the_desk_that_lent() -> None:
    fact = desk.Borrowed(at=MONDAY, incident=IncidentId("INC-7"), person=KAI, team=COMPLAINTS)
    (reaction,) = react(fact, desk.Desk("desk:infrastructure", seq=9), depth=1)
    assert (reaction.stream, reaction.command, reaction.depth) == ("desk:complaints", desk.TakeTurn(KAI), 2)


def test_reactions_to_reactions_come_to_an_end() -> None:
    assert react(ENTERED, CALLING, DEPTH - 1) != ()
    assert react(ENTERED, CALLING, DEPTH) == ()
