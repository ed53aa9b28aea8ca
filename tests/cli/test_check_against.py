"""`tocsin check --against OLD`: who is reached differently, as a comment that a reviewer reads and as data."""

import re
from pathlib import Path

import pytest

from tests.cli.terminal import in_process
from tests.lab.proving import WELL as BARE
from tests.lab.proving import opened_at
from tocsin.cli.against import escaped

Capture = pytest.CaptureFixture[str]
WELL = re.sub(r"\{name: (\w+)", r'{name: \1, email: \1@acme.example, phone: "+442071230100"', BARE)
WELL = WELL.replace("urgent: [push,", "urgent: [sms,").replace("routine: [email]", "routine: [sms, email]")
LOST = "unrouted: {team: mail, policy: lost, priority: P2}"
SLOW = """  lost:
    functional: [{notify: person:nadia, wait: 15m}, {hand_over: team, wait: 15m}]
    hierarchical: [{after: 15m, ask: role:duty}, {after: 1h, ask: role:duty}]
"""
SOONER = ("{after: 15m, ask: role:duty}", "{after: 10m, ask: role:duty}")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    file = tmp_path / "old.yaml"
    file.write_text(WELL, "utf-8")
    return file


def changed(old: Path, *replaced: tuple[str, str], more: str = "") -> Path:
    """Another rulebook beside it."""
    text = WELL
    for before, after in replaced:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    file = old.with_name("new.yaml")
    file.write_text(text + more, "utf-8")
    return file


def test_the_same_rulebook_reaches_nobody_differently(old: Path, capsys: Capture) -> None:
    ran = in_process(capsys, "check", old, "--against", old)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == "### Nobody is reached differently"
    assert "finding" not in ran.out
    told = in_process(capsys, "check", old, "--against", old, "--format", "json").data
    assert (told["differences"], told["findings"]) == ([], {"new": [], "gone": []})


def test_what_differs_is_a_table_and_the_same_as_data(old: Path, capsys: Capture) -> None:
    new = changed(old, SOONER)
    said = in_process(capsys, "check", new, "--against", old).out
    assert said.startswith("### 2 services are reached differently, and so are reports of no known service\n")
    assert "| management | always | " not in said  # whom it asks changes daily
    assert "every 3 days" in said  # three people take turns
    assert re.search(r"^\| management \|.*better: sooner \| [0-9]+ \|$", said, re.MULTILINE)
    told = in_process(capsys, "check", new, "--against", old, "--format", "json").data
    assert {one["service"] for one in told["differences"]} == {"", "mail", "web"}
    change = told["differences"][0]["changes"][0]
    assert (change["rung"], change["change"]) == ("management", "sooner")
    assert change["before"]["longest_wait_seconds"] - change["after"]["longest_wait_seconds"] == 300
    assert change["windows"][0]["start"] < change["windows"][0]["end"]


def test_moments_at_which_two_things_meet_are_counted_below_and_exact_for_programs(old: Path, capsys: Capture) -> None:
    for name, hour in (("before", "08:00"), ("after", "09:00")):
        old.with_name(f"{name}.yaml").write_text(opened_at(hour, text=WELL), "utf-8")
    both = (old.with_name("after.yaml"), "--against", old.with_name("before.yaml"))
    said = in_process(capsys, "check", *both).out
    assert "just after" not in said
    counted = re.findall(
        r"^(\d+) openings of a single moment, where two things meet, are told with", said, re.MULTILINE
    )
    assert counted == ["800"], "two on each of 400 days"
    told = in_process(capsys, "check", *both, "--format", "json").data
    spans = [one for group in told["differences"] for change in group["changes"] for one in change["windows"]]
    assert any(one["end"] == one["start"].replace("Z", ".000001Z") for one in spans)


def test_folders_are_compared_as_files_are(tmp_path: Path, capsys: Capture) -> None:
    for name, text in (("before", WELL), ("after", WELL.replace(*SOONER))):
        cut = text.index("policies:")
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.yaml").write_text(text[:cut], "utf-8")
        (tmp_path / name / "two.yaml").write_text(f"tocsin: 1\n{text[cut:]}", "utf-8")
    ran = in_process(capsys, "check", tmp_path / "after", "--against", tmp_path / "before")
    assert ran.out.startswith("### 2 services are reached differently, and so are"), ran


def test_services_that_only_one_of_both_has_are_named(old: Path, capsys: Capture) -> None:
    new = changed(old, ("  web: {team: web, policy: mail}\n", "  shop: {team: web, policy: mail}\n"))
    said = in_process(capsys, "check", new, "--against", old).out
    both = "the services that both rulebooks name, and of reports of no known one"
    assert said.startswith(f"### Of {both}, nobody is reached differently\n")
    assert "Only in the new rulebook: shop" in said
    assert "Only in the old rulebook: web (reports that still name them go as those of no known service do)" in said
    told = in_process(capsys, "check", new, "--against", old, "--format", "json").data
    assert (told["added"], told["removed"]) == (["shop"], ["web"])


