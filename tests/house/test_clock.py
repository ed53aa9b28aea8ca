"""One file in the whole package reads the time; everywhere else now is an argument. Core does nothing but compute."""

import ast
import re

import pytest

from tests.house.source import core, modules, origins

CLOCK = "tocsin/engine/clock.py"
READS_TIME = re.compile(
    r"time\.(?!sleep$|struct_time$).+"
    r"|datetime(\.\w+)?\.(now|utcnow|today)"
    r"|whenever(\.\w+)?\.(now\w*|today\w*)"
    r"|email\.utils\.(formatdate|localtime)"
    r"|(.*\.)?(\w*loop|get_event_loop\(\)|get_running_loop\(\))\.time"
)
EFFECTS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}


def reads_time(tree: ast.AST) -> list[int]:
    """The lines on which a clock is read, or handed on to be read."""
    names = origins(tree)
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name))
    return sorted({node.lineno for node in found if READS_TIME.fullmatch(_dotted(node, names))})


def _dotted(node: ast.Attribute | ast.Name, names: dict[str, str]) -> str:
    """`datetime.datetime.now`, whatever it was imported as."""
    first, dot, rest = ast.unparse(node).partition(".")
    return names.get(first, f"<{first}>" if not dot else first) + dot + rest


def test_one_file_reads_the_time() -> None:
    readers = {m.file: lines for m in modules() if m.file != CLOCK and (lines := reads_time(m.tree))}
    assert readers == {}


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.time()",
        "from time import monotonic as tick\ntick()",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from datetime import date\nf(default=date.today)",
        "from whenever import Instant\nInstant.now()",
        "import asyncio\nasyncio.get_running_loop().time()",
        "self\nself.loop.time()",
    ],
)
def test_the_search_finds_a_clock_by_any_name(text: str) -> None:
    assert reads_time(ast.parse(text)) == [2]


@pytest.mark.parametrize("text", ["import time\ntime.sleep(1)", "clock.now()", "moment.time()", "time = 1\nf(time)"])
def test_the_search_lets_pass_what_reads_no_clock(text: str) -> None:
    assert reads_time(ast.parse(text)) == []


def test_core_opens_prints_and_evaluates_nothing() -> None:
    calls = [(m.file, n) for m in core() for n in ast.walk(m.tree) if isinstance(n, ast.Call)]
    names = [(file, call.lineno, call.func.id) for file, call in calls if isinstance(call.func, ast.Name)]
    assert [place for place in names if place[2] in EFFECTS] == []
