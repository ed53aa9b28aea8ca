"""The figures of many runs as charts: how long until a human heard, until one acted, who was called, and when."""

from collections.abc import Mapping, Sequence

from tocsin.core.instant import HOUR, MINUTE, Duration, format_duration
from tocsin.lab.charts import Chart, Row
from tocsin.lab.measure import Measured
from tocsin.lab.summary import HourShare, Summary, binned

EDGES: tuple[Duration, ...] = (
    0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, 45 * MINUTE, HOUR, 2 * HOUR,
    4 * HOUR,
)  # fmt: skip
MOST_PEOPLE = 30


def charts_of(summary: Summary, measured: Sequence[Measured], names: Mapping[str, str]) -> tuple[Chart, ...]:
    """Four charts; their file names are their own."""
    reached = _distribution(
        "time-to-a-human",
        "Time to a human",
        "How long after the opening the first call reached somebody.",
        [one.reached for one in measured],
    )
    acknowledged = _distribution(
        "time-to-acknowledgement",
        "Time to acknowledgement",
        "How long after the opening the first one said: I am working on it.",
        [one.acknowledged for one in measured],
    )
    return reached, acknowledged, _people(summary, names), _hours(summary)


def _distribution(name: str, title: str, about: str, values: Sequence[int | None]) -> Chart:
    bins = binned(values, EDGES)
    total = max(len(values), 1)
    rows = tuple(Row(_span(one.start, one.end), one.runs, _percent(one.runs / total)) for one in bins)
    return Chart(name, title, f"{about} Share of {len(values):,} runs.", rows, ("after", "runs"), ("share of runs", ""))


def _people(summary: Summary, names: Mapping[str, str]) -> Chart:
    rows = tuple(
        Row(names.get(one.person, "") or one.person, one.pages, _count(one.pages), one.night)
        for one in summary.people[:MOST_PEOPLE]
    )
    left = len(summary.people) - len(rows)
    more = f" {left} more were called less." if left > 0 else ""
    about = f"Calls to each person in {summary.runs:,} runs, and how many of them at night.{more}"
    return Chart("calls-per-person", "Calls per person", about, rows, ("person", "calls"), ("calls", "at night"))


def _hours(summary: Summary) -> Chart:
    about = "Time to acknowledgement that 95 in 100 do not exceed, by the hour of opening on the organisation's clock."
    never = max((one.acknowledged_p95 or 1 for one in summary.hours), default=1)  # longer than anything, so no stub
    rows = tuple(
        Row(f"{one.hour:02}:00", _length(one, never), _said(one.acknowledged_p95, one.runs)) for one in summary.hours
    )
    legend = ("95 in 100 within this time", "")
    return Chart("by-hour", "Acknowledged by the hour of the opening", about, rows, ("hour", "p95"), legend)


def _length(one: HourShare, never: Duration) -> Duration:
    return (never if one.acknowledged_p95 is None else one.acknowledged_p95) if one.runs else 0


def _said(p95: int | None, runs: int) -> str:
    if not runs:
        return "-"
    return "never" if p95 is None else format_duration(p95 - p95 % MINUTE if p95 >= MINUTE else p95)


def _span(start: Duration, end: Duration | None) -> str:
    """`under 1m`, `1m to 2m`, `4h or more`."""
    if end is None:
        return f"{format_duration(start)} or never"
    return f"{format_duration(start)} to {format_duration(end)}" if start else f"under {format_duration(end)}"


def _count(n: int) -> str:
    """In at most nine signs, for that is the room there is."""
    return f"{n:,}" if n < 10_000_000 else f"{n / 1_000_000:,.0f} M"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
