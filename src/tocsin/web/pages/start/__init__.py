"""The first run: from an account to a first page that rings, in steps; out of the menu when it is done"""

from tocsin.web.contract import Page
from tocsin.web.pages.start import reach, ring, rulebook, source
from tocsin.web.pages.start.standing import FirstRun, begin

PAGE = Page(
    "start",
    "How do I get to a first page in five minutes?",
    (begin, *rulebook.HANDLERS, *reach.HANDLERS, *source.HANDLERS, *ring.HANDLERS),
    path="/start",
    title="first.menu",
    place=88,
    verb="rulebook.apply",
    icon="start",
    until=FirstRun,
)
