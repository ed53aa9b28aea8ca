"""On call: who is on, now and this month, and why; overrides, swaps, and calendars to take away."""

from tocsin.web.contract import Page
from tocsin.web.pages.oncall.handlers import show
from tocsin.web.pages.oncall.override import ask, call_off, override
from tocsin.web.pages.oncall.subscribe import calendars, make, revoke
from tocsin.web.pages.oncall.swap import answer, offer, offering

PAGE = Page(
    "oncall",
    "Who is on call, now and this month?",
    (show, ask, override, call_off, offering, offer, answer, calendars, make, revoke),
    path="/oncall",
    title="oncall.title",
    place=40,
    verb="oncall.read",
    icon="oncall",
)
