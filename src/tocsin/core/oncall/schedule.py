"""A schedule: rotations as layers, of which the later wins, or one that follows another a turn behind."""

from typing import Literal

from msgspec import Struct

from tocsin.core.ids import HoursId, PersonId, ScheduleId

Unit = Literal["hourly", "daily", "weekly", "monthly"]


class Rotation(Struct, frozen=True):
    """One layer: `people` take turns of `every` x `turn`, handing over at a wall-clock time.

    `weekday` is 0 (Monday) to 6 for weekly turns, `monthday` 1..28 for monthly ones; `minute` counts from local
    midnight. `starts` is the local day of the first turn, `YYYY-MM-DD`, moved on to the first hand-off on or after
    it; before it nobody is on. `ends`, where given, is the first local day without it. A participant of '' is a
    deliberate gap. `only` restricts the layer to named hours.
    """

    people: tuple[PersonId, ...]
    turn: Unit
    starts: str
    every: int = 1
    minute: int = 0
    weekday: int | None = None
    monthday: int | None = None
    ends: str | None = None
    only: HoursId | None = None


class Schedule(Struct, frozen=True):
    """`rotations` in layer order, or `follows` with `by`: whoever takes over `by` turns later there is on here."""

    id: ScheduleId
    timezone: str
    rotations: tuple[Rotation, ...] = ()
    follows: ScheduleId | None = None
    by: int = 0
