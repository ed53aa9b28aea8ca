"""The same screens over PostgreSQL."""

from pathlib import Path

from bench.figures import Measured
from bench.measures import screens
from bench.postgres import database
from bench.scale import Scale


def measure(scale: Scale, folder: Path) -> Measured:
    """See `screens`."""
    with database() as url:
        return screens.measured(scale, folder, "postgres", url, None)
