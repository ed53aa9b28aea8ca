"""Passwords: what is taken and what is not, how they are kept, and how many are hashed at once."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.insiders import HASH, PASSWORD
from tocsin.access.passwords import LONGEST, NOBODYS, THREADS, WAITING, CrowdedError, Passwords, blocked, complaint


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


@pytest.mark.parametrize(
    "text", [PASSWORD, "rain on tin roofs", "Zk7#mm2pLq9x", "пароль-из-слов-ноль", "x9 " * 4 + "Lamp?w"]
)
def test_what_nobody_guesses_is_taken(text: str) -> None:
    assert complaint(text, "dana") == ""


@pytest.mark.parametrize(
    "text",
    [
        "password1234", "Passw0rd!2024", "P@$$w0rd!!!!", "qwertzuiop123", "aaaaaaaaaaaa", "123456789012",
        "Winter2024!!", "tocsin-admin-2026", "danadanadana!1", "abc123def456ghi", "default-default", "ChangeMe12345",
        "987654321abc", "correct horse battery",
    ],
)  # fmt: skip
def test_what_comes_to_mind_first_is_refused(text: str) -> None:
    assert complaint(text, "dana") == "guessable"


@pytest.mark.parametrize(("text", "why"), [("", "short"), ("Zk7#mm2pLq9", "short"), ("ab3!" * 65, "long")])
def test_a_password_has_twelve_characters_and_no_more_than_anybody_types(text: str, why: str) -> None:
    assert complaint(text) == why
    assert complaint("Zk7#mm2pLq9x" + "ü" * (LONGEST - 12)) == ""


def test_the_words_that_are_refused_can_be_found_after_the_spelling_was_undone() -> None:
    assert len(blocked()) > 100
    assert [word for word in blocked() if not (word.isascii() and word.isalpha() and word.islower())] == []


async def test_a_hash_says_argon2id_with_64_mib_and_three_passes_and_is_salted(passwords: Passwords) -> None:
    first, second = await asyncio.gather(passwords.hashed("x"), passwords.hashed("x"))
    parameters = "$argon2id$v=19$m=65536,t=3,p=1$"
    assert first.startswith(parameters)
    assert NOBODYS.startswith(parameters)
    assert first != second


@pytest.mark.parametrize(
    ("password", "kept", "good"),
    [
        (PASSWORD, HASH, True),
        (PASSWORD + " ", HASH, False),
        ("", HASH, False),
        (PASSWORD, "", False),
        ("x", "", False),
        ("", "", False),
        (PASSWORD, "plain " + PASSWORD, False),
    ],
)
async def test_only_the_right_password_of_somebody_who_has_one_is_good(
    passwords: Passwords, password: str, kept: str, good: bool
) -> None:
    assert await passwords.verify(password, kept) is good


async def test_letters_that_can_be_typed_in_two_ways_are_the_same(passwords: Passwords) -> None:
    assert await passwords.verify("cafe\N{COMBINING ACUTE ACCENT}", await passwords.hashed("café"))


async def test_two_are_hashed_at_once_some_wait_and_the_rest_are_sent_away(passwords: Passwords) -> None:
    free = threading.Event()
    running: list[str] = []

    def work() -> None:
        running.append(threading.current_thread().name)
        free.wait(30)

    turns = [asyncio.create_task(passwords._turn(work)) for _ in range(THREADS + WAITING)]
    while len(running) < THREADS:  # noqa: ASYNC110  threads cannot set an asyncio.Event
        await asyncio.sleep(0.01)
    with pytest.raises(CrowdedError):
        await passwords.hashed("x")
    assert len(running) == len(set(running)) == THREADS
    free.set()
    await asyncio.gather(*turns)
    assert await passwords.verify(PASSWORD, HASH)
