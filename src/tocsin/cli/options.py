"""The options that many commands share, written once, and how a command introduces itself."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter, Token

from tocsin.cli.main import COMMANDS
from tocsin.cli.output import Form

Format = Annotated[Form, Parameter(name="--format", help="text for people, or json: one document on standard output")]

Database = Annotated[
    str,
    Parameter(
        name="--database",
        env_var="TOCSIN_DATABASE",
        help="sqlite:///FILE or postgresql://user:password@host/name",
    ),
]
DATABASE = "sqlite:///tocsin.db"

RulebookPath = Annotated[
    Path | None,
    Parameter(
        name="--rulebook",
        help="a rulebook file or folder; without it the one in force in the database, then TOCSIN_RULEBOOK",
    ),
]


WIDTH = 76
"""So wide is an example at most: a terminal that broke it elsewhere would break what is typed after it."""


IncidentId = Annotated[str, Parameter(name="INCIDENT", help="the incident's id, such as INC-7; 7 will do")]


def within(kind: type[int] | type[float], least: int | None = None, most: int | None = None) -> Parameter:
    """For a number from `least` to `most`: whatever else is written, `nan` too, is refused with what would do."""
    return Parameter(converter=_reading(kind, least, most))


def _reading(kind: type[int] | type[float], least: int | None, most: int | None) -> Callable[..., int | float]:
    ends = "" if least is None else f" from {least} on" if most is None else f" from {least} to {most}"
    wanted = f"{'whole ' if kind is int else ''}number{ends}"

    def read(_type: Any, tokens: Sequence[Token]) -> int | float:
        written = tokens[0].value
        try:
            found: int | float = kind(written)
        except ValueError:
            found = float("nan")
        low, high = (end if end is not None else found for end in (least, most))
        if not low <= found <= high:
            raise ValueError(f"{written[:40]!r} is no {wanted}")
        return found

    return read


def introduce(name: str, examples: str, details: str = "") -> App:
    """A command, or a group of them: what the listing says, details, and examples that can be typed as they are."""
    shown = "\n".join(map(_folded, examples.strip().splitlines()))
    told = "\n\n".join(" ".join(part.split()) for part in details.split("\n\n"))
    caption = COMMANDS[name]
    app = App(
        name=f"tocsin {name}",
        help=f"{caption[0].upper()}{caption[1:]}.{' ' if told else ''}{told}",
        help_epilogue=f"Examples:\n\n{shown}\n",
        help_format="plaintext",
        version_flags=(),
        default_parameter=Parameter(negative=(), show_default=_shown),
    )
    app["--help"].show = False
    return app


def _folded(example: str) -> str:
    """On as many lines as it takes, broken before options as a shell has it."""
    lines, rest = [], f"    {example}"
    while len(rest) > WIDTH:
        before, after = rest.rfind(" --", 9, WIDTH - 1), rest.find(" --", WIDTH - 1)
        at = before if before > 0 else after
        if at < 0:
            break
        lines.append(f"{rest[:at]} \\")
        rest = f"        {rest[at + 1 :]}"
    return "\n".join((*lines, rest))


def _shown(value: Any) -> str | None:
    """A default that says something: an empty one is what is not given."""
    return None if value in ("", (), None) else str(value)
