"""Reporting something, for people who have never seen this: a form in plain words, a number, and what happens now."""

from tocsin.web.contract import Page
from tocsin.web.pages.report.handlers import known, report, show, standing, too

PAGE = Page(
    "report",
    "How do I tell them?",
    (show, report, known, too, standing),
    path="/report",
    title="report.menu",
    place=20,
    verb="incident.report",
    icon="report",
)
