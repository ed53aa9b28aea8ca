"""How far `tocsin check` is: one line on a terminal that is written over and taken away again; elsewhere nothing."""

import sys
from threading import Event, Thread
from types import TracebackType
from typing import Self, TextIO

from tocsin.cli.output import safe
from tocsin.lab.verifier.examine import PROOF

EVERY = 0.5
"""Seconds until the line is written again: the proof says nothing while it is made."""

AFTER = 2
"""So many of them pass in silence: what is quick needs no line."""


class Progress:
    """What is being done, and for how long; told by whoever does it."""

    def __init__(self, out: TextIO | None = None, every: float = EVERY) -> None:
        self._out = sys.stderr if out is None else out
        self._every = every
        self._doing = ""
        self._over = Event()
        self._thread = Thread(target=self._tell, name="progress", daemon=True) if self._out.isatty() else None

    def __call__(self, name: str, done: int, of: int) -> None:
        """Something begins."""
        self._doing = "proving" if name == PROOF else name if of == 1 else f"check {done + 1} of {of}: {name}"

    def __enter__(self) -> Self:
        """Begin to tell."""
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the line as it was."""
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            print("\r\x1b[K", end="", file=self._out, flush=True)

    def _tell(self) -> None:
        turns = 0
        while not self._over.wait(self._every):
            turns += 1
            if turns >= AFTER:
                line = f"{safe(self._doing)}, {int(turns * self._every)} s"
                print(f"\r\x1b[K{line}", end="", file=self._out, flush=True)
