"""Every module says what it is, and every public name of core what it takes, gives and refuses."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.house.source import ROOT, Function, core, modules


def test_every_module_has_a_caption_that_fits_the_tree() -> None:
    first = {m.file: (ast.get_docstring(m.tree) or "").partition("\n")[0] for m in modules()}
    assert [file for file, caption in first.items() if not 10 <= len(caption) <= 120] == []


def test_every_public_name_of_core_is_documented() -> None:
    missing = [f"{m.file}: {name}" for m in core() for name, node in _public(m.tree) if not ast.get_docstring(node)]
    assert missing == []


def _public(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{node.name}.")


def test_the_tree_in_architecture_is_made_of_the_captions() -> None:
    generator = [sys.executable, str(ROOT / "tools" / "architecture.py"), "--check"]
    assert subprocess.run(generator, check=False).returncode == 0, "out of date: run `make docs`"
