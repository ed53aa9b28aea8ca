"""How bad it is, as somebody says it who knows no rulebook: put into the words of the rulebook's own matrix."""

from typing import Literal

from tocsin.core.catalogue.priority import Priority, PriorityRules

Reach = Literal["everybody", "many", "some", "one"]
"""How many it concerns, the most first."""

Hurry = Literal["stopped", "hindered", "later"]
"""What it keeps people from: all their work, some of it, nothing for now."""

REACHES: tuple[Reach, ...] = ("everybody", "many", "some", "one")
HURRIES: tuple[Hurry, ...] = ("stopped", "hindered", "later")


def impact_of(rules: PriorityRules, reach: str) -> str:
    """The impact that says it; '' where the rulebook has no matrix or nothing was said.

    Rulebooks name their impacts as they like. The worst is what concerns everybody, the mildest what concerns one; what
    lies between is spread over the others.
    """
    worst_first = sorted(rules.matrix, key=lambda impact: rules.matrix[impact])
    return _spread(REACHES, reach, worst_first)


def urgency_of(rules: PriorityRules, hurry: str) -> str:
    """The urgency that says it, likewise: the one with the worst priorities is that nothing works any more."""
    columns = {urgency: [row[at] for row in rules.matrix.values()] for at, urgency in enumerate(rules.urgency)}
    return _spread(HURRIES, hurry, sorted(columns, key=lambda urgency: columns[urgency]))


def _spread(known: tuple[str, ...], said: str, words: list[str]) -> str:
    if said not in known or not words:
        return ""
    return words[(known.index(said) * (len(words) - 1) + (len(known) - 1) // 2) // (len(known) - 1)]


def severity_for(rules: PriorityRules, priority: Priority) -> str:
    """The sender's word that is worth that priority, or the next milder one; '' where all are worse.

    What is opened too mildly can be raised at once; what is opened too gravely has woken somebody.
    """
    worth = {word: worth for word, worth in rules.severity.items() if word != "else"}
    milder = sorted((worth[word], word) for word in worth if worth[word] >= priority)
    return milder[0][1] if milder else ""
