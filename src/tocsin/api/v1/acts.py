"""What can be done to an incident: one small body for each act, made into the command of the same name."""

from collections.abc import Callable
from typing import Any, Literal

from litestar import post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.access.about import about_incident, about_person
from tocsin.access.permissions import Verb
from tocsin.api.here import Asked, Here, allow, allow_with, caller_of, forbidden, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid, person_of, reason_of, target_of, time_of
from tocsin.api.v1.incidents import found, no_incident, show, visible
from tocsin.api.v1.views import Whole
from tocsin.core.catalogue.priority import Priority
from tocsin.core.decider import Refused
from tocsin.core.ids import RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.linking import not_linked
from tocsin.core.incident.state import Incident, Relation
from tocsin.core.instant import Instant
from tocsin.core.rulebook import Rulebook
from tocsin.engine.submission import Answer, Submission
from tocsin.store.contract import Text

ONCE_LIMIT = 200
TEXT_LIMIT = 64 * 1024


class Order(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`by` is a person's id; `seen` the seq that was read: acting on what has changed since is refused."""

    by: str = ""
    seen: int | None = None


class Owning(Order, frozen=True, kw_only=True):
    """`eta`: when it will be done, as a time or a duration.

    Example: {"by": "ana", "eta": "30m", "seen": 7}
    """

    eta: str = ""


class Reasoned(Order, frozen=True, kw_only=True):
    reason: str = ""


class Answering(Order, frozen=True, kw_only=True):
    """`request` is the id of an open ask, decision or offer."""

    request: str = ""
    option: str = ""
    text: str = ""


class Escalating(Order, frozen=True, kw_only=True):
    """Without a target the ladder's next step comes now.

    Example: {"reason": "No progress for an hour", "ladder": "hierarchical"}
    """

    reason: str
    ladder: Literal["functional", "hierarchical"] = "functional"
    target: str = ""


class Reassigning(Order, frozen=True, kw_only=True):
    """`to` is `team:ID` or `person:ID`.

    Example: {"to": "team:payments", "reason": "their database"}
    """

    to: str
    reason: str = ""


class Resting(Order, frozen=True, kw_only=True):
    """`until` as a time or a duration; without one the priority's default."""

    until: str = ""


class Pending(Resting, frozen=True, kw_only=True):
    """`reason`: whom or what it waits for; an SLA may pause on it."""

    reason: str = ""


class Noting(Order, frozen=True, kw_only=True):
    text: str


class Updating(Order, frozen=True, kw_only=True):
    """`text`: news for those who are informed, in words that everybody understands. `seen` guards against old news.

    Example: {"by": "ana", "text": "Orders go through again. We are watching it."}
    """

    text: str


class Linking(Order, frozen=True, kw_only=True):
    """`to` is the number of an incident, or the key or address of a problem where that is kept.

    Example: {"to": "INC-12", "relation": "duplicate_of", "reason": "the same disk"}
    """

    to: str
    relation: Relation = "related"
    reason: str = ""


class Unlinking(Order, frozen=True, kw_only=True):
    """`to` as it was linked.

    Example: {"to": "INC-12"}
    """

    to: str
    reason: str = ""


class Judging(Order, frozen=True, kw_only=True):
    priority: Priority
    reason: str


class Undoing(Order, frozen=True, kw_only=True):
    """`act` is the seq that was answered to the act; without one it is the last that is one's own.

    Example: {"by": "ana", "act": 12}
    """

    act: int | None = None


class Case(Struct, frozen=True):
    """What making a command may need: who does it, the time, the rules, and the key of a stored text."""

    by: str
    now: Instant
    rulebook: Rulebook
    text: str = ""


class Act(Struct, frozen=True):
    """One act: who may, what it takes, the command it is. `personal` ones are done by a person, never by a token."""

    verb: Verb
    takes: type[Any]
    make: Callable[[Any, Case], cmd.Command]
    personal: bool = False


def _owning(kind: type[cmd.Acknowledge] | type[cmd.TakeOver]) -> Callable[[Owning, Case], cmd.Command]:
    return lambda order, case: kind(case.by, time_of(order.eta, case.now, "eta"), order.seen)


def _request(order: Answering) -> RequestId:
    if not order.request:
        raise invalid("request: say which one.", "Open requests stand in the incident under `requests`.")
    return RequestId(order.request)


def _answer(order: Answering, case: Case) -> cmd.Command:
    return cmd.Answer(case.by, _request(order), order.option, order.text[:TEXT_LIMIT], order.seen)


def _escalate(order: Escalating, case: Case) -> cmd.Command:
    target = target_of(order.target, case.rulebook, "target") if order.target else None
    return cmd.Escalate(case.by, order.ladder, reason_of(order.reason), target, order.seen)


def _pend(order: Pending, case: Case) -> cmd.Command:
    if not order.reason.strip():
        raise invalid("reason: say whom or what it waits for.")
    return cmd.Pend(case.by, order.reason, time_of(order.until, case.now, "until"), order.seen)


ACTS: dict[str, Act] = {
    "acknowledge": Act("incident.acknowledge", Owning, _owning(cmd.Acknowledge), personal=True),
    "take-over": Act("incident.acknowledge", Owning, _owning(cmd.TakeOver), personal=True),
    "unacknowledge": Act(
        "incident.acknowledge", Reasoned, lambda order, case: cmd.Unacknowledge(case.by, order.reason, order.seen)
    ),
    "answer": Act("incident.answer", Answering, _answer, personal=True),
    "accept": Act(
        "incident.answer",
        Answering,
        lambda order, case: cmd.Accept(case.by, _request(order), order.seen),
        personal=True,
    ),
    "decline": Act(
        "incident.answer",
        Answering,
        lambda order, case: cmd.Decline(case.by, RequestId(order.request), order.seen),
        personal=True,
    ),
    "resolve": Act("incident.resolve", Reasoned, lambda order, case: cmd.Resolve(case.by, order.reason, order.seen)),
    "reopen": Act("incident.resolve", Reasoned, lambda order, case: cmd.Reopen(case.by, order.reason, order.seen)),
    "close": Act("incident.close", Order, lambda order, case: cmd.Close(case.by, order.seen)),
    "escalate": Act("incident.escalate", Escalating, _escalate),
    "reassign": Act(
        "incident.reassign",
        Reassigning,
        lambda order, case: cmd.Reassign(case.by, target_of(order.to, case.rulebook, "to"), order.reason, order.seen),
    ),
    "snooze": Act(
        "incident.snooze",
        Resting,
        lambda order, case: cmd.Snooze(case.by, time_of(order.until, case.now, "until"), order.seen),
    ),
    "pending": Act("incident.snooze", Pending, _pend),
    "note": Act("incident.note", Noting, lambda order, case: cmd.Note(case.by, case.text, order.seen)),
    "post-update": Act("incident.update", Updating, lambda order, case: cmd.PostUpdate(case.by, case.text, order.seen)),
    "link": Act(
        "incident.link",
        Linking,
        lambda order, case: cmd.Link(case.by, order.to, order.relation, order.reason, order.seen),
    ),
    "unlink": Act(
        "incident.link", Unlinking, lambda order, case: cmd.Unlink(case.by, order.to, order.reason, order.seen)
    ),
    "priority": Act(
        "incident.priority",
        Judging,
        lambda order, case: cmd.SetPriority(case.by, order.priority, reason_of(order.reason), order.seen),
    ),
    "undo": Act("incident.undo", Undoing, lambda order, case: cmd.Undo(case.by, order.act, order.seen)),
}
"""Every act by its name in the address."""


@post("/incidents/{incident:str}/{act:str}", opt={"verb": "incident.read", "each": ACTS}, status_code=200)
async def do(request: Asked, incident: FromPath[str], act: FromPath[str]) -> Whole:
    """Carry out one act; the incident as it stands afterwards."""
    known = ACTS.get(act)
    if known is None:
        raise Problem(404, "unknown", f"There is no act {act[:40]}.", f"There are {', '.join(ACTS)}.")
    allow(caller_of(request), known.verb)
    at = here(request)
    state = await sync_to_thread(at.read, lambda connection: visible(at, connection, request, incident))
    _may(at, request, state, known)
    await perform(request, state, act, await body_of(request, known.takes))
    return await sync_to_thread(show, at, request, incident)


def _may(at: Here, request: Asked, state: Incident, known: Act) -> None:
    about = about_incident(state, at.site.worlds.world().rulebook)
    allow_with(caller_of(request), known.verb, about, no_incident(state.id))


async def perform(request: Asked, state: Incident, act: str, order: Order) -> Answer:
    """Carry out an act on an incident that exists for the caller. Raises Problem where it is refused."""
    at = here(request)
    _may(at, request, state, ACTS[act])
    await sync_to_thread(_exists, at, request, state, order)
    answer = await at.site.door.submit(_submission(at, request, state.id, act, order))
    if answer.refused is not None:
        raise await sync_to_thread(_refused, at, request, answer, answer.refused)
    return answer


def _exists(at: Here, request: Asked, state: Incident, order: Order) -> None:
    """What is on the other side of a link: a hidden incident is answered for as one that does not exist."""
    if isinstance(order, Linking) and order.relation != "problem":
        if order.to != state.id and at.read(lambda connection: found(at, connection, request, order.to)) is None:
            raise invalid(f"to: there is no incident {order.to[:80]}.")
    elif isinstance(order, Unlinking):
        linked = next((one for one in state.linked if one.to == order.to and one.relation != "problem"), None)
        if linked and at.read(lambda connection: found(at, connection, request, order.to)) is None:
            raise _refused(at, request, Answer("", state.id, "refused"), not_linked(order.to))


def _submission(at: Here, request: Asked, incident: str, act: str, order: Order) -> Submission:
    known, rulebook = ACTS[act], at.site.worlds.world().rulebook
    caller = caller_of(request)
    by = person_of(order.by, rulebook) if order.by else caller.by
    if known.personal and not order.by and caller.person is None:
        raise invalid("by: say who does it.", 'Give the id of a person, such as {"by": "ana"}.')
    if order.by and order.by != caller.person:
        about = about_person(order.by, rulebook)
        allow_with(caller, "incident.speak-for", about, forbidden(caller, "incident.speak-for"))
    texts = (Text(str(uuid7()), _note(order)),) if isinstance(order, Noting | Updating) else ()
    command = known.make(order, Case(by, at.now(), rulebook, texts[0].key if texts else ""))
    once = once_of(request)
    id_ = f"api:{caller.name}:{incident}:{act}:{once}" if once else str(uuid7())
    return Submission(id_, command, incident, texts=texts, once=bool(once))


def once_of(request: Asked) -> str:
    """The Idempotency-Key, '' where there is none. Raises Problem 400."""
    once = request.headers.get("idempotency-key", "")
    if len(once) > ONCE_LIMIT:
        raise Problem(400, "idempotency-key", f"An Idempotency-Key has at most {ONCE_LIMIT} characters.")
    return once


def _note(order: Noting | Updating) -> str:
    if not order.text.strip():
        raise invalid(f"text: the {'note' if isinstance(order, Noting) else 'update'} is empty.")
    return order.text[:TEXT_LIMIT]


_STATUS = {
    "unknown": 404,
    "unknown_request": 404,
    "not_asked": 403,
    "not_yours": 403,
    "invalid": 422,
    "failed": 500,
    "busy": 503,
}
"""By the code of a refusal; what contradicts the incident's state is 409."""


def _refused(at: Here, request: Asked, answer: Answer, why: Refused) -> Problem:
    status, told = _STATUS.get(why.code, 409), _sentence(why.text, at.site.worlds.world().rulebook)
    if status != 409:
        return Problem(status, why.code, told, retry_after=5 if status == 503 else None)
    state = at.read(lambda connection: visible(at, connection, request, answer.incident))
    now = {"status": state.status, "priority": state.priority, "owner": state.owner, "seq": state.seq}
    hint = "Look again, then decide." if why.code == "stale" else ""
    return Problem(409, why.code, told, hint, incident=now)


def _sentence(text: str, rulebook: Rulebook) -> str:
    """A sentence begins with a capital; the id of a person or a target stays as it is."""
    first = text.partition(" ")[0]
    is_name = ":" in first or first in rulebook.people
    return f"{text if is_name else text[:1].upper() + text[1:]}."
