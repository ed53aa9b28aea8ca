"""Which checks there are: every file in `checks/`, by its code."""

from functools import cache
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from types import ModuleType

from msgspec import Struct

from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Severity

FAILED, EXPIRED, IDLE, UNPROVED = "V090", "V091", "V092", "V093"
"""What the runner itself finds."""


class Known(Struct, frozen=True):
    """One row of the table in the reference."""

    code: str
    name: str
    severity: Severity
    meaning: str


_OWN = (
    Known(FAILED, "check-failed", "error", "A check broke down: a defect of tocsin. The other checks have run."),
    Known(EXPIRED, "allowance-expired", "warning", "An `allow` whose day has come; what it held back is told again."),
    Known(IDLE, "allowance-idle", "warning", "An `allow` that matches no finding."),
    Known(UNPROVED, "not-proved", "error", "The proof of reach broke down: a defect of tocsin."),
)


@cache
def checks() -> tuple[Check, ...]:
    """All checks, in the order of their codes."""
    return tuple(sorted((module.CHECK for module in _modules()), key=lambda check: check.code))


@cache
def names() -> dict[str, str]:
    """The name by which one suppresses a finding, by its code."""
    return {check.code: check.name for check in checks()} | {one.code: one.name for one in _OWN}


@cache
def table() -> tuple[Known, ...]:
    """Every code with what it means, in their order; the meaning is the caption of the check's own file."""
    found = [_known(module.CHECK, cleandoc(module.__doc__ or "")) for module in _modules()]
    return tuple(sorted((*found, *_OWN), key=lambda one: one.code))


def _modules() -> tuple[ModuleType, ...]:
    home = Path(__file__).parent / "checks"
    files = sorted(path.stem for path in home.glob("*.py") if path.stem != "__init__")
    return tuple(import_module(f"tocsin.lab.verifier.checks.{name}") for name in files)


def _known(check: Check, caption: str) -> Known:
    return Known(check.code, check.name, check.severity, " ".join(caption.split("\n\n", maxsplit=1)[0].split()))
