"""How is it wired? Sources, channels, people, tokens, the audit log, health, the rulebook: each at its own address."""

from tocsin.web.contract import Page
from tocsin.web.pages.settings import (
    accounts,
    audit,
    channels,
    health,
    overview,
    people,
    rulebook,
    source_keys,
    sources,
    tokens,
)

PAGE = Page(
    "settings",
    "How is it wired?",
    (
        *(overview.show, sources.show, sources.one, sources.sample, source_keys.make, source_keys.revoke),
        *(channels.show, channels.trial, channels.test, people.show, people.one),
        *(accounts.invite, accounts.show, accounts.act),
        *(tokens.show, tokens.make, tokens.revoke, audit.show, audit.export),
        *(health.show, rulebook.show, rulebook.download),
    ),
    path="/settings",
    title="settings.title",
    place=90,
    verb="person.read",
    icon="settings",
)
