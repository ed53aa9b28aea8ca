"""`tocsin incident` without a server: decided by the engine's own parts, shown as the API shows it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import Ran, in_process

Run = Callable[..., Ran]


@pytest.fixture
def reported(run: Run) -> str:
    """An incident that was reported by hand; its id."""
    ran = run("incident", "report", "Disk full", "--service", "order-database", "--severity", "critical", "--by", "ana",
              "--label", "site=london", "--text", "no space left on /var", "--format", "json")  # fmt: skip
    assert ran.status == 0
    return str(ran.data["id"])


def test_a_report_is_a_person_s_and_somebody_is_called(run: Run, reported: str) -> None:
    told = run("incident", "show", reported, "--format", "json").data
    assert (told["status"], told["priority"], told["service"]) == ("open", "P1", "order-database")
    assert (told["text"], told["labels"]) == ("no space left on /var", {"site": "london"})
    kinds = [event["type"] for event in told["timeline"]]
    assert kinds[0] == "opened"
    assert "step_entered" in kinds  # at night the desk's step is passed over first
    assert told["timeline"][0]["text"].startswith("Opened as P1 by Ana Sousa")
    assert [message["purpose"] for message in told["messages"]] == ["page"]
    assert told["next"]["who"]


def test_without_a_server_it_is_said_that_nothing_is_sent(run: Run) -> None:
    ran = run("incident", "report", "Disk full")
    assert "nothing is sent until `tocsin serve` does" in ran.err
    assert "INC-1" in ran.out


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_escalation_without_a_reason_is_refused(run: Run, reported: str, reason: str) -> None:
    ran = run("incident", "escalate", reported, "--reason", reason)
    assert (ran.status, ran.out, "the reason says nothing" in ran.err) == (2, "", True)


@pytest.mark.parametrize("limit", ["0", "-3"])
def test_a_list_of_less_than_one_is_refused_and_not_taken_for_an_empty_one(run: Run, limit: str) -> None:
    ran = run("incident", "list", f"--limit={limit}")
    assert (ran.status, ran.out) == (2, "")


def test_somebody_whom_nobody_knows_is_shown_nothing(run: Run, reported: str) -> None:
    ran = run("incident", "show", reported, "--by", "anna")
    assert (ran.status, ran.out, "there is no person anna" in ran.err) == (2, "", True)


@pytest.mark.parametrize("form", ["text", "json"])
def test_whoever_reports_what_only_others_may_see_hears_that_it_was_taken(run: Run, form: str) -> None:
    said = ("Break-in", "--service", "identity", "--severity", "critical", "--label", "category=security")
    ran = run("incident", "report", *said, "--by", "ana", "--format", form)
    assert ran.status == 0
    assert "INC-1" in ran.out
    assert "Break-in" not in ran.out
    assert run("incident", "show", "INC-1", "--by", "lena").status == 0


def test_equal_keys_join_while_the_incident_lives(run: Run) -> None:
    ids = [run("incident", "report", "Disk full", "--key", "disk-7", "--format", "json").data["id"] for _ in range(2)]
    assert ids == ["INC-1", "INC-1"]


def test_acknowledging_makes_an_owner_for_as_long_as_they_say(run: Run, reported: str) -> None:
    told = run(
        "incident", "ack", reported.removeprefix("INC-"), "--by", "finn", "--eta", "45m", "--format", "json"
    ).data
    assert (told["status"], told["owner"]) == ("acknowledged", "finn")
    assert told["lease"]["since"] < told["lease"]["ends_at"]


def test_what_was_done_in_error_is_taken_back(run: Run, reported: str) -> None:
    run("incident", "ack", reported, "--by", "finn")
    told = run("incident", "undo", reported, "--by", "finn", "--format", "json").data
    assert (told["status"], told["owner"]) == ("open", None)
    refused = run("incident", "undo", reported, "--by", "finn")
    assert (refused.status, refused.out) == (2, "")
    assert "it was taken back already" in refused.err


def test_escalating_by_hand_reaches_management_now(run: Run, reported: str) -> None:
    ran = run("incident", "escalate", reported, "--reason", "too big", "--ladder", "hierarchical", "--format", "json")
    assert ran.data["ladders"]["hierarchical"][0]["state"] != "coming"
    assert "frank" in {
        message["to"] for message in run("incident", "show", reported, "--format", "json").data["messages"]
    }


def test_resolving_ends_it_and_a_second_time_is_refused_with_the_reason(run: Run, reported: str) -> None:
    assert run("incident", "resolve", reported, "--by", "finn", "--reason", "replaced").status == 0
    assert run("incident", "list").out == "no incidents (live)\n"
    listed = run("incident", "list", "--status", "all", "--format", "json").data["incidents"]
    assert [(one["id"], one["status"]) for one in listed] == [(reported, "resolved")]
    refused = run("incident", "escalate", reported, "--reason", "again")
    assert (refused.status, refused.out) == (2, "")
    assert "it is resolved" in refused.err


def test_a_list_is_a_table_worst_first(run: Run) -> None:
    for title, severity in (("slow", "info"), ("down", "critical"), ("odd", "warning")):
        run("incident", "report", title, "--service", "checkout", "--severity", severity)
    rows = run("incident", "list").out.splitlines()
    assert rows[0].split() == ["ID", "PRIO", "STATUS", "AGE", "SERVICE", "TEAM", "OWNER", "NEXT", "TITLE"]
    assert [row.split()[-1] for row in rows[1:]] == ["down", "odd", "slow"]
    assert [one["id"] for one in run("incident", "list", "--limit", 1, "--format", "json").data["incidents"]] == [
        "INC-2"
    ]


def test_what_came_from_outside_cannot_command_the_terminal(run: Run) -> None:
    said = run(
        "incident", "report", "\x1b[2J\x1b]0;owned\x07Disk\nfull\u202e", "--text", "\x9b31m red", "--label", "a=\x07"
    )
    shown = said.out + run("incident", "list").out + run("incident", "show", "1").out
    assert not set(shown) & {"\x1b", "\x9b", "\x07", "\u202e"}
    assert "Disk full" in shown


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("show 99", "there is no incident INC-99"),
        ("show disk", "'disk' is not the id of an incident"),
        ("ack 1", "--by requires an argument"),
        ("ack 1 --by fin", "did you mean finn?"),
        ("ack 99 --by finn", "there is no incident INC-99"),
        ("ack 1 --by finn --eta soon", "write 30s, 5m, 2h, 1d"),
        ("escalate 1 --reason x --target team:infra", "there is no team infra"),
        ("escalate 1 --reason x --target infra", "'infra' names nobody"),
        ("report x --service order-databse", "did you mean order-database?"),
        ("report x --label novalue", "write --label site=london"),
        ("list --status gone", "Invalid value"),
    ],
)
def test_a_mistake_changes_nothing_and_is_told(line: str, what: str, run: Run, reported: str) -> None:
    before = run("incident", "show", reported, "--format", "json").data
    ran = run("incident", *line.split())
    assert (ran.status, ran.out) == (2, "")
    assert what in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert run("incident", "show", reported, "--format", "json").data == before


def test_a_confidential_incident_exists_only_for_those_it_concerns(run: Run) -> None:
    breach = (
        "Data left the building",
        "--service",
        "identity",
        "--severity",
        "critical",
        "--label",
        "category=security",
    )
    run("incident", "report", *breach)
    assert run("incident", "list", "--status", "all").out == "no incidents (all)\n"
    assert run("incident", "show", "1").err == run("incident", "show", "1", "--by", "ana").err
    assert "there is no incident INC-1" in run("incident", "show", "1").err
    assert run("incident", "show", "1", "--by", "lena", "--format", "json").data["confidential"] is True


def test_a_database_without_rules_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = ("--database", f"sqlite:///{tmp_path / 'empty.db'}")
    assert "there is no database" in in_process(capsys, "incident", "list", *empty).err
    in_process(capsys, "token", "create", "x", *empty)
    ran = in_process(capsys, "incident", "list", *empty)
    assert (ran.status, ran.err.splitlines()[0]) == (2, "tocsin: no rulebook is in force")


def test_what_is_no_database_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(bytes(range(256)) * 20)
    ran = in_process(capsys, "incident", "list", "--database", f"sqlite:///{junk}")
    assert ran.status == 2
    assert "not a database" in ran.err
    assert len(ran.err.splitlines()) <= 2
