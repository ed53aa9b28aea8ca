"""The options that many commands share, written once, and how a command introduces itself."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

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


def introduce(name: str, examples: str, details: str = "") -> App:
    """A command, or a group of them: what the listing says, details, and examples that can be typed as they are."""
    shown = "\n".join(f"    {line}" for line in examples.strip().splitlines())
    caption = COMMANDS[name]
    app = App(
        name=f"tocsin {name}",
        help=f"{caption[0].upper()}{caption[1:]}.{' ' if details else ''}{details}",
        help_epilogue=f"Examples:\n\n{shown}\n",
        help_format="plaintext",
        version_flags=(),
        default_parameter=Parameter(negative=()),
    )
    app["--help"].show = False
    return app
