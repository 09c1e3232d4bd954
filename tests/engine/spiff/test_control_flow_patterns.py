"""The twenty basic control-flow workflow patterns, as docs/control-flow-patterns.md says that they are drawn."""

from tests.engine.spiff.cases import Case
from tests.engine.spiff.drawings import (
    border,
    both,
    bpmn,
    catch,
    end,
    first,
    many,
    script,
    some,
    start,
    sub,
    throw,
    user,
    xor,
)
from tests.engine.spiff.findings import found

A, B, C = user("a"), user("b"), user("c")


def case(*shapes: str, flows: str, warnings: tuple[str, ...] = (), **data: object) -> Case:
    """A drawing between s and e that can be deployed."""
    source = bpmn(start(), *shapes, end(), flows=flows.replace("; ", "\n"), inputs=" ".join(data))
    assert {code for code, _ in found(source, forms=None)} <= set(warnings)
    return Case(source, data=data)


def steps(running: Case) -> list[str]:
    return [element for _, element in running.waits()]


def test_1_sequence() -> None:
    running = case(A, B, flows="s>a; a>b; b>e")
    running.do("a")
    assert steps(running) == ["b"]


def test_2_parallel_split_and_3_synchronization() -> None:
    running = case(both("p"), A, B, both("j"), C, flows="s>p; p>a; p>b; a>j; b>j; j>c; c>e")
    assert steps(running) == ["a", "b"]
    running.do("b")
    assert steps(running) == ["a"]
    running.do("a")
    assert steps(running) == ["c"]


def test_4_exclusive_choice_and_5_simple_merge() -> None:
    flows = "s>g; g>a if kind == 1; g>b default; a>m; b>m; m>c; c>e"
    for kind, chosen in ((1, "a"), (2, "b")):
        running = case(xor("g"), A, B, xor("m"), C, flows=flows, kind=kind)
        assert steps(running) == [chosen]
        running.do(chosen)
        assert steps(running) == ["c"]


CHOOSING = "s>g; g>a if 1 in ways; g>b if 2 in ways; g>m default; a>m; b>m; m>c; c>e"


def test_6_multi_choice_and_7_structured_synchronizing_merge() -> None:
    for ways, open_steps in (([1], ["a"]), ([2], ["b"]), ([1, 2], ["a", "b"]), ([], ["c"])):
        running = case(some("g"), A, B, some("m"), C, flows=CHOOSING, ways=ways)
        assert steps(running) == open_steps
        for step in open_steps:
            if step != "c":
                assert "c" not in steps(running)
                running.do(step)
        assert steps(running) == ["c"]


def test_8_multi_merge() -> None:
    running = case(both("p"), A, B, xor("m"), C, flows="s>p; p>a; p>b; a>m; b>m; m>c; c>e")
    running.do("a")
    assert steps(running) == ["b", "c"]
    running.do("b")
    assert steps(running) == ["c", "c"]


def test_9_structured_discriminator() -> None:
    """The first branch that is done leads on, the others end where they meet it."""
    running = case(
        both("p"), A, B, xor("m"), xor("g"), end("late"), script("t", "passed = true"), C,
        flows="s>p; p>a; p>b; a>m; b>m; m>g; g>late if passed == true; g>t default; t>c; c>e",
    )  # fmt: skip
    running.do("b")
    assert steps(running) == ["a", "c"]
    running.do("a")
    assert steps(running) == ["c"]


def test_9_cancelling_discriminator() -> None:
    """One activity for several: the first that is done takes the others away."""
    running = case(user("a", many("3", until="numberOfCompletedInstances >= 1")), C, flows="s>a; a>c; c>e")
    running.do("a")
    assert steps(running) == ["c"]


def test_10_arbitrary_cycles() -> None:
    """Two ways back that cross: no loop around one activity draws this."""
    running = case(
        xor("m"), A, xor("n"), B, xor("g"), xor("h"),
        flows="s>m; m>a; a>n; n>b; b>g; g>m if b.to == 'a'; g>h default; h>n if b.to == 'b'; h>e default",
    )  # fmt: skip
    running.do("a")
    running.do("b", to="b")
    assert steps(running) == ["b"]
    running.do("b", to="a")
    assert steps(running) == ["a"]


