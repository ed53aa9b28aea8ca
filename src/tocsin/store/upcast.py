"""Old events stay as they were written; this is where they are read as if they had been written today."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Step = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
"""From the fields of an event that is no longer written to the type and fields that replaced it; pure."""


class Upcasts:
    """`steps` has an entry for each type that is no longer written; they may lead to one another, never in a circle."""

    def __init__(self, steps: Mapping[str, Step] | None = None) -> None:
        """Without steps every event is read as it stands."""
        self.steps = dict(steps or {})

    def read(self, kind: str, body: bytes) -> tuple[str, bytes]:
        """The event's type and body as of today. What needs no step is handed back untouched."""
        if kind not in self.steps:
            return kind, body
        fields: dict[str, Any] = msgspec.json.decode(body)
        for _ in range(len(self.steps)):
            kind, fields = self.steps[kind](fields)
            if kind not in self.steps:
                return kind, msgspec.json.encode(fields)
        raise ValueError(f"the steps for {kind!r} lead in a circle")
