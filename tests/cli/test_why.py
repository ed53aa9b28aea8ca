"""`tocsin why` on a database: text and JSON, of a person and without one, and never of what may not be known."""

from collections.abc import Callable

import pytest

from tests.cli.terminal import Ran

Run = Callable[..., Ran]


@pytest.fixture
def reported(run: Run) -> None:
    said = ("Disk full", "--service", "order-database", "--severity", "critical", "--by", "ana")
    assert run("incident", "report", *said).status == 0


@pytest.mark.usefixtures("reported")
def test_without_a_person_it_tells_what_comes_next_and_why_then(run: Run) -> None:
    ran = run("why", "INC-1")
    assert ran.status == 0
    assert "Next, at " in ran.out
    assert "The wait of step" in ran.out


@pytest.mark.usefixtures("reported")
def test_of_a_person_whom_no_step_means_it_says_so(run: Run) -> None:
    ran = run("why", "1", "--person", "tom")
    assert "Tom" in ran.out
    assert "no step that came had to do with them" in ran.out
    assert "note: " in ran.out


@pytest.mark.usefixtures("reported")
def test_json_is_as_the_api_has_it(run: Run) -> None:
    told = run("why", "1", "--person", "eve", "--format", "json").data
    assert set(told) == {"incident", "at", "person", "verdict", "lines", "messages", "next", "notes"}
    assert (told["incident"], told["person"]) == ("INC-1", "eve")


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("9",), "there is no incident INC-9"),
        (("1", "--person", "evee"), "hint: did you mean eve?"),
        (("1", "--person", "nobody"), "hint: there are ana, ben, carla, "),
        (("1", "--at", "+2h"), "lies ahead"),
        (("1", "--at", "soon"), "is not a time"),
        (("x",), "is not the id of an incident"),
    ],
)
def test_what_cannot_be_asked_is_a_mistake_with_a_hint(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run("why", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.usefixtures("reported")
def test_before_it_began_there_is_nothing_to_tell_but_when_it_did(run: Run) -> None:
    told = run("why", "1", "--at", "-5h").out.splitlines()
    assert len(told) == 2
    assert told[1].startswith("At that time it had not begun: it was opened at 20")


def test_a_confidential_one_exists_only_for_whom_it_concerns(run: Run) -> None:
    said = ("Break-in", "--service", "identity", "--severity", "critical", "--label", "category=security")
    run("incident", "report", *said, "--by", "lena")
    hidden, absent = run("why", "1"), run("why", "9")
    assert (hidden.status, hidden.out, hidden.err) == (2, "", absent.err.replace("INC-9", "INC-1"))
    assert run("why", "1", "--by", "lena", "--person", "lena").status == 0


def test_without_a_mail_server_the_outbox_stands_in_for_text_messages_and_calls(run: Run) -> None:
    run("incident", "report", "Slow", "--service", "order-database", "--severity", "critical", "--by", "dana")
    run("incident", "escalate", "1", "--by", "dana", "--reason", "who else?", "--target", "person:carla")
    assert "Carla Reyes will be tried by sms" in run("incident", "show", "1").out
    assert "by sms" in run("why", "1", "--person", "carla").out
