"""Bodies in the usual words are decoded in one go: what comes out is what the patient reader makes of them."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.core.signal import Signal
from tocsin.intake.contract import Arrival
from tocsin.intake.generic.read import patient, read
from tocsin.intake.generic.usual import ITEMS_LIMIT, Usual, usual

WHOLE = {
    "key": "db-7", "action": "trigger", "title": "Replica lags", "text": "Two lines\nof it", "severity": "Critical",
    "kind": "incident", "service": "order-database", "alert": "lag", "at": "2026-03-10T02:14:00Z",
    "labels": {"host": "db-7", "größe": "XL"}, "links": [{"href": "https://wiki.acme.example/lag", "text": "Runbook"}],
    "reported_by": "person", "reporter": "Ana", "affected_users": 640, "wants_escalation": True,
}  # fmt: skip
ODD = st.sampled_from(
    ["", " ", "  ", "a  b", " a", "a ", "a\nb", "a\tb", "a | b", "\x00", "\x7f", "\u2028", "ü", "x" * 3000, "Resolved"]
)
WEB = st.sampled_from(
    ["https://acme.example/1", " https://acme.example/1", "javascript:alert(1)", "", "//x", "http://ä"]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ODD | st.text(max_size=5)
LINK = st.fixed_dictionaries({"href": WEB}, optional={"text": ODD, "url": WEB})
VALUE = PLAIN | st.dictionaries(ODD, PLAIN, max_size=3) | st.lists(LINK | PLAIN, max_size=3)
FIELD = st.sampled_from([*WHOLE, "Title", "summary", "tags", "owner"])


def posted(value, content_type="application/json"):
    return Arrival("scripts", json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), content_type)


def test_a_body_in_our_own_words_needs_no_patience():
    (signal,) = usual(posted(WHOLE))
    assert (signal.key, signal.severity, signal.affected_users) == ("db-7", "critical", 640)
    assert patient(posted(WHOLE)) == read(posted(WHOLE)) == (signal,)
    assert len(usual(posted([WHOLE, WHOLE]))) == 2


def test_every_field_that_a_signal_has_can_be_said_in_the_usual_way():
    assert set(Usual.__struct_fields__) == set(Signal.__struct_fields__) - {"raw"} == set(WHOLE)


@pytest.mark.parametrize("odd", [{}, {"Title": "x"}, {"title": " x"}, {"title": "x", "owner": "ana"}, {"title": 1}, []])
def test_whatever_needs_mending_is_left_to_the_patient_reader(odd):
    assert usual(posted(odd)) == ()


@given(st.dictionaries(FIELD, VALUE, max_size=6).map(lambda more: {**WHOLE, **more}))
@example({**WHOLE, "at": 0})
@example({**WHOLE, "at": ""})
@example({**WHOLE, "at": "yesterday"})
@example({**WHOLE, "links": [{"href": "https://a.example"}, {"href": "https://a.example", "text": "again"}]})
@example({**WHOLE, "text": " \n "})
@example({**WHOLE, "key": ""})
@example({**WHOLE, "labels": {"": "x"}})
@example({**WHOLE, "affected_users": -1})
def test_the_usual_way_reads_as_the_patient_one_does(value):
    assert read(posted(value)) == patient(posted(value))


@given(
    st.fixed_dictionaries({"title": ODD | st.text(min_size=1)}, optional={name: st.text() for name in ("key", "text")})
)
def test_any_text_comes_out_the_same_either_way(value):
    assert read(posted(value)) == patient(posted(value))


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain; charset=utf-16", ""])
def test_the_declared_type_makes_no_difference(content_type):
    assert read(posted(WHOLE, content_type)) == patient(posted(WHOLE, content_type))


def test_more_than_a_thousand_in_one_request_are_read_as_far_as_that():
    many = posted([{"title": f"n{n}"} for n in range(ITEMS_LIMIT + 1)])
    assert read(many) == patient(many)
    assert len(read(many)) == ITEMS_LIMIT + 1
