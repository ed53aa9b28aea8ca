"""The board: what needs somebody now, the most urgent first, and what comes next of itself."""

from tocsin.web.contract import Page
from tocsin.web.pages.board.bulk import acknowledge
from tocsin.web.pages.board.handlers import board, fresh

PAGE = Page(
    "board",
    "What needs somebody now?",
    (board, fresh, acknowledge),
    path="/",
    title="page.board",
    place=10,
    verb="incident.read",
    icon="board",
)
