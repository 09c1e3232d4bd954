"""A case or a cycle that moves to another version stands where the new drawing says, in the domain's rows too."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.deployments import DeployDefinition
from engine.commands.migration import MigrateInstance
from engine.models import ProcessDefinition, ProcessInstance
from engine.spiff.parse import read_drawing
from engine.spiff.places import proposed
from tests.web.cycle_wards import CycleWard, Row, issue
from tests.web.wards import Ward, text_of
from webapp.plans.models import OccurrenceState, Stage, TaskOccurrence
from webapp.procedures.bundles import shipped_forms


@pytest.fixture
def made(ward: Ward) -> CycleWard:
    """One case that is being worked on, and a cycle that waits for its report."""
    made = issue(ward, (Row("khdt", "Xây dựng kho dữ liệu dùng chung"),))
    made.open_cycle()
    return made


def move(made: CycleWard, instance_id: UUID, old: bytes, new: bytes) -> None:
    """Into a version with other words in it."""
    here = sa.select(ProcessDefinition.source).join(
        ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id
    )
    source = made.rows(here.where(ProcessInstance.id == instance_id))[0][0]
    changed = source.replace(old, new)
    version = made.ward.execute(DeployDefinition(source=changed, forms=shipped_forms(), reason="thử"))
    mapping = proposed(read_drawing(source), read_drawing(changed))
    made.ward.execute(MigrateInstance(instance_id=instance_id, definition_id=version, mapping=mapping, reason="thử"))


def stage(made: CycleWard) -> tuple[Stage, OccurrenceState]:
    return tuple(made.rows(sa.select(TaskOccurrence.stage, TaskOccurrence.state))[0])  # type: ignore[return-value]


def test_a_case_is_in_the_stage_that_the_new_version_gives_its_step(made: CycleWard) -> None:
    before = stage(made)
    move(made, made.case("1"), "Thực hiện, báo kết quả".encode(), "Thực hiện".encode())
    assert stage(made) == before
    move(made, made.case("1"), b'name="stage" value="execute"', b'name="stage" value="unit_report"')
    assert (before[0], stage(made)[0]) == (Stage.EXECUTE, Stage.UNIT_REPORT)


def test_a_cycle_is_in_the_stage_that_the_new_version_gives_its_wait(made: CycleWard) -> None:
    move(made, made.cycle_id, "Tổng hợp".encode(), "Làm báo cáo".encode())
    assert made.cycle_state() == "collecting"
    move(made, made.cycle_id, b'name="stage" value="collecting"', b'name="stage" value="consolidating"')
    assert made.cycle_state() == "consolidating"
    assert made.report_id()


def test_what_was_done_before_the_move_keeps_its_name_in_the_history(made: CycleWard) -> None:
    case = made.case("1")
    made.report("1", "khdt.cv1")
    made.do("unit_review", "khdt.truong", case, decision="return", reason="Viết rõ hơn")
    move(made, case, "Thực hiện, báo kết quả".encode(), "Làm việc".encode())
    page = text_of(made.signed_in("khdt.truong").get(f"/ho-so/{case}"))
    assert "Nội dung đã nhập : Thực hiện, báo kết quả, " in page
    assert "Làm việc Chuyên viên KT-HT-ĐT 1" in page, "The step that waits is called as the new drawing has it."
