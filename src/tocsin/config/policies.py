"""policies: both ladders of an escalation policy, step by step, and what follows them."""

from typing import Any

from tocsin.config.complaints import Place, Reader
from tocsin.config.fields import BAD, Bad, Either, Field, Many, Record, Table
from tocsin.config.measures import ID_WORD, PERIOD, SOME_TIME
from tocsin.config.people import HOURS
from tocsin.config.targets import TARGET, ByPriority, Expression
from tocsin.config.tree import Mapping, Sequence
from tocsin.config.words import Choice, Text, Whole
from tocsin.core.ids import PolicyId
from tocsin.core.policy.policy import Exhausted, Policy, Updates
from tocsin.core.steps import Ask, Decide, HandOver, HierarchicalStep, Inform, Notify

TARGETS = Many(TARGET, at_least=1, distinct=True)
_UNLESS = Choice(("acknowledged", "resolved"))
_WHEN = Field(
    "when", Expression(), "only if this holds; an error counts as true", default="always", example='"at_least(P2)"'
)
_HOURS = Field("hours", HOURS, "its time counts only in these hours", default="every hour")
_WITHIN = Field("within", SOME_TIME, "time to answer before it climbs", default="P1 10m, P2 30m, else 4h")

_FUNCTIONAL = (
    Field("wait", PERIOD, "time for an acknowledgement before the next step", required=True, example="5m"),
    _WHEN,
    _HOURS,
    Field("need", Whole(1, 100), "that many must acknowledge; the first one owns", default="1"),
    Field("as", Choice(("urgent", "routine")), "how loudly", default="by the incident's priority"),
    Field("skills", Many(ID_WORD, distinct=True), "preferred skills; never filters to nobody"),
    Field("unless", _UNLESS, "what makes the step needless, judged when it is due", default="acknowledged"),
)
_HIERARCHICAL = (
    Field("after", PERIOD, "time from the ladder's start", required=True, example="30m"),
    _WHEN,
    _HOURS,
    Field("unless", _UNLESS, "what makes the step needless, judged when it is due", default="resolved"),
)


def _paging(kind: type[Notify | HandOver], verb: str) -> Any:
    def make(values: dict[str, Any], _node: Mapping, _reader: Reader) -> Notify | HandOver:
        given = {"as": "urgency", verb: "targets"}
        fields = {given.get(name, name): value for name, value in values.items()}
        fields["skills"] = tuple(sorted(fields.get("skills", ())))
        return kind(**fields)

    return make


def _telling(kind: type[Inform | Ask], verb: str) -> Any:
    def make(values: dict[str, Any], _node: Mapping, _reader: Reader) -> Inform | Ask:
        return kind(**{"targets" if name == verb else name: value for name, value in values.items()})

    return make


def _decide(values: dict[str, Any], node: Mapping, reader: Reader) -> Decide | Bad:
    options = values["options"]
    at = node.get("options") or node
    if len(options) < 2:
        reader.complain("P003", at.at, f"{len(options)} option leaves nothing to decide", "add another")
        return BAD
    if "default" in values and values["default"] not in options:
        default = node.get("default") or node
        text = f"the default {values['default']!r} is not one of {', '.join(options)}"
        reader.complain("P004", default.at, text, "take one of the options")
        return BAD
    renamed = {"decide": "question", "by": "targets"}
    return Decide(**{renamed.get(name, name): value for name, value in values.items()})


def _verb(name: str, meaning: str) -> Field:
    return Field(name, TARGETS, meaning, required=True, example="team")


NOTIFY = Record(
    "notify step",
    "Page responders and wait; the owning team stays the same.",
    (_verb("notify", "whom to page; a list is paged at once"), *_FUNCTIONAL),
    _paging(Notify, "notify"),
)
HAND_OVER = Record(
    "hand_over step",
    "Move ownership to the target's team, page its responder and wait.",
    (_verb("hand_over", "whose team takes over"), *_FUNCTIONAL),
    _paging(HandOver, "hand_over"),
)
INFORM = Record(
    "inform step",
    "Somebody must know; no answer is needed.",
    (_verb("inform", "who must know"), *_HIERARCHICAL),
    _telling(Inform, "inform"),
)
ASK = Record(
    "ask step",
    "Somebody must answer; unanswered, it climbs.",
    (_verb("ask", "who must answer"), _WITHIN, *_HIERARCHICAL),
    _telling(Ask, "ask"),
)
DECIDE = Record(
    "decide step",
    "Somebody must choose; never settled by timeout unless the step names a default.",
    (
        Field("decide", Text(500), "the question", required=True, example='"Fail over?"'),
        Field(
            "options",
            Many(Text(100), distinct=True, single=False),
            "what may be chosen",
            required=True,
            example="[fail over, wait]",
        ),
        _verb("by", "who may choose"),
        _WITHIN,
        Field("default", Text(100), "taken at the deadline, and logged as such", default="none"),
        *_HIERARCHICAL,
    ),
    _decide,
)

