"""The one-time link: it makes the first admin, or lets somebody who was invited set a password."""

from tocsin.web.contract import Page
from tocsin.web.pages.setup.handlers import show, take

PAGE = Page("setup", "How do I get in for the first time?", (show, take))
