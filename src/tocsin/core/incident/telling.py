"""What a fact says to people: a sentence for the timeline, and the reason beside it where there is one."""

from collections.abc import Iterable

from msgspec import Struct

from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Lease
from tocsin.core.phrase import Phrase


class Told(Struct, frozen=True):
    """`what` happened and `why`. Values named `person`, `by` and `people` hold ids; whoever shows them knows names."""

    what: Phrase
    why: Phrase | None = None


def tell(event: ev.Event) -> Told:
    """The sentence of one fact; its time and lateness are told beside it."""
    if isinstance(event, ev.SignalEvent):
        return _signal(event)
    if isinstance(event, ev.SiblingEvent):
        return _sibling(event)
    if isinstance(event, ev.RuleEvent):
        return _rule(event)
    if isinstance(event, ev.FunctionalEvent):
        return _functional(event)
    if isinstance(event, ev.PagingEvent):
        return _paging(event)
    if isinstance(event, ev.HierarchicalEvent):
        return _hierarchical(event)
    if isinstance(event, ev.OwnerEvent):
        return _owner(event)
    if isinstance(event, ev.RequestEvent):
        return _request(event)
    return _end(event) if isinstance(event, ev.EndEvent) else _overlay(event)


def _signal(event: ev.SignalEvent) -> Told:
    match event:
        case ev.Opened():
            told = _say("opened", priority=event.priority, team=event.team, policy=event.policy, by=_source(event))
            return Told(told, next((one for one in event.why if one.key == "opened.after"), None))
        case ev.Signalled():
            return Told(_say(f"signalled.{event.signal.action}", by=_source(event), alert=event.signal.title))
        case ev.Repeated():
            return Told(_say("repeated", n=event.n))
        case ev.Ignored():
            return Told(_say("ignored"), event.why)
        case ev.Suspended():
            return Told(_say("suspended", by=event.source))
        case ev.SuspensionEnded():
            return Told(_say("suspension_ended"))


def _sibling(event: ev.SiblingEvent) -> Told:
    match event:
        case ev.Overflowed():
            return Told(_say("overflowed", n=event.n, incident=event.siblings[-1]))
        case ev.HeldBeside():
            return Told(_say("held_beside", incident=event.first))
        case ev.Stood():
            return Told(_say("stood"), event.why)
        case ev.Succeeded():
            return Told(_say("succeeded", incident=event.by))


def _rule(event: ev.RuleEvent) -> Told:
    match event:
        case ev.Prioritised():
            return Told(_say("prioritised", priority=event.priority), event.why)
        case ev.Flagged():
            return Told(_say("flagged", criteria=", ".join(event.criteria)))
        case ev.Repoliced():
            return Told(_say("repoliced", policy=event.policy))
        case ev.Found():
            return Told(_say("found"), event.finding)


def _functional(event: ev.FunctionalEvent) -> Told:
    match event:
        case ev.StepEntered():
            called = _people(event.cursor.called)
            key = "step_entered" if called and event.why.key != "step.acknowledged" else "step_waits"
            told = _say(key, step=event.cursor.position + 1, lap=event.cursor.lap + 1, people=called)
            return Told(told, event.chosen or event.why)
        case ev.StepPassed():
            return Told(_say("step_passed", step=event.position + 1, lap=event.lap + 1), event.why)
        case ev.Called():
            return Told(_say("called", person=event.person))
        case ev.Exhausted():
            return Told(_say("exhausted"))
        case ev.Rescued():
            return Told(_say("rescued", round=event.round), event.why)
        case ev.Assigned():
            return Told(_say("assigned", person=event.person, by=event.by))


def _paging(event: ev.PagingEvent) -> Told:
    match event:
        case ev.Paged():
            methods = ", ".join(ring.method for ring in event.round.rings if ring.at <= event.at)
            told = _say(f"paged.{event.round.purpose}", person=event.round.person, methods=methods)
            return Told(told, event.round.causes[-1])
        case ev.CauseAdded():
            return Told(_say("cause_added"), event.cause)
        case ev.Rang():
            return Told(_say("rang", methods=", ".join(event.methods)), event.why)
        case ev.Delivery():
            told = _say(f"delivery.{event.outcome}", person=event.person, method=event.method)
            return Told(told, _detail(event.detail))
        case ev.Unreachable():
            return Told(_say("unreachable", person=event.person))
        case ev.Undelivered():
            return Told(_say("undelivered", person=event.person))


