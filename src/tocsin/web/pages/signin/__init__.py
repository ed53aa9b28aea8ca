"""Signing in: an access token, once, for twelve hours."""

from tocsin.web.contract import Page
from tocsin.web.pages.signin.handlers import leave, show, take

PAGE = Page("signin", "Who are you?", (show, take, leave))
