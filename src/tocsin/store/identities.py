"""Which incident a signal belongs to: one row for each (scope, key) while its incident is live, or flapping."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection

from tocsin.core.instant import Instant
from tocsin.store.codec import KEY_LENGTH, clean_key
from tocsin.store.contract import Claim, Held, Key
from tocsin.store.errors import StoreBusy
from tocsin.store.rows import add, each
from tocsin.store.tables import live

KEY = {"scope": "text", "key": "text"}
OWNED = {**KEY, "stream": "text", "until": "bigint"}
TAKEN_OVER = {**KEY, "stream": "text", "old": "text", "now": "bigint"}

FIND = "select s.scope, s.key, s.stream, s.until from r join live s on s.scope = r.scope and s.key = r.key"
TAKE_OVER = """update live set stream = r.stream, until = null from r where live.scope = r.scope and live.key = r.key
    and live.stream = r.old and live.until < r.now returning live.scope, live.key"""
HOLD = """insert into live (scope, key, stream, until) select scope, key, stream, until from r where true
    on conflict (scope, key) do update set until = excluded.until where live.stream = excluded.stream"""
RELEASE = "delete from live where (scope, key, stream) in (select scope, key, stream from r)"


def find(connection: Connection, keys: Iterable[Key], now: Instant) -> dict[Key, str]:
    """The incidents that hold these keys, by the key as it was asked for."""
    asked = {key: _clean(key) for key in keys}
    held = _held(connection, asked.values())
    return {key: held[kept][0] for key, kept in asked.items() if kept in held and _holds(held[kept][1], now)}


def claim(
    connection: Connection,
    keys: Iterable[Key],
    now: Instant,
    numbers: Callable[[int], list[int]],
    make_id: Callable[[int], str],
) -> dict[Key, Claim]:
    """Find the incident of each key or make one; who comes second waits, then joins."""
    asked = {key: _clean(key) for key in keys}
    wanted = sorted(set(asked.values()))
    held = _held(connection, wanted)
    claims = {key: Claim(stream, False) for key, (stream, until) in held.items() if _holds(until, now)}
    absent = [key for key in wanted if key not in claims]
    made = {key: make_id(number) for key, number in zip(absent, numbers(len(absent)) if absent else (), strict=True)}
    fresh = [(*key, made[key], None) for key in absent if key not in held]
    over = [(*key, made[key], held[key][0], now) for key in absent if key in held]
    won = [*add(connection, live, fresh, tell=True), *each(connection, TAKE_OVER, TAKEN_OVER, over)]
    before = {key: stream for key, (stream, _) in held.items()}
    claims |= {(scope, key): Claim(made[scope, key], True, before.get((scope, key), "")) for scope, key in won}
    lost = [key for key in absent if key not in claims]
    claims |= {key: Claim(stream, False) for key, (stream, _) in _held(connection, lost).items()}
    if len(claims) < len(wanted):
        raise StoreBusy("an identity changed hands twice while we waited for it")
    return {key: claims[kept] for key, kept in asked.items()}


def hold(connection: Connection, rows: Sequence[tuple[str, Held]]) -> None:
    """Release and set keys for the streams they are given with; what another stream holds is left alone.

    Released first: in one batch, one stream may let go of a key and another take it.
    """
    held = {(*_clean((one.scope, one.key)), stream): one for stream, one in rows}
    each(connection, RELEASE, {**KEY, "stream": "text"}, [key for key in sorted(held) if held[key].release])
    kept = [(*key, held[key].until) for key in sorted(held) if not held[key].release]
    each(connection, HOLD, OWNED, kept)


def _held(connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[str, Instant | None]]:
    rows = each(connection, FIND, KEY, list(keys))
    return {(scope, key): (stream, until) for scope, key, stream, until in rows}


def _holds(until: Instant | None, now: Instant) -> bool:
    """While it is live, and in the flap window to its last microsecond: the rule reopens so long."""
    return until is None or now <= until


def _clean(key: Key) -> Key:
    scope, text = key
    if len(scope) + len(text) < KEY_LENGTH and scope.isascii() and text.isascii() and "\0" not in text:
        return key
    return clean_key(scope), clean_key(text)
