"""What people can do to an incident from its page: when each act is offered, what its form says, and what it means."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from msgspec import Struct

from tocsin.access.permissions import Verb
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.catalogue.target import Target, TargetKind
from tocsin.core.ids import PersonId, RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident, Relation
from tocsin.core.instant import Instant, parse_duration
from tocsin.core.rulebook import Rulebook
from tocsin.web.parts.undo import deeds_of

Form = Mapping[str, str]

RELATIONS: tuple[Relation, ...] = get_args(Relation)
WRITTEN = ("note", "post-update")
"""Acts whose text is stored apart."""

LONGEST = 64 * 1024
"""Characters of a text."""


class Wrong(Exception):
    """A form that cannot be meant; `key` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Case(Struct, frozen=True):
    """What making a command takes besides its form: by whom, when, under which rules; the key of its stored text."""

    by: PersonId
    now: Instant
    book: Rulebook
    state: Incident
    seen: int | None
    text: str = ""


def _always(_: Incident) -> bool:
    return True


def _live(state: Incident) -> bool:
    return state.live


def _owned(state: Incident) -> bool:
    return state.live and state.owner is not None


def _acknowledged(state: Incident) -> bool:
    return state.status == "acknowledged"


def _resolved(state: Incident) -> bool:
    return state.status == "resolved"


def _unclosed(state: Incident) -> bool:
    return state.status != "closed"


def _linked(state: Incident) -> bool:
    return bool(state.linked)


def _never(_: Incident) -> bool:
    return False


def _unharmed(_: Incident, __: Form) -> bool:
    return False


class Act(Struct, frozen=True):
    """One act: the verb that it needs, when it is `offered`, the command it is; `hurts` means: ask once more."""

    verb: Verb
    make: Callable[[Form, Case], cmd.Command]
    offered: Callable[[Incident], bool] = _live
    hurts: Callable[[Incident, Form], bool] = _unharmed


def _owning(kind: type[cmd.Acknowledge] | type[cmd.TakeOver]) -> Callable[[Form, Case], cmd.Command]:
    return lambda form, case: kind(case.by, _when(form, "eta", case), case.seen)


def _when(form: Form, name: str, case: Case) -> Instant | None:
    """In how long, as one of the choices says; None for the usual length."""
    given = form.get(name, "")
    try:
        return case.now + parse_duration(given) if given else None
    except ValueError:
        raise Wrong("time") from None


def _reason(form: Form) -> str:
    return form.get("reason", "").strip()[:LONGEST]


def _needed(form: Form) -> str:
    reason = _reason(form)
    if not reason:
        raise Wrong("reason")
    return reason


def _request(form: Form, case: Case, *purposes: str) -> RequestId:
    """Of an open request, one of those purposes; one that is no longer open is for the rules to judge."""
    name = form.get("request", "")
    known = case.state.request_of(name)
    if not name or (known is not None and known.purpose not in purposes):
        raise Wrong("request")
    return RequestId(name)


def _declined(form: Form, case: Case) -> RequestId:
    """The request that is declined; '' is the page."""
    return _request(form, case, "ask", "decide", "offer") if form.get("request") else RequestId("")


def _target(text: str, book: Rulebook) -> Target | None:
    """`team:web`, `person:eve` ...; None for ''."""
    if not text:
        return None
    kind, _, name = text.partition(":")
    known: dict[TargetKind, Mapping[str, object]] = {
        "person": book.people,
        "team": book.teams,
        "schedule": book.schedules,
        "role": book.roles,
        "manager": {"1": None, "2": None},
    }
    for one, names in known.items():
        if kind == one and name in names:
            return Target(one, name)
    raise Wrong("target")


def _escalate(form: Form, case: Case) -> cmd.Command:
    given = form.get("ladder", "functional")
    ladder: Literal["functional", "hierarchical"] = "hierarchical" if given == "hierarchical" else "functional"
    return cmd.Escalate(case.by, ladder, _needed(form), _target(form.get("target", ""), case.book), case.seen)


def _reassign(form: Form, case: Case) -> cmd.Command:
    target = _target(form.get("to", ""), case.book)
    if target is None:
        raise Wrong("target")
    return cmd.Reassign(case.by, target, _needed(form), case.seen)


