"""Another system behind JSON lines: a program that is given a case a line, and started afresh where it falls silent."""

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from threading import Timer
from typing import Self

import msgspec

from tocsin.cli.conformance_drivers import CannotError, SilentError
from tocsin.cli.output import MistakeError
from tocsin.core.instant import SECOND, Duration, format_duration, parse_instant
from tocsin.lab.kit.case import Case, request
from tocsin.lab.kit.lines import Line, read_lines

GRACE = 10
"""Seconds that a driver has to end by itself once its input has ended."""

HINT = "give simulator, live, or a program and its arguments as a shell would have them"


class External:
    """A program that reads a case from a line of its standard input and answers on a line of its output.

    It has `patience` for each case. One that gives no answer in that time, or ends, fails that case alone: it is ended
    with all that it started, and the next case is given to another one.
    """

    def __init__(self, line: str, patience: Duration) -> None:
        self._words = _words(line)
        self._patience = patience
        self._process: subprocess.Popen[str] | None = None
        self._answered = False

    def __enter__(self) -> Self:
        self._started()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._process is not None:
            _end(self._process)

    def play(self, case: Case) -> Sequence[Line]:
        """What the driver answers. SilentError where it does not."""
        answer = self._asked(json.dumps(request(case), ensure_ascii=False))
        try:
            said = msgspec.json.decode(answer, type=_Answer)
            lines = read_lines(said.lines, parse_instant)
        except (msgspec.DecodeError, ValueError) as problem:
            raise MistakeError(f"the driver's answer to {case.name} cannot be read: {problem}", answer[:200]) from None
        if said.id not in ("", case.name):
            raise MistakeError(f"the driver answered {said.id} when it was asked for {case.name}", answer[:200])
        if said.cannot:
            raise CannotError(said.cannot)
        return lines

    def _asked(self, line: str) -> str:
        process, rang = self._started(), []

        def ring() -> None:
            rang.append(True)
            _kill(process)

        alarm = Timer(self._patience / SECOND, ring)
        alarm.start()
        answer = _exchanged(process, line)
        alarm.cancel()
        alarm.join()
        if rang or not answer:
            self._process = None
            _end(process)
        if answer:
            self._answered = True
            return answer
        if rang:
            length = format_duration(self._patience)
            raise SilentError(f"the driver gave no answer within {length} and was ended; --timeout gives it longer")
        if not self._answered:
            raise MistakeError("the driver has ended", "it has to answer every line until its input ends")
        raise SilentError(f"the driver ended without an answer, with status {process.returncode}")

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                    errors="replace", start_new_session=True,
                )  # fmt: skip
            except OSError as problem:
                raise MistakeError(f"the driver cannot be started: {problem}", HINT) from None
        return self._process


def _words(line: str) -> list[str]:
    try:
        found = shlex.split(line)
    except ValueError as problem:
        raise MistakeError(f"the driver {line!r} cannot be read: {problem}", HINT) from None
    if not found:
        raise MistakeError("the driver is empty", HINT)
    return found


def _exchanged(process: subprocess.Popen[str], line: str) -> str:
    """The line that answers; '' where the process ended before it had written all of one."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        return ""
    return answer if answer.endswith("\n") else ""


def _end(process: subprocess.Popen[str]) -> None:
    """By itself, since its input ends; else by force."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    """With all that it started: a child that lives on would hold the pipe open, and reading would wait for it."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


class _Answer(msgspec.Struct):
    """`lines` as cases write them, with instants like 2026-01-05T10:00:00Z; or why the case `cannot` be played."""

    id: str = ""
    lines: list[str] = []
    cannot: str = ""
