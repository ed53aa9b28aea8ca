"""On call: who is on, now and this month, and why; overrides, swaps, and calendars to take away."""

from tocsin.web.contract import Page
from tocsin.web.pages.oncall.handlers import show
from tocsin.web.pages.oncall.override import ask, call_off, override

PAGE = Page(
    "oncall",
    "Who is on call, now and this month?",
    (show, ask, override, call_off),
    path="/oncall",
    title="oncall.title",
    place=40,
    verb="oncall.read",
    icon="oncall",
)
