"""Whatever a screen can do, a program can: each form of the pages has its operation, or says why there is none."""

from tests.api.described import known
from tests.doors import Running
from tocsin.web import pages

ALIKE = {
    "/account/password": "POST /api/v1/session/password",
    "/account/sessions": "DELETE /api/v1/accounts/{account}/sessions/{session}",
    "/account/identities": "DELETE /api/v1/accounts/{account}/identities",
    "/account/passkeys/remove": "DELETE /api/v1/accounts/{account}/passkeys/{passkey}",
    "/account/push/remove": "DELETE /api/v1/people/{person}/contacts/{contact}",
    "/account/push/test": "POST /api/v1/people/{person}/contacts/{contact}/test",
    "/board/acknowledge": "POST /api/v1/incidents/acts",
    "/board/undo": "POST /api/v1/incidents/acts/undo",
    "/incidents/{incident:str}/{act:str}": "POST /api/v1/incidents/{incident}/acknowledge",
    "/lab/prove": "POST /api/v1/rulebook/proof",
    "/mine/away": "POST /api/v1/absences",
    "/mine/away/{absence:str}/off": "DELETE /api/v1/absences/{absence}",
    "/mine/settings": "PUT /api/v1/people/{person}/settings",
    "/mine/ways": "POST /api/v1/people/{person}/contacts",
    "/mine/ways/{way:str}/remove": "DELETE /api/v1/people/{person}/contacts/{contact}",
    "/mine/ways/{way:str}/test": "POST /api/v1/people/{person}/contacts/{contact}/test",
    "/mine/ways/{way:str}/verify": "POST /api/v1/people/{person}/contacts/{contact}/verify",
    "/oncall/calendars": "POST /api/v1/calendars",
    "/oncall/calendars/{feed:str}/revoke": "DELETE /api/v1/calendars/{calendar}",
    "/oncall/override": "POST /api/v1/overrides",
    "/oncall/override/{override:str}/off": "DELETE /api/v1/overrides/{override}",
    "/oncall/swap": "POST /api/v1/schedules/{schedule}/swaps",
    "/oncall/swap/{swap:str}/{word:str}": "POST /api/v1/schedules/{schedule}/swaps/{swap}/answer",
    "/report": "POST /api/v1/incidents",
    "/report/{incident:str}/too": "POST /api/v1/incidents/{incident}/note",
    "/rulebook/edit": "PUT /api/v1/rulebook",
    "/settings/channels/test": "POST /api/v1/people/{person}/contacts/{contact}/test",
    "/settings/people/accounts/{account:str}/{act:str}": "PATCH /api/v1/accounts/{account}",
    "/settings/people/invite": "POST /api/v1/accounts",
    "/settings/sources/{source:str}/keys": "POST /api/v1/sources/{source}/keys",
    "/settings/sources/{source:str}/keys/revoke": "DELETE /api/v1/sources/{source}/keys/{key}",
    "/settings/sources/{source:str}/sample": "POST /api/v1/sources/{source}/sample",
    "/settings/tokens": "POST /api/v1/tokens",
    "/settings/tokens/revoke": "DELETE /api/v1/tokens/{token}",
    "/signin/again": "POST /api/v1/session/proof",
    "/start/reach/me": "PATCH /api/v1/accounts/{account}",
    "/start/reach/trial": "POST /api/v1/people/{person}/contacts/{contact}/test",
    "/start/reach/way": "POST /api/v1/people/{person}/contacts",
    "/start/ring/{incident:str}/acknowledge": "POST /api/v1/incidents/{incident}/acknowledge",
    "/start/rulebook": "PUT /api/v1/rulebook",
    "/start/source/key": "POST /api/v1/sources/{source}/keys",
    "/start/source/test": "POST /api/v1/sources/{source}/sample",
}
"""Where a form is sent to, and what a program asks for instead. A new form belongs here, or below with its reason."""

BROWSERS_OWN = {
    "/account/passkeys": "only a browser can make one",
    "/account/passkeys/options": "only a browser can make one",
    "/account/push": "only a browser has such an address",
    "/l/{token:str}": "the link itself is what a program can post to",
    "/setup/{link:str}": "the link itself is what a program can post to",
    "/signin": "programs have tokens",
    "/signin/passkey": "only a browser can show one",
    "/signin/passkey/options": "only a browser can show one",
    "/signin/again/passkey": "only a browser can show one",
    "/signin/again/passkey/options": "only a browser can show one",
    "/signout": "programs have tokens",
}


def forms() -> set[str]:
    """Where the pages' forms are sent to."""
    handlers = (one for page in pages.found() for one in page.handlers)
    return {path for one in handlers if set(one.http_methods) - {"GET", "HEAD", "OPTIONS"} for path in one.paths}


def test_each_form_of_a_screen_has_its_operation_or_a_reason_for_none(here: Running) -> None:
    assert forms() - ALIKE.keys() - BROWSERS_OWN.keys() == set(), "say which operation does the same"


def test_each_operation_that_is_named_is_there(here: Running) -> None:
    there = {f"{one.method} {one.path}" for one in known(here)}
    assert {named for form, named in ALIKE.items() if form in forms()} - there == set()
