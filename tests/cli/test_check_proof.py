"""`tocsin check` shows what it has proved, at 80 columns and exactly; and what of it stops a build."""

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.cli.terminal import ACME, in_process
from tocsin.cli.check_progress import Progress
from tocsin.lab.verifier.proof import ASSUMING
from tocsin.lib.translate import say

HOLES = ACME.parent / "holes.yaml"
AT = ("--at", "2026-12-01", "--horizon", "150")

SMALL = """tocsin: 1
organisation: Acme
last_resort: [person:nadia]
unrouted: {team: mail, policy: mail, priority: P2}
people:
  ana:   {name: Ana, phone: "+442071230101", email: ana@acme.example, manager: nadia}
  ben:   {name: Ben, phone: "+442071230102", email: ben@acme.example, manager: nadia}
  nadia: {name: Nadia, phone: "+442071230103", email: nadia@acme.example}
contact: {urgent: [sms, voice after 1m], routine: [email]}
teams: {mail: {members: [ana, ben], lead: nadia}}
policies: {mail: {functional: [{hand_over: team, wait: 30m}], hierarchical: [{after: 1h, inform: team.lead}]}}
services:
"""


def small(folder: Path, *services: str) -> Path:
    """A rulebook with these services, all alike."""
    file = folder / "rules.yaml"
    file.write_text(SMALL + "".join(f"  {one}: {{team: mail, policy: mail}}\n" for one in services), "utf-8")
    return file


def test_what_is_proved_of_a_service_is_told_with_its_worst_case_at_80_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran = in_process(capsys, "check", HOLES, *AT)
    proved = ran.out[ran.out.index("Proved: ") :]
    assert max(map(len, proved.splitlines()[:-1])) <= 80, "but for the last line, which names the file"
    said = re.sub(r"\s+", " ", proved)
    assert "every opening from Tue, 1 Dec 2026, 00:00 GMT to Fri, 30 Apr 2027, 01:00 BST (Europe/London)" in said
    assert "ticketing, timetable: P1 (every kind) First human at once" in said
    management = "Management after 10m: marta (policies.ticketing.hierarchical.0); for what opens Tue, 1 Dec 2026"
    assert management in said
    assert "Ends at a human yes, both ladders ! Response promised harbour, cannot be kept" in said
    assert "is called after 25m, and 20m is promised" in said
    assert "One thing missing somebody is left" in said
    assert all(say(one) in said for one in ASSUMING)


def test_it_is_proved_from_the_minute_that_is_asked_for_and_no_opening_before_it_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    at = ("--at", "2026-12-01 08:07:30", "--horizon", "30")
    said = re.sub(r"\s+", " ", in_process(capsys, "check", HOLES, *at).out)
    assert "every opening from Tue, 1 Dec 2026, 08:07 GMT to Thu, 31 Dec 2026, 08:07 GMT (Europe/London)" in said
    told = in_process(capsys, "check", HOLES, *at, "--format", "json", "--proof", "full").data
    assert (told["proof"]["start"], told["proof"]["end"]) == ("2026-12-01T08:07:00Z", "2026-12-31T08:07:00Z")
    named = [one["counterexample"]["at"] for one in told["findings"] if one["counterexample"]]
    assert named
    assert all("2026-12-01T08:07" <= one < "2026-12-31T08:07" for one in named)


def test_without_another_time_it_is_proved_from_now_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    proof = in_process(capsys, "check", small(tmp_path, "mail"), "--horizon", "1", "--format", "json").data["proof"]
    assert before <= datetime.fromisoformat(proof["start"]) <= datetime.now(UTC)


def test_programs_get_the_same_in_instants_and_microseconds(capsys: pytest.CaptureFixture[str]) -> None:
    proof = in_process(capsys, "check", HOLES, *AT, "--format", "json").data["proof"]
    assert (proof["start"], proof["end"]) == ("2026-12-01T00:00:00Z", "2027-04-30T00:00:00Z")
    assert proof["lines_left_out"] == 0
    one = proof["lines"][0]
    assert (one["services"], one["priorities"], len(one["kinds"])) == (["ticketing", "timetable"], ["P1"], 4)
    assert one["management"]["wait_microseconds"] == 600_000_000
    assert (one["management"]["people"], one["management"]["by"]) == (["marta"], "policies.ticketing.hierarchical.0")
    assert one["ends_at_human"] is True
    assert one["response"]["kept"] is False
    assert one["response"]["due"] < one["response"]["last_person"]["reached_at"]


def test_a_loss_that_leaves_only_the_rounds_after_exhaustion_names_whom_they_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = small(tmp_path, "mail")
    file.write_text(file.read_text("utf-8").replace("members: [ana, ben]", "members: [ana]"), "utf-8")
    ran = in_process(capsys, "check", file, "--horizon", "1")
    said = re.sub(r"\s+", " ", ran.out)
    assert "One person away without ana only the rounds after exhaustion; at worst after 15m: nadia," in said
    told = in_process(capsys, "check", file, "--horizon", "1", "--format", "json").data["proof"]["lines"]
    falls = [(one["loss"], one["name"], one["leaves"]) for line in told for one in line["losses"]]
    assert ("person", "ana", "rounds") in falls


