"""What happened, or was typed, before a case moved to another version: told in the words of its time, and not lost."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import local_date
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import MoveDates
from engine.commands.migration import MigrateInstance
from engine.commands.operations import SkipUserTask
from engine.models import ProcessInstance
from engine.scheduler import settle
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from tests.web.test_approvals import at_the_chair, begun, decide, keep_draft
from tests.web.test_unit_reports import opened
from tests.web.wards import Visitor, Ward, text_of
from webapp.procedures.bundles import shipped_diagram, shipped_forms

TYPED = "Nội dung gõ dở"


def moved(ward: Ward, *changes: tuple[str, str], **mapping: str) -> None:
    """Move the only case to a version with other words, ids or forms."""
    (case,) = ward.rows(sa.select(ProcessInstance.id))
    text = WRITE_AND_CHECK.decode()
    for old, new in changes:
        text = text.replace(old, new)
    forms = {id: FORM.replace(b'"id":"note"', f'"id":"{id}"'.encode()) for id in ("note", "memo")}
    used = {id: form for id, form in forms.items() if f'value="{id}"' in text}
    version = ward.execute(DeployDefinition(source=text.encode(), forms=used, reason="thử"))
    places = {"write": "write", "check": "check", **mapping}
    command = MigrateInstance(instance_id=case.id, definition_id=version, mapping=places, reason="Sửa lời")
    ward.execute(command)


def case_page(ward: Ward, visitor: Visitor) -> str:
    (case,) = ward.rows(sa.select(ProcessInstance.id))
    answer = visitor.get(f"/ho-so/{case.id}")
    assert answer.status_code == 200
    return text_of(answer)


@pytest.fixture
def step(ward: Ward) -> UUID:
    return ward.open_step("vhxh")


def test_what_was_typed_in_a_step_that_ended_is_read_where_the_new_version_has_no_such_form(ward, step) -> None:
    officer = ward.signed_in("vhxh.cv1")
    officer.post(f"/viec/{step}/nhap", {"text": TYPED})
    ward.execute(SkipUserTask(user_task_id=step, values={}, reason="Không cần nữa"))
    moved(ward, ('value="note"', 'value="memo"'))
    assert TYPED in case_page(ward, officer)
    ended = officer.get(f"/viec/{step}")
    assert (ended.status_code, TYPED in text_of(ended)) == (200, True)


def test_what_was_done_keeps_the_names_of_its_time(ward: Ward, step: UUID) -> None:
    officer = ward.signed_in("vhxh.cv1")
    officer.post("/hop-viec/nhan", {"viec": str(step)})
    ward.move_clock(ward.now() + timedelta(minutes=1))
    moved(ward, ("Bước write", "Soạn"), ('"write"', '"draft"'), write="draft")
    ward.execute(SkipUserTask(user_task_id=step, values={"decision": "send"}, reason="Không cần nữa"))
    ward.move_clock(ward.now() + timedelta(minutes=1))
    moved(ward, ("Bước write", "Viết"), ("Bước check", "Duyệt"))
    told = case_page(ward, officer)
    assert "Nhận việc “Bước write”" in told
    assert "Bỏ qua bước “Soạn”" in told and "Quyết định: Gửi" in told


def test_a_reminder_keeps_the_name_of_the_step_that_it_was_sent_for(ward: Ward, step: UUID) -> None:
    (case,) = ward.rows(sa.select(ProcessInstance.id))
    last = local_date(ward.now()) + timedelta(days=7)
    ward.execute(MoveDates(instance_id=case.id, dates={"deadline": last}, reason="Văn bản giao việc"))
    ward.move_clock(ward.now() + timedelta(days=6))
    settle(ward.runtime)
    assert "Nhắc trước hạn 2 ngày làm việc: Bước write" in case_page(ward, ward.signed_in("quantri"))
    ward.move_clock(ward.now() + timedelta(minutes=1))
    moved(ward, ("Bước write", "Soạn"))
    told = case_page(ward, ward.signed_in("quantri"))
    assert "Nhắc trước hạn 2 ngày làm việc: Bước write" in told


def with_ground(ward: Ward, key: str, form_id: str, case: UUID) -> None:
    """The case moves to a version that asks for a ground where one form asked for a reason."""
    forms = shipped_forms()
    asked = {**forms, form_id: forms[form_id].replace(b'"key": "reason"', b'"key": "ground"')}
    new = ward.execute(DeployDefinition(source=shipped_diagram(key), forms=asked, reason="thử"))
    with ward.runtime.reading() as connection:
        places = {place: place for place in ward.runtime.definition(new, connection).elements}
    ward.execute(MigrateInstance(instance_id=case, definition_id=new, mapping=places, reason="thử"))


def test_a_message_is_not_sent_without_what_was_typed_into_a_field_that_is_no_more(ward: Ward) -> None:
    made = opened(ward)
    case, officer = made.case("1"), made.signed_in("khdt.cv1")
    with_ground(ward, "task_lifecycle", "extension_request", case)
    address, until = f"/ho-so/{case}/gui/extension_requested", f"{made.today() + timedelta(days=30):%d/%m/%Y}"
    refused = officer.post(address, {"until": until, "reason": "Chờ bản đồ gốc"})
    assert (refused.status_code, "vừa được đổi nên chưa gửi" in text_of(refused)) == (422, True)
    assert "<dd>Chờ bản đồ gốc</dd>" in refused.text
    assert officer.post(address, {"until": until, "ground": "Chờ bản đồ gốc"}).status_code == 302


def test_a_leaders_reason_is_not_dropped_with_its_field(ward: Ward) -> None:
    cycle = begun(ward)
    chair, step = cycle.signed_in("chutich"), at_the_chair(cycle)
    typed = {"decision": "return", "return_to": "consolidate", "reason": "Sai số liệu kho"}
    keep_draft(chair, step, **typed)
    with_ground(ward, "report_cycle", "sign", cycle.cycle_id)
    assert "<dd>Sai số liệu kho</dd>" in chair.get(f"/duyet-ky/{step}").text
    status, said = decide(chair, step, **typed)
    assert (status, "vừa được đổi nên chưa gửi" in said, "Sai số liệu kho" in said) == (422, True, True)
    assert decide(chair, step, **{**typed, "reason": "", "ground": "Sai số liệu kho"})[0] == 302
