"""Nothing in the package runs a shell, unpacks objects, builds a statement of values, or guesses where it must not."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import SOURCE, Module, imported, modules, origins
from tocsin.channels.email.compose import _templates
from tocsin.core.routing.criteria import Context, Error, compile_condition
from tocsin.core.signal import Signal
from tocsin.web.layout.render import environment

BANNED = re.compile(
    r"os\.(system|popen|exec\w+|spawn\w+|startfile)|pty\..*|commands\..*"
    r"|(pickle|cPickle|dill|shelve|marshal|jsonpickle)\..*"
    r"|yaml\.(load|load_all|unsafe_load|full_load|UnsafeLoader|Loader|FullLoader)"
    r"|xml\..*|lxml\..*|xmlrpc\..*|telnetlib\..*|ftplib\..*"
    r"|tempfile\.mktemp|ssl\._create_unverified_context|hashlib\.(md5|sha1)"
    r"|jinja2\.(Template|sandbox\..*)|markupsafe\.Markup\.unescape"
)
"""What no module may use, by the name it has at home."""

ROOTS = ("os", "pty", "commands", "pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "yaml", "xml", "lxml")
ROOTS += ("xmlrpc", "telnetlib", "ftplib", "tempfile", "ssl", "hashlib", "jinja2", "markupsafe")

BUILTINS = {"eval", "exec", "compile", "__import__"}

CHANCE = {
    "tocsin/app.py": "spreads retries and guards nothing",
    "tocsin/engine/dispatcher.py": "is handed that",
    "tocsin/engine/backoff.py": "is handed that",
    "tocsin/engine/door.py": "spreads retries of transactions",
    "tocsin/lab/population.py": "plays dice with a seed, so that the same runs come twice",
}
"""Modules that may use `random`, and why it does not matter there."""

RAW = {
    "tocsin/web/forms.py": "the hidden field, whose values it formats in",
    "tocsin/web/pages/board/handlers.py": "rows that our own template has made",
    "tocsin/web/pages/components/handlers.py": "the same rows",
    "tocsin/web/pages/mine/handlers.py": "parts that our own templates have made",
}
"""Modules that may call something markup, and of what."""


def used(module: Module) -> Iterator[tuple[int, str]]:
    """Every name and attribute, as what it was imported from; nothing of modules that import nothing of that kind."""
    names = origins(module.tree)
    if not any(name.partition(".")[0] in ROOTS for name in names.values()):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = _dotted(node).partition(".")
            yield node.lineno, names.get(first, f"<{first}>") + dot + rest


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_dotted(node.value)}.{node.attr}"
        case _:
            return "<>"


def test_no_module_uses_what_runs_or_unpacks_what_came_from_outside() -> None:
    found = [(m.file, line, name) for m in modules() for line, name in used(m) if BANNED.fullmatch(name)]
    assert found == []
    calls = [(m.file, n) for m in modules() for n in ast.walk(m.tree) if isinstance(n, ast.Call)]
    named = [(file, call.lineno, call.func.id) for file, call in calls if isinstance(call.func, ast.Name)]
    assert [one for one in named if one[2] in BUILTINS] == []


def test_no_call_has_a_shell_or_leaves_certificates_alone() -> None:
    calls = [(m.file, n) for m in modules() for n in ast.walk(m.tree) if isinstance(n, ast.Call)]
    wrong = {"shell": True, "verify": False, "check_hostname": False, "verify_ssl": False, "autoescape": False}
    found = [
        (file, call.lineno, word.arg)
        for file, call in calls
        for word in call.keywords
        if word.arg in wrong and isinstance(word.value, ast.Constant) and word.value.value is wrong[word.arg]
    ]
    assert found == []


EXECUTES = {"execute", "exec_driver_sql", "executemany", "executescript", "text"}


def built(module: Module) -> Iterator[tuple[int, str]]:
    """Statements that are glued together where they are handed to a database."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in EXECUTES and (glued := _glued(node.args[0])) is not None:
            yield node.lineno, glued


