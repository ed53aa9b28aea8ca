"""Names of others: each must be defined somewhere, and none may lead back to itself."""

from collections.abc import Iterable

from tocsin.config.complaints import Reader, nearest
from tocsin.config.policies import pages
from tocsin.config.rulebook import Sections
from tocsin.core.ids import ALWAYS

_ONE = {
    "people": "person",
    "teams": "team",
    "schedules": "schedule",
    "roles": "role",
    "hours": "set of hours",
    "services": "service",
    "policies": "policy",
    "slas": "SLA",
}
_NOTHING = ("null", "~", "none", "None", "")


def check(sections: Sections, reader: Reader) -> None:
    """Complain about every dangling name, circle, silent policy and name given twice."""
    _dangling(sections, reader)
    graphs = {
        "R002": ("people", {n: [p.manager] if p.manager else [] for n, (p, _s) in sections.table("people").items()}),
        "R003": ("schedules", {n: [s.follows] if s.follows else [] for n, s in sections.table("schedules").items()}),
        "R004": ("roles", {n: _roles(r.holders) for n, r in sections.table("roles").items()}),
        "R005": ("services", {n: list(s.depends_on) for n, s in sections.table("services").items()}),
    }
    for code, (section, graph) in graphs.items():
        for circle in circles(graph):
            path = " -> ".join([*circle, circle[0]])
            reader.complain(code, sections.place(section, circle[0]), f"{path} leads back to itself")
    _silent(sections, reader)
    _named_twice(sections, reader)


def _roles(holders: Iterable[object]) -> list[str]:
    return [str(holder).partition(":")[2] for holder in holders if str(holder).startswith("role:")]


def _dangling(sections: Sections, reader: Reader) -> None:
    for mention in reader.mentions:
        known = sections.defined(mention.section) | ({ALWAYS} if mention.section == "hours" else set())
        if mention.name not in known:
            hint = nearest(mention.name, known) or _suggestion(mention.section, mention.name)
            reader.complain("R001", mention.at, f"there is no {_ONE[mention.section]} {mention.name!r}", hint)


def _suggestion(section: str, name: str) -> str:
    return "leave the field out" if name in _NOTHING else f"define it under {section}"


def circles(graph: dict[str, list[str]]) -> list[list[str]]:
    """Each circle of a graph once, as the names along it, starting with the one that sorts first."""
    done: set[str] = set()
    found: dict[frozenset[str], list[str]] = {}
    for start in sorted(graph):
        path: list[str] = []
        stack = [(start, iter(graph[start]))] if start not in done else []
        path += [start] if stack else []
        while stack:
            name, following = stack[-1]
            after = next((one for one in following if one in graph and one not in done), None)
            if after is None:
                done.add(name)
                stack.pop()
                path.pop()
            elif after in path:
                circle = path[path.index(after) :]
                first = circle.index(min(circle))
                found.setdefault(frozenset(circle), circle[first:] + circle[:first])
            else:
                stack.append((after, iter(graph[after])))
                path.append(after)
    return list(found.values())


def _silent(sections: Sections, reader: Reader) -> None:
    silent = {name for name, policy in sections.table("policies").items() if not pages(policy)}
    for name, service in sections.table("services").items():
        if service.policy in silent:
            at = sections.place("services", name, "policy")
            reader.complain("P005", at, f"service {name} is under {service.policy}, which never pages anybody")


def _named_twice(sections: Sections, reader: Reader) -> None:
    criteria = sections.values.get("criteria")
    node = sections.root.get("criteria")
    if not isinstance(criteria, tuple) or node is None:
        return
    seen: set[str] = set()
    for criterion, item in zip(criteria, getattr(node, "items", ()), strict=True):
        if criterion.name in seen:
            reader.complain("F010", item.at, f"a second criterion is called {criterion.name!r}")
        seen.add(criterion.name)
