"""A called process is part of its case: its steps are in the inbox of the case, its version the one at deployment."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.deployments import DefinitionRefused
from engine.commands.instances import CancelInstance
from engine.commands.messages import DeliverMessage
from engine.commands.migration import MigrateInstance
from engine.errors import SeparationOfDuties
from engine.models import DeployedForm, Submission, Timer
from tests.engine.drawings import FORM
from tests.engine.spiff.drawings import border, bpmn, call, catch, end, start, user, xor
from tests.engine.worlds import World

pytestmark = pytest.mark.any_database

SENT, RETURNED = {"text": "Xong", "decision": "send"}, {"text": "Chưa được", "decision": "return"}
TOLD = FORM.replace(b"Quy", b"Ghi")

OPINION = bpmn(
    start(), user("write", form="note", assignee="staff@lead", reminders="-1wd 08:00 holder", clock="case"),
    user("check", form="note", assignee="head@lead", separate_from="write"), xor("g"), catch("heard", message="heard"),
    end(), end("refused", told="error:refused"),
    flows="s>write\nwrite>check\ncheck>g\ng>refused if check.decision == 'return'\ng>heard default\nheard>e",
    process_id="opinion",
)  # fmt: skip
ASKING = bpmn(
    start(), user("write", form="note", assignee="staff@lead"),
    call("unit", "opinion", outputs="decision = check.decision"), border("refused", "unit", told="error:refused"),
    user("drop", form="note", assignee="staff@lead"), end(),
    flows="s>write\nwrite>unit\nunit>e\nrefused>drop\ndrop>e", process_id="asking",
)  # fmt: skip


@pytest.fixture
def case(world: World) -> UUID:
    world.deploy(OPINION, {"note": TOLD})
    world.deploy(ASKING)
    case = world.start("asking")
    world.complete("write", world.officer, **SENT)
    return case


def test_a_case_goes_through_the_process_that_it_calls(world: World, case: UUID) -> None:
    task = world.task("unit:write")
    assert (task.instance_id, task.form_id, task.desk) == (case, "opinion:note", f"staff@{world.unit}")
    assert [row.element_id for row in world.all(Timer)] == ["unit:write"]
    world.restart()
    world.complete("unit:write", world.officer, **SENT)
    world.restart()
    world.complete("unit:check", world.head, **SENT)
    world.restart()
    world.execute(DeliverMessage(instance_id=case, message="heard"))
    assert world.instance(case).state == "completed"
    submitted = sorted(world.all(Submission), key=lambda row: row.submitted_at)
    assert [row.element_id for row in submitted] == ["write", "unit:write", "unit:check"]
    world.check()


def test_who_wrote_cannot_check_in_a_called_process(world: World, case: UUID) -> None:
    head = world.person("head")
    world.complete("unit:write", world.system, **SENT)
    world.complete("unit:check", head, **RETURNED)
    assert world.tasks(case) == {"drop"}
    world.complete("drop", world.officer, **SENT)
    world.check()


def test_the_doer_of_a_called_step_is_kept_from_its_check(world: World, case: UUID) -> None:
    both = world.person("staff")
    world.complete("unit:write", both, **SENT)
    task = world.task("unit:check")
    with pytest.raises(SeparationOfDuties):
        world.complete("unit:check", replace(both, desks=frozenset({task.desk})), **SENT)


def test_the_version_that_is_called_is_the_one_at_deployment(world: World, case: UUID) -> None:
    world.deploy(bpmn(start(), user("other", form="note"), end(), flows="s>other\nother>e", process_id="opinion"))
    second = world.start("asking")
    world.complete("write", world.officer, second, **SENT)
    assert world.tasks(second) == {"unit:write"}
    world.deploy(ASKING)
    third = world.start("asking")
    world.complete("write", world.officer, third, **SENT)
    assert (world.tasks(case), world.tasks(third)) == ({"unit:write"}, {"unit:other"})


def test_a_case_inside_a_called_process_moves_with_its_open_step(world: World, case: UUID) -> None:
    before = world.task("unit:write")
    world.deploy(OPINION.replace(b'id="write"', b'id="write" name="Cho \xc3\xbd ki\xe1\xba\xbfn"', 1), {"note": TOLD})
    version = world.deploy(ASKING.replace(b'"head@lead"', b'"staff@lead"'))
    places = {place: place for place in ("write", "unit", "refused", "drop")}
    world.execute(MigrateInstance(instance_id=case, definition_id=version, mapping=places, reason="Đổi tên bước"))
    after = world.task("unit:write")
    assert (after.id, after.name, after.desk) == (before.id, "Cho ý kiến", before.desk)
    assert [row.element_id for row in world.all(Timer)] == ["unit:write"]
    world.restart()
    world.complete("unit:write", world.officer, **SENT)
    world.complete("unit:check", world.head, **SENT)
    world.check()


def test_a_called_process_keeps_the_forms_of_its_version(world: World, case: UUID) -> None:
    forms = sa.select(DeployedForm.form_id, DeployedForm.source)
    of_the_case = DeployedForm.definition_id == world.instance(case).definition_id
    kept = {row.form_id: row.source for row in world.rows(forms.where(of_the_case))}
    assert (kept["note"], kept["opinion:note"]) == (FORM, TOLD)


def test_what_is_not_deployed_cannot_be_called(world: World) -> None:
    with pytest.raises(DefinitionRefused, match="opinion"):
        world.deploy(ASKING)


def test_a_cancelled_case_ends_what_it_calls(world: World, case: UUID) -> None:
    world.execute(CancelInstance(instance_id=case, reason="Nhầm"), world.administrator)
    assert (world.tasks(case), world.timers()) == (set(), [])
    world.check()