def test_a_loss_that_leaves_nobody_is_found_with_a_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = small(tmp_path, "mail")
    text = file.read_text("utf-8").replace("[sms, voice after 1m]", "[email]")
    file.write_text(re.sub(r'phone: "\S+", ', "", text), "utf-8")
    told = in_process(capsys, "check", file, "--horizon", "1", "--format", "json").data
    lost = [one for one in told["findings"] if one["code"] == "V014"]
    assert [(one["severity"], one["counterexample"]["service"]) for one in lost] == [("warning", "mail")] * len(lost)
    assert any("email" in one["text"] for one in lost), told["findings"]


def test_of_many_lines_a_summary_tells_the_worst_of_each_service_and_full_tells_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"s{n}" for n in range(30)]
    file = small(tmp_path, *names)
    grave = '{after: 1h, inform: team.lead, when: "at_least(P1)"}'
    each = [f"{{after: {n + 2}h, inform: team.lead, when: \"incident.service == 's{n}'\"}}" for n in range(30)]
    text = file.read_text("utf-8").replace("{after: 1h, inform: team.lead}", ", ".join([grave, *each]))
    text = text.replace("wait: 30m", "wait: 40h").replace("routine: [email]", "routine: [sms, voice after 1m]")
    file.write_text(text, "utf-8")  # the same ways at every priority: a provider that is down makes no difference
    plain = ("check", file, "--horizon", "1", "--format", "json")
    short, full = (in_process(capsys, *plain, *more).data["proof"] for more in ((), ("--proof", "full")))
    assert sorted((one["services"], one["priorities"]) for one in full["lines"]) == sorted(
        [*(([name], ["P2", "P3", "P4", "P5"]) for name in ("", *names)), ([*sorted(names), ""], ["P1"])]
    )
    assert (len(full["lines"]), full["lines_left_out"]) == (32, 0)
    assert (len(short["lines"]), short["lines_left_out"]) == (20, 12)
    waits = [one["management"]["wait_microseconds"] for one in short["lines"]]
    assert waits == [None, *(n * 3600 * 10**6 for n in range(31, 12, -1))]
    told = in_process(capsys, "check", file, "--horizon", "1").out
    assert "12 more lines: --proof full shows all" in told
    assert in_process(capsys, *plain, "--proof", "none").data["proof"] is None


class Terminal(StringIO):
    """A text stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_how_far_it_is_is_told_on_a_terminal_alone_and_taken_away_again() -> None:
    for out in (Terminal(), StringIO()):
        with Progress(out, 0.01) as progress:
            progress("proof", 0, 1)
            deadline = monotonic() + 30
            while out.isatty() and "proving, 0 s" not in out.getvalue() and monotonic() < deadline:
                sleep(0.01)
        assert ("proving, 0 s" in out.getvalue()) is out.isatty()
        assert out.getvalue().endswith("\r\x1b[K" if out.isatty() else "")
    assert StringIO().getvalue() == out.getvalue()


def test_without_the_proof_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "check", HOLES, "--proof", "none")
    assert (ran.status, "Proved" in ran.out) == (1, False)


def test_a_build_stops_at_what_is_as_grave_as_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warned = small(tmp_path, "mail")
    warned.write_text(warned.read_text("utf-8") + "sources: {tool: {intake: generic, service: mail}}\n", "utf-8")
    plain = ("check", warned, "--proof", "none")
    told = in_process(capsys, *plain)
    assert "warning P009" in told.out
    assert [told.status, in_process(capsys, *plain, "--fail-on", "error").status] == [1, 0]
    assert in_process(capsys, "check", HOLES, "--proof", "none", "--fail-on", "error").status == 1
    (tmp_path / "spare").mkdir()
    mild = small(tmp_path / "spare", "mail")
    mild.write_text(mild.read_text("utf-8") + "  \n" + "roles: {spare: [person:ana]}\n", "utf-8")
    plain = ("check", mild, "--proof", "none", "--severity", "info")
    told = in_process(capsys, *plain)
    assert "info V024" in told.out
    assert [told.status, in_process(capsys, *plain, "--fail-on", "info").status] == [0, 1]


def test_what_is_milder_is_not_shown_and_still_counted(capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "check", HOLES, "--proof", "none", "--severity", "error")
    assert ("V011" in ran.out, "V008" in ran.out) == (True, False)
    assert ran.out.splitlines()[-1].endswith("usable: 1 error, 2 warnings, 1 not yet active")
    told = in_process(capsys, "check", HOLES, "--proof", "none", "--severity", "error", "--format", "json").data
    assert [one["code"] for one in told["findings"]] == ["V011"]


@pytest.mark.parametrize(
    "given", [("--at", "someday"), ("--horizon", "0"), ("--horizon", "5000"), ("--fail-on", "bad"), ("--proof", "some")]
)
def test_what_cannot_be_meant_is_refused(given: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "check", HOLES, *given)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err


def test_a_comparison_does_not_quietly_leave_a_time_out(capsys: pytest.CaptureFixture[str]) -> None:
    ran = in_process(capsys, "check", HOLES, "--against", HOLES, "--at", "2027-01-01")
    assert ran.status == 2
    assert "leave --at and --horizon out" in ran.err
