"""What happens next to an incident if nobody acts, as one sentence for a letter."""

from collections.abc import Mapping

from tocsin.core.incident.preview import preview
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.phrase import by_id, named
from tocsin.core.world import World
from tocsin.lib.moments import span
from tocsin.lib.translate import say, text


def sentence(state: Incident, world: World, now: Instant, names: Mapping[str, str], language: str) -> str:
    """`In 5 min: Eve Martin is paged`, by the same rules that will do it; '' when nothing will happen by itself."""
    coming = preview(state, world, now)
    if coming is None:
        return ""
    told = say(named(coming.what, by_id(names)), language)
    if coming.at <= now:
        return told
    return text("letter.in", {"in": _rounded(coming.at - now, language), "what": told}, language)


def _rounded(wait: int, language: str) -> str:
    """Minutes where it is minutes: nobody reads seconds of an hour."""
    return span(wait - wait % MINUTE if wait >= 10 * MINUTE else wait + 999_999, language=language)
