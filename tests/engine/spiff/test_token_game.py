"""Random walks through random processes do what BPMN's token game says, with a save and restore between all steps."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.spiff import WalkFailed, check_bpmn, load_definition
from tests.engine.spiff.blocks import graphs
from tests.engine.spiff.cases import Case, compiled
from tests.engine.spiff.diagrams import Block, Graph, deterministic, lay_out
from tests.engine.spiff.elsewhere import Elsewhere
from tests.engine.spiff.token_game import Game

STEPS = 20
MOST_WAITS = 30  # Tokens that multiply in a loop are no news after this.
SOME, MANY = settings(max_examples=25), settings(max_examples=2_000)
TOO_DEEP = {"too-deep", "calls-too-large"}
SEEDS = st.integers(0, 2**32)

ONE, TWO = ("user",), ("sequence", [("user",), ("service",)])
LOOPS = [
    ("loop", ("some", [ONE, TWO, ONE])),
    ("loop", ("parallel", [ONE, ("choice", [ONE, TWO]), TWO])),
    ("loop", ("parallel", [("some", [ONE, TWO]), ("loop", ("parallel", [ONE, TWO]))])),
    ("loop", ("border", "timer", True, ("sub", ("some", [ONE, TWO])), ONE)),
    ("loop", ("border", "message", False, ("many", 3, False), ONE)),
    ("loop", ("border", "signal", True, ("boxes", 3, False, "call", 2), ("tell", "a"))),
    ("loop", ("parallel", [("erring", "call", "a", "a", ("some", [ONE, TWO]), ONE), ("again", True, 3)])),
    ("loop", ("asking", "call", "a", False, ("parallel", [ONE, ("tell", "a")]), ("signal", "a"))),
    ("loop", ("watched", "sub", "message", True, ("parallel", [ONE, TWO]), ("parallel", [ONE, ONE]))),
    (
        "watched",
        "sub",
        "error",
        True,
        ("loop", ("watched", "call", "escalation", False, ("parallel", [ONE, TWO]), ONE)),
        ONE,
    ),
    ("watched", "sub", "signal", True, ("parallel", [("sequence", [ONE, ("tell", "a")]), TWO]), ("signal", "a")),
    ("loop", ("turns", "sub", ("parallel", [ONE, ("asking", "sub", "b", True, TWO, ONE)]))),
]
"""What SpiffWorkflow by itself gets wrong: joins count arrivals of the last turn again."""


@pytest.mark.parametrize("block", LOOPS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_loops_around_joins_follow_the_token_game(block: Block, seed: int) -> None:
    play(lay_out(block), Random(seed))


@SOME
@given(graphs(safe=True).map(deterministic), SEEDS)
def test_walks_follow_the_token_game(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@SOME
@given(graphs(safe=False), SEEDS)
def test_walks_follow_the_token_game_with_several_tokens(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@SOME
@given(graphs(safe=True, told=True).map(deterministic), SEEDS)
def test_walks_through_calls_loops_signals_errors_and_escalations(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@SOME
@given(graphs(safe=False, told=True), SEEDS)
def test_signals_among_several_tokens(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@pytest.mark.prove
@MANY
@given(graphs(safe=True, told=True).map(deterministic), SEEDS)
def test_thousands_of_walks(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@pytest.mark.prove
@MANY
@given(graphs(safe=False, told=True), SEEDS)
def test_thousands_of_walks_with_several_tokens(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@pytest.mark.prove
@settings(max_examples=400)
@given(graphs(safe=True, told=True).map(deterministic), SEEDS)
def test_each_step_may_be_done_by_another_process(elsewhere: Elsewhere, graph: Graph, seed: int) -> None:
    play(graph, Random(seed), elsewhere)


def test_a_walk_goes_on_in_other_processes(elsewhere: Elsewhere) -> None:
    for block in LOOPS:
        play(lay_out(block), Random(1), elsewhere)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as processes:
        yield processes


def play(graph: Graph, chance: Random, elsewhere: Elsewhere | None = None) -> None:
    """Both go the same way; each step starts from bytes, and with a definition that was loaded afresh."""
    source, called = graph.xml(), graph.called()
    errors = [finding for finding in check_bpmn(source, called=compiled(*called)) if finding.severity == "error"]
    codes = {finding.code for finding in errors}
    if codes & TOO_DEEP:
        return
    assert codes <= {"never-together"}
    game = Game(graph)
    try:
        go_the_same_way(Case(source, called=called), game, chance, elsewhere)
    except WalkFailed:
        assert game.stuck
    assert not game.joined & {finding.element for finding in errors}, "refused, and passed all the same"


def go_the_same_way(case: Case, game: Game, chance: Random, elsewhere: Elsewhere | None) -> None:
    compare(case, game)
    for _ in range(STEPS):
        if not 0 < len(game.waits()) < MOST_WAITS:
            return
        step(case, game, chance, elsewhere)
        compare(case, game)


def step(case: Case, game: Game, chance: Random, elsewhere: Elsewhere | None = None) -> None:
    """One of the things that are waited for happens in both; in the engine, in a process that knows only bytes."""
    verb, element = chance.choice(game.waits())
    picks = [value for value in range(3) if chance.random() < 0.7]
    values = {} if verb == "timer" else {"n": chance.randrange(3), "picks": picks}
    game.happen(element, values)
    if elsewhere is not None:
        elsewhere.do(case, element, values)
        return
    case.definition = load_definition(case.compiled)
    case.do(element, **values)


def compare(case: Case, game: Game) -> None:
    assert not game.stuck
    assert case.waits() == game.waits()
    assert case.completed == game.completed
    assert case.data == game.data
    assert sorted(name for name, _ in case.sent) == sorted(game.sent.elements())
