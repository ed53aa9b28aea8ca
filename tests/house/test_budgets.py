"""Sizes and names: small enough to be read, named for what they are; confetti is not the aim."""

import ast
import re
from statistics import median

import pytest

from tests.house.source import ROOT, SOURCE, Function, exceptions, functions, modules

FILE, MEDIAN_FILE = 400, 130
FUNCTION, MEDIAN_FUNCTION = 60, 8
PATCHES_PER_TEST = 0.05
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"}
PATCH = re.compile(
    r"(monkeypatch|patcher|mp)\.(set|del)(attr|item)|((unittest\.)?mock\.|mocker\.)?(patch(\.\w+)?|\w*Mock|create_autospec)"
)


def length(function: Function) -> int:
    """Lines from `def` to the end, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_file_is_longer_than_its_budget_and_the_median_is_small() -> None:
    allowed = exceptions()
    too_long = [(m.file, m.lines) for m in modules() if m.lines > allowed.get(m.file, FILE)]
    assert too_long == []
    assert median(m.lines for m in modules()) <= MEDIAN_FILE


def test_no_function_is_longer_than_its_budget_and_the_median_is_small() -> None:
    allowed = exceptions()
    sizes = {f"{m.file}::{f.name}": length(f) for m in modules() for f in functions(m.tree)}
    assert {name: n for name, n in sizes.items() if n > allowed.get(name, FUNCTION)} == {}
    assert median(length(f) for m in modules() for f in functions(m.tree)) <= MEDIAN_FUNCTION


def test_every_exception_is_still_needed() -> None:
    files = {m.file: m.lines for m in modules()}
    sizes = files | {f"{m.file}::{f.name}": length(f) for m in modules() for f in functions(m.tree)}
    budget = {name: FUNCTION if "::" in name else FILE for name in exceptions()}
    assert [name for name, limit in budget.items() if sizes.get(name, 0) <= limit] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = [(m.file, word) for m in modules() for part in m.name.split(".") for word in part.split("_")]
    assert [file for file, word in parts if word in NAMELESS] == []


def test_a_service_is_a_catalogue_entry_and_only_that() -> None:
    classes = [node.name for m in modules() for node in ast.walk(m.tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if name.endswith("Service") and name != "Service"] == []
    assert [path for path in SOURCE.rglob("services") if path.is_dir()] == []


def test_tests_use_the_real_thing_and_hardly_ever_a_patch() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "tests").rglob("*.py"))]
    tests = sum(f.name.startswith("test_") for tree in trees for f in functions(tree))
    patches = sum(_is_patch(node) for tree in trees for node in ast.walk(tree))
    assert patches <= PATCHES_PER_TEST * tests


def _is_patch(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and bool(PATCH.fullmatch(ast.unparse(node.func)))


@pytest.mark.parametrize("call", ["monkeypatch.setattr(a, 'b', c)", "mock.patch('a.b')", "patch.object(a)", "Mock()"])
def test_the_search_finds_a_patch(call: str) -> None:
    assert _is_patch(ast.parse(call, mode="eval").body)
    assert not _is_patch(ast.parse("client.patch('/incidents/INC-1')", mode="eval").body)
