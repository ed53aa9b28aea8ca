"""Is our escalation sound? What is proved of the rules in force, a play of them, and two versions compared."""

from tocsin.web.contract import Page
from tocsin.web.pages.lab import handlers

PAGE = Page(
    "lab",
    "Is our escalation sound?",
    (handlers.lab, handlers.prove, handlers.simulate, handlers.compare),
    path="/lab",
    title="lab.title",
    place=75,
    verb="rulebook.try",
    icon="lab",
)
