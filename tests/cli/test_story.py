"""`tocsin story run`: whether stories would happen again, by their own rules and by others."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.terminal import ACME, Ran, in_process
from tests.quick import QUICK

Run = Callable[..., Ran]

STORIES = Path(__file__).parents[1] / "stories"
FIRST = STORIES / "alert_to_acknowledge.yaml"


def test_every_story_of_ours_would_happen_again(capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "story", "run", str(STORIES))
    count = len(list(STORIES.glob("*.yaml")))
    assert (ran.status, ran.out.splitlines()[-1]) == (0, f"{count} of {count} stories would happen again")


def test_by_the_same_rules_it_would_happen_again(capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "story", "run", str(FIRST), "--rulebook", str(ACME))
    assert (ran.status, ran.out) == (0, "alert_to_acknowledge: it would happen again\n")


def by_other_rules(capsys: pytest.CaptureFixture[str], folder: Path, *changed: tuple[str, str], form: str) -> Ran:
    """The first story by rules in which those texts stand in place of others."""
    text = ACME.read_text("utf-8")
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    (folder / "other.yaml").write_text(text, "utf-8")
    return in_process(capsys, "story", "run", str(FIRST), "--rulebook", str(folder / "other.yaml"), "--format", form)


SWAPPED = ("people: [dana, eve, finn], turn", "people: [finn, eve, dana], turn")


def test_by_other_rules_it_says_which_facts_would_be_others(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ran = by_other_rules(capsys, tmp_path, SWAPPED, form="text")
    assert ran.status == 1
    assert "it would not happen again" in ran.out
    assert "no more: +" in ran.out
    assert "now: +" in ran.out
    assert "person=finn" in ran.out


def test_json_and_junit_say_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = by_other_rules(capsys, tmp_path, SWAPPED, form="json").data
    assert [one["same"] for one in told["stories"]] == [False]
    suite = ET.fromstring(by_other_rules(capsys, tmp_path, SWAPPED, form="junit").out)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.text == "\n".join(told["stories"][0]["differences"])


def test_a_story_whose_expectation_does_not_hold_says_which(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = FIRST.read_text("utf-8").replace("status: acknowledged", "status: resolved")
    (tmp_path / "wrong.yaml").write_text(text, "utf-8")
    (tmp_path / "acme.yaml").write_text(ACME.read_text("utf-8"), "utf-8")
    ran = in_process(capsys, "story", "run", str(tmp_path / "wrong.yaml"))
    assert ran.status == 1
    assert "status should be resolved" in ran.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("[x]\n", "hint: tocsin story export INC-7 writes a story"),
        ("a: b\n", "it has neither story: nor script:"),
        (QUICK, "this is a rulebook, not a story"),
        (QUICK, "tocsin story run STORY --rulebook "),
        ("story: x\n", "rulebook: '' is no name"),
        ("story: x\nrulebook: ../acme\n", "is no name"),
        ("story: x\nrulebook: nowhere\n", "there is no rulebook nowhere"),
        ("story: x\nrulebook: acme\nstart: 2026-01-05 09:00\nscript: x\n", "script: must be a list"),
        ("story: x\nrulebook: acme\nstart: soon\nscript: []\n", "it is not written as a story is"),
        ("story: x\nrulebook: acme\nstart: 2026-01-05 09:00\nplot: x\nscript: []\n", "unknown parts plot"),
        (
            "story: x\nrulebook: acme\nstart: 2026-01-05 09:00\nscript: [{at: '09:00', zoe: resolve}]\n",
            "zoe is neither",
        ),
        ("story: x\nrulebook: acme\nstart: 2026-01-05 09:00\nscript: [{at: '09:00', ana: resolve}]\n", "no incident 1"),
        ("story: x\nrulebook: acme\nstart: 2026-01-05 09:00\nscript: [{ana: resolve}]\n", "when?"),
        ("story: x\nrulebook: acme\nstart: 2026-01-05 09:00\nscript: [x, [y]]\n", "every line is a mapping"),
        ("a: [", "story.yaml:2:1"),
    ],
)
def test_what_cannot_be_read_says_where_and_what(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "acme.yaml").write_text(ACME.read_text("utf-8"), "utf-8")
    (tmp_path / "story.yaml").write_text(text, "utf-8")
    ran = in_process(capsys, "story", "run", str(tmp_path / "story.yaml"))
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


def test_a_folder_without_stories_is_a_mistake(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert in_process(capsys, "story", "run", str(tmp_path)).status == 2
    assert "no story in it" in in_process(capsys, "story", "run", str(tmp_path)).err


CANARY = "canary7f3a"


def test_an_incident_is_written_without_names_and_would_happen_again(run: Run, tmp_path: Path) -> None:
    said = (f"{CANARY} is down", "--service", "order-database", "--severity", "critical", "--by", "ana")
    label = ("--label", f"{CANARY}=x{CANARY}", "--text", f"call {CANARY}@acme.example")
    assert run("incident", "report", *said, *label).status == 0
    assert run("incident", "ack", "1", "--by", "dana").status == 0
    assert run("incident", "resolve", "1", "--by", "dana", "--reason", f"because {CANARY}").status == 0
    file = tmp_path / "inc-1.yaml"
    assert run("story", "export", "INC-1", "--to", str(file)).status == 0
    text = file.read_text("utf-8")
    for word in (CANARY, "dana", "Dana", "infrastructure", "order-database", "Acme", "acme", "production"):
        assert word not in text
    assert run("story", "export", "INC-1").out == text


def test_one_of_which_nothing_was_sent_yet_would_happen_again_and_says_what_is_not_compared(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("incident", "report", "Disk full", "--service", "order-database", "--severity", "critical").status == 0
    file = tmp_path / "early.yaml"
    ran = run("story", "export", "1", "--to", str(file))
    assert "1 of its messages had not gone out yet" in ran.err
    assert in_process(capsys, "story", "run", str(file)).out == "early: it would happen again\n"
    file.write_text(file.read_text("utf-8").replace("paged methods=email", "paged methods=sms"), "utf-8")
    assert "no more: +0 paged methods=sms" in in_process(capsys, "story", "run", str(file)).out


def test_one_that_may_not_be_seen_is_not_there_to_be_written(run: Run) -> None:
    breach = ("Gone", "--service", "identity", "--severity", "critical", "--label", "category=security")
    run("incident", "report", *breach)
    ran = run("story", "export", "1")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no incident INC-1" in ran.err
    assert "category" not in run("story", "export", "1", "--by", "lena").out
