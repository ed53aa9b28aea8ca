"""The pages, found by looking into this folder: each has a `PAGE` that says what it answers."""

from importlib import import_module
from pkgutil import iter_modules

from tocsin.web.contract import Page


def found() -> list[Page]:
    """Every page there is, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return [import_module(f"{__name__}.{name}").PAGE for name in names]
