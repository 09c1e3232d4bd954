"""Whoever did a step may not do the one that is to be separate from it, however often both are done."""

from uuid import UUID

import pytest

from engine.command import Actor
from engine.commands.operations import GoBack, ReassignUserTask, SkipUserTask
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import SeparationOfDuties
from engine.models import UserTask
from tests.engine.spiff.drawings import again, bpmn, call, end, many, start, sub, user
from tests.engine.worlds import World

pytestmark = pytest.mark.any_database

SENT = {"text": "Xong", "decision": "send"}
PAIR = (
    start("in"), user("write", form="note"), user("check", form="note", separate_from="write"), end("out"),
)  # fmt: skip
PAIR_FLOWS = "in>write\nwrite>check\ncheck>out"


@pytest.fixture
def people(world: World) -> tuple[Actor, Actor]:
    return world.officer, world.colleague


def open_steps(world: World, element: str) -> list[UUID]:
    """Those of an element, in the order of their turns."""
    return [row.id for row in world.all(UserTask, UserTask.state == "open", UserTask.element_id == element)]


def by_outer_turn(world: World, element: str) -> dict[str, list[UUID]]:
    steps: dict[str, list[UUID]] = {}
    for row in world.all(UserTask, UserTask.state == "open", UserTask.element_id == element):
        steps.setdefault(row.within.split()[0], []).append(row.id)
    return steps


def do(world: World, step: UUID, actor: Actor) -> None:
    world.execute(CompleteUserTask(user_task_id=step, answers=SENT), actor)


def refused(world: World, step: UUID, actor: Actor) -> None:
    with pytest.raises(SeparationOfDuties):
        do(world, step, actor)
    with pytest.raises(SeparationOfDuties):
        world.execute(ReassignUserTask(user_task_id=step, assignee_id=actor.id, reason="Thử"), world.administrator)
    skipper = Actor(
        id=actor.id, tenant_id=actor.tenant_id, permissions=world.administrator.permissions, desks=actor.desks
    )
    with pytest.raises(SeparationOfDuties):
        world.execute(SkipUserTask(user_task_id=step, reason="Thử"), skipper)


def begin(world: World, *shapes: str, flows: str) -> UUID:
    world.deploy(bpmn(start(), *shapes, end(), flows=flows, process_id="pairs"))
    return world.start("pairs")


@pytest.mark.parametrize("kind", ["sub", "call"])
def test_each_of_several_turns_is_checked_by_who_did_not_write_in_it(world: World, people, kind: str) -> None:
    first, second = people
    if kind == "call":
        world.deploy(bpmn(*PAIR, flows=PAIR_FLOWS, process_id="pair"))
        begin(world, call("each", "pair", many("2")), flows="s>each\neach>e")
    else:
        begin(world, sub("each", *PAIR, flows=PAIR_FLOWS, loop=many("2")), flows="s>each\neach>e")
    write, check = ("each:write", "each:check") if kind == "call" else ("write", "check")
    one, other = open_steps(world, write)
    do(world, one, first)
    (check_one,) = open_steps(world, check)
    do(world, other, second)
    (check_other,) = set(open_steps(world, check)) - {check_one}
    world.restart()
    refused(world, check_one, first)
    refused(world, check_other, second)
    do(world, check_one, second)
    do(world, check_other, first)
    world.check()


def test_a_step_behind_counts_everyone_of_the_last_round(world: World, people) -> None:
    first, second = people
    case = begin(
        world, user("write", many("3", until="numberOfCompletedInstances == 2"), form="note"),
        user("check", form="note", separate_from="write"), flows="s>write\nwrite>check\ncheck>e",
    )  # fmt: skip
    one, other, _ = open_steps(world, "write")
    do(world, one, first)
    do(world, other, second)
    (check,) = open_steps(world, "check")
    refused(world, check, first)
    refused(world, check, second)
    world.execute(GoBack(instance_id=case, element_id="write", reason="Viết lại"), world.administrator)
    for step in open_steps(world, "write")[:2]:
        do(world, step, second)
    (check,) = open_steps(world, "check")
    refused(world, check, second)
    do(world, check, first)
    world.check()


def test_of_turns_one_after_the_other_each_is_its_own_round(world: World, people) -> None:
    first, second = people
    loop = sub("turn", *PAIR, flows=PAIR_FLOWS, loop=again(most="2"))
    begin(
        world, loop, user("close", form="note", separate_from="write"), flows="s>turn\nturn>close\nclose>e"
    )  # fmt: skip
    for writer, checker in ((first, second), (second, first)):
        (write,) = open_steps(world, "write")
        do(world, write, writer)
        (check,) = open_steps(world, "check")
        refused(world, check, writer)
        do(world, check, checker)
    (close,) = open_steps(world, "close")
    refused(world, close, second)
    do(world, close, first)
    world.check()


def test_a_step_for_several_is_separate_from_the_one_before_it(world: World, people) -> None:
    first, second = people
    begin(
        world, user("write", form="note"), user("check", many("2"), form="note", separate_from="write"),
        flows="s>write\nwrite>check\ncheck>e",
    )  # fmt: skip
    (write,) = open_steps(world, "write")
    do(world, write, first)
    for check in open_steps(world, "check"):
        refused(world, check, first)
        do(world, check, second)


def test_within_nested_turns_each_counts_what_lies_in_the_same(world: World, people) -> None:
    first, second = people
    inner = sub(
        "inner", start("in"), user("write", form="note"), end("out"), flows="in>write\nwrite>out", loop=many("2")
    )
    outer = sub(
        "outer", start("begin"), inner, user("check", form="note", separate_from="write"), end("done"),
        flows="begin>inner\ninner>check\ncheck>done", loop=many("2"),
    )  # fmt: skip
    begin(world, outer, flows="s>outer\nouter>e")
    third = world.person("staff")
    writes = by_outer_turn(world, "write")
    here, there = writes
    for step, writer in zip(writes[here] + writes[there], (first, first, second, third), strict=True):
        do(world, step, writer)
    checks = by_outer_turn(world, "check")
    (check_here,), (check_there,) = checks[here], checks[there]
    refused(world, check_here, first)
    refused(world, check_there, second)
    refused(world, check_there, third)
    do(world, check_there, first)
    do(world, check_here, second)
    world.check()
