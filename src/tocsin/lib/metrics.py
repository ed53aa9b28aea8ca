"""What tocsin counts and measures, each number named and explained once, in Prometheus's text format.

No label holds a name, an address, a title or an incident: the numbers may be shown to anybody, and confidential
incidents are in none of them by name.
"""

from collections.abc import Sequence

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4"

_LATENESS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Described(Struct, frozen=True):
    """One number for the reference: its name as scraped, what it says, its labels."""

    name: str
    text: str
    labels: tuple[str, ...]


class Metrics:
    """All numbers of one process. Make one where the parts are joined and hand it down; there is no global one."""

    def __init__(self, *, process: bool = True) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._described: list[Described] = []
        if process:
            ProcessCollector(registry=self.registry)
        self._intake()
        self._engine()
        self._sending()

    def _intake(self) -> None:
        self.signals = self._counter(
            "tocsin_signals", "Signals accepted and committed, by source and what came of them.", "source", "outcome"
        )
        self.raw_signals = self._counter("tocsin_raw_signals", "Signals that could not be parsed and page.", "source")
        self.policy_reports = self._counter(
            "tocsin_policy_reports", "Breaches of the pages' content security policy that browsers told of."
        )
        self.refusals = self._counter(
            "tocsin_refused_requests", "Requests refused before anything was stored, by HTTP status.", "status"
        )
        self.accept_seconds = self._histogram(
            "tocsin_accept_seconds", "From a request's arrival to its answer after the commit.", _SECONDS
        )

    def _engine(self) -> None:
        self.commits = self._counter("tocsin_commits", "Transactions of the ledger, by how they ended.", "outcome")
        self.batch_size = self._histogram("tocsin_batch_size", "Commands that shared one transaction.", _SIZES)
        self.commit_seconds = self._histogram("tocsin_commit_seconds", "Time of one ledger transaction.", _SECONDS)
        self.waiting = self._gauge("tocsin_commands_waiting", "Commands accepted and not yet committed.")
        self.due_lateness = self._histogram(
            "tocsin_due_lateness_seconds", "How late a timer was taken up, against its due time.", _LATENESS
        )
        self.overdue = self._gauge("tocsin_overdue_seconds", "Lateness of the oldest timer that is due now.")
        self.live = self._gauge("tocsin_live_incidents", "Open or acknowledged incidents, by priority.", "priority")
        self.silent = self._gauge("tocsin_silent_incidents", "Live incidents without a next action; never above 0.")
        self.quarantined = self._counter("tocsin_quarantined_commands", "Commands whose deciding failed.")
        self.disk_free = self._gauge("tocsin_disk_free_ratio", "Free part of the disk of a SQLite database, 0 to 1.")
        self.clock_offset = self._gauge("tocsin_clock_offset_seconds", "This machine's clock against the database's.")

    def _sending(self) -> None:
        self.sends = self._counter(
            "tocsin_sends", "Tries to send, by method and outcome (sent, passing, permanent).", "method", "outcome"
        )
        self.send_seconds = self._histogram("tocsin_send_seconds", "Time of one try to send.", _SECONDS, "method")
        self.send_lateness = self._histogram(
            "tocsin_send_lateness_seconds", "From the time a message was due to its hand-over.", _LATENESS, "lane"
        )
        self.outbox = self._gauge("tocsin_outbox_messages", "Messages waiting to be sent.", "lane")
        self.withdrawn = self._counter("tocsin_withdrawn_messages", "Messages withdrawn unsent by an acknowledgement.")
        self.breaker = self._gauge(
            "tocsin_breaker_open", "1 while a provider is taken to be down, 0.5 while it is probed, else 0.", "method"
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        self._note(f"{name}_total", text, labels)
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        self._note(name, text, labels)
        return Gauge(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        self._note(name, text, labels)
        return Histogram(name, text, labels, registry=self.registry, buckets=buckets)

    def _note(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        self._described.append(Described(name, text, labels))

    def exposition(self) -> bytes:
        """The body of `GET /metrics`."""
        return generate_latest(self.registry)

    def described(self) -> tuple[Described, ...]:
        """Every number with its meaning, for the reference."""
        return tuple(self._described)
