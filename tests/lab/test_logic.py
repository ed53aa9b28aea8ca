"""What is said of two conditions without asking them is true of every signal that they are asked about."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.routing.criteria import compile_condition
from tocsin.core.routing.vocabulary import Context
from tocsin.core.signal import Signal
from tocsin.lab.verifier.logic import constant, formula, implies, never, ranks

PARTS = st.sampled_from(
    (
        "signal.severity == 'a'", 'signal.severity != "a"', "signal.severity in ['a', 'b']", "signal.severity == 'b'",
        "signal.affected_users > 1", "signal.affected_users >= 2", "signal.affected_users < 2",
        "signal.affected_users == 2", "signal.affected_users != 1", "signal.labels.x == 'a'",
        "signal.labels['x'] == 'a'", "at_least(P2)", "at_least(P3)", "incident.priority == P2",
        "incident.priority in [P1, P2]", "incident.priority != P1", "signal.raw", "!signal.raw", "true", "1 > 2",
        "100 / signal.affected_users > 2", "(signal.raw ? signal.severity == 'a' : signal.affected_users > 1)",
        "!(signal.severity == 'a' && signal.raw)", "'a' in signal.labels", "reports('10m') > 1",
        "signal.severity == 'A'", "signal.severity in ['A', 'b']", "signal.kind == 'outage'",
        "signal.kind != 'request'",
        "signal.reported_by != 'tool'", "calendar.hour > 22", "calendar.hour < 0", "calendar.weekday == 'thursday'",
        "calendar.weekday in ['thu', 'Fri']", "in_hours('day')", "incident.status == 'new'",
    )
)  # fmt: skip
CONDITIONS = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' && '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(" || ".join).map("({})".format),
        inner.map("!({})".format),
    ),
    max_leaves=5,
)
CONTEXTS = st.builds(
    Context,
    st.builds(
        Signal, st.just("k"), st.just("trigger"), st.just("t"), severity=st.sampled_from("abc"),
        affected_users=st.integers(0, 4), raw=st.booleans(),
        labels=st.dictionaries(st.sampled_from("xa"), st.sampled_from("ab")),
        kind=st.sampled_from(("incident", "request")), reported_by=st.sampled_from(("tool", "person")),
    ),
    now=st.sampled_from((0, 23, 24, 47)).map(lambda hour: hour * 3_600_000_000),
    in_hours=st.booleans().map(lambda open_: lambda _name: open_),
    priority=st.sampled_from(("P1", "P2", "P3", "P4")),
    reports=st.integers(0, 3).map(lambda count: lambda _within: count),
)  # fmt: skip


def holds(condition: str, context: Context) -> bool:
    return compile_condition(condition).judge(context) is True


@given(CONDITIONS, CONDITIONS, st.lists(CONTEXTS, min_size=8, max_size=8))
def test_where_one_implies_another_no_signal_says_otherwise(one: str, other: str, contexts: list[Context]) -> None:
    if implies(formula(one), formula(other)):
        assert [context for context in contexts if holds(one, context) and not holds(other, context)] == []


@given(CONDITIONS, st.lists(CONTEXTS, min_size=8, max_size=8))
def test_what_never_holds_holds_of_no_signal(one: str, contexts: list[Context]) -> None:
    if never(formula(one)) is not None or constant(one) is False:
        assert [context for context in contexts if holds(one, context)] == []


@given(CONDITIONS, st.lists(CONTEXTS, min_size=8, max_size=8))
def test_a_condition_holds_only_of_the_priorities_to_which_it_is_narrowed(one: str, contexts: list[Context]) -> None:
    narrow = ranks(formula(one))
    if narrow is not None:
        assert {int(context.priority[1]) for context in contexts if holds(one, context)} <= narrow


@given(CONDITIONS)
def test_a_condition_implies_itself_and_whatever_it_is_a_part_of(one: str) -> None:
    assert implies(formula(one), formula(f"({one})  ||  signal.wants_escalation"))
    assert implies(formula(f"signal.wants_escalation&&{one}"), formula(one))


def test_what_is_plain_is_seen() -> None:
    yes = [
        ('signal.severity == "a" && signal.affected_users > 500', "(signal.severity=='a')"),
        ("signal.affected_users > 500", "signal.affected_users >= 100"),
        ("incident.priority == P1", "at_least(P2)"),
        ("signal.severity == 'a'", "signal.severity in ['a', 'b']"),
        ("signal.severity == 'a'", "signal.severity != 'b'"),
        ("signal.raw", "signal.raw || signal.wants_escalation"),
    ]  # fmt: skip
    assert [pair for pair in yes if not implies(formula(pair[0]), formula(pair[1]))] == []
    assert [pair for pair in yes if implies(formula(pair[1]), formula(pair[0]))] == []
    assert never(formula("signal.affected_users > 5 && signal.affected_users < 6")) is not None
    assert (constant("1 == 1"), constant("false"), constant("signal.raw")) == (True, False, None)
