"""What leaves the building and what is called back: who hears that somebody has it and that it is over, and by what."""

import msgspec

from tests.cast import CAST, MONDAY, contact, facts, target
from tests.core.incident.play import Play, ask, covers, inform, ladder, notify
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.due import RANK_OF_ENDED, precedence, rank
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.outgoing import Message, in_order


def called(*methods: str, **fields: object) -> Play:
    """Ana and Ben are called by every method at once."""
    people = facts("verified", *methods)
    people = msgspec.structs.replace(people, contact=dict.fromkeys(CAST, contact(", ".join(methods))))
    play = ladder(notify("person:ana, person:ben"), notify("person:eve"), people=people, **fields)
    play.trigger()
    return play


def news(play: Play, purpose: str) -> list[tuple[str, str]]:
    return [(one.to, one.method) for one in play.messages if one.purpose == purpose]


def test_those_who_were_called_hear_who_has_it() -> None:
    play = called("email", "sms")
    play.acknowledge("ana")
    assert news(play, "taken") == [("ben", "email"), ("ben", "sms")]
    assert play.messages[-1].text.values == {"person": "ana"}


def test_everybody_paged_hears_that_it_is_over() -> None:
    play = called("email")
    play.wait("6m")
    play.resolved()
    assert news(play, "over") == [("ana", "email"), ("ben", "email"), ("eve", "email")]


def test_never_by_voice() -> None:
    play = called("email", "voice")
    play.acknowledge("ana")
    play.resolved()
    assert {method for _, method in news(play, "over") + news(play, "taken")} == {"email"}


def test_only_by_methods_that_carried_a_page() -> None:
    play = called("email", "sms", silent_providers=True)
    play.receipt(play.last("ana", "email"), "sent")
    play.receipt(play.last("ana", "sms"), "passing")
    play.receipt(play.last("ben", "email"), "permanent")
    play.resolved()
    assert news(play, "over") == [("ana", "email")]


def test_it_is_routine() -> None:
    play = called("email")
    play.resolved()
    assert {one.lane for one in play.messages if one.purpose == "over"} == {"routine"}


def test_who_was_informed_hears_that_it_is_over_too() -> None:
    play = called("email", hierarchical=[inform("team.lead", "0m")])
    play.resolved()
    assert ("frank", "email") in news(play, "over")


def test_a_page_that_arrives_after_the_end_is_followed_by_that_news() -> None:
    play = called("email", silent_providers=True)
    play.resolved()
    play.receipt(play.last("ana"), "sent")
    assert news(play, "over") == [("ana", "email")]
    play.receipt(play.messages[0], "sent")
    assert news(play, "over") == [("ana", "email")]


def test_the_news_itself_is_no_page() -> None:
    play = called("email")
    play.resolved()
    over = [one for one in play.messages if one.purpose == "over"]
    assert over
    assert all(one.round == 0 for one in over)


def test_one_who_only_joins_is_no_news() -> None:
    play = called("email")
    play.acknowledge("ana")
    before = len(play.messages)
    play.acknowledge("ben")
    assert len(play.messages) == before


def test_a_method_that_broke_is_named_to_its_person_by_another() -> None:
    play = called("email", "sms", silent_providers=True)
    play.receipt(play.last("ana", "email"), "sent")
    play.receipt(play.last("ana", "sms"), "permanent")
    assert news(play, "broken") == [("ana", "email")]
    assert play.messages[-1].text.values == {"method": "sms"}


def test_where_nothing_has_carried_yet_it_is_named_by_what_the_same_call_tries_besides() -> None:
    play = called("email", "sms", "voice", silent_providers=True)
    play.receipt(play.last("ana", "sms"), "permanent")
    assert news(play, "broken") == [("ana", "email")]


# ------------------------------------------------------------------------------------ withdrawn


def left(play: Play) -> list[tuple[str, str]]:
    """What an outbox still has to send when nothing has been sent yet."""
    waiting: list[Message] = []
    state = initial("INC-1")
    for event in play.events:
        state = evolve(state, event)
        for one in withdrawn(event, state):
            waiting = [m for m in waiting if not covers(one, m)]
        waiting += outgoing(event, state)
    return [(one.purpose, one.to) for one in waiting]


def test_an_acknowledgement_withdraws_every_page_that_has_not_left() -> None:
    play = called("email", "sms", silent_providers=True)
    play.acknowledge("eve")
    assert left(play) == []


