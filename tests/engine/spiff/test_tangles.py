"""Drawings whose gateways do not match run as the token game says, and what may get stuck in them is foretold."""

from collections import Counter
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.spiff import WalkFailed, check_bpmn
from tests.engine.spiff.cases import Case
from tests.engine.spiff.tangles import tangle
from tests.engine.spiff.test_token_game import MOST_WAITS, STEPS, compare, step
from tests.engine.spiff.token_game import Game

WALKS = 5  # through each drawing
SEEDS = st.integers(0, 2**32)


@settings(max_examples=50)
@given(SEEDS)
@example(150)  # An event on a step's border leads back to before the split: the join waits for the step.
@example(3111)  # Each of two inclusive joins keeps the other from going on: the one whose token came first does.
@example(2095)  # An inclusive gateway with one way in waits for nobody.
def test_tangled_arrows_follow_the_token_game(seed: int) -> None:
    play(Random(seed))


@pytest.mark.prove
@settings(max_examples=2_000)
@given(SEEDS)
def test_thousands_of_tangles(seed: int) -> None:
    play(Random(seed))


def play(chance: Random) -> None:
    graph = tangle(chance)
    source = graph.xml()
    found = check_bpmn(source)
    if any(finding.severity == "error" and finding.code != "never-together" for finding in found):
        return
    foretold = {finding.code for finding in found} & {"stuck", "never-together", "multiplying"}
    never = {finding.element for finding in found if finding.code == "never-together"}
    for _ in range(WALKS):
        game = Game(graph)
        try:
            go_the_same_way(Case(source), game, chance)
        except WalkFailed:
            assert game.stuck
            assert foretold
        assert not game.joined & never, "refused, and passed all the same"


def go_the_same_way(case: Case, game: Game, chance: Random) -> None:
    compare(case, game)
    for _ in range(STEPS):
        inside = Counter(token.node for token in game.tokens if token.inner)
        if not 0 < len(game.waits()) < MOST_WAITS or max(inside.values(), default=0) > 1:
            return  # It is done, or two are inside one sub-process, each elsewhere: which goes on is nobody's choice.
        step(case, game, chance)
        compare(case, game)
