"""`tocsin`: finds the command, and turns whatever a user can put right into one line that says so.

The listing is printed without the command line library, whose import alone takes longer than all the rest of it; a
command's own module, and with it the library, is imported when it is called.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from tocsin import __version__
from tocsin.cli.output import MistakeError, complain, say

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

COMMANDS = {
    "serve": "run everything in one process; --only splits it, on PostgreSQL",
    "demo": "play incidents of an example organisation, at a pace that can be watched",
    "check": "read a rulebook and say all that is wrong with it",
    "simulate": "play what would happen: once to the letter, or thousands of times by chance",
    "apply": "make a rulebook the one in force, and show what that changes",
    "conformance": "play the plain cases of the conformance kit, here or in another system",
    "schema": "print the JSON Schema of the rulebook, for editors",
    "incident": "list, show, acknowledge, resolve, escalate or report incidents",
    "why": "explain why somebody was or was not reached, and why the next step is what it is",
    "story": "write an incident down without names, and say whether it would happen again",
    "oncall": "say who is on call at an instant, and why",
    "schedule": "lay out the shifts of a schedule",
    "account": "create, list, disable and reset the accounts that people sign in with",
    "token": "create, list and revoke tokens for the API",
    "source": "add, list and revoke the keys of sources",
    "audit": "show what was administered, by whom",
    "doctor": "verify the store, the rulebook and the machine",
    "backup": "copy the database while it is in use",
    "restore": "put a backup back",
}
"""Every command and what the listing says of it; each is a module of the same name."""


SETTINGS = ("TOCSIN_DATABASE", "TOCSIN_RULEBOOK")
"""Variables that stand for options. An empty one says nothing: that is how a file of settings leaves one out."""


def main() -> None:
    """The entry point: exits 0 when all went well, 1 for findings, 2 for a mistake that can be put right."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command; its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for name in SETTINGS:
        if not os.environ.get(name):
            os.environ.pop(name, None)
    try:
        status = _dispatch(list(arguments))
        sys.stdout.flush()
    except MistakeError as error:
        complain(error.what, error.hint)
        return error.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except KeyboardInterrupt:
        return 130
    return status


def _dispatch(arguments: list[str]) -> int:
    name, *rest = arguments or ["--help"]
    if name == "help" and rest:
        name, rest = rest[0], [*rest[1:], "--help"]
    if name in COMMANDS:
        return _carry_out(command(name), rest)
    if name in {"--help", "-h", "help"}:
        listing()
    elif name == "--version":
        say(__version__)
    else:
        raise MistakeError(f"there is no command {name}", _nearest(name))
    return 0


def command(name: str) -> "App":
    """The command line of one command."""
    found: App = import_module(f"tocsin.cli.{name}").app
    return found


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    return f"did you mean tocsin {near[0]}?" if near else "tocsin --help lists them"


def listing() -> None:
    """What `tocsin --help` shows."""
    name_width, width = max(map(len, COMMANDS)), max(map(len, COMMANDS.values()))
    say("Usage: tocsin COMMAND [OPTIONS]\n")
    say("tocsin: the bell that is rung when help is needed now.\n")
    say(f"╭─ Commands {'─' * (name_width + width - 7)}╮")
    for name, caption in COMMANDS.items():
        say(f"│ {name:<{name_width}}  {caption:<{width}} │")
    say(f"╰{'─' * (name_width + width + 4)}╯\n")
    say("tocsin COMMAND --help says all about one, with examples; each has --format json.")
    say("tocsin --version says which one this is. Durations are written 30s 5m 2h 1d.")


def _carry_out(app: "App", arguments: list[str]) -> int:
    """Call the command; whatever is foreseeable and not our doing becomes a MistakeError."""
    from cyclopts import CycloptsError

    try:
        status = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise _usage(app, error) from None
    except BrokenPipeError:
        raise
    except Exception as error:
        known = _known(error)
        if known is None:
            raise
        raise known from error
    return status if isinstance(status, int) else 0


def _usage(app: "App", error: "CycloptsError") -> MistakeError:
    chain = " ".join((*app.name, *(error.command_chain or ())))
    return MistakeError(" ".join(str(error).split()), f"see {chain} --help")


def _known(error: Exception) -> MistakeError | None:
    """The store's errors, those of its driver, and what the operating system refuses."""
    from sqlalchemy.exc import DBAPIError

    from tocsin.store.errors import StoreError

    if isinstance(error, DBAPIError):
        return MistakeError(f"the database cannot be used: {error.orig}", "is --database the right one?")
    if isinstance(error, StoreError):
        what, _, hint = str(error).partition("; ")
        return MistakeError(what, hint)
    if isinstance(error, OSError) and error.strerror:
        named = f"{error.filename}: " if error.filename else ""
        return MistakeError(f"{named}{error.strerror}")
    return None