_ACTION = (_HOURS,)
ACTION = Either(
    "an action",
    {
        "inform": Record(
            "inform", "Tell somebody.", (_verb("inform", "who must know"), *_ACTION), _telling(Inform, "inform")
        ),
        "ask": Record(
            "ask",
            "Ask somebody for an answer.",
            (_verb("ask", "who must answer"), _WITHIN, *_ACTION),
            _telling(Ask, "ask"),
        ),
    },
    {"notify": "pages responders: it belongs to a functional ladder", "decide": "belongs to a hierarchical ladder"},
)
"""What happens at a level, when an update is overdue, or when a criterion escalates."""

FUNCTIONAL = Either(
    "a functional step",
    {"notify": NOTIFY, "hand_over": HAND_OVER},
    dict.fromkeys(("inform", "ask", "decide"), "belongs to the hierarchical ladder"),
)
HIERARCHICAL = Either(
    "a hierarchical step",
    {"inform": INFORM, "ask": ASK, "decide": DECIDE},
    dict.fromkeys(("notify", "hand_over"), "belongs to the functional ladder"),
)

UPDATES = Record(
    "updates",
    "The promised cadence of news. Parsed and checked, not yet active.",
    (
        Field("every", ByPriority(SOME_TIME), "how often", required=True, example="{P1: 30m, else: 4h}"),
        Field("to", TARGETS, "to whom", required=True, example="stakeholders"),
        Field("overdue", ACTION, "what happens when one is late"),
    ),
    lambda values, _node, _reader: Updates(values["every"], values["to"], values.get("overdue")),
)
EXHAUSTED = Record(
    "exhausted",
    "How often the rounds come when everybody was called and nobody answered.",
    (
        Field("every", SOME_TIME, "time between rounds", required=True, example="4h"),
        Field("hours", HOURS, "its time counts only in these hours", default="every hour"),
    ),
    lambda values, _node, _reader: Exhausted(**values),
)


def _in_order(steps: tuple[HierarchicalStep, ...], node: Mapping, reader: Reader) -> None:
    """Warn where a step stands behind one that fires later by the same clock."""
    ladder = node.get("hierarchical")
    latest: dict[str | None, int] = {}
    places = ladder.items if isinstance(ladder, Sequence) else (ladder,)
    for step, place in zip(steps, places, strict=True):
        if step.after.elapsed < latest.get(step.hours, 0) and place is not None:
            reader.complain("P002", place.at, f"after {step.after} stands behind a later step")
        latest[step.hours] = max(step.after.elapsed, latest.get(step.hours, 0))


def pages(policy: Policy) -> bool:
    """Whether any functional step calls a responder; stakeholders and requesters are none."""
    return any(
        str(target) not in ("stakeholders", "requester") for step in policy.functional for target in step.targets
    )


def _make(values: dict[str, Any], node: Mapping, reader: Reader) -> dict[str, Any]:
    if "hierarchical" in values:
        _in_order(values["hierarchical"], node, reader)
    if "updates" in values:
        key = node.key("updates")
        reader.complain("N002", key.at if key else node.at, "updates: parsed and checked, not yet active")
    return values


def _policy(name: str, values: dict[str, Any], at: Place, reader: Reader) -> Policy:
    policy = Policy(PolicyId(name), values.pop("functional", ()), **values)
    if not pages(policy):
        reader.complain("P001", at, f"policy {name} calls nobody")
    return policy


POLICIES = Table(
    ID_WORD,
    Record(
        "policy",
        "Two ladders that run at once: who works on it, and who must know or decide.",
        (
            Field(
                "functional",
                Many(FUNCTIONAL, single=False),
                "who works on it, step by step",
                example="[{hand_over: team, wait: 5m}]",
            ),
            Field("hierarchical", Many(HIERARCHICAL, single=False), "who must know or decide", default="nobody"),
            Field("repeat", Whole(0, 100), "walks the functional ladder that many more times", default="0"),
            Field(
                "acknowledged_for",
                ByPriority(SOME_TIME),
                "how long an acknowledgement holds",
                default="P1 30m, P2 1h, P3 4h, else one working day",
            ),
            Field("updates", UPDATES, "the promised cadence of news"),
            Field(
                "exhausted",
                EXHAUSTED,
                "the rounds when everybody was called",
                default="P1 15m, P2 30m, P3 2h, else once a working day",
            ),
        ),
        _make,
    ),
    "ids",
    _policy,
    partial=True,
)
