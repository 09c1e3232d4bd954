"""A running case goes on in another version: what waits keeps its id, its holder, its draft and its moments."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from engine.commands.instances import SuspendInstance
from engine.commands.migration import Migrated, MigrateInstance
from engine.commands.operations import GoBack
from engine.commands.user_tasks import ClaimUserTask
from engine.dry_run import dry_run
from engine.errors import DataMissing, InstanceOnHold, NoSuchPlace, SeparationLost
from engine.facts import InstanceMigrated
from engine.models import Draft, Event, Timer
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, bpmn, end, some, start, sub, user, xor
from tests.engine.worlds import World

KEY = "write_and_check"
SENT = {"text": "Nội dung", "decision": "send"}


def edited(*changes: tuple[str, str]) -> bytes:
    text = WRITE_AND_CHECK.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


RENAMED = edited(("Bước check", "Thủ trưởng duyệt"))


def migrate(world: World, case: UUID, version: UUID | None, *, mapping: dict[str, str] | None = None) -> Migrated:
    assert version is not None
    places = {"write": "write", "check": "check"} if mapping is None else mapping
    command = MigrateInstance(instance_id=case, definition_id=version, mapping=places, reason="Thêm bước duyệt")
    moved: Migrated = world.execute(command)
    return moved


@pytest.fixture
def case(world: World) -> UUID:
    world.deploy(WRITE_AND_CHECK)
    return world.start(KEY)


def test_a_case_moves_and_is_finished_there(world: World, case: UUID) -> None:
    version = world.deploy(RENAMED)
    assert migrate(world, case, version) == Migrated()
    assert world.instance(case).definition_id == version
    world.restart()
    world.complete("write", world.officer, **SENT)
    assert world.task("check").name == "Thủ trưởng duyệt"
    world.complete("check", world.head, **SENT)
    assert world.instance(case).state == "completed"


def test_what_happened_says_who_moved_it_and_why(world: World, case: UUID) -> None:
    first = world.instance(case).definition_id
    version = world.deploy(RENAMED)
    command = MigrateInstance(instance_id=case, definition_id=version, mapping={"write": "write"}, reason="Thêm bước")
    world.execute(command, world.administrator)
    event = world.rows(sa.select(Event.__table__).where(Event.stream == case).order_by(Event.sequence.desc()))[0]
    assert (event.type, event.actor_id) == ("InstanceMigrated", world.administrator.id)
    assert world.facts(case)[-1][0] == InstanceMigrated(version, first, {}, [], "Thêm bước")


def test_moving_twice_is_moving_once(world: World, case: UUID) -> None:
    version = world.deploy(RENAMED)
    migrate(world, case, version)
    migrate(world, case, version)
    assert world.types(case).count("InstanceMigrated") == 1


def test_claim_draft_due_time_and_reminders_stay(world: World, case: UUID) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    with world.runtime.writing() as connection:
        draft = {"user_task_id": task.id, "person_id": world.officer.id, "data": "{}", "updated_at": world.now}
        connection.execute(sa.insert(Draft).values(draft))
    timers = world.all(Timer)
    migrate(world, case, world.deploy(RENAMED))
    after = world.task("write")
    assert (after.id, after.assignee_id, after.due_at) == (task.id, world.officer.id, task.due_at)
    assert world.all(Timer) == timers
    assert [row.user_task_id for row in world.rows(sa.select(Draft.user_task_id))] == [task.id]


def test_a_due_time_that_is_another_counts_from_when_the_step_was_entered(world: World, case: UUID) -> None:
    world.complete("write", world.officer, **SENT)
    before = world.task("check").due_at
    world.travel(timedelta(days=3))
    moved = migrate(world, case, world.deploy(edited(("working_days(1)", "working_days(2)"))))
    (change,) = moved.due_changes
    assert change.before == before
    assert change.after == world.task("check").due_at
    assert timedelta(days=1) <= change.after - before <= timedelta(days=3)


def test_reminders_that_are_others_are_set_anew(world: World, case: UUID) -> None:
    migrate(world, case, world.deploy(edited(("-2wd 08:00 holder", "-4wd 08:00 holder"))))
    assert world.timers() == ["-4wd 08:00", "+1wd 08:00"]


def test_another_desk_gets_the_step_and_who_held_it_does_not_keep_it(world: World, case: UUID) -> None:
    world.execute(ClaimUserTask(user_task_id=world.task("write").id), world.officer)
    moved = migrate(world, case, world.deploy(edited(("staff@lead", "clerk@lead"))))
    task = world.task("write")
    assert (task.desk, task.assignee_id, moved.released) == (f"clerk@{world.unit}", None, ("Bước write",))


def test_a_step_under_another_id_keeps_what_hangs_on_it(world: World, case: UUID) -> None:
    task = world.task("write")
    version = world.deploy(edited(('"write"', '"draft"'), ("f_start_write", "f_1"), ("f_write_check", "f_2"),
                                  ("f_ok_write", "f_3")))  # fmt: skip
    migrate(world, case, version, mapping={"write": "draft", "check": "check"})
    assert world.task("draft").id == task.id
    assert {row.element_id for row in world.all(Timer)} == {"draft"}
    world.complete("draft", world.officer, **SENT)
    assert world.timers() == []


def test_who_did_a_step_is_not_forgotten(world: World, case: UUID) -> None:
    version = world.deploy(edited(('"write"', '"draft"'), ("f_start_write", "f_1"), ("f_write_check", "f_2"),
                                  ("f_ok_write", "f_3")))  # fmt: skip
    world.complete("write", world.officer, **SENT)
    with pytest.raises(SeparationLost):
        migrate(world, case, version, mapping={"write": "draft", "check": "check"})


def asking(field: str) -> bytes:
    """The way back hangs on a field of the first step."""
    return edited(("check.decision == 'return'", f"write.{field} == 'again'"))


def form_with(field: str) -> dict[str, bytes]:
    """The form, with one field more that the process sees, unless it was there."""
    components = orjson.loads(FORM)
    known = [one for one in components["components"] if one["key"] == field]
    more = known or [{"type": "textfield", "key": field, "label": "Thêm"}]
    more[0]["properties"] = {"variable": "true"}
    components["components"] += [] if known else more
    return {"note": orjson.dumps(components)}


def test_what_was_entered_already_is_seen_where_the_new_form_marks_it(world: World, case: UUID) -> None:
    world.complete("write", world.officer, text="again", decision="send")
    migrate(world, case, world.deploy(asking("text"), form_with("text")))
    world.complete("check", world.head, **SENT)
    assert world.tasks() == {"write"}


def test_a_field_that_nobody_was_asked_for_keeps_the_case_where_it_is(world: World, case: UUID) -> None:
    version = world.deploy(asking("extra"), form_with("extra"))
    other = world.start(KEY)
    assert world.instance(other).definition_id == version
    world.complete("write", world.officer, instance_id=case, **SENT)
    with pytest.raises(DataMissing, match="trường “extra” của bước “Bước write”"):
        migrate(world, case, version)


def test_a_suspended_case_stays_where_it_is(world: World, case: UUID) -> None:
    version = world.deploy(RENAMED)
    world.execute(SuspendInstance(instance_id=case, reason="chờ"))
    with pytest.raises(InstanceOnHold):
        migrate(world, case, version)


def test_a_refused_case_is_as_it_was(world: World, case: UUID) -> None:
    before, version = world.instance(case), world.deploy(RENAMED)
    with pytest.raises(NoSuchPlace):
        migrate(world, case, version, mapping={"write": "gone", "check": "check"})
    assert world.instance(case) == before
    assert world.incidents() == []


def boxed(join: str, late: str) -> bytes:
    """Two branches in a sub-process, one with a timer on a step's border, and where they lead."""
    box = sub(
        "box", start("s2"), some("split"), user("a", form="note"), user("b", form="note"), user("c", form="note"),
        border("late", "b", timer=late, interrupting=False), some("join"), end("e2", terminate=True), end("e3"),
        flows=f"s2>split\nsplit>a if null == null\nsplit>b if null == null\nsplit>c default\na>join\n{join}\nlate>e3",
    )  # fmt: skip
    return bpmn(start(), box, user("after", form="note"), end(), flows="s>box\nbox>after\nafter>e", process_id="boxed")


