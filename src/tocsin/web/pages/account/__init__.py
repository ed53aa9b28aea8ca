"""One's own account: its password, its passkeys, and where one is signed in."""

from tocsin.web.contract import Page
from tocsin.web.pages.account.handlers import change, end, show, unlink
from tocsin.web.pages.account.keys import add, begin, remove
from tocsin.web.pages.account.push import notify, silence, try_out

GETTING_IN = (show, change, end, unlink, begin, add, remove)

PAGE = Page("account", "How do I get in, and where am I?", (*GETTING_IN, notify, silence, try_out))
