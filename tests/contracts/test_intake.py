"""Every intake format that is found keeps the same promises, whatever it is sent."""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.config.sources import ACTIVE
from tocsin.core.signal import Signal
from tocsin.intake import registry
from tocsin.intake.bounds import bounded
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.registry import intakes, receive

HOME = Path(registry.__file__).parent
SAMPLES = sorted(p for p in HOME.glob("*/samples/*") if not p.name.endswith(".signals.json"))
TYPES = {".json": "application/json", ".form": "application/x-www-form-urlencoded", ".txt": "text/plain"}
NAMES = sorted(intakes())
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=25,
)
WORDS = st.sampled_from(
    "key title text labels links at severity status action alerts annotations startsAt endsAt groupKey fingerprint "
    "commonLabels truncatedAlerts generatorURL kind service affected_users reported_by tags url alert summary".split()
)


def arrival(path: Path) -> Arrival:
    body = path.read_bytes()
    if path.suffix == ".query":
        return Arrival("sample", b"", "", dict(parse_qsl(body.decode())))
    return Arrival("sample", body, TYPES[path.suffix])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parent.parent.name}/{p.name}")
def test_a_sample_reads_exactly_as_written_beside_it(path):
    reading = receive(intakes()[path.parent.parent.name], arrival(path))
    expected = path.with_name(path.name.split(".")[0] + ".signals.json").read_bytes()
    assert reading == msgspec.json.decode(expected, type=tuple[Signal, ...])


@pytest.mark.parametrize("name", NAMES)
def test_a_format_has_samples_and_says_how_to_wire_it(name):
    assert len([p for p in SAMPLES if p.parent.parent.name == name]) >= 2
    assert "/in/" in intakes()[name].guide
    assert f"intake: {name}" in intakes()[name].guide


@pytest.mark.parametrize("name", NAMES)
@given(body=st.binary(min_size=1), content_type=st.text() | st.sampled_from([*TYPES.values(), "multipart/form-data"]))
def test_any_bytes_become_signals_and_never_an_exception(name, body, content_type):
    sane(receive(intakes()[name], Arrival("s", body, content_type)), bool(body.strip()))


@pytest.mark.parametrize("name", NAMES)
@given(
    value=JSON
    | st.dictionaries(WORDS, JSON)
    | st.fixed_dictionaries({"alerts": st.lists(st.dictionaries(WORDS, JSON))})
)
def test_any_json_becomes_signals_within_bounds(name, value):
    reading = receive(intakes()[name], Arrival("s", json.dumps(value).encode(), "application/json"))
    assert not isinstance(reading, Refusal)
    sane(reading, value not in ([], {"alerts": []}))


def sane(reading, something):
    """Signals that a store, a terminal and a mail header can hold; a refusal only for nothing at all."""
    if isinstance(reading, Refusal):
        assert reading.status == 400
        assert not something
        return
    for signal in reading:
        whole = msgspec.json.encode(signal).decode()
        assert not set(json.dumps(whole)) & set("\x00\x07\x1b")
        assert signal.key
        assert signal.title
        assert "\n" not in signal.title
        assert len(signal.title) <= 1024
        assert len(signal.labels) <= 64
        assert len(signal.text) <= 64 * 1024


@pytest.mark.parametrize("name", NAMES)
def test_a_body_over_four_mebibytes_is_kept_raw_and_cut(name):
    body = b'{"title": "' + b"x" * (4 << 20) + b'"}'
    (signal,) = receive(intakes()[name], Arrival("loud", body, "application/json"))
    assert signal.raw
    assert signal.title == "Unreadable signal from loud"
    assert len(signal.text) == 64 * 1024


@pytest.mark.parametrize("name", NAMES)
def test_a_body_over_eight_mebibytes_is_refused_with_a_hint(name):
    refusal = receive(intakes()[name], Arrival("loud", b" " * ((8 << 20) + 1)))
    assert (refusal.status, bool(refusal.hint)) == (413, True)


@pytest.mark.parametrize("name", NAMES)
def test_only_a_request_without_body_and_query_is_refused_as_empty(name):
    assert receive(intakes()[name], Arrival("s", b" \n")).status == 400
    assert receive(intakes()[name], Arrival("s", b"", "", {"title": "t"}))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"alerts":' * 50_000, b"\xff\xfe\x00", b"null", b"3", b"{}", b"1" * 9000]
)
def test_what_cannot_be_read_is_raw_and_the_same_bytes_give_the_same_key(name, body):
    first, second = (receive(intakes()[name], Arrival("s", body, "application/json")) for _ in range(2))
    assert first == second
    assert [signal.raw for signal in first] == [True]
    assert first[0].action == "trigger"


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_that_fails_loses_nothing(name):
    broken = msgspec.structs.replace(intakes()[name], read=lambda arrival: 1 / 0)
    (signal,) = receive(broken, Arrival("s", b'{"title": "fire"}'))
    assert signal.raw
    assert "fire" in signal.text


def test_the_language_knows_which_formats_are_there():
    assert set(ACTIVE) == set(NAMES)


def test_keys_of_nothing_that_can_be_seen_are_keys_all_the_same():
    def keys(*given):
        return [bounded(Signal(key=key, action="trigger", title="t")).key for key in given]

    odd = ("\x00", "\x01\x02", " ", "\u202e", "\ud800")
    assert len({*keys(*odd), ""}) == 6
    assert keys(*odd) == keys(*keys(*odd)) == keys(*odd)