def test_a_timer_that_is_another_and_ends_with_the_move_waits_no_more(world: World) -> None:
    world.deploy(boxed("b>join\nc>e3\njoin>e2", "P5D"))
    case = world.start("boxed")
    world.complete("a", world.officer, **SENT)
    assert world.timers() == ["late"]
    version = world.deploy(boxed("b>e3\nc>join\njoin>e2", "P6D"))  # Nothing else comes to the join any more.
    migrate(world, case, version, mapping={name: name for name in ("box", "a", "b", "c", "late", "after")})
    assert (world.tasks(case), world.timers()) == ({"after"}, [])


@pytest.mark.parametrize("element", ["a", "a2"], ids=["as it was called", "as it is called"])
def test_a_moved_case_goes_back_to_a_step_that_has_another_id_now(world: World, element: str) -> None:
    world.deploy(renaming("a"))
    case = world.start("renaming")
    for step in ("z", "a"):
        world.complete(step, world.officer, text="x", decision="return")
    version = world.deploy(renaming("a2"))
    migrate(world, case, version, mapping={"z": "z", "a": "a2", "b": "b", "again": "again"})
    world.execute(GoBack(instance_id=case, element_id=element, reason="nhầm"), world.administrator)
    assert world.tasks(case) == {"a2"}
    world.execute(GoBack(instance_id=case, element_id="z", reason="nhầm"), world.administrator)
    world.complete("z", world.officer, **SENT)
    assert world.tasks(case) == {"a2"}  # Nobody has returned anything yet.


def renaming(name: str) -> bytes:
    return bpmn(
        start(), user("z", form="note"), xor("asked"), user("again", form="note"), user(name, form="note"),
        user("b", form="note"), end(), process_id="renaming",
        flows=f"s>z\nz>asked\nasked>again if {name}.decision == 'return'\nasked>{name} default\nagain>{name}\n"
        f"{name}>b\nb>e",
    )  # fmt: skip


def test_what_would_change_is_foreseen_and_nothing_written(world: World, case: UUID) -> None:
    other = world.start(KEY)
    world.complete("write", world.officer, instance_id=other, **SENT)
    version = world.deploy(edited(("working_days(1)", "working_days(2)")))
    assert version is not None
    before = world.rows(sa.select(Event.hash))
    commands = [
        MigrateInstance(instance_id=id, definition_id=version, mapping={"check": "check"}, reason="thử")
        for id in (case, other)
    ]
    refused, (_, moves) = list(dry_run(world.runtime, world.administrator, commands))
    assert refused == (case, "Bước “Bước write” chưa chọn bước tương ứng trong bản mới.")
    assert isinstance(moves, Migrated)
    assert [change.name for change in moves.due_changes] == ["Bước check"]
    assert world.rows(sa.select(Event.hash)) == before
