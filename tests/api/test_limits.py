"""Who asks too often waits, as long as it says and no longer; nobody waits for another."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from tests.api.conftest import ADMIN, token_for
from tests.cast import MONDAY
from tests.doors import Running
from tests.house.source import modules
from tocsin.api.limits import BURST, EVERY, Bucket, Limits, take
from tocsin.core.instant import SECOND


@given(st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=80), st.integers(1, 20))
def test_no_more_come_through_than_a_burst_and_what_the_time_gives(pauses: list[int], burst: int) -> None:
    bucket, now, passed = Bucket(), MONDAY, 0
    for pause in pauses:
        now += pause
        bucket, wait = take(bucket, now, burst, SECOND)
        passed += wait == 0
        if wait:
            assert take(bucket, now + wait - 1, burst, SECOND)[1] == 1
            assert take(bucket, now + wait, burst, SECOND)[1] == 0
    assert passed <= burst + (now - MONDAY) // SECOND
    assert passed >= min(len(pauses), burst)


def test_one_caller_costs_another_nothing() -> None:
    limits = Limits(burst=2, every=SECOND)
    assert [limits.wait("a", MONDAY) for _ in range(3)] == [0, 0, SECOND]
    assert limits.wait("b", MONDAY) == 0


async def test_too_many_requests_are_told_when_to_come_again(here: Running) -> None:
    statuses = [(await here.client.get("/api/v1/session", headers=ADMIN)).status_code for _ in range(BURST)]
    assert set(statuses) == {200}
    refused = await here.client.get("/api/v1/session", headers=ADMIN)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["type"] == "urn:tocsin:problem:too-many"
    other = {"authorization": f"Bearer {token_for(here, 'viewer', 'other')}"}
    assert (await here.client.get("/api/v1/session", headers=other)).status_code == 200
    here.clock.advance_to(here.clock.now() + EVERY)
    assert (await here.client.get("/api/v1/session", headers=ADMIN)).status_code == 200


def test_whoever_is_told_to_come_again_is_told_when() -> None:
    silent = []
    for module in modules():
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            status = call.args[0] if call.args else None
            if ast.unparse(call.func) == "Problem" and isinstance(status, ast.Constant) and status.value in (429, 503):
                silent += [] if "retry_after" in {word.arg for word in call.keywords} else [(module.file, call.lineno)]
    assert silent == []
