"""The tutorial: its commands are run as they stand there, with its changes in between; its links lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(sh|diff)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks() -> Iterator[tuple[str, str]]:
    """Commands and changes, in their order."""
    return ((found.group(1), found.group(2)) for found in BLOCK.finditer(TUTORIAL.read_text("utf-8")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples, and a program called tocsin."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "tocsin"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tocsin "$@"\n')
    program.chmod(0o755)
    return tmp_path


def outputs() -> list[str]:
    """What the tutorial says that the commands say."""
    return re.findall(r"^```text\n(.*?)^```$", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def masked(text: str) -> list[str]:
    """Its lines; of those that speak of a day, no number, for they depend on today."""
    lines = (line.rstrip() for line in text.splitlines() if line.strip())
    return [re.sub(r"\d+", "#", line) if re.search(r"\d{4}-\d\d-\d\d", line) else line for line in lines]


def run(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def changed(text: str, change: str) -> str:
    """The text with the lines marked - in place of those marked +; each must stand there once."""
    old, new = ("".join(line[1:] + "\n" for line in change.splitlines() if line[0] == sign) for sign in "-+")
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_its_commands_run_and_its_changes_end_in_a_clean_rulebook(folder: Path) -> None:
    mine = folder / "mine.yaml"
    said = []
    for kind, text in blocks():
        if kind == "sh":
            said.append(run(text, folder))
        else:
            mine.write_text(changed(mine.read_text("utf-8"), text), "utf-8")
    assert [one.returncode for one in said] == [0, 1, 0], said[-1].stdout
    assert masked("\n".join(outputs())) == masked(f"{said[1].stdout}{said[2].stdout}".replace("\n\n", "\n"))
    assert mine.read_text("utf-8") != (folder / "examples" / "holes.yaml").read_text("utf-8")


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TUTORIAL.read_text("utf-8")):
        assert (TUTORIAL.parent / target.partition("#")[0]).exists(), target
