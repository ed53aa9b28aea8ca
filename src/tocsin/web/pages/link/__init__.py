"""The signed link in a message: looking at it shows the incident, pressing its button acts, and nothing else can."""

from tocsin.web.contract import Page
from tocsin.web.pages.link.handlers import act, look

PAGE = Page("link", "What is wrong, why me, and what can I do about it now?", (look, act))
