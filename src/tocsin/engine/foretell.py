"""What happens next to an incident if nobody acts, as one sentence for a letter."""

from collections.abc import Mapping

from tocsin.core.incident.due import next_timer
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant, format_duration
from tocsin.core.world import World
from tocsin.lib.translate import text


def sentence(state: Incident, world: World, now: Instant, names: Mapping[str, str]) -> str:  # noqa: ARG001
    """`In 5m the next step begins`; '' when nothing will happen by itself."""
    timer = next_timer(state)
    if timer is None:
        return ""
    return text(f"timer.{timer.kind}", {"in": format_duration(max(timer.at - now, 0) + 999_999)})
