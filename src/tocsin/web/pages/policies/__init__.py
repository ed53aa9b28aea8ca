"""What would happen? Both ladders of each policy drawn, an editor that looks before it saves, and every version."""

from tocsin.web.contract import Page
from tocsin.web.pages.policies import edit, handlers, history

PAGE = Page(
    "policies",
    "What would happen?",
    (
        *(handlers.policies, handlers.policy, edit.open_, edit.edit),
        *(history.versions, history.version, history.difference),
    ),
    path="/policies",
    title="policies.title",
    place=60,
    verb="rulebook.read",
    icon="policies",
)
