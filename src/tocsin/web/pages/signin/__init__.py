"""Signing in by password or token, signing out, and showing once more who one is."""

from tocsin.web.contract import Page
from tocsin.web.pages.signin.federated import back, start
from tocsin.web.pages.signin.handlers import again, ask_again, leave, show, take
from tocsin.web.pages.signin.keys import again as again_by_key
from tocsin.web.pages.signin.keys import again_options, enter, options

PASSWORD = (show, take, leave, ask_again, again)
PASSKEY = (options, enter, again_options, again_by_key)

PAGE = Page("signin", "Who are you?", (*PASSWORD, *PASSKEY, start, back))
