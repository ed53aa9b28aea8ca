"""The law of what is supposed: whatever a signal says is among the cases that are explored, and each of them can be."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.laws.rulebooks import PROVED, worlds
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.routing.criteria import Error, compile_condition
from tocsin.core.routing.vocabulary import Context
from tocsin.core.signal import Signal
from tocsin.lab.verifier.content import APART, CRITERIA, STEPS, Rest, known_of, rest
from tocsin.lab.verifier.exploring import Explorer
from tocsin.lab.verifier.opening import combined, openings
from tocsin.lab.verifier.reach import KINDS
from tocsin.lab.verifier.satisfying import consistent, context
from tocsin.lab.verifier.supposing import content
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.witness import witness

few = settings(max_examples=150, derandomize=True) if settings().max_examples <= 100 else settings()
fewest = settings(max_examples=15, derandomize=True) if settings().max_examples <= 100 else settings()
"""The same ones in every run; `make prove` draws others, and more."""

COMPARED = (
    "signal.affected_users > 1", "signal.affected_users >= 3", "signal.affected_users < 2",
    "signal.affected_users == 2", "signal.affected_users != 0",
    "signal.severity == 'a'", 'signal.severity != "a"', "signal.severity in ['a', 'b']",
    "signal.severity == 'b'", "signal.labels.x == 'a'", "signal.labels['x'] != 'a'", "signal.labels.x == ''",
    "has(signal.labels.x)", "'x' in signal.labels", "signal.wants_escalation", "!signal.wants_escalation",
    "signal.reported_by == 'tool'", "signal.severity in ['A', 'b']", "reports('10m') > 1", "incident.alerts > 2",
)  # fmt: skip
OTHERS = (
    "signal.title.contains('b')", "signal.title.startsWith('a')", "signal.title == 'ab'",
    "signal.title.matches('^a.*b$')", "100 / signal.affected_users > 40",
    "(signal.wants_escalation ? signal.severity == 'a' : signal.affected_users > 1)",
    "size(signal.labels) > 1", "signal.labels.x == signal.severity", "signal.labels[signal.severity] == 'a'",
    "signal.labels.exists(k, k == 'x')", "signal.affected_users * 2 > 3",
)  # fmt: skip
KNOWN = (
    "at_least(P2)", "incident.priority == P3", "signal.kind == 'complaint'", "true", "calendar.hour < 12",
    "in_hours('day')", "incident.team == 'mail'", "100 / incident.reopened > 2", "incident.age_minutes > 3",
)  # fmt: skip


def conditions(*parts: str) -> st.SearchStrategy[str]:
    """Of these parts, with `&&`, `||`, `!` and brackets."""
    return st.recursive(
        st.sampled_from(parts),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' && '.join(some)})"),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' || '.join(some)})"),
            inner.map(lambda one: f"!({one})"),
        ),
        max_leaves=4,
    )


contexts = st.builds(
    Context,
    st.builds(
        Signal, st.just("k"), st.just("trigger"), st.sampled_from(("", "a", "b", "ab", "ba")),
        severity=st.sampled_from(("", "a", "b", "c")), kind=st.sampled_from(("incident", "complaint")),
        affected_users=st.integers(0, 4), wants_escalation=st.booleans(),
        reported_by=st.sampled_from(("tool", "person")),
        labels=st.dictionaries(st.sampled_from("xa"), st.sampled_from(("", "a", "b"))),
    ),
    priority=st.sampled_from(PRIORITIES),
    team=st.sampled_from(("mail", "web")),
    alerts=st.integers(1, 4),
    now=st.integers(0, 20).map(lambda hours: hours * 3_600_000_000),
    in_hours=st.booleans().map(lambda open_: lambda _name: open_),
    reports=st.integers(0, 3).map(lambda count: lambda _within: count),
)  # fmt: skip
asked = st.lists(st.tuples(conditions(*COMPARED, *OTHERS, *KNOWN), st.sampled_from((CRITERIA, STEPS))), max_size=4)


@few
@given(asked, contexts)
def test_what_a_signal_says_is_among_what_is_supposed(conditions_asked: list[tuple[str, str]], here: Context) -> None:
    said: dict[str, bool] = {}
    for source, site in conditions_asked:
        verdict = compile_condition(source).judge(here)
        left = rest(source, tuple(compile_condition(one).judge(here) for one in known_of(source)))
        if isinstance(left, Rest):
            holds = verdict if isinstance(verdict, bool) else site == STEPS
            assert said.setdefault(left.named(site), holds) is holds
        else:
            assert type(left) is type(verdict)
            assert isinstance(left, Error) or left is verdict
    combinations, cut = combined(tuple(said))
    assert not cut
    assert tuple(said.items()) in combinations


@few
@given(st.lists(conditions(*COMPARED), min_size=1, max_size=4, unique=True))
def test_of_all_that_is_supposed_of_what_is_compared_there_is_a_report(some: list[str]) -> None:
    combinations, cut = combined(tuple(some))
    assert combinations
    assert not cut
    for one in combinations:
        found = witness(frozenset(one))
        assert found is not None, one
        said = context(dict(found.values))
        assert [compile_condition(name).judge(said) for name, _ in one] == [value for _, value in one]


@few
@given(st.lists(conditions(*COMPARED, *OTHERS), min_size=1, max_size=4, unique=True))
def test_a_report_that_is_named_says_what_is_supposed(some: list[str]) -> None:
    for one in combined(tuple(some))[0]:
        if (found := witness(frozenset(one))) is not None:
            said = context(dict(found.values))
            verdicts = [compile_condition(name).judge(said) for name, _ in one]
            assert [verdict is not False for verdict in verdicts] == [value for _, value in one]


@fewest
@given(worlds(), st.sampled_from(PRIORITIES), st.sampled_from(KINDS))
def test_no_way_of_a_proof_supposes_what_cannot_be(drawn: Any, priority: Any, kind: Any) -> None:
    world, start = drawn
    ground = Ground(world, start)
    opening = openings(ground, world.rulebook.services["db"], priority, kind).all[-1]
    ways = Explorer(ground, start + PROVED).ways(opening, promised=False)
    assume(any(content(one.supposed) for one in ways))
    for one in ways:
        assert consistent(content(one.supposed))
        assert not any("at_least" in name.partition(APART)[0] for name, _ in content(one.supposed))
