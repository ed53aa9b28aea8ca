"""POST /in/<source>: signals in. Answers 202 once they are committed and never before; what it cannot take it refuses.

This is the one hot path, so it is plain ASGI: no framework stands between the socket and the door.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from prometheus_client import Counter

from tocsin.access.source_keys import SourceKeys
from tocsin.api.body import Gone, Receive, Scope, Send, read_body, unpacked
from tocsin.api.problem import CONTENT_TYPE, Problem
from tocsin.core.instant import SECOND, Duration
from tocsin.core.routing.source import Source
from tocsin.engine.door import OverloadedError
from tocsin.engine.refusals import Refused
from tocsin.engine.site import Site
from tocsin.engine.submission import SAID, Answer, Submission
from tocsin.engine.worlds import NoRulebookError
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.registry import REFUSED_ABOVE
from tocsin.lib.logs import logger
from tocsin.store.errors import StoreError

PREFIX = "/in/"
RELOAD = 30 * SECOND
"""A key that was added or revoked in the store is seen within this time."""

RENEWING = 0.5
"""Seconds that a request waits for the keys to be read again; after that they are taken as they were."""

AGAIN = 2 * SECOND
"""When a store that did not answer is asked again."""

FULL_AGAIN = 30
"""Seconds after which a sender may ask whether there is room again."""

ONCE_LIMIT = 200
"""Characters of an Idempotency-Key."""

log = logger("intake")
_encode = msgspec.json.Encoder().encode
_DEFECT = Problem(500, "defect", "This is a mistake of tocsin's own; the log has it.", "Send it again.")
_SAFE = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_SAFE += [(b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
_RECEIPT = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *_SAFE]


class Taken(Struct, frozen=True, gc=False):
    """What became of the signals of one incident. `id` is empty where nothing was live to acknowledge or resolve."""

    id: str
    url: str
    outcome: str


class Receipt(Struct, frozen=True, gc=False):
    """The body of a 202."""

    incidents: tuple[Taken, ...]


def taken(answer: Answer, url: str) -> Taken:
    """What a sender is told of one submission."""
    link = f"{url}/incidents/{answer.incident}" if answer.incident else ""
    return Taken(answer.incident, link, SAID.get(answer.outcome, answer.outcome))


class Intake:
    """The door of all sources of one installation."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._keys = SourceKeys(site.environment)
        self._loaded_at: Duration | None = None
        self._first = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self._warned: set[str] = set()
        self._counters: dict[tuple[str, str], Counter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        began = self._site.clock.steady()
        try:
            body = await self._taken(scope, receive)
        except Gone:
            return
        except Problem as problem:
            self._note(scope["path"], problem)
            self._site.metrics.refusals.labels(status=str(problem.status)).inc()
            await _refuse(send, problem)
            return
        except Exception:
            log.exception("defect")
            await _refuse(send, _DEFECT)
            return
        self._site.metrics.accept_seconds.observe((self._site.clock.steady() - began) / SECOND)
        await _answer(send, 202, body, _RECEIPT)

    def _note(self, path: str, problem: Problem) -> None:
        """Keep for its source why a request was not taken; of a source that does not exist nothing is kept."""
        with suppress(NoRulebookError, StoreError):
            source = self._site.worlds.world().rulebook.sources.get(path[len(PREFIX) :].rstrip("/"))
            if source is not None:
                self._site.refusals.note(source.id, Refused(self._site.clock.now(), problem.status, problem.detail))

    async def _taken(self, scope: Scope, receive: Receive) -> bytes:
        """The body of a 202. Raises Problem; whatever the store's trouble, the sender comes again."""
        try:
            return await self._take(scope, receive)
        except OverloadedError as problem:
            raise _busy(str(problem), problem.retry_after) from None
        except (StoreError, NoRulebookError) as problem:
            log.warning("not_accepted", error=str(problem))
            raise _busy("Nothing can be taken in at the moment.", 10) from None

    async def _take(self, scope: Scope, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise Problem(405, "method", "Signals are posted here.", "Use POST.", allow="POST")
        if not self._site.door.takes_signals:
            raise _busy("There is no room for new signals: the disk is full.", FULL_AGAIN)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = _query(scope["query_string"])
        source = await self._admitted(scope["path"][len(PREFIX) :].rstrip("/"), headers, query.pop("key", ""))
        declared = headers.get("content-length", "").encode("latin-1")
        body = unpacked(await read_body(receive, declared, REFUSED_ABOVE), REFUSED_ABOVE)
        once = headers.get("idempotency-key", "")
        if len(once) > ONCE_LIMIT:
            raise Problem(400, "idempotency-key", f"An Idempotency-Key has at most {ONCE_LIMIT} characters.")
        headers.pop("authorization", None)
        arrival = Arrival(source.id, body, headers.get("content-type", ""), query, headers)
        read = self._site.receiver.read(source, arrival, self._site.clock.now(), once)
        if isinstance(read, Refusal):
            raise Problem(read.status, "refused", read.text, read.hint)
        if read.raw:
            self._site.metrics.raw_signals.labels(source=source.id).inc(read.raw)
            log.warning("unreadable_signals", source=source.id, count=read.raw)
        return self._receipt(source, await self._committed(read.submissions))

    async def _admitted(self, name: str, headers: Mapping[str, str], shown: str) -> Source:
        """The source whose key was shown. The same answer for a wrong key, no key, and a source that does not exist."""
        if self._stale():
            await self._fresh_keys()
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        key = bearer.strip() if scheme.lower() == "bearer" else shown
        source = self._site.worlds.world().rulebook.sources.get(name)
        if self._keys.admits(source, key) and source is not None:
            return source
        if not self._keys.loaded:
            raise _busy("The keys of sources cannot be read at the moment.", 10)
        if source is not None and not self._keys.of(source) and source.id not in self._warned:
            self._warned.add(source.id)
            log.error("source_without_key", source=source.id, variable=source.key or "none named")
        raise Problem(
            401, "unauthorized", "This source and key do not belong together.", "Send Authorization: Bearer <key>."
        )

    def _stale(self) -> bool:
        return self._loaded_at is None or self._site.clock.steady() - self._loaded_at >= RELOAD

    async def _fresh_keys(self) -> None:
        """Take over the store's keys. Before the first time everybody waits; later one waits, and not for long."""
        if self._keys.loaded:
            self._loaded_at = self._site.clock.steady()
            self._renewing = asyncio.create_task(self._load_keys())
            await asyncio.wait({self._renewing}, timeout=RENEWING)
            return
        async with self._first:
            if self._stale():
                await self._load_keys()

    async def _load_keys(self) -> None:
        wait = RELOAD
        try:
            await asyncio.to_thread(self._read_keys)
        except StoreError as problem:
            log.warning("keys_not_loaded", error=str(problem))
            wait = AGAIN
        self._loaded_at = self._site.clock.steady() - RELOAD + wait

    def _read_keys(self) -> None:
        with self._site.ledger.read() as connection:
            self._keys.load(connection)

    async def _committed(self, submissions: Sequence[Submission]) -> list[Answer]:
        """The answers, once all is durable; 503 when it is not, and then the sender comes again."""
        answers = await self._site.door.submit_all(submissions)
        if any(answer.outcome == "failed" and not answer.incident for answer in answers):
            raise _busy("The store is busy.", 5)
        return answers

    def _receipt(self, source: Source, answers: Sequence[Answer]) -> bytes:
        told = []
        for answer in answers:
            outcome = SAID.get(answer.outcome, answer.outcome)
            self._count(source.id, outcome)
            told.append(taken(answer, self._site.url))
        return _encode(Receipt(tuple(told)))

    def _count(self, source: str, outcome: str) -> None:
        counter = self._counters.get((source, outcome))
        if counter is None:
            counter = self._site.metrics.signals.labels(source=source, outcome=outcome)
            self._counters[source, outcome] = counter
        counter.inc()


def _query(text: bytes) -> dict[str, str]:
    if not text:
        return {}
    try:
        return dict(parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        raise Problem(400, "query", "The query has too many fields.", "Post them as JSON.") from None


def _busy(detail: str, retry_after: int) -> Problem:
    hint = "Nothing was accepted for certain; send it again."
    return Problem(503, "busy", detail, hint, retry_after=retry_after)


async def _refuse(send: Send, problem: Problem) -> None:
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in problem.headers.items()]
    await _answer(send, problem.status, problem.body, [(b"content-type", CONTENT_TYPE.encode()), *headers, *_SAFE])


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    told = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
