"""Writes the tree of ARCHITECTURE.md from the captions that the modules give themselves."""

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "tocsin"
PAGE = ROOT / "ARCHITECTURE.md"
START, END = "<!-- tree: written by `make docs` -->", "<!-- end of tree -->"
WIDTH = 34


def caption(module: Path) -> str:
    """The first line of a module's docstring, without its full stop; '' where there is none."""
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    first = docstring.partition("\n\n")[0]
    return " ".join(first.split()).removesuffix(".")


def modules(folder: Path) -> list[Path]:
    """The modules of a package except `__init__`, by name."""
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def packages(folder: Path) -> list[Path]:
    """The packages directly inside a package, by name."""
    return sorted(path.parent for path in folder.glob("*/__init__.py"))


def line(depth: int, name: str, text: str) -> str:
    """One line of the tree: name and caption."""
    return f"{'  ' * depth + name:<{WIDTH}} {text}".rstrip()


def tree(folder: Path, depth: int = 0) -> Iterator[str]:
    """The package's own line, its modules, then the packages inside it."""
    yield line(depth, f"{folder.name}/", caption(folder / "__init__.py"))
    for module in modules(folder):
        yield line(depth + 1, module.name, caption(module))
    for package in packages(folder):
        yield from tree(package, depth + 1)


def page(text: str) -> str:
    """The page with its tree written anew between the two marks."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    listing = "\n".join(tree(PACKAGE))
    return f"{before}{START}\n```text\n{listing}\n```\n{END}{after}"


def main() -> int:
    """Write the page, or with --check say whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when the page is out of date")
    old = PAGE.read_text("utf-8")
    new = page(old)
    if parser.parse_args().check:
        return int(old != new)
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
