"""Passwords: hashed by argon2id off the loop, two at a time, and refused where anybody would guess them first.

A hash takes a tenth of a second of one core and 64 MiB: more than two at once would take both from whoever is paged.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

T = TypeVar("T")

SHORTEST, LONGEST = 12, 256
"""Characters of a password."""

TELLING = 6
"""Different characters that must be left when all that anybody would think of first is taken out."""

NOBODYS = "$argon2id$v=19$m=65536,t=3,p=1$yV4cgM580qio8l71TvMmUQ$0SZ3ljFd6CAebzSZPdQKtcv+w8Gh92ZlQF25KH51zQY"
"""What is compared with where there is no password, so that it takes as long. It is good for nobody."""

THREADS, WAITING = 2, 32
"""Passwords that are hashed at once, and how many may wait for it."""

_SPELLINGS = str.maketrans("@4301!$57", "aaeoiisst")
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")


class CrowdedError(Exception):
    """Too many passwords wait to be checked; come again."""


class Passwords:
    """The one place of a process where passwords are hashed and compared."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=1),))
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """What is kept of a password. Raises CrowdedError."""
        return await self._turn(lambda: self._hasher.hash(plain(password)))

    async def verify(self, password: str, kept: str) -> bool:
        """Whether it is the one; takes as long where there is none to compare with. Raises CrowdedError."""
        return await self._turn(lambda: self._matches(plain(password), kept))

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password: str, kept: str) -> bool:
        try:
            good = self._hasher.verify(password, kept or NOBODYS)
        except UnknownHashError:
            self._hasher.verify(password, NOBODYS)
            return False
        return good and bool(kept) and bool(password)

    async def _turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= THREADS + WAITING:
            raise CrowdedError
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def plain(password: str) -> str:
    """The one form of a text that can be typed in several."""
    return unicodedata.normalize("NFKC", password)


def complaint(password: str, *about: str) -> str:
    """Why a password is not taken: `short`, `long` or `guessable`; '' when it is. `about` are words of its owner's."""
    text = plain(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    return "guessable" if left(text.casefold(), *about) < TELLING else ""


def left(text: str, *about: str) -> int:
    """How many different characters remain without the words and runs that come to mind first, in either order."""
    words = (*(word.casefold() for word in about if len(word) > 2), *blocked())
    runs_first = _without(_without(text, runs()).translate(_SPELLINGS), words)
    words_first = _without(_without(text.translate(_SPELLINGS), words), runs())
    return min(len(set(runs_first)), len(set(words_first)))


def _without(text: str, words: tuple[str, ...]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


@cache
def runs() -> tuple[str, ...]:
    """Three or more that follow each other, in the alphabet or on a keyboard, forwards or backwards; longest first."""
    ways = [way for run in _RUNS for way in (run, run[::-1])]
    found = {
        way[at : at + size] for way in ways for size in range(3, len(way) + 1) for at in range(len(way) - size + 1)
    }
    return tuple(sorted(found, key=lambda run: (-len(run), run)))


@cache
def blocked() -> tuple[str, ...]:
    """Words that passwords are made of when nobody thinks, the longest first."""
    text = (files("tocsin.access") / "blocked.txt").read_text("utf-8")
    words = {word for line in text.splitlines() if not line.startswith("#") for word in line.split()}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))
