"""Where a part of the rulebook stands: exact where it is written, the nearest part around it where it is not."""

import pytest

from tocsin.config import loads
from tocsin.config.complaints import Place
from tocsin.config.places import Places

ONE = """tocsin: 1
policies:
  mail:
    functional:
      - {hand_over: team, wait: 5m}
      - notify: [team.all,
          person:ana]
        wait: 10m
  a.b: {functional: &same [{notify: team, wait: 1m}]}
  other: {functional: *same}
"""
TWO = """criteria:
  - {name: one, when: "true", then: {priority: P1}}
"""
THREE = """criteria:
  - {name: two, when: "true", then: {priority: P2}}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), Place("a.yaml", 1, 1)),
        (("policies",), Place("a.yaml", 2, 1)),
        (("policies", "mail", "functional", "0"), Place("a.yaml", 5, 9)),
        (("policies", "mail", "functional", "0", "wait"), Place("a.yaml", 5, 27)),
        (("policies", "mail", "functional", "1", "notify", "1"), Place("a.yaml", 7, 11)),
        (("policies", "mail", "functional", "1", "when"), Place("a.yaml", 6, 9)),
        (("policies", "mail", "functional", "7"), Place("a.yaml", 4, 5)),
        (("policies", "mail", "hierarchical", "0"), Place("a.yaml", 3, 3)),
        (("policies", "a.b", "functional", "0"), Place("a.yaml", 9, 28)),
        (("policies", "other", "functional", "0"), Place("a.yaml", 9, 28)),
        (("teams", "mail"), Place("a.yaml", 1, 1)),
        (("criteria", "0", "when"), Place("b.yaml", 2, 17)),
        (("criteria", "1", "then", "priority"), Place("c.yaml", 2, 38)),
        (("policies", "mail", "functional", "²"), Place("a.yaml", 4, 5)),
    ],
)
def test_a_path_leads_to_its_line_and_column(path: tuple[str, ...], expected: Place) -> None:
    assert Places({"c.yaml": THREE, "a.yaml": ONE, "b.yaml": TWO}).find(path) == expected


@pytest.mark.parametrize("texts", [{}, {"a.yaml": ""}, {"a.yaml": ": ["}, {"a.yaml": "- a list"}])
def test_what_is_no_rulebook_has_places_all_the_same(texts: dict[str, str]) -> None:
    assert Places(texts).find(("policies", "mail")).line == 1


def test_the_places_are_those_of_complaints() -> None:
    text = ONE.replace("wait: 10m", "wait: 10x")
    (complaint,) = [one for one in loads({"a.yaml": text}).complaints if one.code == "F011"]
    at = Places({"a.yaml": text}).find(("policies", "mail", "functional", "1", "wait"))
    assert (at.line, at.column + len("wait: ")) == (complaint.line, complaint.column)
