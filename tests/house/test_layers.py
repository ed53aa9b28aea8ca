"""Imports point down only, nothing runs in circles, and what is beside each other does not know each other."""

import graphlib
import sys
from collections.abc import Iterable, Iterator

import grimp
import pytest
from importlinter.cli import lint_imports

from tests.house.source import ROOT, core, imported, modules

PURE_LIBRARIES = {
    "msgspec": "tocsin/core/",
    "whenever": ("tocsin/core/instant.py", "tocsin/core/calendar/zones.py"),
    "cel_expr_python": "tocsin/core/routing/criteria.py",
}
PURE_STANDARD = frozenset(
    """
    __future__ abc base64 bisect collections contextlib copy dataclasses datetime decimal difflib enum fractions
    functools hashlib heapq hmac itertools json math operator re string textwrap types typing unicodedata
    """.split()
)
DISCOVERED = ("tocsin.intake.", "tocsin.channels.", "tocsin.importers.")


def test_imports_point_down_only_and_every_part_has_its_layer(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("tocsin", cache_dir=None)
    graphlib.TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    ).prepare()  # CycleError names the circle


def test_core_imports_pure_libraries_alone_and_each_only_where_it_may() -> None:
    strangers = [
        f"{module.file}: {name}"
        for module in core()
        for name in imported(module.tree)
        if not name.startswith("tocsin.core") and not _may_import(module.file, name.partition(".")[0])
    ]
    assert strangers == []


def _may_import(file: str, library: str) -> bool:
    return library in PURE_STANDARD or file.startswith(PURE_LIBRARIES.get(library, ("nowhere",)))


def test_the_pure_part_of_the_standard_library_is_spelled_right() -> None:
    assert set(sys.stdlib_module_names) >= PURE_STANDARD


def test_an_adapter_does_not_know_its_neighbour() -> None:
    kinds = {m.name for m in modules() if m.name.startswith(DISCOVERED) and m.file.endswith("__init__.py")}
    assert [pair for m in modules() for pair in _neighbours(m.name, imported(m.tree), kinds)] == []


def test_the_search_for_neighbours_finds_one() -> None:
    kinds = {"tocsin.channels.email", "tocsin.channels.webhook"}
    imports = ["tocsin.channels.webhook.send", "tocsin.channels.contract", "tocsin.channels.email.address"]
    assert list(_neighbours("tocsin.channels.email.send", imports, kinds)) == [
        ("tocsin.channels.email.send", "tocsin.channels.webhook.send")
    ]


def _neighbours(name: str, imports: Iterable[str], kinds: set[str]) -> Iterator[tuple[str, str]]:
    """Imports from inside one kind of adapter into another; what lies beside the kinds belongs to all."""
    home = _kind(name)
    if home in kinds:
        yield from ((name, other) for other in imports if _kind(other) in kinds - {home})


def _kind(name: str) -> str:
    return ".".join(name.split(".")[:3])
