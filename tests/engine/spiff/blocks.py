"""Random processes, as trees of blocks."""

from hypothesis import strategies as st

from tests.engine.spiff.diagrams import Block, Graph, lay_out

CODES = st.sampled_from(["a", "b"])
"""The process itself tells only one signal: in which order branches that move at once tell two, BPMN leaves open."""
BOXES = st.sampled_from(["sub", "call"])
BORDERS = st.sampled_from(["message", "timer"])
COMING = st.sampled_from(["message", "signal", "escalation"])
AWAITED = COMING | st.sampled_from(["timer", "error"])


def blocks(*, safe: bool, told: bool = False, max_leaves: int = 9) -> st.SearchStrategy[Block]:
    """Blocks of every kind; unless `safe`, several tokens may come to one shape, so only kinds where they are alike.

    `told`: with calls, loops, signals, errors and escalations too.
    """
    leaves = st.sampled_from([("user",), ("service",), ("script",), ("throw",), ("receive",), ("message",), ("timer",)])
    if told:
        leaves |= st.tuples(st.just("signal"), CODES) | st.just(("tell", "a"))
    if safe and not told:
        leaves |= st.tuples(st.just("many"), st.integers(1, 3), st.booleans())
    if safe and told:
        kinds = st.sampled_from(["user", "service", "receive"])
        leaves |= st.tuples(st.just("many"), st.integers(1, 3), st.booleans(), kinds, st.integers(0, 2))
        leaves |= st.tuples(st.just("again"), st.booleans(), st.integers(0, 3)).filter(lambda leaf: leaf[1] or leaf[2])
        leaves |= st.tuples(st.just("boxes"), st.integers(1, 3), st.booleans(), BOXES, st.integers(1, 2))
    return st.recursive(leaves, lambda inner: _composite(inner, safe, told), max_leaves=max_leaves)


def _composite(inner: st.SearchStrategy[Block], safe: bool, told: bool) -> st.SearchStrategy[Block]:
    several = st.lists(inner, min_size=2, max_size=3)
    kinds = [
        st.tuples(st.just("sequence"), several),
        st.tuples(st.just("choice"), several),
        st.tuples(st.just("parallel"), several),
        st.tuples(st.just("loop"), inner),
    ]
    if safe:
        kinds += [
            st.tuples(st.just("some"), several),
            st.tuples(st.just("sub"), inner),
            st.tuples(st.just("events"), several),
            st.tuples(st.just("border"), BORDERS, st.just(True), inner, inner),
            st.tuples(st.just("border"), BORDERS, st.just(False), inner, _HANDLERS),
            st.tuples(st.just("stop"), inner),
        ]
    else:
        kinds += [st.tuples(st.just("split"), several), st.tuples(st.just("unbalanced"), several)]
    if safe and told:
        kinds += [
            st.tuples(st.just("border"), st.just("signal"), st.just(True), inner, inner),
            st.tuples(st.just("border"), st.just("signal"), st.just(False), inner, _HANDLERS),
            st.tuples(st.just("box"), BOXES, inner),
            st.tuples(st.just("turns"), BOXES, inner),
            st.tuples(st.just("erring"), BOXES, CODES, CODES | st.just(""), inner, inner),
            st.tuples(st.just("asking"), BOXES, CODES, st.just(True), inner, inner),
            st.tuples(st.just("asking"), BOXES, CODES, st.just(False), inner, _HANDLERS),
            st.tuples(st.just("watched"), BOXES, AWAITED, st.just(True), inner, inner),
            st.tuples(st.just("watched"), BOXES, st.just("timer"), st.just(False), inner, inner),
            st.tuples(st.just("watched"), BOXES, COMING, st.just(False), inner, _STEPS),
        ]
    return st.one_of(kinds)


_HANDLERS = st.deferred(lambda: blocks(safe=False, max_leaves=3))
"""What a non-interrupting event leads to: it may come again before the last one was dealt with."""

_STEPS = st.integers(1, 2).map(lambda steps: ("sequence", [("user",)] * steps))
"""What an event sub-process may do several times at once: one token in each, so that all at one step are alike."""


@st.composite
def watched(draw: st.DrawFn) -> Graph:
    """Processes with an event sub-process, begun by what comes from outside."""
    inner, event = blocks(safe=True, max_leaves=5), draw(BORDERS)
    interrupting = draw(st.booleans())
    handler = inner if interrupting or event == "timer" else _STEPS
    return lay_out(("watched", "sub", event, interrupting, draw(inner), draw(handler)))


@st.composite
def graphs(draw: st.DrawFn, *, safe: bool, told: bool = False) -> Graph:
    """Processes with at least one block; a composite, whose name stands for megabytes of alternatives."""
    return lay_out(draw(blocks(safe=safe, told=told)))
