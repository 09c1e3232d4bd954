"""Each construct that runs, carried through in the database: another process does each act, the log rebuilds all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from engine.commands.messages import DeliverMessage
from engine.commands.user_tasks import CompleteUserTask
from engine.models import ProcessInstance, UserTask
from engine.registry import SERVICES, service
from tests.engine.spiff import drawings as draw
from tests.engine.spiff.drawings import (
    again,
    border,
    both,
    bpmn,
    call,
    catch,
    end,
    first,
    many,
    receive,
    script,
    send,
    some,
    start,
    sub,
    xor,
)
from tests.engine.worlds import World

pytestmark = pytest.mark.any_database

user, manual = partial(draw.user, form="note"), partial(draw.manual, form="note")
A, B, C = user("a"), user("b"), user("c")
TWO_OF_THREE = "count('decision', 'send') >= 2 or count('decision', 'return') >= 2"
ANSWER = bpmn(start(), user("answer"), end(), flows="s>answer\nanswer>e", process_id="asked")
BOX = "s2>x\nx>e2"


@dataclass(frozen=True)
class Construct:
    """A drawing between a start s and an end e; what is done, and which steps are open then.

    Done are steps, by their decision if there is one (`a:return`), messages (`!papers`), days that pass (`+2`).
    """

    shapes: tuple[str, ...]
    flows: str
    acts: str  # "act → open steps; …", nothing is done first

    @property
    def source(self) -> bytes:
        return bpmn(start(), *self.shapes, end(), flows=self.flows.replace("; ", "\n"), process_id="tried")


def approvers(*, sequential: bool) -> Construct:
    marks = many("3", until=TWO_OF_THREE, sequential=sequential)
    left = ("x", "x") if sequential else ("x x x", "x x")
    acts = f"→ {left[0]}; x:send → {left[1]}; x:return → x; x:send → c; c →"
    return Construct((user("x", marks), C), "s>x; x>c; c>e", acts)


def inside(*shapes: str, flows: str, border_event: str, acts: str) -> Construct:
    """A sub-process `box` with an event on its border that leads to c."""
    box = sub("box", start("s2"), *shapes, flows=flows.split("; "))
    return Construct((box, border_event, C, end("e9")), "s>box; box>e; late>c; c>e9", acts)


CONSTRUCTS = {
    "user task": Construct((A,), "s>a; a>e", "→ a; a →"),
    "manual task": Construct((manual("a"), B), "s>a; a>b; b>e", "→ a; a → b; b →"),
    "script task": Construct(
        (A, script("x", "n = 2\na.decision = 'return'"), xor("g"), B, C),
        "s>a; a>x; x>g; g>b if a.decision == 'return' and n == 2; g>c default; b>e; c>e", "→ a; a:send → b; b →",
    ),
    "service task": Construct((draw.service("x", "tests.done"), xor("g"), B, C),
                              "s>x; x>g; g>b if x.number == 7; g>c default; b>e; c>e", "→ b; b →"),
    "send task": Construct((send("x", "told"), B), "s>x; x>b; b>e", "→ b; b →"),
    "receive task": Construct((receive("x", "papers"), B), "s>x; x>b; b>e", "→; !papers → b; b →"),
    "exclusive gateway": Construct((A, xor("g"), B, C), "s>a; a>g; g>b if a.decision == 'send'; g>c default; b>e; c>e",
                                   "→ a; a:return → c; c →"),
    "parallel gateway": Construct((both("p"), A, B, both("j"), C), "s>p; p>a; p>b; a>j; b>j; j>c; c>e",
                                  "→ a b; b → a; a → c; c →"),
    "inclusive gateway": Construct(
        (C, some("g"), A, B, some("j")),
        "s>c; c>g; g>a if c.decision == 'send'; g>b if c.decision != 'return'; g>j default; a>j; b>j; j>e",
        "→ c; c:send → a b; a → b; b →",
    ),
    "event-based gateway, two timers": Construct(
        (first("g"), catch("m", "papers"), catch("soon", timer="P1D"), catch("far", timer="P9D"), A, B, C),
        "s>g; g>m; g>soon; g>far; m>a; soon>b; far>c; a>e; b>e; c>e", "→; +2 → b; +9 → b; b →",
    ),
    "sub-process": Construct((sub("box", start("s2"), user("x"), end("e2"), flows=BOX), C), "s>box; box>c; c>e",
                             "→ x; x → c; c →"),
    "call activity": Construct((call("x", "asked", outputs="d = answer.decision"), xor("g"), B, C),
                               "s>x; x>g; g>b if x.d == 'send'; g>c default; b>e; c>e",
                               "→ x:answer; x:answer:send → b; b →"),
    "parallel multi-instance, 2 of 3": approvers(sequential=False),
    "sequential multi-instance, 2 of 3": approvers(sequential=True),
    "multi-instance sub-process": Construct(
        (sub("box", start("s2"), user("x"), end("e2"), flows=BOX, loop=many("2")), C), "s>box; box>c; c>e",
        "→ x x; x → x; x → c; c →",
    ),
    "loop": Construct((user("x", again("x.decision == 'return'", most="3")), C), "s>x; x>c; c>e",
                      "→ x; x:return → x; x:return → x; x:return → c; c →"),
    "loop, tested before": Construct((user("x", again("1 == 2", before=True)), C), "s>x; x>c; c>e", "→ c; c →"),
    "boundary timer": Construct((A, border("late", "a", timer="P1D"), B), "s>a; a>e; late>b; b>e", "→ a; +2 → b; b →"),
    "boundary timer, not interrupting": Construct(
        (A, border("late", "a", timer="P1D", interrupting=False), B, end("e2")), "s>a; a>e; late>b; b>e2",
        "→ a; +2 → a b; +2 → a b; a → b; b →",
    ),
    "boundary message": Construct((A, border("m", "a", "stop"), B), "s>a; a>e; m>b; b>e", "→ a; !stop → b; b →"),
    "boundary message, not interrupting": Construct(
        (A, border("m", "a", "ask", interrupting=False), B, end("e2")), "s>a; a>e; m>b; b>e2",
        "→ a; !ask → a b; !ask → a b b; a → b b; b → b; b →",
    ),
    "intermediate timer": Construct((catch("t", timer="P1D"), A), "s>t; t>a; a>e", "→; +2 → a; a →"),
    "intermediate message": Construct((catch("m", "papers"), A), "s>m; m>a; a>e", "→; !papers → a; a →"),
    "signal": Construct((both("p"), A, end("e2", told="signal:go"), catch("m", told="signal:go"), B),
                        "s>p; p>a; a>e2; p>m; m>b; b>e", "→ a; a → b; b →"),
    "error": inside(user("x"), end("e2", told="error:bad"), flows="s2>x; x>e2",
                    border_event=border("late", "box", told="error:bad"), acts="→ x; x → c; c →"),
    "escalation, not interrupting": inside(
        user("x"), draw.throw("t", told="escalation:up"), user("y"), end("e2"), flows="s2>x; x>t; t>y; y>e2",
        border_event=border("late", "box", told="escalation:up", interrupting=False),
        acts="→ x; x → c y; y → c; c →",
    ),
    "terminate in a sub-process": inside(
        both("p"), user("x"), user("y"), end("e2", terminate=True), end("e3"), flows="s2>p; p>x; p>y; x>e2; y>e3",
        border_event=border("late", "box", "stop"), acts="→ x y; x →",
    ),
    "terminate": Construct((both("p"), A, B, end("e2", terminate=True)), "s>p; p>a; p>b; a>e2; b>e", "→ a b; a →"),
    "event sub-process, interrupting": Construct(
        (A, sub("box", start("s2", "stop"), user("x"), end("e2"), flows=BOX, beside=True)), "s>a; a>e",
        "→ a; !stop → x; x →",
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def number() -> Iterator[None]:
    service("tests.done")(lambda call, runtime: {"number": 7})
    yield
    del SERVICES["tests.done"]


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_construct_runs_through_the_database(world: World, name: str) -> None:
    construct = CONSTRUCTS[name]
    if name == "call activity":
        world.deploy(ANSWER)
    world.deploy(construct.source)
    case = world.start("tried")
    for act, _, expected in (part.partition("→") for part in construct.acts.split(";")):
        world.restart()
        do(world, act.strip())
        opened = [row.element_id for row in world.all(UserTask, UserTask.state == "open")]
        assert sorted(opened) == sorted(expected.split()), act
    assert world.instance(case).state == "completed"


def do(world: World, act: str) -> None:
    """One act, by somebody who may, and what follows from it."""
    if act.startswith("!"):
        world.execute(DeliverMessage(instance_id=world.one(ProcessInstance).id, message=act[1:]))
    elif act.startswith("+"):
        world.travel(timedelta(days=int(act[1:])))
    elif act:
        element, _, decision = act.rpartition(":") if act.endswith((":send", ":return")) else (act, "", "send")
        task = next(row for row in world.all(UserTask, UserTask.state == "open") if row.element_id == element)
        answers = {"text": "Xong", "decision": decision}
        world.execute(CompleteUserTask(user_task_id=task.id, answers=answers), world.officer)
    world.settle()
