"""The command line as a whole: it lists itself quickly, and every mistake is one line and a hint."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import App

from tests.cli.terminal import environment, in_process, tocsin
from tocsin import __version__
from tocsin.cli.main import COMMANDS, command

GROUPS = {"account", "incident", "schedule", "source", "token"}


def test_help_lists_every_command_and_needs_neither_the_library_nor_the_web() -> None:
    code = (
        "import sys; from tocsin.cli.main import run; run(['--help'])\n"
        "heavy = ('cyclopts', 'rich', 'litestar', 'uvicorn', 'sqlalchemy', 'msgspec', 'cel_expr_python')\n"
        "sys.exit(', '.join(set(heavy) & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^│ +([a-z]+)", done.stdout, re.MULTILINE) == list(COMMANDS)


def test_the_listing_is_a_box_with_straight_sides() -> None:
    box = [line for line in tocsin("--help").out.splitlines() if line[:1] in "╭│╰" and line]
    assert len({len(line) for line in box}) == 1


def test_a_version_is_all_that_version_prints() -> None:
    assert tocsin("--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in GROUPS])
def test_every_command_explains_itself_with_examples_and_a_format(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command(name)("--help", exit_on_error=False, result_action="return_value")
    shown = capsys.readouterr().out
    assert f"Usage: tocsin {name}" in shown
    assert "Examples:" in shown
    assert f"    tocsin {name}" in shown
    assert "--format" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_stays_what_is_typed_in_a_terminal_of_eighty_columns(name: str) -> None:
    said = command(name).help_epilogue or ""
    lines = said.splitlines()
    assert [line for line in lines if len(line) > 78] == []
    typed = [shlex.split(one) for one in said.replace("\\\n", " ").splitlines() if re.match(r"    [^#]", one)]
    assert typed
    assert [words for words in typed if not re.match(rf"(TOKEN=\$\()?tocsin {name}\b", " ".join(words))] == []


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_every_command_of_a_group_has_a_format(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for child in children(command(name)):
        command(name)([*child, "--help"], exit_on_error=False, result_action="return_value")
        shown = capsys.readouterr().out
        assert f"tocsin {name} {' '.join(child)}" in shown
        assert "--format" in shown


def children(group: App) -> list[tuple[str, ...]]:
    """The commands of a group, and of the groups in it."""
    found = [(name, group[name]) for name in group if not name.startswith("-")]
    below = [((name,), *((name, *rest) for rest in children(one))) for name, one in found]
    return [path for (own, *deeper) in below for path in (deeper or [own])]


def test_no_command_but_those_that_serve_imports_the_web() -> None:
    names = [name for name in COMMANDS if name not in {"serve", "demo"}]
    code = (
        f"import sys; from tocsin.cli.main import command; [command(name) for name in {names!r}]\n"
        "sys.exit(', '.join(name for name in sys.modules if name.split('.')[0] in ('litestar', 'uvicorn')) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("chek rules", "there is no command chek", "did you mean tocsin check?"),
        ("check", "Parameter PATH requires an argument", "see tocsin check --help"),
        ("check x --form json", "Unknown option: --form", "see tocsin check --help"),
        ("check x --format xml", 'Invalid value "xml" for --format', "see tocsin check --help"),
        ("schedule shfts x", 'Unknown command "shfts"', "see tocsin schedule --help"),
        ("oncall", "no rulebook", "--rulebook PATH"),
        ("oncall --rulebook nowhere.yaml", "nowhere.yaml", "tocsin check nowhere.yaml"),
        ("oncall --database mysql://x/y", "mysql is not supported", "postgresql://"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_a_hint(
    line: str, what: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = in_process(capsys, *line.split())
    said = ran.err.splitlines()
    assert (ran.status, ran.out, len(said)) == (2, "", 2)
    assert said[0].startswith("tocsin: ")
    assert what in said[0]
    assert hint in said[1]


def test_a_reader_that_goes_away_is_no_mistake() -> None:
    line = f"{sys.executable} -m tocsin schema | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment(), check=False)
    assert done.stdout.splitlines() in (["{", "141"], ["{", "0"])
    assert done.stderr == ""


def test_the_process_itself_ends_with_the_status_and_shows_no_traceback(tmp_path: Path) -> None:
    ran = tocsin("incident", "list", cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == "tocsin: there is no database at sqlite:///tocsin.db"