def test_11_implicit_termination() -> None:
    running = case(both("p"), A, B, end("e2"), flows="s>p; p>a; p>b; a>e; b>e2")
    running.do("a")
    assert not running.completed
    running.do("b")
    assert running.completed


def test_12_multiple_instances_without_synchronization() -> None:
    """A loop that sets out a branch on each turn, and does not wait for it."""
    running = case(
        xor("m"), A, both("p"), B, end("e2"), xor("g"),
        flows="s>m; m>a; a>p; p>b; b>e2; p>g; g>m if a.more == true; g>e default",
        warnings=("multiplying",),
    )  # fmt: skip
    running.do("a", more=True)
    running.do("a", more=True)
    running.do("a", more=False)
    assert steps(running) == ["b", "b", "b"]


def test_13_multiple_instances_known_at_design_time() -> None:
    running = case(user("a", many("3")), C, flows="s>a; a>c; c>e")
    for left in (3, 2, 1):
        assert steps(running) == ["a"] * left
        running.do("a")
    assert steps(running) == ["c"]


def test_14_multiple_instances_known_when_they_begin() -> None:
    marks = many(items="ask.units", item="unit")
    running = case(user("ask"), user("a", marks, person="unit"), flows="s>ask; ask>a; a>e")
    running.do("ask", units=["x", "y"])
    assert steps(running) == ["a", "a"]


def test_15_multiple_instances_that_become_more() -> None:
    """Within a sub-process, a message sets out another; the sub-process waits for them all."""
    inner = sub("box", start("s2"), both("p"), A, end("e2"), user("enough"), border("more", "enough", message="more",
                interrupting=False), B, end("e3"), end("e4"),
                flows=["s2>p", "p>a", "a>e2", "p>enough", "enough>e3", "more>b", "b>e4"])  # fmt: skip
    running = case(inner, C, flows="s>box; box>c; c>e")
    running.do("more")
    running.do("more")
    running.do("enough")
    assert steps(running) == ["a", "b", "b"]
    for step in ("b", "a", "b"):
        running.do(step)
    assert steps(running) == ["c"]


def test_16_deferred_choice() -> None:
    running = case(
        first("g"), catch("came", message="answer"), catch("late", timer="P3D"), A, B,
        flows="s>g; g>came; g>late; came>a; late>b; a>e; b>e",
    )  # fmt: skip
    assert steps(running) == ["came", "late"]
    running.do("late")
    assert steps(running) == ["b"]


def test_17_interleaved_parallel_routing() -> None:
    """One after the other in any order: a step says which, a gateway leads there, until all are done."""
    running = case(
        xor("m"), user("which"), xor("g"), A, B, xor("n"), script("t", "done = which.next + done"), xor("h"),
        flows="s>m; m>which; which>g; g>a if which.next == 1; g>b default; a>n; b>n; n>t; t>h; "
        "h>e if done >= 3; h>m default", done=0,
    )  # fmt: skip
    for step, number in (("b", 2), ("a", 1)):
        assert steps(running) == ["which"]
        running.do("which", next=number)
        assert steps(running) == [step]
        running.do(step)
    assert running.completed


def test_18_milestone() -> None:
    """What may be done only while a step is open: an event on its border that does not interrupt."""
    running = case(
        A, border("asked", "a", message="asked", interrupting=False), B, end("e2"), C,
        flows="s>a; asked>b; b>e2; a>c; c>e",
    )  # fmt: skip
    running.do("asked")
    assert steps(running) == ["asked", "a", "b"]
    running.do("a")
    assert steps(running) == ["b", "c"]


def test_19_cancel_task() -> None:
    running = case(A, border("stop", "a", message="stop"), C, flows="s>a; a>e; stop>c; c>e")
    running.do("stop")
    assert steps(running) == ["c"]


def test_20_cancel_case() -> None:
    running = case(
        both("p"), A, B, catch("stop", message="stop"), throw("told"), end("all", terminate=True), both("j"),
        flows="s>p; p>a; p>b; p>stop; stop>told; told>all; a>j; b>j; j>e",
    )  # fmt: skip
    running.do("a")
    running.do("stop")
    assert (running.completed, steps(running)) == (True, [])
