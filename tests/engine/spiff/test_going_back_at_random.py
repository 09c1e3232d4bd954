"""Random walks that are set back again and again: what is not refused never gets stuck, and comes to its end."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.spiff import CannotGoBack, WalkFailed, check_bpmn
from tests.engine.spiff.blocks import graphs
from tests.engine.spiff.cases import Case, compiled
from tests.engine.spiff.diagrams import Graph, deterministic
from tests.engine.spiff.tangles import TANGLES

STEPS = 40
HOW_OFTEN = 0.3
MANY_TIMES = 50
UNSOUND = {"stuck", "multiplying"}
"""What a drawing may do by itself; then it proves nothing of going back."""
SEEDS = st.integers(0, 2**32)


@settings(max_examples=40)
@given(graphs(safe=True).map(deterministic), SEEDS)
def test_what_was_set_back_goes_on_to_its_end(graph: Graph, seed: int) -> None:
    walk(graph, Random(seed))


@settings(max_examples=20)
@given((graphs(safe=True, told=True) | TANGLES).map(deterministic), SEEDS)
def test_with_calls_signals_errors_and_tangled_arrows(graph: Graph, seed: int) -> None:
    walk(graph, Random(seed))


@pytest.mark.prove
@settings(max_examples=600)
@given((graphs(safe=True, told=True) | TANGLES).map(deterministic), SEEDS)
def test_thousands_are_set_back(graph: Graph, seed: int) -> None:
    walk(graph, Random(seed))


def walk(graph: Graph, chance: Random) -> None:
    """Any step, in any order; now and then back to one that was done. Each begins from the saved bytes."""
    called = graph.called()
    if any(f.severity == "error" or f.code in UNSOUND for f in check_bpmn(graph.xml(), called=compiled(*called))):
        return
    try:
        go(Case(graph.xml(), called=called), chance, HOW_OFTEN)
    except WalkFailed:
        assert gets_stuck_by_itself(graph, chance)


def go(case: Case, chance: Random, how_often: float) -> None:
    done: list[str] = []
    for _ in range(STEPS):
        if case.completed:
            return
        if done and chance.random() < how_often:
            set_back(case, chance.choice(done))
            continue
        kind, element = chance.choice(case.waits())
        case.do(element, **({} if kind == "timer" else {"n": chance.randrange(3), "picks": [0, 1, 2]}))
        done += [element] if kind == "user" else []


def gets_stuck_by_itself(graph: Graph, chance: Random) -> bool:
    """What non-interrupting events begin is not looked at when a drawing is checked."""
    for _ in range(MANY_TIMES):
        try:
            go(Case(graph.xml(), called=graph.called()), chance, 0)
        except WalkFailed:
            return True
    return False


def set_back(case: Case, element: str) -> None:
    """The step waits then, unless it was refused; that changes nothing."""
    walk, before = case.walk, case.state
    try:
        walk.go_back(element, case.source)
    except CannotGoBack:
        assert case.state == before
        return
    case._save(walk)
    assert ("user", element) in case.waits()
