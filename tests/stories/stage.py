"""The stages of stories: the simulator as the command line joins it, and what both stages promise."""

from tocsin.cli.stories import reads
from tocsin.lab.story.stage import Delivered, Stage, body_of
from tocsin.lab.story.stage import Simulated as Anywhere
from tocsin.lab.story.story import Story

__all__ = ["Delivered", "Simulated", "Stage", "body_of"]


class Simulated(Anywhere):
    """A story in the simulator, its bodies read by the formats that there are."""

    def __init__(self, story: Story) -> None:
        super().__init__(story, reads)
