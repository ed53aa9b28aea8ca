"""What a matcher of Alertmanager means can be said in a condition and means the same: expressions match the whole."""

import json
from typing import Any

import pytest

from tests.contracts.test_time_cases import CASES, named, table
from tocsin.core.routing.criteria import Context, compile_condition
from tocsin.core.signal import Signal

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the tables of other products are not beside this clone")

MATCHES = table("alertmanager_routing_timeintervals").get("matcher_match", [])


def condition(kind: str, value: str) -> str:
    """The matcher `foo <kind> value` as somebody would write it in a rulebook."""
    if kind in ("MatchEqual", "MatchNotEqual"):
        return f"signal.labels.foo {'==' if kind == 'MatchEqual' else '!='} {json.dumps(value)}"
    return f"{'!' * (kind == 'MatchNotRegexp')}signal.labels.foo.matches({json.dumps(f'^(?:{value})$')})"


@pytest.mark.parametrize("row", named(MATCHES))
def test_a_label_matches_as_alertmanagers_matcher_does(row: dict[str, Any]) -> None:
    _, kind, value = row["matcher"]["args"]
    signal = Signal(key="k", action="trigger", title="down", labels={"foo": row["value"]})
    assert compile_condition(condition(kind, value)).judge(Context(signal)) is row["match"]


@pytest.mark.parametrize(("kind", "value"), [("MatchEqual", ""), ("MatchNotEqual", "x"), ("MatchRegexp", "x?")])
def test_a_missing_label_is_an_empty_one_there_as_here(kind: str, value: str) -> None:
    without = Signal(key="k", action="trigger", title="down")
    assert compile_condition(condition(kind, value)).judge(Context(without)) is True