def _hierarchical(event: ev.HierarchicalEvent) -> Told:
    match event:
        case ev.RungFired():
            return Told(_say("rung_fired", step=event.index + 1), event.why)
        case ev.RungSkipped():
            return Told(_say("rung_skipped", step=event.index + 1))
        case ev.RungUnmatched():
            return Told(_say("rung_unmatched", step=event.index + 1))
        case ev.Replanned():
            return Told(_say("replanned"), event.why)
        case ev.Informed():
            people = _people((*event.people, *event.channels))
            return Told(_say("informed" if people else "informed_nobody", people=people), event.text)


def _owner(event: ev.OwnerEvent) -> Told:
    match event:
        case ev.Acknowledged():
            return Told(_say(_acknowledged(event.lease), by=event.by))
        case ev.Renewed():
            return Told(_say("renewed", by=event.by))
        case ev.LeaseAsked():
            return Told(_say("lease_asked"))
        case ev.AcknowledgementEnded():
            return Told(_say("acknowledgement_ended"), event.why)
        case ev.HandedOver() if event.why.key == "handover.step":
            return Told(_say("handed_over_by_policy", team=event.team))
        case ev.HandedOver():
            return Told(_say("handed_over", team=event.team), event.why)


def _acknowledged(lease: Lease | None) -> str:
    if lease is None:
        return "joined"
    return "acknowledged_by_link" if lease.soft else "acknowledged"


def _request(event: ev.RequestEvent) -> Told:
    match event:
        case ev.Asked():
            told = _say(f"asked.{event.request.purpose}", people=_people(event.request.current))
            return Told(told, event.request.text)
        case ev.Climbed():
            return Told(_say("climbed", people=_people(event.request.current)), event.why)
        case ev.Answered():
            return Told(_answered(event))
        case ev.Declined():
            return Told(_say("declined.request" if event.request else "declined.page", by=event.by))
        case ev.RequestEnded():
            return Told(_say("request_ended"), event.why)


def _overlay(event: ev.OverlayEvent) -> Told:
    match event:
        case ev.Snoozed():
            return Told(_say("snoozed", by=event.by))
        case ev.SnoozeEnded() if event.why.key.startswith("snooze."):
            return Told(event.why)
        case ev.SnoozeEnded():
            return Told(_say("snooze_ended"), event.why)
        case ev.Pended():
            return Told(_say("pended", by=event.by, reason=event.reason))
        case ev.PendingEnded():
            return Told(_say("pending_ended"), None if event.why.key == "pending.over" else event.why)
        case ev.Noted():
            return Told(_say("noted", by=event.by))
        case ev.Posted():
            told = _people(event.told)
            return Told(_say("posted" if told else "posted_to_nobody", by=event.by, people=told), event.why)
        case ev.Linked():
            key = f"linked_back.{event.relation}" if event.back else f"linked.{event.relation}"
            return Told(_say(key, by=event.by, to=event.to), _detail(event.reason))
        case ev.Unlinked():
            return Told(_say("unlinked", by=event.by, to=event.to), _detail(event.reason))
        case ev.Late():
            return Told(_say(f"late.{event.command}", by=event.by))
        case ev.Undone():
            return Told(_say(f"undone.{event.act}", by=event.by))


def _end(event: ev.EndEvent) -> Told:
    match event:
        case ev.Resolved():
            told = _say("resolved", by=event.by) if event.by else _say("resolved_itself")
            return Told(told, _reason(event.why) if event.why.key == "resolve.by" else event.why)
        case ev.Reopened():
            fires = event.flap and event.by.startswith("source:")
            return Told(_say("reopened_flap" if fires else "reopened", by=event.by))
        case ev.FlappingBegan():
            return Told(_say("flapping_began"))
        case ev.FlappingWent():
            return Told(_say("flapping_went"))
        case ev.FlappingEnded():
            return Told(_say("flapping_ended"))
        case ev.Closed():
            return Told(_say("closed", by=event.by) if event.by else _say("closed_itself"))


def _answered(event: ev.Answered) -> Phrase:
    if event.default:
        return _say("answered.default", option=event.option)
    return _say("answered.option" if event.option else "answered.seen", by=event.by, option=event.option)


def _source(event: ev.Opened | ev.Signalled) -> str:
    by_person = event.signal.reported_by == "person" and event.signal.reporter
    return event.signal.reporter if by_person else f"source:{event.source}"


def _detail(text: str) -> Phrase | None:
    return Phrase("timeline.detail", {"detail": text}) if text else None


def _reason(by_whom: Phrase) -> Phrase | None:
    """What somebody gave as a reason; who it was is told already."""
    return _detail(by_whom.values.get("reason", ""))


def _people(people: Iterable[str]) -> str:
    return ", ".join(people)


def _say(key: str, **values: object) -> Phrase:
    return Phrase(f"timeline.{key}", {name: str(value) for name, value in values.items()})