def test_waiting_entries_of_a_ladder_never_ring_after_it() -> None:
    people = msgspec.structs.replace(
        facts("verified", "email", "voice"), contact={"ana": contact("email, voice after 3m")}
    )
    play = ladder(notify("person:ana"), people=people)
    play.trigger()
    play.acknowledge("ana")
    play.wait("4m")
    assert play.rings("ana") == [(0, "email")]


def test_an_acknowledgement_leaves_what_is_asked_and_told() -> None:
    steps = [ask("role:duty-manager", "0m"), inform("team.lead", "0m")]
    play = called("email", hierarchical=steps, silent_providers=True)
    play.acknowledge("ana")
    assert left(play) == [("ask", "carla"), ("inform", "frank")]


def test_the_end_withdraws_all_that_has_not_left() -> None:
    steps = [ask("role:duty-manager", "0m"), inform("team.lead", "0m")]
    play = called("email", hierarchical=steps, silent_providers=True)
    play.resolved()
    assert left(play) == []


def test_climbing_withdraws_the_question_to_those_below_and_not_the_one_to_those_above() -> None:
    play = called("email", hierarchical=[ask("role:duty-manager", "0m")], silent_providers=True)
    play.acknowledge("ana")
    play.wait("11m")
    assert left(play) == [("ask", "omar")]


def test_one_who_declines_a_question_is_left_in_peace_and_the_others_are_not() -> None:
    both = [ask("role:duty-manager, role:service-manager", "0m")]
    play = called("email", hierarchical=both, silent_providers=True)
    play.acknowledge("ana")
    play.put(cmd.Decline("carla", play.request()))
    assert left(play) == [("ask", "sofia")]


def test_what_one_transaction_sends_after_withdrawing_stays() -> None:
    play = called("email", silent_providers=True)
    play.acknowledge("ana")
    play.put(cmd.Unacknowledge("ana"))
    assert left(play) == [("page", "ana"), ("page", "ben")]


# ------------------------------------------------------------------------------------------ ids


def test_the_same_fact_gives_the_same_messages_however_often_it_is_told() -> None:
    play = called("email", "sms", silent_providers=True)
    again = ladder(notify("person:ana"))
    assert [one.id for one in play.messages] == [
        "INC-1.1.ana.email",
        "INC-1.1.ana.sms",
        "INC-1.2.ben.email",
        "INC-1.2.ben.sms",
    ]
    assert outgoing(play.events[1], again.state) == ()


def test_a_page_says_whose_it_is_and_how_urgent() -> None:
    play = called("email", silent_providers=True)
    one = play.messages[0]
    assert (one.to, one.method, one.purpose, one.lane, one.round) == ("ana", "email", "page", "urgent_p1", 1)
    assert (one.due_at, one.text.values) == (MONDAY, {"step": "1", "lap": "1"})


def test_a_ring_whose_round_is_over_sends_nothing() -> None:
    play = called("email")
    assert outgoing(ev.Rang(at=MONDAY, round=99, methods=("sms",), why=play.messages[0].text), play.state) == ()


def test_an_escalation_by_hand_says_who_and_why() -> None:
    play = called("email")
    play.put(cmd.Escalate("ben", "functional", "customers call", target("person:omar")))
    assert play.messages[-1].text.values == {"by": "ben", "reason": "customers call"}


def test_messages_of_one_fact_keep_their_order() -> None:
    play = called("sms", "email")
    play.resolved()
    over = [one for one in play.messages if one.purpose == "over"]
    assert [one.nth for one in over] == [0, 1, 2, 3]
    mixed = [over[2], over[0], over[3], over[1]]
    assert sorted(mixed, key=in_order) == over


def test_what_leaves_together_leaves_by_incident_not_by_letters() -> None:
    play = called("email")
    ten, nine = (msgspec.structs.replace(play.messages[0], incident=name) for name in ("INC-10", "INC-9"))
    assert sorted((ten, nine), key=in_order) == [nine, ten]


def test_of_what_is_due_together_the_worst_comes_first_then_what_was_due_first_then_what_opened_first() -> None:
    due = [(0, 5, "INC-9"), (0, 5, "INC-10"), (0, 7, "INC-1"), (1, 1, "INC-2")]
    mixed = [due[3], due[1], due[2], due[0]]
    assert sorted(mixed, key=lambda one: precedence(*one)) == due


def test_what_has_ended_is_served_after_all_that_is_live() -> None:
    play = called("email")
    assert rank(play.state) == 0
    play.resolved()
    assert rank(play.state) == RANK_OF_ENDED
