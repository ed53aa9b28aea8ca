"""Links to other incidents and to problems that are kept elsewhere: what is taken, what is refused, what it changes."""

import pytest

from tests.core.incident.play import Play, ladder, notify
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.linking import MOST_LINKS, misreferenced, seen_from
from tocsin.core.incident.state import Linked, Relation


def opened() -> Play:
    play = ladder(notify("person:ana", "10h"))
    play.trigger()
    return play


def test_a_link_stands_in_the_state_until_it_is_removed() -> None:
    play = opened()
    play.put(cmd.Link("ana", "INC-7", "duplicate_of", "the same disk"))
    play.put(cmd.Link("ana", "https://problems.example/PRB-12", "problem"))
    assert play.state.linked == (
        Linked("INC-7", "duplicate_of"),
        Linked("https://problems.example/PRB-12", "problem"),
    )
    play.put(cmd.Unlink("ben", "INC-7"))
    assert [one.to for one in play.state.linked] == ["https://problems.example/PRB-12"]
    assert [(one.to, one.problem) for one in play.facts(ev.Unlinked)] == [("INC-7", False)]


def test_another_relation_takes_the_place_of_the_first_and_the_same_changes_nothing() -> None:
    play = opened()
    play.put(cmd.Link("ana", "INC-7"))
    assert play.put(cmd.Link("ben", "INC-7")) == ()
    play.put(cmd.Link("ben", "INC-7", "caused_by"))
    assert play.state.linked == (Linked("INC-7", "caused_by"),)


def test_it_is_one_thing_or_the_other() -> None:
    play = opened()
    play.put(cmd.Link("ana", "INC-7", "problem"))
    assert play.refused(cmd.Link("ana", "INC-7")) == "invalid"


@pytest.mark.parametrize(
    ("relation", "there"),
    [("related", "related"), ("duplicate_of", "has_duplicate"), ("caused_by", "cause_of"), ("problem", "problem")],
)
def test_the_other_side_has_the_relation_turned_round(relation: Relation, there: str) -> None:
    assert (seen_from(Linked("INC-7", relation)), seen_from(Linked("INC-7", relation, back=True))) == (relation, there)


@pytest.mark.parametrize("to", ["INC-1", "", "INC 7", "INC-7\n", "https://x.example/INC-7", "x" * 81, "\u202eINC-7"])
def test_what_is_no_other_incident_is_refused(to: str) -> None:
    assert opened().refused(cmd.Link("ana", to)) == "invalid"


@pytest.mark.parametrize(
    "reference",
    ["PRB-12", "PRB0001234", "team/PRB-12", "https://problems.example/12?a=b#c", "HTTP://problems.example:8080/"],
)
def test_a_key_or_an_address_of_the_web_names_a_problem(reference: str) -> None:
    assert misreferenced(reference) == ""


@pytest.mark.parametrize(
    "reference",
    [
        "",
        " ",
        "PRB 12",
        "javascript:alert(1)",
        "JaVaScRiPt://problems.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://problems.example/12",
        "//problems.example/12",
        "https://",
        "https:///12",
        "https://[::1",
        "https://problems.example:x/",
        "https://problems.example:99999/",
        "https://acme.example@evil.example/12",
        "https://problems.example/a b",
        "https://problems.example/\"onmouseover='x'",
        "https://problems.example/\\evil.example",
        "https://problems.example/\r\nX-Evil: 1",
        "https://problems.example/\x00",
        "https://problems.example/\x1b[31m",
        "https://problems.example/\u202e",
        "https://pr\u043eblems.example/12",
        "http\u017f://problems.example/12",
        "https://\u212aproblems.example/12",
        "-PRB",
        "https://problems.example/" + "x" * 500,
    ],
)
def test_what_a_link_must_not_carry_is_refused(reference: str) -> None:
    assert misreferenced(reference) != ""
    assert opened().refused(cmd.Link("ana", reference, "problem")) == "invalid"


def test_an_incident_has_no_more_links_than_help() -> None:
    play = opened()
    for number in range(MOST_LINKS):
        play.put(cmd.Link("ana", f"PRB-{number}", "problem"))
    assert play.refused(cmd.Link("ana", "PRB-999", "problem")) == "full"
    assert play.refused(cmd.Link("ana", "INC-999")) == "full"
    play.put(cmd.Unlink("ana", "PRB-1"))
    play.put(cmd.Link("ana", "PRB-999", "problem"))


def test_what_is_not_linked_cannot_be_unlinked_but_from_the_other_side() -> None:
    play = opened()
    assert play.refused(cmd.Unlink("ana", "INC-7")) == "not_linked"
    assert play.put(cmd.Unlink("ana", "INC-7", back=True)) == ()


def test_a_link_calls_nobody_moves_nothing_and_stays_when_an_act_is_taken_back() -> None:
    play = opened()
    before, sent = play.state, len(play.messages)
    play.put(cmd.Link("ana", "INC-7"))
    assert (play.state.moved, play.state.status, len(play.messages)) == (before.moved, before.status, sent)
    play.acknowledge("ana")
    play.put(cmd.Unlink("ana", "INC-7"))
    play.put(cmd.Link("ana", "INC-8"))
    play.undo("ana")
    assert (play.state.owner, play.state.linked) == (None, (Linked("INC-8", "related"),))


def test_it_can_be_linked_when_it_is_closed() -> None:
    play = opened()
    play.resolved()
    play.put(cmd.Close("ana"))
    play.put(cmd.Link("ana", "INC-7", "caused_by"))
    assert play.state.linked != ()
