"""The package as text and syntax: what the house tests read."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One file of the package: `tocsin/core/ids.py`, its dotted name, its lines and its syntax tree."""

    file: str
    name: str
    lines: int
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, by path."""
    return tuple(_read(path) for path in sorted((SOURCE / "tocsin").rglob("*.py")))


def _read(path: Path) -> Module:
    file = path.relative_to(SOURCE)
    text = path.read_text("utf-8")
    dotted = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    return Module(file.as_posix(), dotted, len(text.splitlines()), ast.parse(text))


def core() -> list[Module]:
    """The modules of the pure core."""
    return [module for module in modules() if module.file.startswith("tocsin/core/")]


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, those inside others included."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def origins(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for: `{"sleep": "time.sleep", "dt": "datetime"}`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            names |= {first: first for alias in node.names if (first := alias.name.partition(".")[0])}
    return names


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported, by dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def exceptions() -> dict[str, int]:
    """Budgets that a decision record raised: a line `exception: tocsin/x.py 450 lines` or `tocsin/x.py::f 70 lines`."""
    records = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs" / "adr").glob("*.md")))
    return {name: int(limit) for name, limit in re.findall(r"^exception: (\S+) (\d+) lines$", records, re.MULTILINE)}