def _glued(node: ast.expr) -> str | None:
    """The names in a statement that is an f-string, a sum, `%` or `.format`; None where it is none of these."""
    match node:
        case ast.JoinedStr():
            parts = [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
            return ", ".join(map(ast.unparse, parts)) if parts else None
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return ast.unparse(node)
        case ast.Call(func=ast.Attribute(attr="format" | "join")):
            return ast.unparse(node)
        case _:
            return None


OURS = {
    "tocsin/store/dialect_postgres.py": {"limit", "MIGRATING"},
    "tocsin/store/dialect_sqlite.py": {"PAGE", "mode", "pragma", "pragma, wanted"},
    "tocsin/store/migrate.py": {"TABLE"},
    "tocsin/store/people.py": {"_ORDER"},
    "tocsin/store/postbox.py": {"DUE + skip"},
    "tocsin/store/queries/due.py": {"RANKS", "range(4)"},
}
"""What statements are made of besides constants: names and numbers of our own, closed lists of them."""


def test_no_value_is_ever_glued_into_a_statement() -> None:
    asking = [
        m for m in modules() if any(one.startswith(("sqlalchemy", "psycopg", "pysqlite")) for one in imported(m.tree))
    ]
    assert len(asking) > 30
    found = [
        (m.file, line, names)
        for m in asking
        for line, names in built(m)
        if "tocsin.lib.translate.text" not in origins(m.tree).values()
    ]
    assert [one for one in found if not any(ours in one[2] for ours in OURS.get(one[0], ()))] == []


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.system('x')",
        "from os import popen as p\np('x')",
        "import yaml\nyaml.load(x)",
        "import pickle as q\nq.loads(x)",
    ],
)
def test_the_search_finds_what_runs_by_any_name(source: str) -> None:
    found = [name for _, name in used(Module("x", "x", 1, ast.parse(source)))]
    assert any(BANNED.fullmatch(name) for name in found)


@pytest.mark.parametrize(
    "source",
    [
        "c.execute(f'select {title}')",
        "c.execute('select ' + title)",
        "c.execute('%s' % title)",
        "text('{}'.format(title))",
    ],
)
def test_the_search_finds_a_glued_statement(source: str) -> None:
    assert list(built(Module("x", "x", 1, ast.parse(source)))) != []


def test_chance_is_drawn_from_the_system_where_anything_hangs_on_it() -> None:
    users = {m.file for m in modules() if any(name.partition(".")[0] == "random" for name in imported(m.tree))}
    assert users <= set(CHANCE), users - set(CHANCE)
    assert not [
        file for file in users if file.startswith(("tocsin/access/", "tocsin/lib/", "tocsin/api/", "tocsin/web/"))
    ]


def test_every_template_escapes_and_none_says_otherwise() -> None:
    assert environment().autoescape is True
    assert _templates().autoescape is True
    texts = {path: path.read_text("utf-8") for path in SOURCE.rglob("*.html")}
    assert len(texts) > 20
    assert [path.name for path, text in texts.items() if re.search(r"\|\s*safe\b|autoescape|\{%-?\s*raw", text)] == []
    unquoted = r"<[a-z][^<>]*\s[a-z-]+=\{\{"
    assert [path.name for path, text in texts.items() if re.search(unquoted, text)] == []
    scripts = r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:"
    pages = {path: text for path, text in texts.items() if "web" in path.parts}
    assert [path.name for path, text in pages.items() if re.search(scripts, text)] == []


def test_few_modules_call_something_markup_and_each_says_of_what() -> None:
    users = {m.file for m in modules() if any(name == "markupsafe" for name in imported(m.tree))}
    assert users <= set(RAW), users - set(RAW)


PATTERNS = {"(a+)+$": False, "(a|aa)+$": False, "(a|a?)+$": True, "^(([a-z])+.)+[A-Z]([a-z])+$": False, "(a*)*c": False}


def test_conditions_of_a_rulebook_are_matched_by_an_engine_that_does_not_go_back() -> None:
    long = Context(Signal("k", "trigger", "aa", text="a" * 900 + "!"))
    for pattern, expected in PATTERNS.items():  # most would keep an engine that goes back busy until the sun is cold
        assert compile_condition(f"signal.text.matches('{pattern}')").judge(long) is expected, pattern
    only_by_going_back = compile_condition(r"signal.title.matches(r'(a)\1')").judge(long)
    assert isinstance(only_by_going_back, Error)


def test_no_pattern_of_a_user_reaches_our_own_engine() -> None:
    calls = [
        (m.file, n.lineno, ast.unparse(n.args[0]))
        for m in modules()
        for n in ast.walk(m.tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.args
        and re.fullmatch(r"re\.(compile|match|search|fullmatch|sub|findall|finditer|split)", ast.unparse(n.func))
    ]  # fmt: skip
    assert len(calls) > 20
    loose = [one for one in calls if not re.match(r"[rbf]{0,2}['\"]|[A-Z_.]+$", one[2])]
    assert {file for file, _, _ in loose} <= {"tocsin/lib/logs.py"}, loose  # its own list of what is secret
