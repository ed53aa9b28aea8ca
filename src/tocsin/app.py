"""The one place where the parts are joined: settings in, a running tocsin out."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from uuid import uuid4

import uvicorn
import uvloop
from msgspec import Struct

from tocsin import asgi
from tocsin.access import accounts
from tocsin.access.links import Links
from tocsin.channels import registry as channels
from tocsin.channels.contract import STANDS_IN_FOR, Channel, Wiring
from tocsin.config import Loaded, load
from tocsin.engine.applying import apply
from tocsin.engine.batch import Batch
from tocsin.engine.changes import Changes
from tocsin.engine.clock import Clock, SystemClock, VirtualClock
from tocsin.engine.dispatcher import Dispatcher
from tocsin.engine.door import Door
from tocsin.engine.letters import Letters
from tocsin.engine.notary import Notary
from tocsin.engine.outages import Outages
from tocsin.engine.ready import Health
from tocsin.engine.receive import Receiver
from tocsin.engine.reserve import Reserve
from tocsin.engine.retention import Retention
from tocsin.engine.site import Site
from tocsin.engine.stepper import Stepper
from tocsin.engine.submission import Aftermath
from tocsin.engine.timers import Timers
from tocsin.engine.watchdog import Watchdog
from tocsin.engine.weighing import weigh_over
from tocsin.engine.worlds import NoRulebookError, StoredWorlds
from tocsin.intake import registry as intakes
from tocsin.lib import sd_notify
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.lib.secrets import stamp
from tocsin.settings import Settings
from tocsin.store.ballast import make_way
from tocsin.store.contract import Ledger
from tocsin.store.errors import StoreError
from tocsin.store.ledger import open_ledger

GRACE = 15
"""Seconds that requests and sends in flight are given at the end."""

THREADS = 40
"""For what must not block the loop: so many that loops and requests do not wait for each other on a slow store."""

PROVING = 120.0
"""Seconds for which a start waits until it is known whether the rulebook that is given makes the proof worse."""

SOCKET_NAME = 107
"""Bytes of a Unix socket's path that the system takes."""

Sockets = dict[str, socket.socket]

log = logger("app")


class Parts(Struct, frozen=True):
    """All that was joined."""

    settings: Settings
    ledger: Ledger
    site: Site
    health: Health
    timers: Timers
    dispatcher: Dispatcher
    watchdog: Watchdog
    channels: dict[str, Channel]
    batch: Batch
    worlds: StoredWorlds
    reserve: Reserve | None

    def stepper(self, clock: VirtualClock) -> Stepper:
        """The same engine on the virtual clock that it was joined with."""
        return Stepper(self.batch, self.site.door, self.timers, self.dispatcher, clock)


