"""What an incident is linked with, and the latest news for those who are informed, as programs see them."""

from collections.abc import Mapping, Sequence

from tocsin.api.v1.plain import when
from tocsin.api.v1.views import LinkView, UpdateView
from tocsin.core.incident import events as ev
from tocsin.core.incident.linking import seen_from
from tocsin.core.incident.state import Incident
from tocsin.lib.translate import say


def links_of(state: Incident, there: Mapping[str, Incident], base: str) -> tuple[LinkView, ...]:
    """Problems, and those incidents that exist for whoever asks (`there`)."""
    found = []
    for one in state.linked:
        if one.relation == "problem":
            found.append(LinkView(one.to, one.relation, one.to if "://" in one.to else None))
        elif (other := there.get(one.to)) is not None:
            found.append(LinkView(one.to, seen_from(one), base + one.to, other.title, other.status))
    return tuple(found)


def latest_update(past: Sequence[ev.Event]) -> list[ev.Posted]:
    """The latest one, if there is any."""
    return [one for one in reversed(past) if isinstance(one, ev.Posted)][:1]


def update_of(event: ev.Posted, words: Mapping[str, str]) -> UpdateView:
    """One update; its words are gone where they were forgotten."""
    hint = None if event.why is None else say(event.why)
    return UpdateView(when(event.at), event.by, words.get(event.text, ""), tuple(event.told), hint)
