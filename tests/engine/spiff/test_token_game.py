"""Random walks through random processes do what BPMN's token game says, with a save and restore between all steps."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.spiff import WalkFailed, check_bpmn, load_definition
from tests.engine.spiff.cases import Case
from tests.engine.spiff.diagrams import Block, Graph, graphs, lay_out, without_scripts
from tests.engine.spiff.token_game import Game

STEPS = 20
MOST_WAITS = 30  # Tokens that multiply in a loop are no news after this.
SOME = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**32)

ONE, TWO = ("user",), ("sequence", [("user",), ("service",)])
LOOPS = [
    ("loop", ("some", [ONE, TWO, ONE])),
    ("loop", ("parallel", [ONE, ("choice", [ONE, TWO]), TWO])),
    ("loop", ("parallel", [("some", [ONE, TWO]), ("loop", ("parallel", [ONE, TWO]))])),
    ("loop", ("border", "timer", True, ("sub", ("some", [ONE, TWO])), ONE)),
    ("loop", ("border", "message", False, ("many", 3, False), ONE)),
]
"""What SpiffWorkflow by itself gets wrong: joins count arrivals of the last turn again."""


@pytest.mark.parametrize("block", LOOPS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_loops_around_joins_follow_the_token_game(block: Block, seed: int) -> None:
    play(lay_out(block), Random(seed))


@SOME
@given(graphs(safe=True), SEEDS)
def test_walks_follow_the_token_game(graph: Graph, seed: int) -> None:
    if any(node.kind == "terminate" for node in graph.nodes):
        graph = without_scripts(graph)
    play(graph, Random(seed))


@SOME
@given(graphs(safe=False), SEEDS)
def test_walks_follow_the_token_game_with_several_tokens(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


def play(graph: Graph, chance: Random) -> None:
    """Both go the same way; each step starts from bytes, and with a definition that was loaded afresh."""
    source = graph.xml()
    assert [finding for finding in check_bpmn(source) if finding.severity == "error"] == []
    game = Game(graph)
    try:
        case = Case(source)
        compare(case, game)
        for _ in range(STEPS):
            if not 0 < len(game.waits()) < MOST_WAITS:
                return
            step(case, game, chance)
            compare(case, game)
    except WalkFailed:
        assert is_stuck(game)


def step(case: Case, game: Game, chance: Random) -> None:
    """One of the things that are waited for happens in both."""
    verb, element = chance.choice(game.waits())
    picks = [value for value in range(3) if chance.random() < 0.7]
    values = {} if verb == "timer" else {"n": chance.randrange(3), "picks": picks}
    game.happen(element, values)
    case.definition = load_definition(case.compiled)
    case.do(element, **values)


def is_stuck(game: Game) -> bool:
    return not game.completed and not game.waits()


def compare(case: Case, game: Game) -> None:
    assert not is_stuck(game)
    assert case.waits() == game.waits()
    assert case.completed == game.completed
    assert case.data == game.data
    assert sorted(name for name, _ in case.sent) == sorted(f"m_{name}" for name in game.sent.elements())
