"""The installed app: what a browser needs to keep tocsin beside its other apps, and what it shows without a network."""

from tocsin.web.contract import Page
from tocsin.web.pages.app.handlers import manifest, offline, worker

PAGE = Page("app", "What is there without a network?", (manifest, worker, offline))
