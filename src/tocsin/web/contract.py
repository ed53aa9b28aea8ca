"""What a page is: its name, the one question it answers, and its handlers."""

from typing import Any

from msgspec import Struct


class Page(Struct, frozen=True):
    """`handlers` are routes of the framework; each finds the installation by `here(request)`."""

    name: str
    question: str
    handlers: tuple[Any, ...]
