"""A case carried into an edited drawing goes on as the token game does with its tokens on the edited drawing."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import (
    CannotMigrate,
    DataMissing,
    NoSuchPlace,
    OtherKindOfPlace,
    PlaceNotMapped,
    ServiceUnderway,
    StructureDiffers,
)
from engine.spiff import WalkFailed, compile_bpmn, load_definition
from engine.spiff.migrate import Carried, Passage
from engine.spiff.versions import Version, proposed
from tests.engine.spiff.blocks import graphs, watched
from tests.engine.spiff.cases import Case
from tests.engine.spiff.diagrams import Flow, Graph, Node, without_scripts
from tests.engine.spiff.drawings import (
    border,
    both,
    bpmn,
    catch,
    end,
    first,
    many,
    receive,
    service,
    start,
    sub,
    user,
    xor,
)
from tests.engine.spiff.test_token_game import MOST_WAITS, compare, step
from tests.engine.spiff.token_game import Game

SOME = settings(max_examples=settings.default.max_examples // 4)  # Each is a case with all its steps.
STEPS = 12
MOST_SHAPES = 100


def moved(case: Case, source: bytes, *, mapping: dict[str, str] | None = None) -> Carried:
    """Carry the case into another drawing; by default each place to the one of the same id."""
    compiled = compile_bpmn(source)
    old, new = Version.read(case.definition, case.source), Version.read(load_definition(compiled), source)
    named = proposed(old, new) | (mapping or {})
    carried = Passage(old, new, named, frozenset()).carry(case.walk)
    carried.begin()
    case.source, case.compiled, case.definition = source, compiled, new.definition
    case._save(carried.walk)
    return carried


# ── against the token game ──


@SOME
@given(graphs(safe=True), st.integers(0, 2**32))
def test_a_case_goes_on_among_added_steps(graph: Graph, seed: int) -> None:
    if any(node.kind == "terminate" for node in graph.nodes):
        graph = without_scripts(graph)
    play(graph, Random(seed))


@SOME
@given(graphs(safe=False), st.integers(0, 2**32))
def test_a_case_with_several_tokens_goes_on_among_added_steps(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


@SOME
@given(watched(), st.integers(0, 2**32))
def test_a_case_with_event_sub_processes_goes_on_among_added_steps(graph: Graph, seed: int) -> None:
    play(graph, Random(seed))


def play(graph: Graph, chance: Random) -> None:
    game = Game(graph)
    try:
        case = Case(graph.xml())
        for _ in range(STEPS):
            if not 0 < len(game.waits()) < MOST_WAITS:
                return
            if chance.random() < 0.4 and len(game.nodes) < MOST_SHAPES:
                transplant(case, game, chance)
                compare(case, game)
            step(case, game, chance)
            compare(case, game)
    except WalkFailed:
        assert game.stuck


def transplant(case: Case, game: Game, chance: Random) -> None:
    """Add steps on some arrows, in both; a token that had come by such an arrow has its new end behind it."""
    graph, behind = with_steps(game.graph, chance)
    moved(case, graph.xml())
    game.graph, game.nodes = graph, {node.id: node for node in graph.nodes}
    for token in game.tokens:
        token.node, token.armed = game.nodes[token.node.id], [game.nodes[event.id] for event in token.armed]
        token.came = behind.get(token.came, token.came) if token.came else None


def with_steps(graph: Graph, chance: Random) -> tuple[Graph, dict[Flow, Flow]]:
    nodes, flows, behind = list(graph.nodes), [], {}
    kinds = {node.id: node.kind for node in nodes}
    for flow in graph.flows:
        if kinds[flow.source] == "first" or chance.random() < 0.6:
            flows.append(flow)
            continue
        added = Node(f"added{len(nodes)}", "user", graph.scope_of(flow))
        nodes.append(added)
        behind[flow] = Flow(added.id, flow.target)
        flows += [replace(flow, target=added.id), behind[flow]]
    return Graph(nodes, flows), behind


def test_what_gets_stuck_in_either_version_is_no_reason_to_refuse() -> None:
    """An event that does not interrupt leads to a join that one token more comes to than it takes."""
    shapes = [start(), user("a"), border("x", "a", message="more", interrupting=False), both("p"), user("u"),
              user("v"), user("w"), xor("m"), both("j"), end(), end("e2")]  # fmt: skip
    flows = "s>a\na>e\nx>p\np>u\np>v\np>w\nu>m\nv>m\nm>j\nw>j\nj>e2"
    case = Case(bpmn(*shapes, flows=flows))
    case.do("x")
    case.do("u")
    case.do("w")
    moved(case, bpmn(*shapes, user("z"), flows=flows.replace("a>e", "a>z\nz>e")))
    assert case.waits() == [("message", "x"), ("user", "a"), ("user", "v")]


# ── what is carried, and what is not ──

ONE = bpmn(start(), user("a"), user("b"), end(), flows="s>a\na>b\nb>e")
TIMED = bpmn(start(), user("a"), border("late", "a", timer="P3D", interrupting=False), end(), end("told"),
             flows="s>a\na>e\nlate>told")  # fmt: skip
TWO = bpmn(start(), both("split"), user("a"), user("b"), both("join"), end(),
           flows="s>split\nsplit>a\nsplit>b\na>join\nb>join\njoin>e")  # fmt: skip


def test_a_step_keeps_its_id_under_another_name() -> None:
    case = Case(ONE)
    (before,) = case.walk.waits.user_tasks
    moved(case, bpmn(start(), user("first"), user("b"), end(), flows="s>first\nfirst>b\nb>e"), mapping={"a": "first"})
    (after,) = case.walk.waits.user_tasks
    assert (after.task_id, after.element_id) == (before.task_id, "first")


def test_what_was_entered_is_known_under_the_new_name() -> None:
    case = Case(ONE)
    case.do("a", n=1)
    moved(case, bpmn(start(), user("first"), user("b"), end(), flows="s>first\nfirst>b\nb>e"), mapping={"a": "first"})
    assert case.data == {"a": {"n": 1}, "first": {"n": 1}}


def test_a_timer_keeps_its_moment() -> None:
    case = Case(TIMED)
    (before,) = case.walk.waits.timers
    case.now = case.now.replace(hour=9)
    moved(case, TIMED)
    assert case.walk.waits.timers == {before}


def test_a_timer_that_has_fired_is_not_begun_again() -> None:
    case = Case(TIMED)
    case.do("late")
    moved(case, TIMED.replace(b"P3D", b"P5D"))
    assert case.waits() == [("user", "a")]


def test_an_event_that_is_new_on_the_border_begins_and_one_that_is_gone_ends() -> None:
    case = Case(bpmn(start(), user("a"), end(), flows="s>a\na>e"))
    assert [task.task_spec.name for task in moved(case, TIMED).begun] == ["late"]
    assert case.waits() == [("timer", "late"), ("user", "a")]
    assert moved(case, bpmn(start(), user("a"), end(), flows="s>a\na>e")).let_go == ["late"]
    assert case.waits() == [("user", "a")]


def test_events_behind_a_gateway_stay_alternatives() -> None:
    def waiting(*more: str) -> bytes:
        flows = [
            "s>g",
            *(f"g>{name}" for name in ("m", "t", *more)),
            *(f"{name}>j" for name in ("m", "t", *more)),
            "j>e",
        ]
        others = (receive(name, name) for name in more)
        return bpmn(start(), first("g"), catch("m", message="m"), catch("t", timer="P1D"), *others, xor("j"), end(),
                    flows=flows)  # fmt: skip

    case = Case(waiting("gone"))
    assert moved(case, waiting("other")).let_go == ["gone"]
    assert case.waits() == [("message", "m"), ("message", "other"), ("timer", "t")]
    case.do("other")
    assert case.completed


def test_instances_of_a_step_for_many_go_on() -> None:
    case = Case(bpmn(start(), user("a", many("3")), end(), flows="s>a\na>e"))
    case.do("a")
    moved(case, bpmn(start(), user("a", many("3")), user("b"), end(), flows="s>a\na>b\nb>e"))
    assert case.waits() == [("user", "a")] * 2
    case.do("a")
    case.do("a")
    assert case.waits() == [("user", "b")]


def test_a_subprocess_goes_on_inside() -> None:
    def inside(*steps: str) -> bytes:
        flows = [f"{one}>{other}" for one, other in zip(("qs", *steps), (*steps, "qe"), strict=True)]
        return bpmn(start(), sub("q", start("qs"), *map(user, steps), end("qe"), flows=flows), end(), flows="s>q\nq>e")

    case = Case(inside("a"))
    moved(case, inside("a", "b"))
    case.do("a")
    assert case.waits() == [("user", "b")]


REFUSED = {
    "unmapped": (ONE, bpmn(start(), user("b"), end(), flows="s>b\nb>e"), {}, PlaceNotMapped),
    "nowhere": (ONE, bpmn(start(), user("b"), end(), flows="s>b\nb>e"), {"a": "gone"}, NoSuchPlace),
    "kind": (ONE, bpmn(start(), receive("r", "m"), end(), flows="s>r\nr>e"), {"a": "r"}, OtherKindOfPlace),
    "many": (ONE, bpmn(start(), user("a", many("2")), end(), flows="s>a\na>e"), {}, StructureDiffers),
    "inside": (ONE, bpmn(start(), sub("q", start("qs"), user("a"), end("qe"), flows="qs>a\na>qe"), end(),
                         flows="s>q\nq>e"), {}, StructureDiffers),
    "one way": (TWO, ONE, {}, StructureDiffers),
    "more ways": (TWO, bpmn(start(), both("split"), user("a"), user("b"), user("c"), both("join"), end(),
                            flows="s>split\nsplit>a\nsplit>b\nsplit>c\na>join\nb>join\nc>join\njoin>e"), {},
                  StructureDiffers),
    "service": (bpmn(start(), service("a", "one"), end(), flows="s>a\na>e"),
                bpmn(start(), service("a", "other"), end(), flows="s>a\na>e"), {}, ServiceUnderway),
    "data": (ONE, bpmn(start(), user("before"), xor("x"), user("a"), user("b"), xor("y"), end(),
                       flows="s>before\nbefore>a\na>x\nx>b if before.n == 1\nx>y default\nb>y\ny>e"), {}, DataMissing),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_could_not_go_on_is_refused(name: str) -> None:
    old, new, mapping, refusal = REFUSED[name]
    case = Case(old)
    before = case.state
    with pytest.raises(CannotMigrate) as refused:
        moved(case, new, mapping=mapping)
    assert type(refused.value) is refusal
    assert str(refused.value).endswith(".")
    assert case.state == before


def test_a_case_that_passes_the_asking_step_later_is_not_refused() -> None:
    case = Case(ONE)
    asking = "s>a\na>before\nbefore>x\nx>b if before.n == 1\nx>y default\nb>y\ny>e"
    moved(case, bpmn(start(), user("before"), xor("x"), user("a"), user("b"), xor("y"), end(), flows=asking))
    case.do("a")
    case.do("before", n=1)
    assert case.waits() == [("user", "b")]
