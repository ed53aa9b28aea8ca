"""What tocsin has to report about itself: an incident like any other, through the same door."""

from tocsin.core.ids import SourceId
from tocsin.core.incident.commands import Report
from tocsin.core.instant import Instant
from tocsin.core.signal import Action, Signal
from tocsin.engine.submission import Submission

SCOPE = "tocsin"


def about_ourselves(key: str, title: str, text: str, now: Instant, action: Action = "trigger") -> Submission:
    """A report under our own scope; while an incident of that `key` is live, it joins it or ends it."""
    signal = Signal(key=key, action=action, title=title, text=text[:2000], severity="critical")
    return Submission(f"{SCOPE}:{key}:{now}", Report(SourceId(SCOPE), SCOPE, (signal,)), key=(SCOPE, key))
