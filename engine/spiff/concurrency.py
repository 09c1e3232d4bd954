"""Which arrows of a drawing can carry a token at the same time (Kovalyov and Esparza's concurrency relation).

A case whose tokens stand where the drawing never has two together was not made by this drawing: it must not be carried
into it. The relation is found in polynomial time, however many states the drawing has.
"""

from collections import defaultdict
from dataclasses import dataclass

from engine.spiff.drawing import Drawing, Node

Relation = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class _Move:
    """Tokens on `uses` become tokens on `gives`. Of `all_of` each must be there, else one is enough."""

    uses: tuple[str, ...]
    gives: tuple[str, ...]
    all_of: bool = True
    stays: bool = False  # a non-interrupting event: the token stays where it was


def concurrency(drawing: Drawing, scope: str) -> Relation:
    """For each arrow of a process or sub-process, those that may carry a token beside it; itself, if it may carry two.

    Events that don't interrupt, and inclusive gateways, give a little more than can be; never less.
    """
    moves = [move for node in drawing.inside(scope) for move in _moves(node, drawing)]
    beside: Relation = defaultdict(set)
    for move in moves:
        for arrow in move.gives:
            beside[arrow].update(other for other in move.gives if other != arrow)
    while sum(_spread(move, beside) for move in moves):
        pass
    return beside


def _spread(move: _Move, beside: Relation) -> bool:
    """What is beside all that a move uses is beside all that it gives; return whether that was news."""
    around = [beside[arrow] for arrow in move.uses]
    others = set.intersection(*around) if move.all_of else set.union(*around) - set(move.uses)
    if move.stays:
        others = others | set(move.uses)
    news = False
    for arrow in move.gives:
        fresh = others - beside[arrow]
        news |= bool(fresh)
        beside[arrow] |= fresh
        for other in fresh:
            beside[other].add(arrow)
    return news


def _moves(node: Node, drawing: Drawing) -> list[_Move]:
    uses = tuple(flow.id for flow in drawing.incoming(node.id))
    gives = tuple(flow.id for flow in drawing.outgoing(node.id))
    if not uses:
        return []  # A start stands alone; an event on a border moves with its activity.
    if node.kind == "parallelGateway":
        return [_Move(uses, gives)]
    if node.kind == "inclusiveGateway":
        return [_Move(uses, gives, all_of=False)]
    choices = [_Move((arrow,), (chosen,)) for arrow in uses for chosen in gives]
    return choices + [move for event in drawing.boundary_events(node.id) for move in _of_border(event, uses, drawing)]


def _of_border(event: Node, uses: tuple[str, ...], drawing: Drawing) -> list[_Move]:
    gives = [flow.id for flow in drawing.outgoing(event.id)]
    return [_Move((arrow,), (given,), stays=not event.interrupting) for arrow in uses for given in gives]
