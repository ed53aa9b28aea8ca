"""What the doctor looks at, one function each."""

import os
import platform
import stat
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec import Struct
from sqlalchemy import func, select

from tocsin import __version__
from tocsin.channels import registry as channels
from tocsin.cli.folding import anew, fold
from tocsin.cli.output import MistakeError
from tocsin.cli.reading import exists, shown
from tocsin.cli.remote import find
from tocsin.cli.rules import Rules, rules_of_store
from tocsin.cli.times import show_time
from tocsin.core.instant import MINUTE, SECOND, format_duration
from tocsin.engine.clock import SystemClock
from tocsin.engine.ready import TOLERATED, Health
from tocsin.engine.reserve import Level, judged
from tocsin.intake import registry as intakes
from tocsin.lib.secrets import older, stamped
from tocsin.store import ballast, sink
from tocsin.store.audit import Tallied, verify
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.queries.silent import silent
from tocsin.store.queries.source_keys import live_keys
from tocsin.store.roots import after
from tocsin.store.tables import events, quarantine
from tocsin.store.url import parse

GRACE = MINUTE
"""What is this late is not being served."""


class Finding(Struct, frozen=True):
    """What one look found."""

    check: str
    state: Literal["ok", "warning", "error"]
    text: str
    hint: str = ""


class Patient:
    """One installation, looked at from outside: its database, its environment, its files."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.file = parse(database).file
        self.clock = SystemClock()
        self._ledger: SqlLedger | None = None

    @property
    def ledger(self) -> SqlLedger:
        """The store, for reading."""
        if self._ledger is None:
            self._ledger = open_ledger(self.database, write=False, remembered=0)
        return self._ledger

    @cached_property
    def served(self) -> bool:
        """Whether a server answers; on PostgreSQL nobody can tell from here."""
        return find(self.file) is not None

    @property
    def secret_file(self) -> Path:
        """Where a server that was started here keeps its secret, unless TOCSIN_SECRET is set."""
        return (self.file or Path("tocsin.db")).with_suffix(".secret")

    @cached_property
    def secret(self) -> bytes | None:
        """The instance's secret, None where it is not known here."""
        given = os.environ.get("TOCSIN_SECRET", "").encode()
        if given or not self.secret_file.exists():
            return given or None
        return self.secret_file.read_bytes().strip()

    @cached_property
    def old_secrets(self) -> tuple[bytes, ...]:
        """Those that came before it and are known here."""
        return older(self.secret_file.with_suffix(".secret.old"), os.environ.get("TOCSIN_SECRET_OLD", ""))

    def signed(self, digest: bytes, signature: bytes) -> bool:
        """Whether a root was signed here; every one passes where the secret is not known."""
        return self.secret is None or stamped("root", digest, signature, self.secret, *self.old_secrets)

    @cached_property
    def rules(self) -> Rules | None:
        """What is in force."""
        return rules_of_store(self.database)

    def close(self) -> None:
        """Let go of the store."""
        if self._ledger is not None:
            self._ledger.close()


def program(_: Patient) -> Iterator[Finding]:
    """Which versions run here."""
    import pysqlite3.dbapi2 as driver

    versions = f"tocsin {__version__}, Python {platform.python_version()}, SQLite {driver.sqlite_version}"
    yield Finding("program", "ok", versions)


def database(patient: Patient) -> Iterator[Finding]:
    """Whether there is one, and it opens."""
    where = shown(patient.database)
    if not exists(patient.database):
        yield Finding("database", "error", f"there is none at {where}", "give --database URL, or start tocsin serve")
        return
    with patient.ledger.read():
        yield Finding("database", "ok", f"{where} opens")
    if patient.file is not None:
        served = "a server runs on it" if patient.served else "no server runs on it: nothing is sent"
        yield Finding("server", "ok" if patient.served else "warning", served)


