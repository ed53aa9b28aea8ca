"""Requests made up from the document: none finds a mistake of ours, and no answer is one that it does not name"""

import json
from typing import Any

import msgspec
import pytest

from tests.api.conftest import ADMIN
from tests.api.described import Call, Maker, document, known
from tests.doors import Running
from tocsin.api.openapi.operations import JSON, Operation
from tocsin.core.instant import SECOND

EACH = 16
"""Requests for each operation."""


def complaint(one: Operation, told: dict[str, Any], call: Call, answer: Any) -> str:
    """What is wrong with an answer, '' when nothing is."""
    shown = f"{call} -> {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"a mistake of ours: {shown}"
    if str(answer.status_code) not in told["responses"]:
        # a path whose parameter holds a slash or a dot segment may be another route's, or nobody's
        return "" if answer.status_code in (404, 405) and "{" in one.path else f"not declared: {shown}"
    if answer.status_code >= 400:
        problem = answer.json()
        right = answer.headers["content-type"] == "application/problem+json" and problem["status"] == answer.status_code
        return "" if right else f"no problem details: {shown}"
    media = answer.headers.get("content-type", "")
    if media.partition(";")[0] != one.media.partition(";")[0]:
        return f"not the media type {one.media!r}: {media} {shown}"
    if one.media == JSON:
        msgspec.json.decode(answer.content, type=one.gives, strict=True)
    return ""


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_is_asked_the_answer_is_one_that_is_declared(here: Running, seed: int) -> None:
    for n in range(3):
        await here.post(key=f"k{n}")
    told, wrong = document(here), []
    maker = Maker(told, seed)
    for one in known(here):
        for call in maker.calls(one.path, one.method.lower(), EACH):
            here.clock.advance_to(here.clock.now() + SECOND)
            answer = await call.send(here.client, **ADMIN)
            wrong.append(complaint(one, told["paths"][one.path][one.method.lower()], call, answer))
    assert [line for line in wrong if line] == []


async def test_a_complaint_is_made_where_there_is_one(here: Running) -> None:
    one = next(one for one in known(here) if one.path == "/api/v1/oncall")
    call = Call("GET", "/api/v1/oncall", {}, {})
    answer = await call.send(here.client)
    assert "not declared" in complaint(one, {"responses": {"200": {}}}, call, answer)
    assert complaint(one, document(here)["paths"]["/api/v1/oncall"]["get"], call, answer) == ""
    good = await call.send(here.client, **ADMIN)
    assert json.loads(good.content)["schedules"] != []
