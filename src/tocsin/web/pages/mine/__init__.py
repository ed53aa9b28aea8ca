"""One's own work: what is mine, when I am on call, how I am reached, when I am away, what I read in."""

from tocsin.web.contract import Page
from tocsin.web.pages.mine.handlers import away, back, fresh, settle, show
from tocsin.web.pages.mine.reaching import add, attempt, remove, verify

PAGE = Page(
    "mine",
    "What is mine, when am I on call?",
    (show, fresh, away, back, settle, add, remove, attempt, verify),
    path="/mine",
    title="mine.menu",
    place=30,
    verb="oncall.read",
    icon="mine",
)
