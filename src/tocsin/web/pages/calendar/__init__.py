"""Calendars under their own addresses, for programs that cannot sign in: read-only, one calendar each."""

from tocsin.web.contract import Page
from tocsin.web.pages.calendar.handlers import read

PAGE = Page("calendar", "When is whom on call, for my calendar program?", (read,))
