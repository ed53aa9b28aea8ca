"""The reference of the language as Markdown: derived from the fields that read it, so that it cannot be out of date."""

import re
from collections.abc import Iterator

from tocsin.config.codes import CODES
from tocsin.config.fields import Either, Field, Kind, Many, Record, Table
from tocsin.config.rulebook import ROOT
from tocsin.config.targets import ByPriority
from tocsin.core.routing.vocabulary import FUNCTIONS, NAMES

_OPENING = """# The rulebook language

<!-- Written by tools/language.py from the types that read the language. Change those, then run `make docs`. -->

A rulebook is one YAML file or a folder of them, which are read as one. It is YAML 1.2, and every scalar is read as
text: the field decides the type, so that `no`, `12:30` and `1e3` stay what was written. Expressions are always
quoted. Anchors and aliases work; merge keys and tags do not. `tocsin check PATH` reports every mistake at once.

**Durations** are `30s`, `5m`, `2h`, `1d` or a sum such as `1h30m`. A `d` is 24 h where no hours are named, else one
working day of those hours. **Values by priority** are one value for all, or `{P1: 30m, else: 4h}`.

**Targets** are `person:`, `team:`, `schedule:`, `role:` and `channel:` with an id, `manager:1` (that many above the
owner, else above the team's lead), and the words `team` (the owning team's on-call, else its members), `team.next`,
`team.all`, `team.lead`, `owner`, `stakeholders`, `requester`. A list of targets is called at once.
"""

_EXPRESSIONS = """## Expressions

Conditions are CEL: `==`, `!=`, `<`, `&&`, `||`, `!`, `? :`, `in`, `size(x)`, `has(signal.labels.x)`,
`x.contains('y')`, `x.startsWith('y')`, `x.endsWith('y')`, `x.matches('re')`. A missing label reads as `''`, a missing
number as 0. An error (a division by zero) is neither true nor false: a step's `when` then counts as true, a criterion
does not apply. An expression has at most 4,096 bytes, and a walk over a list holds no other walk.
"""

_COMPLAINTS = """## Complaints

An error leaves no rulebook. A warning is worth reading. Info is kept, but not yet active.
"""


def reference() -> str:
    """The whole page."""
    parts = [_OPENING, _record(ROOT, 2)]
    parts += [_record(record, 3) for record in _records(ROOT) if record is not ROOT]
    return "\n".join([*parts, _expressions(), _codes()])


def _records(kind: Kind) -> Iterator[Record]:
    """Every record below a kind, each once, in the order of the page."""
    seen: dict[str, Record] = {}
    _collect(kind, seen)
    return iter(seen.values())


def _collect(kind: Kind, seen: dict[str, Record]) -> None:
    if isinstance(kind, Record) and kind.name not in seen:
        seen[kind.name] = kind
        for field in kind.fields:
            _collect(field.kind, seen)
    elif isinstance(kind, Either):
        for record in kind.records.values():
            _collect(record, seen)
    elif isinstance(kind, Many | Table | ByPriority):
        _collect(kind.kind, seen)


def _record(record: Record, level: int) -> str:
    rows = "".join(_field(field) for field in record.fields)
    return (
        f"{'#' * level} {record.name}\n\n{record.meaning}\n\n"
        f"| field | holds | means | default |\n|---|---|---|---|\n{rows}"
    )


def _field(field: Field) -> str:
    default = "**required**" if field.required else field.default
    example = f", such as `{field.example}`" if field.example else ""
    holds = re.sub(r"a mapping \(([^)]+)\)", _link, _cell(field.kind.words))
    return f"| `{field.name}` | {holds} | {_cell(field.meaning + example)} | {_cell(default)} |\n"


def _link(match: re.Match[str]) -> str:
    """A record's name, leading to its own part of the page."""
    name = match.group(1)
    return f"[{name}](#{name.lower().replace(' ', '-')})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _expressions() -> str:
    rows = "".join(f"| `{row.name}` | {row.type} | {_cell(row.meaning)} |\n" for row in NAMES)
    functions = "".join(f"| `{name}` | {_cell(meaning)} |\n" for name, meaning in FUNCTIONS)
    return (
        f"{_EXPRESSIONS}\n| name | type | means |\n|---|---|---|\n{rows}\n| function | means |\n|---|---|\n{functions}"
    )


def _codes() -> str:
    rows = "".join(
        f"| {row.code} | {row.severity} | {_cell(row.meaning)} | {_cell(row.hint)} |\n" for row in CODES.values()
    )
    return f"{_COMPLAINTS}\n| code | severity | means | hint |\n|---|---|---|---|\n{rows}"
