"""The live engine on a virtual clock over memory is a machine without chance: the same story gives the same events."""

from sqlalchemy import text

from tests.engine.virtual import Virtual, virtual
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import MINUTE

LABELS = {"service": "order-database"}


async def told(engine: Virtual) -> list[tuple[object, ...]]:
    """A night with an outage in it; every event of every stream, to the byte."""
    for key in ("a", "b", "c"):
        await engine.signal(key, labels=LABELS)
    await engine.run(7 * MINUTE)
    engine.mail.down = True
    await engine.put(cmd.Acknowledge("dana"), "INC-1")
    await engine.signal("d", labels=LABELS)
    await engine.run(4 * MINUTE)
    engine.mail.down = False
    engine.mail.broken.add("eve@acme.example")
    await engine.run(20 * MINUTE)
    await engine.signal("a", "resolve")
    await engine.run(15 * MINUTE)
    with engine.parts.ledger.read() as connection:
        rows = connection.execute(text("select stream, seq, at, due_at, type, hash, body from events order by 1, 2"))
        return [tuple(row) for row in rows]


async def test_the_same_story_twice_gives_the_same_events_to_the_byte() -> None:
    runs = []
    for _ in range(2):
        async with virtual() as engine:
            runs.append(await told(engine))
    assert len(runs[0]) > 60
    assert runs[0] == runs[1]
