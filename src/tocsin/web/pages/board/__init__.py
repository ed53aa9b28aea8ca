"""The board: what needs somebody now, the most urgent first, and what comes next of itself."""

from tocsin.web.contract import Page
from tocsin.web.pages.board.bulk import acknowledge
from tocsin.web.pages.board.handlers import board, fresh
from tocsin.web.pages.board.undoing import undo

PAGE = Page(
    "board",
    "What needs somebody now?",
    (board, fresh, acknowledge, undo),
    path="/",
    title="page.board",
    place=10,
    verb="incident.read",
    icon="board",
)
