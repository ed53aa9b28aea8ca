"""Laws of the language: no text makes loading raise; what is written comes back; order and layout mean nothing."""

import random
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import config
from tocsin.config.codes import CODES
from tocsin.config.complaints import Reader
from tocsin.config.files import decoded
from tocsin.config.tree import parse, plain
from tocsin.core.instant import parse_period

ACME = (Path(__file__).resolve().parents[2] / "examples" / "acme.yaml").read_bytes()

Tree = dict[str, Any]

ids = st.from_regex(r"[a-z0-9](?:[a-z0-9._-]{0,8}[a-z0-9])?", fullmatch=True).filter(
    lambda text: (
        text not in ("team", "owner", "always", "none", "else", "stakeholders", "requester")
        and not text.startswith("team.")
    )
)
names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text and "${" not in text and not text.startswith("\ufeff")
)
durations = st.builds("{}{}".format, st.integers(1, 300), st.sampled_from("smhd"))
priorities = st.sampled_from(["P1", "P2", "P3", "P4", "P5"])
expressions = st.sampled_from(["signal.raw", "at_least(P2)", "signal.labels.x == 'a: b # c'", 'signal.title == "\\n"'])
clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


def by_priority(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["P1", "P2", "P3", "P4", "P5", "else"])
    return values | st.dictionaries(keys, values, min_size=1)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def policies(draw: st.DrawFn, targets: st.SearchStrategy[Any], hours: st.SearchStrategy[str]) -> Tree:
    common = optional(when=expressions, hours=hours, unless=st.sampled_from(["acknowledged", "resolved"]))
    page = optional(need=st.integers(1, 9).map(str), skills=st.lists(ids, unique=True))
    verb = st.sampled_from(["notify", "hand_over"])
    functional = st.builds(lambda v, t, w, c, p: {v: t, "wait": w} | c | p, verb, targets, durations, common, page)
    tell = st.builds(
        lambda v, t, a, c: {v: t, "after": a} | c, st.sampled_from(["inform", "ask"]), targets, durations, common
    )
    options = st.lists(names, min_size=2, max_size=3, unique=True)
    decide = st.builds(
        lambda q, o, b, a: {"decide": q, "options": o, "by": b, "after": a}, names, options, targets, durations
    )
    ladder = st.lists(tell | decide, max_size=3)
    rest = optional(
        hierarchical=ladder,
        repeat=st.integers(0, 9).map(str),
        acknowledged_for=by_priority(durations),
        exhausted=durations.map(lambda every: {"every": every}),
    )
    return {"functional": draw(st.lists(functional, min_size=1, max_size=3))} | draw(rest)


@st.composite
def rulebooks(draw: st.DrawFn) -> Tree:
    """A rulebook without a mistake, as a tree of texts."""
    people = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    team, policy, office = draw(ids), draw(ids), draw(ids)
    person = st.sampled_from(people)
    one = st.sampled_from([*(f"person:{name}" for name in people), f"team:{team}", "team", "team.lead", "owner"])
    targets = one | st.lists(one, min_size=1, max_size=3, unique=True)
    tree: Tree = {
        "tocsin": "1",
        "organisation": draw(names),
        "timezone": draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"])),
        "last_resort": [f"person:{name}" for name in people],
        "unrouted": {"team": team, "policy": policy, "priority": draw(priorities)},
        "people": {name: draw(_person()) for name in people},
        "hours": {office: {"week": draw(_weeks())}},
        "teams": {team: {"members": people, "lead": draw(person), "hours": draw(st.sampled_from([office, "always"]))}},
        "policies": {policy: draw(policies(targets, st.sampled_from([office, "always"])))},
        "schedules": {team: {"rotations": [draw(_rotations(people))]}},
        "services": {name: {"team": team, "policy": policy} for name in draw(st.lists(ids, max_size=3, unique=True))},
        "criteria": draw(st.lists(_criteria(), max_size=3, unique_by=lambda criterion: str(criterion["name"]))),
    }
    keys = draw(st.permutations(list(tree)))
    return {key: tree[key] for key in keys}


def _person() -> st.SearchStrategy[Tree]:
    skills = st.lists(ids, max_size=3, unique=True)
    return st.builds(
        lambda name, rest: {"name": name} | rest,
        names,
        optional(skills=skills, cleared=st.sampled_from(["true", "false"])),
    )


def _weeks() -> st.SearchStrategy[Tree]:
    keys = st.lists(st.sampled_from(["mon", "tue-thu", "fri", "sat-sun"]), min_size=1, unique=True)
    return keys.map(lambda days: {day: ["08:00-12:00", "13:00-24:00"] for day in days})


