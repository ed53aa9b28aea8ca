"""The stories of this folder, read as `tocsin story run` reads them."""

from pathlib import Path

from tocsin.cli.stories import read
from tocsin.lab.story.story import Line, Story, clock_of

__all__ = ["EXAMPLES", "Line", "Story", "clock_of", "files", "read"]

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"


def files() -> list[Path]:
    """All stories, by name."""
    return sorted(HERE.glob("*.yaml"))
