"""criteria: conditions that raise priority, choose a policy, set flags or escalate at once."""

from typing import Any

from tocsin.config.complaints import Reader
from tocsin.config.fields import BAD, Bad, Field, Many, Record
from tocsin.config.measures import DURATION_WORD
from tocsin.config.policies import ACTION
from tocsin.config.services import POLICY
from tocsin.config.targets import PRIORITY, Expression
from tocsin.config.tree import Mapping
from tocsin.config.words import Flag, Text
from tocsin.core.routing.criterion import Criterion, Raise


def _then(values: dict[str, Any], node: Mapping, reader: Reader) -> tuple[Raise, int] | Bad:
    cool_down = values.pop("cool_down", 0)
    raised = Raise(**values)
    if raised == Raise():
        reader.complain("P008", node.at, "a criterion that raises nothing")
        return BAD
    return raised, cool_down


THEN = Record(
    "then",
    "What applies when the condition holds; it only ever raises.",
    (
        Field("priority", PRIORITY, "at least this bad"),
        Field("policy", POLICY, "under this policy; the first criterion that names one wins"),
        Field("major", Flag(), "a major incident", default="false"),
        Field("confidential", Flag(), "seen only by those it concerns", default="false"),
        Field("escalate", ACTION, "tell or ask somebody at once", example="{ask: role:service-manager, within: 2h}"),
        Field("cool_down", DURATION_WORD, "escalates again only after this time", default="0m", example="24h"),
    ),
    _then,
)


def _criterion(values: dict[str, Any], _node: Mapping, _reader: Reader) -> Criterion:
    raised, cool_down = values["then"]
    return Criterion(values["name"], values["when"], raised, cool_down)


CRITERIA = Many(
    Record(
        "criterion",
        "When a condition holds, it raises. Every match applies.",
        (
            Field("name", Text(200), "what people call it", required=True),
            Field("when", Expression(), "the condition", required=True, example="\"signal.severity == 'critical'\""),
            Field("then", THEN, "what it raises", required=True, example="{priority: P1}"),
        ),
        _criterion,
    ),
    single=False,
)
