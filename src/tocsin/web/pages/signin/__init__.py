"""Signing in by password or token, signing out, and showing once more who one is."""

from tocsin.web.contract import Page
from tocsin.web.pages.signin.handlers import again, ask_again, leave, show, take

PAGE = Page("signin", "Who are you?", (show, take, leave, ask_again, again))