def disk(patient: Patient) -> Iterator[Finding]:
    """Whether there is room beside a SQLite file, and ballast for the day when there is none."""
    if patient.file is None or not patient.file.exists():
        return
    found = ballast.space(patient.file)
    kept = f"{found.ballast >> 20} MiB of ballast" if found.ballast else "no ballast"
    short = judged(found.share, Level.AMPLE) > Level.AMPLE or (patient.served and not found.ballast)
    text, hint = f"{found.share:.0%} of it is free, {kept}", "make room; at 10 % somebody is paged"
    yield Finding("disk", "warning" if short else "ok", text, hint if short else "")


def memory(patient: Patient) -> Iterator[Finding]:
    """Snapshots, chains, CHECKs, the file itself."""
    if not exists(patient.database):
        return
    looked = Tallied()
    clean = True
    with patient.ledger.read() as connection:
        for wrong in verify(connection, fold, patient.signed, looked, anew):
            clean = False
            yield Finding(wrong.code, "error", f"{wrong.place}: {wrong.text}", wrong.hint)
    if clean:
        seen = f"{looked.streams} streams, {looked.events} events, {looked.roots} roots"
        yield Finding("memory", "ok", f"{seen}: snapshots are what their events make, chains and CHECKs are whole")


def roots(patient: Patient) -> Iterator[Finding]:
    """Whether what was signed is known to be signed by us, and is what was told outside."""
    if not exists(patient.database):
        return
    with patient.ledger.read() as connection:
        signed = after(connection)
    if signed and patient.secret is None:
        hint = "set TOCSIN_SECRET as where the server runs"
        yield Finding("roots", "warning", f"whether {len(signed)} roots were signed by us is not known here", hint)
    place = os.environ.get("TOCSIN_ROOTS", "")
    if not place:
        hint = "set TOCSIN_ROOTS to a file on another disk where the server runs"
        yield Finding("roots", "warning", "TOCSIN_ROOTS is not set here: roots are told to the log alone", hint)
        return
    try:
        found = list(sink.compare(Path(place), signed))
    except OSError as problem:
        if signed or not isinstance(problem, FileNotFoundError):
            yield Finding("roots", "error", f"{place} cannot be read: {problem.strerror}", "look at TOCSIN_ROOTS")
            return
        found = []
    for wrong in found:
        passing = wrong.code in {"root-untold", "sink-unreadable"}
        yield Finding(wrong.code, "warning" if passing else "error", f"{wrong.place}: {wrong.text}", wrong.hint)
    if not found:
        yield Finding("roots", "ok", f"{len(signed)} roots, each as it was told to {place}")


def silence(patient: Patient) -> Iterator[Finding]:
    """Whether everything live has a next action, and it is taken in time."""
    if not exists(patient.database):
        return
    with patient.ledger.read() as connection:
        mute, late = silent(connection, patient.clock.now(), GRACE)
        aside = connection.execute(select(func.count()).select_from(quarantine)).scalar_one()
    if mute:
        yield Finding("silence", "error", f"no next action: {', '.join(mute)}", "acknowledge or resolve them by hand")
    if late:
        ids = f"{', '.join(late[:10])}{' ...' if len(late) > 10 else ''}"
        served = patient.served or patient.file is None
        hint = "look at the server's log and /ready" if served else "start tocsin serve"
        yield Finding("silence", "error" if served else "warning", f"overdue by more than a minute: {ids}", hint)
    if not mute and not late:
        yield Finding("silence", "ok", "every live incident has a next action, and none is late")
    if aside:
        hint = "each opened a raw incident; report them to tocsin's makers"
        yield Finding("quarantine", "warning", f"{aside} commands could not be decided and are kept aside", hint)


def clock(patient: Patient) -> Iterator[Finding]:
    """Our clock against the database's, and against the last thing that happened."""
    if not exists(patient.database):
        return
    offset = Health(patient.ledger, patient.clock).measure()
    with patient.ledger.read() as connection:
        last = connection.execute(select(func.max(events.c.at))).scalar() or 0
    ahead = last - patient.clock.now()
    hint = "set the machine's clock by NTP"
    if abs(offset) > TOLERATED:
        yield Finding("clock", "error", f"{offset / SECOND:+.1f} s off the database's: nothing is claimed", hint)
    elif ahead > TOLERATED:
        text = f"the last event is {format_duration(ahead)} in the future, at {show_time(last, 'UTC')}"
        yield Finding("clock", "error", text, hint)
    else:
        yield Finding("clock", "ok", "in step with the store")


