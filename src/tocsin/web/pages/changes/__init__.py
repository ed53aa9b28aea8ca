"""The stream of changes: which incidents of those that one may see have changed, told to open pages as it happens."""

from tocsin.web.contract import Page
from tocsin.web.pages.changes.handlers import changes

PAGE = Page("changes", "What has changed since I looked?", (changes,), under="board", verb="incident.read")
