"""Values on their way in and out: equal bytes for equal values, old events read as new, memory within its bound."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.contracts.a_store import opened
from tocsin.store.codec import clean, clean_key, decoder, encode
from tocsin.store.contract import Stream
from tocsin.store.recent import Recent, cost
from tocsin.store.upcast import Upcasts

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


class Opened(Struct, frozen=True, tag=True):
    title: str
    labels: dict[str, str]


class Closed(Struct, frozen=True, tag=True):
    by: str


read = decoder(Opened | Closed)


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_equal_values_have_equal_bytes_and_come_back(labels: dict[str, str], title: str) -> None:
    backwards = dict(reversed(labels.items()))
    assert encode(Opened(title, labels)) == encode(Opened(title, backwards))
    assert read(encode(Opened(title, labels))) == Opened(title, labels)


@given(ANY_TEXT)
def test_no_text_is_too_broken_to_be_stored(broken: str) -> None:
    assert json.loads(encode(Opened(broken, {broken: broken})))["type"] == "Opened"
    stored = clean(broken)
    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert clean(stored) == stored


@given(ANY_TEXT.filter(lambda text: "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)))
def test_text_that_is_whole_stays_as_it_is(whole: str) -> None:
    assert clean(whole) == whole


def test_long_keys_stay_apart() -> None:
    one, two = "k" * 5000 + "1", "k" * 5000 + "2"
    assert clean_key(one) != clean_key(two)
    assert len(clean_key(one).encode()) < 1300
    assert clean_key("short") == "short"


def test_an_old_event_is_read_through_all_its_steps_and_a_new_one_is_not_touched() -> None:
    upcasts = Upcasts({"raised": lambda old: ("opened", {**old, "labels": {}}), "opened": _to_today})
    assert upcasts.read("raised", b'{"name":"disk"}') == ("Opened", b'{"labels":{},"title":"disk","type":"Opened"}')
    body = b'{"by": "ana"}'
    assert upcasts.read("Closed", body)[1] is body


def _to_today(old: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "Opened", {"labels": old["labels"], "title": old["name"], "type": "Opened"}


def test_steps_that_lead_in_a_circle_are_an_error() -> None:
    upcasts = Upcasts({"a": lambda old: ("b", old), "b": lambda old: ("a", old)})
    with pytest.raises(ValueError, match="circle"):
        upcasts.read("a", b"{}")


def stream(id_: str, size: int = 100) -> Stream:
    return Stream(id_, "incident", 1, bytes(size), bytes(32))


def test_the_least_recently_used_stream_is_forgotten_first() -> None:
    recent = Recent(3 * cost(stream("x")))
    recent.keep({id_: stream(id_) for id_ in "abc"})
    assert recent.get("a") is not None
    recent.keep({"d": stream("d")})
    assert [id_ for id_ in "abcd" if recent.get(id_)] == ["a", "c", "d"]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 5000))))
def test_what_is_remembered_never_exceeds_its_bound(written: list[tuple[str, int]]) -> None:
    recent = Recent(9_000)
    for id_, size in written:
        recent.keep({id_: stream(id_, size)})
    left = [found for id_ in "abcdefgh" if (found := recent.get(id_))]
    assert recent.size == sum(map(cost, left)) <= 9_000
    recent.forget(*"abcdefgh")
    assert (recent.size, len(recent)) == (0, 0)


def test_a_written_value_is_frozen() -> None:
    with pytest.raises(AttributeError):
        opened("INC-1").seq = 3  # type: ignore[misc]
