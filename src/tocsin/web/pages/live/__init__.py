"""The live page: what needs somebody now, what happens next, and what was sent."""

from tocsin.web.contract import Page
from tocsin.web.pages.live.handlers import act, live, one, parts

PAGE = Page("live", "What needs somebody now, and what happens next?", (live, one, parts, act))
