"""Alertmanager's webhook: each alert its own state, absent alerts untouched, odd input as signals all the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.intake.alertmanager import wire
from tocsin.intake.alertmanager.read import read
from tocsin.intake.contract import Arrival
from tocsin.intake.payload import json_of

ALERT = {"status": "firing", "labels": {"alertname": "Down"}, "startsAt": "2026-03-10T02:14:00Z", "fingerprint": "f1"}


def posted(*alerts, **group):
    body = {"version": "4", "groupKey": "g", "status": "firing", "alerts": list(alerts), **group}
    return read(Arrival("prometheus", json.dumps(body).encode(), "application/json"))


def test_an_alert_resolves_by_its_own_status_in_a_firing_group():
    over = {**ALERT, "fingerprint": "f2", "status": "resolved", "endsAt": "2026-03-10T02:20:00Z"}
    signals = posted(ALERT, over)
    assert [(s.alert, s.action) for s in signals] == [("f1", "trigger"), ("f2", "resolve")]
    assert signals[1].at == signals[0].at


def test_an_alert_that_goes_on_after_it_was_let_expire_is_no_older_than_its_resolve():
    over = {**ALERT, "status": "resolved", "endsAt": "2026-03-10T02:20:00Z"}
    (resolved,), (again,) = posted(over), posted(ALERT)
    assert again.at >= resolved.at


def test_a_late_resolve_of_an_earlier_episode_is_older_than_the_next_one():
    over = {**ALERT, "status": "resolved", "endsAt": "2026-03-10T02:20:00Z"}
    (resolved,), (again,) = posted(over), posted({**ALERT, "startsAt": "2026-03-10T02:21:00Z"})
    assert again.at > resolved.at


def test_an_alert_without_a_status_has_its_groups():
    (signal,) = posted({**ALERT, "status": ""}, status="resolved")
    assert signal.action == "resolve"


def test_a_status_nobody_knows_pages():
    (signal,) = posted({**ALERT, "status": "baaad"}, status="resolved")
    assert signal.action == "trigger"


def test_the_zero_time_is_no_time():
    (signal,) = posted({**ALERT, "startsAt": "0001-01-01T00:00:00Z"})
    assert signal.at is None


def test_two_alerts_without_a_fingerprint_are_told_apart_by_their_labels():
    bare = {"status": "firing", "labels": {"host": "a", "x": "1"}}
    same = {"status": "firing", "labels": {"x": "1", "host": "a"}}
    other = {"status": "firing", "labels": {"host": "b"}}
    first, second, third = (s.alert for s in posted(bare, same, other))
    assert first == second != third


def test_more_alerts_than_the_limit_page_for_the_rest():
    signals = posted(*[{**ALERT, "fingerprint": f"{n}"} for n in range(wire.ALERTS_LIMIT + 3)])
    assert len(signals) == wire.ALERTS_LIMIT + 1
    assert signals[-1].raw
    assert "3 left" in signals[-1].title


def test_a_resolved_group_without_alerts_reports_nothing_and_a_firing_one_pages():
    assert posted(status="resolved") == ()
    assert [s.raw for s in posted()] == [True]


@pytest.mark.parametrize(
    "escape", ["\\u0000", "\\u001b[31m", "\\ud800", "\\u202e", "\\u0085", "\x7f", "\u0085", "\u2066"]
)
def test_control_characters_are_taken_out_wherever_they_hide(escape):
    body = f'{{"status":"firing","groupKey":"g","alerts":[{{"annotations":{{"summary":"a{escape}b"}}}}]}}'
    (signal,) = read(Arrival("s", body.encode()))
    assert signal.title in {"ab", "a[31mb"}


def test_oversized_labels_are_cut_and_not_refused():
    labels = {f"name{n}" + "n" * 200: "v" * 5000 for n in range(100)}
    (signal,) = posted({**ALERT, "labels": labels})
    assert len(signal.labels) == 64
    assert {len(name) for name in signal.labels} == {128}
    assert {len(value) for value in signal.labels.values()} == {1024}


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), max_size=30).map(
    lambda t: " ".join(t.split())
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"labels": st.dictionaries(TEXT.filter(bool), TEXT), "annotations": st.dictionaries(TEXT, TEXT)}
        )
    )
)
def test_the_quick_and_the_lenient_way_read_the_same(alerts):
    body = json.dumps({"groupKey": "g", "status": "firing", "alerts": alerts}, ensure_ascii=False).encode()
    assert wire.decode(body, "") == wire._lenient(json_of(body))