def rulebook(patient: Patient) -> Iterator[Finding]:
    """Whether one is in force, and loads."""
    if not exists(patient.database):
        return
    try:
        rules = patient.rules
    except MistakeError as problem:
        yield Finding("rulebook", "error", problem.what, problem.hint)
        return
    if rules is None:
        yield Finding("rulebook", "error", "none is in force", "tocsin apply PATH, or tocsin serve --rulebook PATH")
        return
    book = rules.rulebook
    counts = f"{len(book.people)} people, {len(book.services)} services, {len(book.policies)} policies"
    yield Finding("rulebook", "ok", f"{book.organisation}: {counts} (digest {book.digest[:12]})")
    nobody = [person for person in book.people if not rules.facts.methods.get(person)]
    broken = [person for person, ways in rules.facts.methods.items() if "broken" in ways.values()]
    if nobody:
        yield Finding("people", "warning", f"no address: {', '.join(nobody)}", "give them one in the rulebook")
    if broken:
        yield Finding("people", "warning", f"an address failed for good: {', '.join(broken)}", "apply another")


def adapters(patient: Patient) -> Iterator[Finding]:
    """What was found, and what could not be loaded."""
    yield Finding("intakes", "ok", ", ".join(sorted(intakes.intakes())))
    yield Finding("channels", "ok", ", ".join(sorted(channels.kinds())))
    for kind, gone in (("intakes", intakes.absent()), ("channels", channels.absent())):
        for one in gone:
            yield Finding(kind, "error", f"{one.name} could not be loaded: {one.why}", "mend or remove that package")
    if not os.environ.get("TOCSIN_SMTP"):
        hint = "set TOCSIN_SMTP=smtp://user:pass@host:587 where the server runs"
        yield Finding("channels", "warning", "TOCSIN_SMTP is not set here: mail is only kept in the outbox", hint)
    yield from _sources(patient)


def _sources(patient: Patient) -> Iterator[Finding]:
    if not exists(patient.database) or patient.rules is None:
        return
    with patient.ledger.read() as connection:
        stored = live_keys(connection)
    known = intakes.intakes()
    for source in patient.rules.rulebook.sources.values():
        if source.intake not in known:
            text = f"{source.id}: there is no intake {source.intake} here, so nothing comes in by it"
            yield Finding("sources", "warning", text, f"there are {', '.join(sorted(known))}")
            continue
        if source.id in stored or os.environ.get(source.key):
            continue
        named = f"set {source.key} where the server runs" if source.key else "give it a key in the rulebook"
        yield Finding("sources", "warning", f"{source.id} has no key here, so nobody can send with it", named)


def secret(patient: Patient) -> Iterator[Finding]:
    """Whether what links are signed with is kept, and kept to its owner."""
    if os.environ.get("TOCSIN_SECRET"):
        yield Finding("secret", "ok", "TOCSIN_SECRET is set")
        return
    place = patient.secret_file
    if not place.exists():
        yield Finding("secret", "warning", "TOCSIN_SECRET is not set here", "the server makes one where it runs")
    elif stat.S_IMODE(place.stat().st_mode) & 0o077:
        yield Finding("secret", "error", f"{place} can be read by others", f"chmod 600 {place}")
    else:
        yield Finding("secret", "ok", f"{place}, readable by its owner alone")


CHECKS: dict[str, Callable[[Patient], Iterator[Finding]]] = {
    "program": program,
    "database": database,
    "disk": disk,
    "memory": memory,
    "roots": roots,
    "silence": silence,
    "clock": clock,
    "rulebook": rulebook,
    "adapters": adapters,
    "secret": secret,
}
"""In the order in which they are told."""