def ready_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that are set up. Where none reaches anybody, and in a demo, the outbox stands in for all."""
    wiring = Wiring(settings.environment, settings.secret, settings.url, settings.old_secrets)
    built = channels.build(wiring)
    outbox = channels.kinds()["outbox"].build(wiring)
    real = built.keys() - {"outbox"}
    if outbox is not None and (settings.demo or "email" not in real):
        if not settings.demo:
            log.warning("no_mail", hint="TOCSIN_SMTP is not set: what would be sent is only kept in the outbox")
        built |= {method: outbox for method in STANDS_IN_FOR if settings.demo or method not in real}
    return built


def carriers(senders: dict[str, Channel]) -> dict[str, str]:
    """By method the kind that carries it: its own, or the outbox that stands in for it."""
    outbox = type(senders.get("outbox"))
    return {method: "outbox" if isinstance(channel, outbox) else method for method, channel in senders.items()}


def join(
    settings: Settings,
    clock: Clock | None = None,
    senders: dict[str, Channel] | None = None,
    loaded: Loaded | None = None,
) -> Parts:
    """Open the store, apply the rulebook that was given, and join everything; nothing runs yet.

    `senders` replace the channels of the settings, `loaded` its rulebook.
    """
    clock = clock or SystemClock()
    is_full = settings.store_file is not None and _made_way(settings.store_file)
    ledger = open_ledger(settings.database)
    if loaded is None and settings.rulebook is not None:
        loaded = load(settings.rulebook)
    senders = ready_channels(settings) if senders is None else senders
    known = {} if loaded is None else {_put_in_force(ledger, clock, loaded, frozenset(senders)): loaded.rulebook}
    metrics, health = Metrics(), Health(ledger, clock)
    worlds = StoredWorlds(ledger, clock, frozenset(senders), known)
    _look_for_rules(worlds, settings)
    health.expect_rules(lambda: worlds.ruled)
    batch = Batch(ledger)
    door = Door(batch, worlds.world, clock, metrics)
    links = Links(settings.secret, settings.url)
    letters = Letters(ledger, worlds, links, clock)
    outages = Outages(ledger, worlds, clock, frozenset(senders))
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    timers = Timers(batch, worlds.world, clock, metrics, health.may_claim)
    chance = Random(0 if isinstance(clock, VirtualClock) else None)  # noqa: S311  spreads retries, guards nothing
    dispatcher = Dispatcher(ledger, door, senders, letters, outages, clock, metrics, holder, health.may_claim, chance)
    batch.sender = dispatcher
    site = Site(
        ledger, door, worlds, Receiver(intakes.intakes()), clock, metrics, settings.secret, settings.url,
        dict(settings.environment), health, Changes(ledger, worlds.world, clock), settings.demo, settings.old_secrets,
        carriers(senders),
    )  # fmt: skip
    watchdog = Watchdog(ledger, door, clock, metrics, health)
    reserve = None
    if settings.store_file is not None:
        door.takes_signals = not is_full
        reserve = Reserve(settings.store_file, door, clock, metrics)
        ledger.filled = reserve.filled
    return Parts(settings, ledger, site, health, timers, dispatcher, watchdog, senders, batch, worlds, reserve)


def _put_in_force(ledger: Ledger, clock: Clock, loaded: Loaded, methods: frozenset[str]) -> int:
    """The version of what was given. Raises WorseRulebookError where that is worse than what is in force."""
    weigh_over(ledger, loaded, methods, clock.now(), PROVING)
    return apply(ledger, loaded, clock.now(), by="serve")


def _look_for_rules(worlds: StoredWorlds, settings: Settings) -> None:
    """Where there are pages, the first rulebook can be made there; whoever pages only cannot begin without."""
    try:
        worlds.refresh()
    except NoRulebookError:
        if "web" not in settings.parts:
            raise
        log.warning("no_rulebook", hint=f"nobody can be called yet; make one at {settings.url}/start")


def _made_way(database: Path) -> bool:
    try:
        is_full = make_way(database)
    except OSError:  # of the place itself, which opening the database explains better
        return False
    if is_full:
        log.error("disk_full", database=str(database))
    return is_full


class _Server(uvicorn.Server):
    """Uvicorn without its own signals: it would end the process before the engine has drained."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def first_link(parts: Parts) -> str:
    """The one-time link that makes the first admin; '' where there is an account, or nobody to sign in."""
    site = parts.site
    if site.demo or "web" not in parts.settings.parts:
        return ""
    try:
        text = site.ledger.transact(lambda tx: accounts.first(tx.connection, site.clock.now()))
    except accounts.RefusedError:
        return ""
    except StoreError as problem:  # whoever is on call is paged all the same
        log.warning("no_setup_link", error=str(problem))
        return ""
    return f"{site.url}/setup/{text}"


def serve(settings: Settings, tell: Callable[[str], None], leash: int | None = None) -> None:
    """Run until SIGTERM, SIGINT or the end of the pipe `leash`; then finish what has begun, leave the store whole.

    `tell` hears the link that makes the first admin, while there is none; it is in no log.
    """
    if len(settings.parts) < 3 and not settings.database.startswith("postgres"):
        raise ValueError("--only needs PostgreSQL: one process alone may write to a SQLite file")
    path = control_path(settings)
    if path is not None and len(os.fsencode(path)) > SOCKET_NAME:
        place = f"the control socket beside the database, {path}, has more than {SOCKET_NAME} bytes in its name"
        raise ValueError(f"{place}; start in that folder with --database sqlite:///{path.stem}, or choose another")
    if settings.database.startswith("postgres") and not settings.environment.get("TOCSIN_SECRET"):
        log.warning("no_secret", hint="TOCSIN_SECRET is not set: each process on this database needs the same one")
    parts = join(settings)
    try:
        sockets = listening(settings)
        link = first_link(parts)
        if link:
            tell(f"no account yet; make the first admin within an hour: {link}")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(parts, sockets, leash=leash))
    finally:
        parts.ledger.close()
        if path is not None:
            path.unlink(missing_ok=True)