def _priority(form: Form, case: Case) -> cmd.Command:
    known: dict[str, Priority] = {one: one for one in PRIORITIES}
    if form.get("priority", "") not in known:
        raise Wrong("priority")
    return cmd.SetPriority(case.by, known[form["priority"]], _needed(form), case.seen)


def _note(form: Form, case: Case) -> cmd.Command:
    if not noted(form):
        raise Wrong("note")
    return cmd.Note(case.by, case.text, case.seen)


def _update(form: Form, case: Case) -> cmd.Command:
    if not noted(form):
        raise Wrong("update")
    return cmd.PostUpdate(case.by, case.text, case.seen)


def _link(form: Form, case: Case) -> cmd.Command:
    known: dict[str, Relation] = {one: one for one in RELATIONS}
    if form.get("relation", "") not in known:
        raise Wrong("relation")
    return cmd.Link(case.by, _to(form), known[form["relation"]], _reason(form), case.seen)


def _to(form: Form) -> str:
    return form.get("to", "").strip()


def _undo(form: Form, case: Case) -> cmd.Command:
    """The act that the bar names; it is offered by that alone."""
    deeds = deeds_of(form.get("act", ""))
    if len(deeds) != 1 or deeds[0].incident != case.state.id:
        raise Wrong("act")
    return cmd.Undo(case.by, deeds[0].seq)


def noted(form: Form) -> str:
    """The text of a note; '' where there is none."""
    return form.get("text", "").strip()[:LONGEST]


def _decide(form: Form, case: Case) -> cmd.Command:
    request = _request(form, case, "ask", "decide")
    return cmd.Answer(case.by, request, form.get("option", ""), form.get("text", "")[:LONGEST], case.seen)


def _still_firing(state: Incident, _: Form) -> bool:
    """Several alerts of its source fire on: resolving it ends all of them here."""
    return sum(one.firing for one in state.alerts.values()) > 1


def _lowered(state: Incident, form: Form) -> bool:
    return form.get("priority", "") > state.priority


def _yes(_: Incident, __: Form) -> bool:
    return True


ACTS: dict[str, Act] = {
    "acknowledge": Act("incident.acknowledge", _owning(cmd.Acknowledge)),
    "take-over": Act("incident.acknowledge", _owning(cmd.TakeOver), _owned, _yes),
    "unacknowledge": Act(
        "incident.acknowledge",
        lambda form, case: cmd.Unacknowledge(case.by, _reason(form), case.seen),
        _acknowledged,
        _yes,
    ),
    "answer": Act("incident.answer", _decide),
    "accept": Act("incident.answer", lambda form, case: cmd.Accept(case.by, _request(form, case, "offer"), case.seen)),
    "decline": Act(
        "incident.answer",
        lambda form, case: cmd.Decline(case.by, _declined(form, case), case.seen),
    ),
    "resolve": Act(
        "incident.resolve", lambda form, case: cmd.Resolve(case.by, _reason(form), case.seen), _live, _still_firing
    ),
    "reopen": Act("incident.resolve", lambda form, case: cmd.Reopen(case.by, _needed(form), case.seen), _resolved),
    "close": Act("incident.close", lambda _, case: cmd.Close(case.by, case.seen), _resolved, _yes),
    "escalate": Act("incident.escalate", _escalate),
    "reassign": Act("incident.reassign", _reassign),
    "snooze": Act(
        "incident.snooze", lambda form, case: cmd.Snooze(case.by, _when(form, "until", case), case.seen), _live
    ),
    "pending": Act(
        "incident.snooze",
        lambda form, case: cmd.Pend(case.by, _needed(form), _when(form, "until", case), case.seen),
    ),
    "note": Act("incident.note", _note, _always),
    "post-update": Act("incident.update", _update, _unclosed),
    "link": Act("incident.link", _link, _always),
    "unlink": Act(
        "incident.link", lambda form, case: cmd.Unlink(case.by, _to(form), _reason(form), case.seen), _linked
    ),
    "priority": Act("incident.priority", _priority, _live, _lowered),
    "undo": Act("incident.undo", _undo, _never),
}
"""Every act by its name in the address; the names are those of the API."""