def _rotations(people: list[str]) -> st.SearchStrategy[Tree]:
    weekly = st.builds(
        lambda day, at: {"turn": "weekly", "handoff": f"{day} {at}"}, st.sampled_from(["mon", "sun"]), clock
    )
    daily = clock.map(lambda at: {"turn": "daily", "handoff": at})
    return (weekly | daily).map(lambda turn: {"people": people, "starts": "2026-01-05"} | turn)


def _criteria() -> st.SearchStrategy[Tree]:
    then = priorities.map(lambda priority: {"priority": priority, "cool_down": "1h"})
    return st.builds(lambda name, when, then: {"name": name, "when": when, "then": then}, names, expressions, then)


@given(rulebooks())
def test_a_rulebook_that_is_written_out_reads_as_it_was_meant(tree: Tree) -> None:
    text = config.dump(tree)
    reader = Reader()
    root = parse("a", text, reader)
    assert root is not None, reader.complaints
    assert plain(root) == tree
    loaded = config.loads({"a": text})
    assert loaded.errors == ()
    assert config.dump(loaded) == text


@given(rulebooks(), st.randoms(use_true_random=False))
def test_order_and_layout_mean_nothing(tree: Tree, chance: random.Random) -> None:
    first = config.loads({"a": config.dump(tree)}).rulebook
    again = config.loads({"b": config.dump(_shuffled(tree, chance))}).rulebook
    assert first is not None
    assert again is not None
    assert (again, again.digest) == (first, first.digest)


def _shuffled(value: Any, chance: random.Random) -> Any:
    """The same mappings in another order; lists stay as they are."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffled(value[key], chance) for key in keys}
    return [_shuffled(item, chance) for item in value] if isinstance(value, list) else value


def load_bytes(content: bytes) -> config.Loaded:
    reader = Reader()
    text = decoded("a", content, reader)
    return config.loads({"a": text}) if text is not None else config.Loaded(None, (), tuple(reader.complaints))


def sound(loaded: config.Loaded) -> bool:
    """Either a rulebook, or an error with a known code and a place."""
    placed = all(c.code in CODES and c.line >= 1 and c.column >= 1 for c in loaded.complaints)
    return placed and (loaded.rulebook is None) == bool(loaded.errors)


@given(st.data())
def test_no_damage_to_a_file_makes_loading_raise(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(ACME)))
    end = data.draw(st.integers(start, min(start + 40, len(ACME))))
    new = data.draw(
        st.binary(max_size=6) | st.sampled_from([b"\t", b"{", b"]", b": ", b"\n", b"&a ", b"*a", b"'", b"!x ", b"- "])
    )
    assert sound(load_bytes(ACME[:start] + new + ACME[end:]))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_make_loading_raise(content: bytes) -> None:
    assert sound(load_bytes(content))


leaves = st.text(max_size=12) | st.sampled_from(
    ["person:ana", "5m", "mon 09:00", "P1", "always", "true", "08:00-18:00", ""]
)
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(leaves, inner, max_size=3))
SECTIONS = [
    "people", "contact", "roles", "hours", "teams", "schedules", "priorities", "services", "criteria", "policies",
    "slas", "sources", "expect", "unrouted", "last_resort",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(SECTIONS), trees, max_size=4))
def test_no_shape_of_a_section_makes_loading_raise(tree: Tree) -> None:
    assert sound(config.loads({"a": config.dump({"tocsin": "1"} | tree)}))


@given(st.dictionaries(st.text(max_size=8), trees, min_size=1, max_size=3))
def test_any_tree_of_texts_is_written_so_that_it_reads_the_same(tree: Tree) -> None:
    reader = Reader()
    text = config.dump(tree)
    root = parse("a", text, reader)
    assert root is not None, (text, reader.complaints)
    assert plain(root) == tree


@settings(max_examples=settings().max_examples // 4)
@given(rulebooks(), durations)
def test_an_edit_changes_one_rule_and_no_comment(tree: Tree, wait: str) -> None:
    text = "# a comment\n" + config.dump(tree)
    (policy,) = tree["policies"]
    edited = config.edit(text, ("policies", policy, "functional", 0, "wait"), wait)
    old, new = config.loads({"a": text}).rulebook, config.loads({"a": edited}).rulebook
    assert old is not None
    assert new is not None
    assert {change.path for change in config.diff(old, new)} <= {f"policies.{policy}.functional[0].wait"}
    assert new.policies[policy].functional[0].wait == parse_period(wait)
    assert edited.startswith("# a comment\n")