async def run(parts: Parts, sockets: Sockets, stop: asyncio.Event | None = None, leash: int | None = None) -> None:
    """All loops until `stop` is set (SIGTERM and SIGINT set it, and the end of `leash`); then a clean drain."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    if leash is not None:
        loop.add_reader(leash, _tugged, loop, leash, stop)
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "tocsin"))
    await asyncio.to_thread(parts.health.look)
    parts.site.door.open()
    parts.batch.committed = lambda aftermath: _heard(parts, loop, aftermath)
    gc.collect()
    gc.freeze()
    gc.set_threshold(5000, 20, 20)
    async with asyncio.TaskGroup() as tasks:
        for work in _work(parts, stop, sockets):
            tasks.create_task(work)
    await asyncio.to_thread(parts.site.door.close)
    for channel in set(parts.channels.values()):
        await channel.close()


def _heard(parts: Parts, loop: asyncio.AbstractEventLoop, aftermath: Aftermath) -> None:
    """In the thread that committed: wake whom it concerns, and nobody else."""
    if aftermath.lanes:
        loop.call_soon_threadsafe(parts.dispatcher.wake)
    if parts.timers.would_miss(aftermath.due_at):
        loop.call_soon_threadsafe(parts.timers.wake)
    parts.site.changes.wake()


def _tugged(loop: asyncio.AbstractEventLoop, leash: int, stop: asyncio.Event) -> None:
    """Whoever holds the other end has said something, which means nothing, or has ended, however that came about."""
    if not os.read(leash, 1024):
        loop.remove_reader(leash)
        stop.set()


def _work(parts: Parts, stop: asyncio.Event, sockets: Sockets) -> Iterator[Coroutine[None, None, None]]:
    chosen = parts.settings.parts
    yield parts.health.run(stop)
    yield parts.worlds.run(stop)
    if parts.reserve is not None:
        yield parts.reserve.run(stop)
    if "engine" in chosen:
        parts.health.watch("timers", lambda: parts.timers.beat)
        yield parts.timers.run(stop)
        yield parts.watchdog.run(stop)
        yield Retention(parts.ledger, parts.site.clock).run(stop)
        yield _notary(parts.settings, parts.ledger, parts.site.clock).run(stop)
    if "dispatch" in chosen:
        parts.health.watch("dispatcher", lambda: parts.dispatcher.beat)
        yield parts.dispatcher.run(stop)
    for name, bound in sockets.items():
        yield _listen(parts, stop, asgi.build(parts.site, local=name == "control"), bound)
    yield _announce(parts, stop)


def _notary(settings: Settings, ledger: Ledger, clock: Clock) -> Notary:
    """Signs with a key of its own, derived from the instance's secret."""
    return Notary(ledger, clock, lambda digest: stamp("root", digest, settings.secret), settings.roots)


async def _announce(parts: Parts, stop: asyncio.Event) -> None:
    """Tell the service manager, if there is one, when we are there and when we begin to go."""
    environment = parts.settings.environment
    sd_notify.tell(environment, "READY=1")
    await stop.wait()
    sd_notify.tell(environment, "STOPPING=1")


def _configured(app: asgi.Application) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE,
        server_header=False, backlog=4096,
    )  # fmt: skip


def listening(settings: Settings) -> dict[str, socket.socket]:
    """The sockets, bound before anything runs. OSError names the address that is taken.

    `control` is the Unix socket beside a SQLite store: whoever may open the file, its owner alone, is the admin.
    """
    bound = {}
    if "web" in settings.parts:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        bound["web"] = socket.create_server((settings.host, settings.port), family=family, backlog=4096)
    path = control_path(settings)
    if path is not None:
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            bound["control"] = socket.socket(socket.AF_UNIX)
            bound["control"].bind(str(path))
        finally:
            os.umask(before)
    return bound


def control_path(settings: Settings) -> Path | None:
    """Where the control socket of a SQLite store is."""
    file = settings.store_file
    return None if file is None else file.with_name(file.name + ".sock")


async def _listen(parts: Parts, stop: asyncio.Event, app: asgi.Application, bound: socket.socket) -> None:
    """One listener, until told to stop; the requests it has are answered."""
    address = str(bound.getsockname())
    server = _Server(_configured(app))
    running = asyncio.create_task(server.serve([bound]))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if running.done() and not stop.is_set():
        stop.set()
        log.error("listener_ended", address=address)
    parts.health.stopping = True
    parts.site.changes.close()  # an open stream would hold up the end
    server.should_exit = True
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await running
