"""priorities, services: how bad something is, and what is looked after by whom under which policy."""

from typing import Any

from tocsin.config.complaints import Place, Reader
from tocsin.config.fields import BAD, Bad, Field, Many, Record, Table
from tocsin.config.measures import ID_WORD, URL
from tocsin.config.people import TEAM
from tocsin.config.policies import TARGETS
from tocsin.config.targets import PRIORITY
from tocsin.config.tree import Mapping
from tocsin.config.words import Ref, Text, Word, WrongError
from tocsin.core.catalogue.priority import PriorityRules
from tocsin.core.catalogue.service import Service
from tocsin.core.ids import ServiceId

SERVICE = Ref("services", "a service's id")
POLICY = Ref("policies", "a policy's id")


def _word(text: str) -> str:
    if not text.strip() or len(text) > 100:
        raise WrongError("an empty or overlong word", "", "F012")
    if text != text.lower():
        raise WrongError(f"{text!r} has capitals", f"severities are compared in lower case: write {text.lower()}")
    return text


SEVERITY = Word("a word in lower case", "F005", _word)


def _priorities(values: dict[str, Any], node: Mapping, reader: Reader) -> PriorityRules | Bad:
    severity, urgency, matrix = values.get("severity"), values.get("urgency", ()), values.get("matrix", {})
    before = len(reader.complaints)
    if severity is not None and "else" not in severity:
        at = node.key("severity") or node
        reader.complain("F031", at.at, "no priority for a severity that is missing or unknown")
    rows = node.get("matrix")
    for key, _row in rows.entries if isinstance(rows, Mapping) else ():
        if len(matrix[key.text]) != len(urgency):
            text = f"{key.text} has {len(matrix[key.text])} priorities for {len(urgency)} urgencies"
            reader.complain("F030", key.at, text)
    if urgency and not matrix:
        reader.complain("F030", node.at, "urgencies without a matrix", "add matrix: {impact: [P1, ...]}")
    if len(reader.complaints) > before:
        return BAD
    return PriorityRules(**(values | ({"urgent": tuple(sorted(values["urgent"]))} if "urgent" in values else {})))


PRIORITIES = Record(
    "priorities",
    "How bad something is: impact x urgency, and a tool's severity until both are known.",
    (
        Field("urgent", Many(PRIORITY, distinct=True), "paged by the urgent contact ladder", default="[P1, P2]"),
        Field(
            "severity",
            Table(SEVERITY, PRIORITY, "severities"),
            "what a sender's word is worth; `else` must be there",
            default="{else: P2}",
            example="{critical: P1, else: P2}",
        ),
        Field(
            "urgency",
            Many(ID_WORD, distinct=True, single=False),
            "the columns of the matrix, worst first",
            example="[high, medium, low]",
        ),
        Field(
            "matrix",
            Table(ID_WORD, Many(PRIORITY, single=False), "impacts"),
            "one row for each impact",
            example="{extensive: [P1, P1, P2]}",
        ),
    ),
    _priorities,
)


def _service(name: str, values: dict[str, Any], _at: Place, _reader: Reader) -> Service:
    unordered: dict[str, Any] = {
        name: tuple(sorted(values[name])) for name in ("depends_on", "symptoms") if name in values
    }
    return Service(ServiceId(name), **(values | unordered))


SERVICES = Table(
    ID_WORD,
    Record(
        "service",
        "What is looked after: a catalogue entry.",
        (
            Field("team", TEAM, "who looks after it", required=True),
            Field("policy", POLICY, "how it is escalated", required=True),
            Field("sla", Ref("slas", "an SLA's id"), "what is promised"),
            Field("runbook", URL, "where it is written down", example='"https://wiki.acme.example/db"'),
            Field("depends_on", Many(SERVICE, distinct=True), "what it needs; no circles"),
            Field("symptoms", Many(Text(200), distinct=True), "what a dependency's incident may hold back"),
            Field("stakeholders", TARGETS, "whom `stakeholders` names"),
        ),
    ),
    "ids",
    _service,
    partial=True,
)
