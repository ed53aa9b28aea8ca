"""The documents mention everything, mean one thing by one word, and name no machine of ours."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tests.house.source import ROOT, SOURCE
from tocsin.core.catalogue.target import WORDS
from tocsin.core.signal import Kind
from tocsin.core.steps import Step

SPLIT = [("pythonhos", "ted.org"), ("py", "pi.org/simple"), ("registry.npm", "js"), ("deb.deb", "ian.org")]
SPLIT += [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/")]
NEVER = ["".join(halves) for halves in SPLIT]  # in halves, so that this file may be searched too
SHARED_WORDS = ROOT.parent / "shared" / "words.md"


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def terms(table: str) -> list[str]:
    """The first column of a Markdown table, one term for each word in it."""
    rows = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[1:]
    return [term.strip(" *`") for row in rows for term in re.split(r"[,;] ", row) if term.strip("- ")]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_documents_name_every_verb_of_make(name: str) -> None:
    verbs = re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE)
    assert len(verbs) == 13
    if name == "README.md":
        assert [verb for verb in verbs if f"make {verb}" not in read(name)] == []
    assert "make check" in read(name)


@pytest.mark.skipif(not (SOURCE / "tocsin/cli/main.py").exists(), reason="there is no command line yet")
def test_the_readme_names_every_command_and_no_other() -> None:
    wide = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}
    listing = subprocess.run(
        [sys.executable, "-m", "tocsin", "--help"], env=wide, capture_output=True, text=True, check=True
    )
    commands = set(re.findall(r"^│ +([a-z][a-z-]*)\b", listing.stdout, re.MULTILINE))
    assert commands == set(re.findall(r"`tocsin ([a-z][a-z-]*)", read("README.md")))


def test_the_readme_names_every_variable_that_is_read() -> None:
    sources = "".join(path.read_text("utf-8") for path in (SOURCE / "tocsin").rglob("*.py"))
    known = {name for name in re.findall(r"\bTOCSIN_[A-Z_]*[A-Z]\b", sources) if not name.startswith("TOCSIN_KEY_")}
    assert {name for name in known if f"`{name}`" not in read("README.md")} == set()


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_module_that_is_named_is_there(name: str) -> None:
    prose = read(name).partition("<!-- tree")[0]
    parts = "|".join(sorted(path.name for path in (SOURCE / "tocsin").iterdir() if path.is_dir()))
    named = set(re.findall(rf"(?<![\w/.-])((?:{parts})/[a-z_]+(?:/[a-z_]+)*(?:\.py)?)(?![\w<])", prose))
    assert len(named) > 2
    places = [SOURCE / "tocsin" / one for one in named]
    assert [place for place in places if not place.exists() and not place.with_suffix(".py").exists()] == []


def test_no_folder_of_tests_is_forgotten() -> None:
    listed = tomllib.loads(read("pyproject.toml"))["tool"]["pytest"]["ini_options"]["testpaths"]
    found = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in (ROOT / "tests").rglob("*/test_*.py")}
    assert found <= set(listed)


def test_every_decision_record_says_what_we_would_undo() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for heading in ("## Context", "## Decision", "## What we would undo"):
        assert [record.name for record in records if heading not in record.read_text("utf-8")] == []


def test_the_glossary_has_one_meaning_for_one_word() -> None:
    words = terms(read("docs/glossary.md"))
    assert sorted(words) == sorted(set(words))


def test_the_glossary_knows_every_word_that_the_rules_close_on() -> None:
    tags = [str(msgspec.inspect.type_info(step).tag) for step in get_args(Step)]  # type: ignore[union-attr]
    text = read("docs/glossary.md")
    assert [word for word in (*tags, *get_args(Kind), *WORDS) if f"`{word}`" not in text] == []


@pytest.mark.skipif(not SHARED_WORDS.exists(), reason="the common word list does not lie beside this checkout")
def test_the_glossary_keeps_every_common_word() -> None:
    assert set(terms(SHARED_WORDS.read_text("utf-8"))) <= set(terms(read("docs/glossary.md")))


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_package_registry_or_a_path_of_the_machine_it_was_written_on() -> None:
    texts = {path: path.read_bytes().decode("utf-8", "replace") for path in tracked() if path.suffix != ".gz"}
    found = [(str(path), word) for path, text in texts.items() for word in NEVER if word in text]
    assert found == []


def test_every_test_that_the_security_page_names_is_there() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", read("docs/security.md"))
    assert len(named) > 90
    texts = {file: read(f"tests/{file}") for file, _ in named}
    missing = [
        (file, name) for file, name in named if not re.search(rf"^(async )?def {name}\(", texts[file], re.MULTILINE)
    ]
    assert missing == []


def test_every_row_of_the_security_page_is_shown_by_a_test() -> None:
    rows = [line for line in read("docs/security.md").splitlines() if line.startswith("| ") and "shown by" not in line]
    assert len(rows) > 60
    assert [row[:60] for row in rows if "::" not in row.rpartition(" | ")[2]] == []
