"""How much is measured: the short form for every day, the full one for a quiet night, the smoke for the harness."""

from msgspec import Struct


class Scale(Struct, frozen=True):
    """`runs` of `seconds` each. `live` incidents for growth and memory; `storm` incidents; `due` ones for workers."""

    name: str
    runs: int
    seconds: int
    rates: tuple[int, ...]
    live: int
    storm: int
    due: int
    workers: tuple[int, ...]
    stores: tuple[str, ...]


SHORT = Scale("short", 3, 2, (50, 500, 1000), 100_000, 10_000, 4_000, (1, 2), ("sqlite",))
FULL = Scale("full", 5, 10, (50, 500, 1000), 1_000_000, 10_000, 10_000, (1, 2, 4), ("sqlite", "postgres"))
SMOKE = Scale("smoke", 1, 1, (50,), 2_000, 300, 300, (1, 2), ("sqlite",))
SCALES = {scale.name: scale for scale in (SHORT, FULL, SMOKE)}
