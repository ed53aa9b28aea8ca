"""`tocsin check` and `tocsin schema`: exit statuses, places, carets, and one JSON document."""

import re
from pathlib import Path
from xml.dom import minidom

import pytest

from tests.cli.terminal import ACME, in_process, tocsin


@pytest.fixture
def acme() -> str:
    return ACME.read_text("utf-8")


def mended() -> str:
    """The example with three holes, as it is at the end of the tutorial."""
    text = (ACME.parent / "holes.yaml").read_text("utf-8")
    tutorial = (ACME.parents[1] / "docs" / "tutorial.md").read_text("utf-8")
    for old, new in re.findall(r"```diff\n-(.*)\n\+(.*)\n```", tutorial):
        text = text.replace(old, new)
    return text


def test_a_rulebook_without_holes_is_clean_and_says_what_is_not_yet_active(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(mended(), "utf-8")
    ran = tocsin("check", file)
    assert (ran.status, ran.err) == (0, "")
    assert "not yet active" in ran.out
    assert ran.out.splitlines()[-1].startswith(f"{file}: clean")


def test_what_the_checks_find_has_its_line_a_case_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    holes = ACME.parent / "holes.yaml"
    ran = in_process(capsys, "check", holes)
    said = ran.out.splitlines()
    assert ran.status == 1
    place = next(i for i, line in enumerate(said) if "V021" in line)
    assert said[place].startswith(f"{holes}:50:9: warning V021: P1 promises a response within 20m")
    assert "step 3 is called after 25m instead of 20m" in said[place]
    assert said[place + 1].lstrip().startswith("- {notify: team.next, wait: 20m}")
    assert said[place + 3].startswith("  hint: Shorten the waits")
    assert said[-1].startswith(f"{holes}: usable: 1 error, 2 warnings")


def test_programs_get_the_place_and_the_case(capsys: pytest.CaptureFixture[str]) -> None:
    told = in_process(capsys, "check", ACME.parent / "holes.yaml", "--format", "json").data
    one = next(each for each in told["findings"] if each["code"] == "V021")
    assert one["place"] == "policies.ticketing.functional.1"
    assert one["counterexample"]["service"] == "ticketing"
    assert one["counterexample"]["at"] < one["counterexample"]["reached_at"]


def test_what_is_allowed_is_told_apart_and_no_reason_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.yaml"
    allowed = '{finding: too-fast, at: policies, reason: "until the new team is there", until: 2199-01-01}'
    text = mended().replace("hand_over: team, wait: 5m", "hand_over: team, wait: 2m")
    file.write_text(f"{text}allow:\n  - {allowed}\n", "utf-8")
    ran = in_process(capsys, "check", file)
    assert ran.status == 0, ran.out
    assert "allowed: V026 at policies.ticketing.functional.0.wait, until 2199-01-01: until the new team" in ran.out
    told = in_process(capsys, "check", file, "--format", "json").data
    assert [one["reason"] for one in told["suppressed"]] == ["until the new team is there"]


def test_a_finding_that_leaves_the_rulebook_usable_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(mended().replace(', key: "${TOCSIN_KEY_MONITORING}"', ""), "utf-8")
    ran = in_process(capsys, "check", file)
    assert ran.status == 1
    assert "warning P009" in ran.out
    assert "usable: 1 warning" in ran.out


def test_a_rulebook_that_cannot_be_used_exits_2_and_shows_every_place(
    acme: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        acme.replace("manager: omar, phone", "manager: omer, phone").replace("wait: 5m", "wait: 5x"), "utf-8"
    )
    ran = in_process(capsys, "check", file)
    said = ran.out.splitlines()
    assert ran.status == 2
    place = next(i for i, line in enumerate(said) if "omer" in line)
    assert said[place].startswith(f"{file}:12:")
    column = int(said[place].split(":")[2])
    assert said[place + 2].index("^") == column + 1  # two spaces of indent, and columns count from 1
    assert said[place + 1][column + 1 :].startswith("omer")
    assert any(line.startswith("  hint: did you mean omar?") for line in said)
    assert sum("F011" in line for line in said) == acme.count("wait: 5m")


def test_json_says_the_same_to_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("tocsin: 1\norganisation: X\n", "utf-8")
    told = in_process(capsys, "check", file, "--format", "json").data
    assert set(told) == {"path", "usable", "digest", "findings", "suppressed", "notices", "proof"}
    assert told["usable"] is False
    keys = {"file", "line", "column", "code", "severity", "text", "hint", "place", "counterexample"}
    assert keys == set(told["findings"][0])
    assert in_process(capsys, "check", ACME, "--format", "json", "--proof", "none").data["digest"]


def test_sarif_has_each_finding_at_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = in_process(capsys, "check", ACME.parent / "holes.yaml", "--format", "sarif").data
    [run] = told["runs"]
    assert (told["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "tocsin")
    assert {one["ruleId"] for one in run["results"]} == {one["id"] for one in run["tool"]["driver"]["rules"]}
    one = next(each for each in run["results"] if each["ruleId"] == "V021")
    assert one["level"] == "warning"
    assert one["locations"][0]["physicalLocation"]["region"] == {"startLine": 50, "startColumn": 9}


def test_sarif_says_what_each_code_means_and_suppresses_what_is_allowed_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "our rules #1.yaml"
    allowed = '{finding: too-fast, at: policies, reason: "until the new team is there", until: 2199-01-01}'
    text = mended().replace("hand_over: team, wait: 5m", "hand_over: team, wait: 2m")
    file.write_text(f"{text}allow:\n  - {allowed}\n", "utf-8")
    ran = in_process(capsys, "check", file, "--format", "sarif", "--proof", "none")
    [run] = ran.data["runs"]
    [one] = run["results"]
    assert (ran.status, one["ruleId"], one["level"]) == (0, "V026", "warning")
    assert one["suppressions"] == [
        {"kind": "inSource", "status": "accepted",
         "justification": "allowed until 2199-01-01: until the new team is there"}
    ]  # fmt: skip
    [rule] = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("V026", "too-fast")
    assert rule["shortDescription"]["text"].startswith("A step too fast for a human")
    place = one["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/our%20rules%20%231.yaml")
    assert min(place["region"].values()) >= 1
    suite = minidom.parseString(in_process(capsys, "check", file, "--format", "junit").out).documentElement
    assert suite is not None
    assert [suite.getAttribute(name) for name in ("tests", "failures", "skipped")] == ["1", "0", "1"]
    [skipped] = suite.getElementsByTagName("skipped")
    assert skipped.getAttribute("message") == "allowed until 2199-01-01: until the new team is there"
    file.write_text("tocsin: 1\norganisation: X\n", "utf-8")
    [run] = in_process(capsys, "check", file, "--format", "sarif").data["runs"]
    assert all(one["shortDescription"]["text"] for one in run["tool"]["driver"]["rules"])


def test_junit_is_a_failure_for_each_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    holes = (ACME.parent / "holes.yaml").read_text("utf-8")
    file.write_text(holes.replace("Let passengers board", "<b> & board"), "utf-8")
    suite = minidom.parseString(in_process(capsys, "check", file, "--format", "junit").out).documentElement
    assert suite is not None
    assert (suite.getAttribute("tests"), suite.getAttribute("failures")) == ("3", "3")
    said = [one.getAttribute("message") for one in suite.getElementsByTagName("failure")]
    assert any("<b> &" in one for one in said)
    file.write_text(mended(), "utf-8")
    ran = in_process(capsys, "check", file, "--format", "junit")
    assert (ran.status, 'tests="1" failures="0"' in ran.out) == (0, True)


def test_a_path_that_is_not_there_is_unusable() -> None:
    ran = tocsin("check", "no/such/file.yaml")
    assert ran.status == 2
    assert "Y021" in ran.out


def test_the_text_of_a_file_cannot_command_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text('tocsin: 1\nbad: "\\e[2J"\nworse\x9b: x\n', "utf-8")
    ran = in_process(capsys, "check", file)
    assert ran.status == 2
    assert not set(ran.out) & {"\x1b", "\x9b"}


def test_the_schema_is_one_json_document() -> None:
    ran = tocsin("schema")
    assert (ran.status, ran.err) == (0, "")
    assert ran.data["$schema"].startswith("https://json-schema.org/")
    assert "people" in ran.data["properties"]
