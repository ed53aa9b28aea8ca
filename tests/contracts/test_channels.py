"""Every channel that is found keeps the same promises."""

import msgspec
import pytest

from tests.contracts.letters import SECRET, letter
from tocsin.channels.contract import Outcome, Wiring
from tocsin.channels.registry import absent, build, kinds

SETTINGS = {"TOCSIN_SMTP": "smtp://127.0.0.1:9"}
NAMES = sorted(kinds())


def test_the_built_in_ones_are_found_and_nothing_is_broken():
    assert {"email", "outbox", "webhook"} <= set(NAMES)
    assert absent() == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_is_named_as_its_folder_and_describes_its_address(name):
    kind = kinds()[name]
    assert (kind.name, bool(kind.label)) == (name, True)
    schema = msgspec.json.schema(kind.address)
    (described,) = schema["$defs"].values()
    assert all(
        one.get("title") and one.get("description") and one.get("examples") for one in described["properties"].values()
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_an_address_passes_its_own_check(name):
    kind = kinds()[name]
    (described,) = msgspec.json.schema(kind.address)["$defs"].values()
    for field in described["properties"].values():
        assert [kind.check(example) for example in field["examples"]] == [""]


@pytest.mark.parametrize("name", NAMES)
async def test_whatever_the_address_an_outcome_comes_back_and_no_exception(name):
    channel = build(Wiring(SETTINGS, SECRET))[name]
    try:
        for address in ("", "x", "\r\n\0", "ana@127.0.0.1", "http://127.0.0.1:9/", "ä" * 3000):
            outcome = await channel.send(letter(), address)
            assert isinstance(outcome, Outcome)
            assert SECRET.decode() not in outcome.detail
    finally:
        await channel.close()


def test_a_kind_without_its_settings_is_not_built_and_says_what_it_needs():
    built = build(Wiring({}, SECRET))
    missing = {name for name in NAMES if name not in built}
    assert missing == {name for name in NAMES if kinds()[name].needs}


async def test_the_outbox_keeps_the_words_that_would_have_been_read():
    channel = build(Wiring({}, SECRET))["outbox"]
    outcome = await channel.send(letter(), "ana")
    await channel.close()
    assert (outcome.status, outcome.detail) == ("sent", "")
    assert outcome.reference.startswith("To: Ana Sousa\nSubject: P1 Disk full on db-3 (INC-7)\n")
    assert letter().act_url in outcome.reference
