"""The samples that come with each format, as requests that can be sent: what the source would send, word for word."""

from importlib.resources import files
from urllib.parse import parse_qsl

from msgspec import Struct

from tocsin.intake.contract import Arrival

TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded", "txt": "text/plain", "query": ""}

_FIRST = ("trigger.json", "firing.json")
_ANSWERS = ".signals.json"


class Sample(Struct, frozen=True):
    """One of them. `name` is its file's."""

    name: str
    body: bytes
    content_type: str = "application/json"

    def arrival(self, source: str) -> Arrival:
        """The request that a source would make of it."""
        if self.name.endswith(".query"):
            return Arrival(source, b"", "", dict(parse_qsl(self.body.decode())))
        return Arrival(source, self.body, self.content_type)


PLAIN = Sample("plain", b'{"title": "A sample", "severity": "info", "key": "tocsin-sample"}')
"""Of a format that brings none."""


def samples(intake: str) -> tuple[Sample, ...]:
    """Those of a format, the plainest first; there is always one."""
    folder = files("tocsin.intake").joinpath(intake, "samples")
    known = [one for one in folder.iterdir() if not one.name.endswith(_ANSWERS)] if folder.is_dir() else []
    ordered = sorted(known, key=lambda one: (one.name not in _FIRST, one.name))
    found = [
        Sample(one.name, one.read_bytes(), TYPES[end])
        for one in ordered
        if (end := one.name.rpartition(".")[2]) in TYPES
    ]
    return tuple(found) or (PLAIN,)
