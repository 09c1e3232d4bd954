"""Random walks through random processes do what BPMN's token game says, with a save and restore between all steps."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.spiff import WalkFailed, check_bpmn, load_definition
from tests.engine.spiff.cases import Case
from tests.engine.spiff.diagrams import Graph, graphs, without_scripts
from tests.engine.spiff.token_game import Game

STEPS = 14
SOME = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
ANSWERS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), st.sets(st.integers(0, 2))), max_size=STEPS)


@SOME
@given(graphs(safe=True), ANSWERS)
def test_walks_follow_the_token_game(graph, answers):
    if any(node.kind == "terminate" for node in graph.nodes):
        graph = without_scripts(graph)
    play(graph, answers)


@SOME
@given(graphs(safe=False), ANSWERS)
def test_walks_follow_the_token_game_with_several_tokens(graph, answers):
    play(graph, answers)


def play(graph: Graph, answers: list[tuple[int, int, set[int]]]) -> None:
    """Both go the same way; each step starts from bytes, and with a definition that was loaded afresh."""
    source = graph.xml()
    assert [finding for finding in check_bpmn(source) if finding.severity == "error"] == []
    game = Game(graph)
    try:
        case = Case(source)
    except WalkFailed:
        assert is_stuck(game)
        return
    compare(case, game)
    for which, n, picks in answers:
        waits = game.waits()
        if not waits or len(waits) > 40:
            return
        verb, element = waits[which % len(waits)]
        values = {} if verb == "timer" else {"n": n, "picks": sorted(picks)}
        game.happen(element, values)
        case.definition = load_definition(case.compiled)
        try:
            case.do(element, **values)
        except WalkFailed:
            assert is_stuck(game)
            return
        compare(case, game)


def is_stuck(game: Game) -> bool:
    return not game.completed and not game.waits()


def compare(case: Case, game: Game) -> None:
    assert not is_stuck(game)
    assert case.waits() == game.waits()
    assert case.completed == game.completed
    assert case.data == game.data
    assert sorted(name for name, _ in case.sent) == sorted(f"m_{name}" for name in game.sent.elements())