def test_where_reports_of_no_known_service_go_is_compared_too(old: Path, capsys: Capture) -> None:
    new = changed(old, ("unrouted: {team: mail, policy: mail, priority: P2}", LOST), more=SLOW)
    said = in_process(capsys, "check", new, "--against", old).out
    assert said.startswith("### Reports of no known service are reached differently\n")
    assert "\n#### \\(no known service\\): P1, P2, P3, P4, P5 \\(incident, complaint, security, request\\)\n" in said
    assert re.search(r"^\| first to work on it \|.*\| Nadia.*, at once \| .*\|$", said, re.MULTILINE), said
    told = in_process(capsys, "check", new, "--against", old, "--format", "json").data
    assert {one["service"] for one in told["differences"]} == {""}
    assert (told["added"], told["removed"]) == ([], [])
    back = in_process(capsys, "check", new, "--against", new, "--format", "json").data
    assert back["differences"] == []


def test_findings_that_are_new_and_that_are_gone_stand_below(old: Path, capsys: Capture) -> None:
    wrong = "expect:\n  - {signal: {service: mail, severity: critical}, reaches: person:nadia, within: 5m}\n"
    new = changed(old, more=wrong)
    ran = in_process(capsys, "check", new, "--against", old)
    assert ran.status == 1
    head, _, listed = ran.out.partition("#### 1 finding is new\n\n")
    assert head.startswith("### Nobody is reached differently")
    assert re.fullmatch(
        r"- error V012 \S*new\\\.yaml:\d+:\d+: person:nadia is not reached within 5m \(P2, opened on .*\n", listed
    )
    back = in_process(capsys, "check", old, "--against", new)
    assert back.status == 0, "what was wrong with the old one is no reason to stop"
    assert "#### 1 finding is gone\n" in back.out
    told = in_process(capsys, "check", old, "--against", new, "--format", "json").data
    assert [one["code"] for one in told["findings"]["gone"]] == ["V012"]
    assert told["findings"]["new"] == []


def test_a_finding_that_has_only_moved_is_neither_new_nor_gone(old: Path, capsys: Capture) -> None:
    wrong = "expect:\n  - {signal: {service: mail, severity: critical}, reaches: person:nadia, within: 5m}\n"
    old.write_text(f"# a line more\n{WELL}{wrong}", "utf-8")
    ran = in_process(capsys, "check", changed(old, more=wrong), "--against", old)
    assert ran.status == 1
    assert "finding" not in ran.out


def test_names_from_a_rulebook_are_neither_markup_nor_commands(old: Path, capsys: Capture) -> None:
    hostile = r'"A|na`<img src=x onerror=alert(1)>@all [x](https://evil.example) #1"'
    new = changed(old, SOONER, ("name: Carla,", f"name: {hostile},"))
    said = in_process(capsys, "check", new, "--against", old).out
    rows = [line for line in said.splitlines() if "A\\|na" in line]
    assert rows
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 7, row
        assert "<img" not in row
        assert "&lt;img" in row
        assert "@all" not in row
        assert "](http" not in row
        assert not re.search(r"(?<!\\)`", row)


def test_what_could_break_a_line_or_command_a_terminal_is_no_part_of_a_comment() -> None:
    told = escaped("one\ntwo\r\x1b[2Jthree\u2028four\u202e")
    assert len(told.splitlines()) == 1
    assert not set(told) & {"\x1b", "\u202e"}


def test_a_comment_stays_readable_however_much_differs(old: Path, capsys: Capture) -> None:
    more = "".join(f"  extra-{n}: {{team: mail, policy: mail}}\n" for n in range(60))
    both = ("  web: {team: web, policy: mail}\n", f"  web: {{team: web, policy: mail}}\n{more}")
    before = changed(old, both).rename(old.with_name("many.yaml"))
    said = in_process(capsys, "check", changed(old, both, SOONER), "--against", before).out
    assert said.startswith("### 62 services are reached differently, and so are reports of no known service\n")
    tables = said.count("\n#### ")
    assert tables == 30
    assert said.split("\n#### ")[1].startswith("\\(no known service\\): P1"), "whatever is left out"
    left = re.search(r"^and (\d+) more$", said, re.MULTILINE)
    assert left is not None
    assert int(left[1]) >= 63 - tables
    added = in_process(capsys, "check", changed(old, both), "--against", old).out
    assert ", and 48 more\n" in added


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read: No such file"),
        ("tocsin: 1\norganisation: [\n", "old.yaml:"),
        (
            WELL.replace("lead: carla, on_call: primary", "lead: clara, on_call: primary"),
            "old.yaml:20:43: there is no person 'clara'",
        ),
    ],
)
def test_an_old_one_that_cannot_be_used_is_named_with_its_place(
    old: Path, capsys: Capture, text: str | None, says: str
) -> None:
    new = changed(old)
    old.unlink() if text is None else old.write_text(text, "utf-8")
    ran = in_process(capsys, "check", new, "--against", old)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert f"tocsin check {old}" in ran.err


def test_a_new_one_that_cannot_be_used_is_reported_as_ever(old: Path, capsys: Capture) -> None:
    new = changed(old, ("wait: 10m", "wait: 10x"))
    ran = in_process(capsys, "check", new, "--against", old)
    assert ran.status == 2
    assert "F011" in ran.out


def test_forms_that_have_no_comparison_are_refused(old: Path, capsys: Capture) -> None:
    ran = in_process(capsys, "check", old, "--against", old, "--format", "sarif")
    assert (ran.status, ran.out) == (2, "")
    assert "--against has no sarif" in ran.err
