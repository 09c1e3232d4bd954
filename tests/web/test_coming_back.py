"""To whom a result comes back when it is returned: to whoever had it, while they work in the unit."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.commands.migration import MigrateInstance
from engine.commands.operations import GoBack
from engine.commands.user_tasks import AssignUserTask, CompleteUserTask
from engine.models import UserTask
from tests.engine.drawings import FORM
from tests.engine.spiff.drawings import bpmn, end, many, start, sub, user, xor
from tests.web.cycle_wards import DONE, FOCAL, FOCAL_HEAD, CycleWard, Row, issue
from tests.web.wards import Ward, text_of
from webapp.organisation.commands.people import DeactivatePerson
from webapp.plans.models import TaskOccurrence

RETURN = {"decision": "return", "reason": "Thiếu số liệu."}


@pytest.fixture
def given_to_nobody(ward: Ward) -> CycleWard:
    """A case that its head has accepted for the unit."""
    made = issue(ward, (Row("khdt", "Số hóa bản đồ quy hoạch"),), accepted=False)
    made.do("accept", "khdt.truong", made.case("1"), decision="accept")
    return made


def officer_of(made: CycleWard) -> object:
    return made.rows(sa.select(TaskOccurrence.officer_id).where(TaskOccurrence.id == made.case("1")))[0][0]


def holder_of(made: CycleWard) -> object:
    return made.ward.holder(made.step("execute", made.case("1")))


def test_to_who_sent_it_without_having_taken_it(given_to_nobody: CycleWard) -> None:
    made, sender = given_to_nobody, given_to_nobody.ward.person("khdt.cv1")
    made.report("1", "khdt.cv1")
    assert officer_of(made) == sender
    assert "Chưa giao người" not in text_of(made.signed_in("khdt.truong").get(f"/ke-hoach/{made.plan_id}"))
    made.do("unit_review", "khdt.truong", made.case("1"), **RETURN)
    assert holder_of(made) == sender


def test_to_whom_it_was_handed_over(given_to_nobody: CycleWard) -> None:
    made, head = given_to_nobody, given_to_nobody.ward.person("khdt.truong")
    command = AssignUserTask(user_task_id=made.step("execute", made.case("1")), assignee_id=head)
    made.execute(command, "khdt.truong")
    made.report("1", "khdt.truong")
    made.do("unit_review", "khdt.truong", made.case("1"), **RETURN)
    assert holder_of(made) == officer_of(made) == head


def test_to_the_desk_once_they_have_left(given_to_nobody: CycleWard) -> None:
    made = given_to_nobody
    made.report("1", "khdt.cv1")
    made.ward.execute(DeactivatePerson(person_id=made.ward.person("khdt.cv1")))
    made.do("unit_review", "khdt.truong", made.case("1"), **RETURN)
    assert holder_of(made) is None


def test_to_whom_the_head_had_named_once_those_who_had_it_since_have_left(ward: Ward) -> None:
    made = issue(ward, (Row("vhxh", "Mở chuyên mục chuyển đổi số"),), accepted=False)
    first, second = ward.person("vhxh.cv1"), ward.person("vhxh.cv2")
    made.do("accept", FOCAL_HEAD, made.case("1"), decision="accept", officer=str(first))
    made.execute(AssignUserTask(user_task_id=made.step("execute", made.case("1")), assignee_id=second), FOCAL_HEAD)
    made.report("1", "vhxh.cv2")
    ward.execute(DeactivatePerson(person_id=second))
    made.do("self_check", FOCAL, made.case("1"), **RETURN)
    assert holder_of(made) == first


def test_to_whom_the_head_names_anew(given_to_nobody: CycleWard) -> None:
    made, head = given_to_nobody, given_to_nobody.ward.person("khdt.truong")
    made.report("1", "khdt.cv1")
    made.execute(GoBack(instance_id=made.case("1"), element_id="accept", reason="Giao lại"), "quantri")
    made.do("accept", "khdt.truong", made.case("1"), decision="accept", officer=str(head))
    assert holder_of(made) == head


def test_to_the_desk_after_what_somebody_else_entered(given_to_nobody: CycleWard) -> None:
    made = given_to_nobody
    answers = DONE | {"completed_on": (made.today() - timedelta(days=1)).isoformat()}
    sent = CompleteUserTask(user_task_id=made.step("execute", made.case("1")), answers=answers, in_place=True)
    made.ward.runtime.execute(sent, actor=made.actor("vhxh.tonghop"), on_behalf_of="Phòng KT-HT-ĐT")
    assert officer_of(made) is None
    made.do("unit_review", "khdt.truong", made.case("1"), **RETURN)
    assert holder_of(made) is None


@pytest.mark.parametrize("taken", [True, False])
def test_who_has_it_keeps_it_where_another_version_names_somebody_else(given_to_nobody: CycleWard, taken: bool) -> None:
    made, head = given_to_nobody, given_to_nobody.ward.person("khdt.truong")
    deploy = partial(DeployDefinition, forms={"note": FORM}, reason="Thử")
    drawn = partial(bpmn, flows="s>ask\nask>write\nwrite>e", process_id="drawn")
    ask = user("ask", form="note", assignee="staff@lead")
    old = drawn(start(), ask, user("write", form="note", assignee="staff@lead"), end())
    case = begin_with(made, deploy(source=old))
    made.do("ask", "khdt.cv1", case, text="Xong", decision=str(made.ward.person("khdt.cv1")))
    step = made.step("write", case)
    if taken:
        made.execute(AssignUserTask(user_task_id=step, assignee_id=head), "khdt.truong")
    named = drawn(start(), ask, user("write", form="note", assignee="staff@lead", person="ask.decision"), end())
    version = made.ward.execute(deploy(source=named))
    move = MigrateInstance(instance_id=case, definition_id=version, mapping={"write": "write"}, reason="Thử")
    made.ward.execute(move)
    assert made.ward.holder(step) == (head if taken else made.ward.person("khdt.cv1"))


def begin(made: CycleWard, *shapes: str, flows: str) -> UUID:
    """A case of a drawing of its own, for a unit."""
    source = bpmn(*shapes, flows=flows, process_id="drawn")
    return begin_with(made, DeployDefinition(source=source, forms={"note": FORM}, reason="Thử"))


def begin_with(made: CycleWard, deploy: DeployDefinition) -> UUID:
    made.ward.execute(deploy)
    parties = {"lead": str(made.ward.unit("khdt"))}
    case: UUID = made.ward.execute(StartInstance(key="drawn", business_key="1", title="Việc thử", parties=parties))
    return case


def send(made: CycleWard, username: str, step: UUID, decision: str) -> None:
    made.execute(CompleteUserTask(user_task_id=step, answers={"text": "Đã xem", "decision": decision}), username)


def open_steps(made: CycleWard, element: str) -> list[Any]:
    columns = UserTask.id, UserTask.within, UserTask.assignee_id
    return made.rows(sa.select(*columns).where(UserTask.element_id == element, UserTask.state == "open"))


WRITE = user("write", form="note", assignee="staff@lead", person="last_doer")


def test_a_step_that_leads_to_itself_stays_with_who_does_it(given_to_nobody: CycleWard) -> None:
    made = given_to_nobody
    flows = "s>write\nwrite>way\nway>write if write.decision == 'return'\nway>e default"
    case = begin(made, start(), WRITE, xor("way"), end(), flows=flows)
    assert made.ward.holder(made.step("write", case)) is None
    for _ in range(2):
        send(made, "khdt.cv1", made.step("write", case), "return")
        assert made.ward.holder(made.step("write", case)) == made.ward.person("khdt.cv1")


def test_one_of_several_in_a_row_is_not_the_next_ones(given_to_nobody: CycleWard) -> None:
    made = given_to_nobody
    in_turn = user("write", many("2", sequential=True), form="note", assignee="staff@lead", person="last_doer")
    case = begin(made, start(), in_turn, end(), flows="s>write\nwrite>e")
    send(made, "khdt.cv1", made.step("write", case), "send")
    assert made.ward.holder(made.step("write", case)) is None


def test_each_of_several_turns_comes_back_to_who_had_it(given_to_nobody: CycleWard) -> None:
    made = given_to_nobody
    check = user("check", form="note", assignee="head@lead")
    ways = "in>write\nwrite>check\ncheck>way\nway>write if check.decision == 'return'\nway>out default"
    each = sub("each", start("in"), WRITE, check, xor("way"), end("out"), flows=ways, loop=many("2"))
    begin(made, start(), each, end(), flows="s>each\neach>e")
    had = {}
    for step, username in zip(open_steps(made, "write"), ("khdt.cv1", "khdt.truong"), strict=True):
        had[step.within] = made.ward.person(username)
        made.execute(AssignUserTask(user_task_id=step.id, assignee_id=had[step.within]), "khdt.truong")
        send(made, username, step.id, "send")
    for step in open_steps(made, "check"):
        send(made, "khdt.truong", step.id, "return")
    assert {step.within: step.assignee_id for step in open_steps(made, "write")} == had
