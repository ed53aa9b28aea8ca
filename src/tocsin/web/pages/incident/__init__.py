"""The page of one incident: what happened, what happens next, and everything that a person can do about it."""

from tocsin.web.contract import Page
from tocsin.web.pages.incident.doing import act
from tocsin.web.pages.incident.handlers import fresh, show
from tocsin.web.pages.incident.why import why

PAGE = Page(
    "incident",
    "What happened, what happens next, what can I do?",
    (show, fresh, why, act),
    title="page.incident",
    under="board",
    verb="incident.read",
)
