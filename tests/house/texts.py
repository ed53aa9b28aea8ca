"""Templates and code as the texts that they hold or ask for: what tests/house/test_texts.py reads."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

from tests.house.source import SOURCE, modules

SPOKEN_ATTRIBUTES = {"title", "aria-label", "aria-description", "aria-roledescription", "placeholder", "alt", "label"}
FOR_MACHINES = {"pre", "code", "kbd", "script", "style"}
PREFIXES = ("web.", "mail.", "timeline.")
"""What `t`, `word` and `_say` put before a key."""

_LETTERS = re.compile(r"[^\W\d_]+")
_NAMES = {"tocsin"}
_SENTENCE = re.compile(r"[^\W\d_]{2,},? [a-zäöü]{2,}(?![\w-]*=)|\A[A-Z][a-z]+[ .!?:]")
_KEY = re.compile(r"[a-z_]+(\.[a-z_]+)*\.?")


def templates() -> dict[str, str]:
    """Every template of the package: its path and its text."""
    found = sorted(SOURCE.rglob("*.html"))
    return {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in found}


class Literals(HTMLParser):
    """`found`: the words of a page that come from no catalogue and from no data."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        button = tag == "input" and dict(attrs).get("type") in ("submit", "button", "reset")
        spoken = SPOKEN_ATTRIBUTES | ({"value"} if button else set())
        for name, value in attrs:
            if name in spoken:
                self._note(value or "")
        if tag in FOR_MACHINES:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self._note(data)

    def _note(self, text: str) -> None:
        if set(_LETTERS.findall(text)) - _NAMES:
            self.found.append(" ".join(text.split()))


def literals(template: str) -> list[str]:
    """The literal words of a template: markup as it stands, each `{{ }}` replaced by the constants that it may show."""
    stream, inside = [], ""
    for _, kind, value in Environment().lex(template):
        if kind == "data":
            stream.append(value)
        elif kind == "variable_begin":
            inside = "{{"
        elif kind == "variable_end":
            stream.append(" ".join(_shown(Environment().parse(inside + "}}"))))
            inside = ""
        elif inside:
            inside += value
    return Literals("".join(stream)).found


def _shown(node: nodes.Node) -> Iterator[str]:
    """The strings that an expression may show by itself: not arguments, not what is compared, not names of fields."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _shown(node.expr1)
        yield from _shown(node.expr2) if node.expr2 is not None else ()
    elif isinstance(node, nodes.Filter) and node.node is not None:
        yield from _shown(node.node)
    elif isinstance(node, nodes.Template | nodes.Output | nodes.Or | nodes.And | nodes.Concat | nodes.Add):
        for child in node.iter_child_nodes():
            yield from _shown(child)


@cache
def asked() -> frozenset[str]:
    """Every key, and with a `*` every pattern of keys, that code or a template may ask for."""
    found = {key for module in modules() for key in _keys(module.tree)}
    for template in templates().values():
        found |= set(_template_keys(template))
    return frozenset(found)


def _keys(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _KEY.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)  # type: ignore[misc]


def _template_keys(template: str) -> Iterator[str]:
    """The first argument of each call of `t` and `word`."""
    for call in Environment().parse(template).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("t", "word") and call.args:
            for one in _alternatives(call.args[0]):
                yield f"web.{one}" if call.node.name == "t" else f"mail.{one}"


def _alternatives(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, nodes.CondExpr):
        return [*_alternatives(node.expr1), *(_alternatives(node.expr2) if node.expr2 is not None else ())]
    if isinstance(node, nodes.Concat):
        return ["".join("/".join(_alternatives(one)) for one in node.nodes)]
    return ["*"]


def template_keys() -> set[tuple[str, str]]:
    """(template, key or pattern) of all templates."""
    return {(path, key) for path, template in templates().items() for key in _template_keys(template)}


def matches(pattern: str, key: str) -> bool:
    """Whether a key is what was asked for; a pattern has to name its first part, and more than `web.*`."""
    if "*" not in pattern:
        return pattern == key
    named = re.match(r"[a-z_]+\.", pattern) is not None and pattern.removesuffix("*") not in PREFIXES
    return named and re.fullmatch(re.escape(pattern).replace(r"\*", ".+"), key) is not None


def sentences_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of strings that look like a sentence and are no documentation, log, exception or page's question."""
    silent = {id(inner) for node in ast.walk(tree) if _silent(node) for inner in ast.walk(node)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in silent)
    for node in constants:
        if isinstance(node.value, str) and _SENTENCE.search(node.value):
            yield node.lineno, node.value


def _silent(node: ast.AST) -> bool:
    documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    call = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return documentation or isinstance(node, ast.Raise) or call.startswith("log.") or call == "Page"


def path_of(domain: str, language: str) -> Path:
    """The file of one domain."""
    return SOURCE / "tocsin" / "lib" / "texts" / f"{domain}.{language}.po"
