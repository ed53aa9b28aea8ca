"""The components: every piece that pages are made of, as it really looks, with the words and classes that make it."""

from tocsin.web.contract import Page
from tocsin.web.pages.components.handlers import components

PAGE = Page(
    "components",
    "Which pieces are there, and what do they look like?",
    (components,),
    path="/components",
    title="page.components",
    place=99,
    verb="rulebook.apply",
    icon="components",
)
