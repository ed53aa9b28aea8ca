"""One file per step type; a step yields moves, and only moves are known to whoever runs, draws or proves a ladder."""

from tocsin.core.steps.ask import Ask
from tocsin.core.steps.decide import Decide
from tocsin.core.steps.hand_over import HandOver
from tocsin.core.steps.inform import Inform
from tocsin.core.steps.notify import Notify

FunctionalStep = Notify | HandOver
HierarchicalStep = Inform | Ask | Decide
Step = FunctionalStep | HierarchicalStep

__all__ = ["Ask", "Decide", "FunctionalStep", "HandOver", "HierarchicalStep", "Inform", "Notify", "Step"]
