"""Running cases move to another version over HTTP: planned, tried, carried out by jobs; what stayed is listed."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.audit import differences
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import ResumeInstance, StartInstance, SuspendInstance
from engine.commands.migration import MigrateInstance
from engine.commands.user_tasks import AssignUserTask, CompleteUserTask
from engine.jobs import LEASE
from engine.models import ProcessDefinition, ProcessInstance, UserTask
from engine.registry import PERFORMERS, JobCall
from engine.runtime import Runtime
from engine.scheduler import settle
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from tests.engine.spiff.drawings import bpmn, call, end, start, user
from tests.web.cycle_wards import CycleWard
from tests.web.test_unit_reports import address as unit_page
from tests.web.test_unit_reports import filled, opened
from tests.web.wards import Visitor, Ward, text_of
from webapp.procedures import heat_queries, migration_jobs
from webapp.procedures.bundles import shipped_diagram, shipped_forms

JSON = {"Accept": "application/json"}
TITLES = ("Việc một", "Việc hai", "Việc ba")


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


def deployed(ward: Ward, *changes: tuple[str, str]) -> UUID:
    text = WRITE_AND_CHECK.decode()
    for old, new in changes:
        text = text.replace(old, new)
    version: UUID = ward.execute(DeployDefinition(source=text.encode(), forms={"note": FORM}, reason="thử"))
    return version


def worked_off(ward: Ward) -> None:
    """All jobs of a move, each after the pause before it."""
    for _ in range(4):
        settle(ward.runtime)
        ward.move_clock(ward.now() + timedelta(seconds=1))


def tried(ward: Ward, admin: Visitor, old: UUID, new: UUID, **mapping: str) -> str:
    """Plan a move and let it be tried; return its address."""
    page = planned(admin, old, new, **mapping)
    worked_off(ward)
    return page


def planned(admin: Visitor, old: UUID, new: UUID, **mapping: str) -> str:
    """Plan a move; return its address."""
    places = {f"cho.{place}": to for place, to in ({"write": "write", "check": "check"} | mapping).items()}
    answer = admin.post(f"/quy-trinh/{new}/chuyen-ho-so", {"tu": str(old), **places})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def counts_in(html: str) -> list[dict[str, Any]]:
    """The numbers on each diagram of a page."""
    return [json.loads(unescape(found)) for found in re.findall(r'data-counts="([^"]*)"', html)]


def on_version(ward: Ward, version: UUID) -> set[str]:
    rows = ward.rows(sa.select(ProcessInstance.title).where(ProcessInstance.definition_id == version))
    return {row.title for row in rows}


@pytest.fixture
def versions(ward: Ward) -> tuple[UUID, UUID]:
    """Three cases run on the first version; the second gives them another due time."""
    for title in TITLES:
        ward.open_step("vhxh", title)
    (first,) = ward.rows(sa.select(ProcessDefinition.id))
    return first.id, deployed(ward, ("Bước check", "Thủ trưởng duyệt"))


def test_the_plan_shows_both_drawings_with_who_waits_where(ward: Ward, admin: Visitor, versions) -> None:
    old, new = versions
    page = admin.get(f"/quy-trinh/{new}/chuyen-ho-so")
    html = page.get_data(as_text=True)
    assert re.findall(r'data-diagram-url="/quy-trinh/([0-9a-f-]+)/', html) == [str(old), str(new)]
    assert [drawn["write"]["label"] for drawn in counts_in(html)] == ["3 hồ sơ đang chờ"] * 2
    assert '<option value="write" selected>' in html
    assert "Thử trên 3 hồ sơ" in text_of(page)


def test_cases_are_tried_then_moved_by_jobs(ward: Ward, admin: Visitor, versions) -> None:
    old, new = versions
    page = tried(ward, admin, old, new)
    assert "Chuyển 3 hồ sơ" in text_of(admin.get(page))
    assert f'href="{page}"' in admin.get("/quy-trinh/write_and_check").text, "whoever has left the page finds it again"
    assert "Đã thử, chưa chuyển" in text_of(admin.get("/quy-trinh/write_and_check"))
    assert on_version(ward, old) == set(TITLES)
    assert admin.post(f"{page}/chuyen", {"reason": "Đổi tên bước duyệt"}).status_code == 302
    worked_off(ward)
    assert "Đã chuyển cả 3 hồ sơ" in text_of(admin.get(page))
    assert on_version(ward, new) == set(TITLES)
    with ward.runtime.reading() as connection:
        assert differences(connection) == []
    assert len(ward.facts("InstanceMigrated")) == 3
    assert sum(fact.outcomes.get("moved", 0) for fact in ward.facts("VersionMoveWentOn")) == 3


def test_of_a_case_that_was_not_tried_yet_nothing_is_said(admin: Visitor, versions) -> None:
    page = text_of(admin.get(planned(admin, *versions)))
    assert "Việc hai Chưa xét" in page
    assert "Không có gì khác" not in page


def test_a_move_wants_a_reason(ward: Ward, admin: Visitor, versions) -> None:
    page = tried(ward, admin, *versions)
    answer = admin.post(f"{page}/chuyen", {"reason": " "})
    assert (answer.status_code, "Chưa nhập lý do chuyển hồ sơ." in text_of(answer)) == (422, True)


def test_a_case_that_cannot_move_stays_is_listed_and_tried_again(ward: Ward, admin: Visitor, versions) -> None:
    old, new = versions
    (held,) = ward.rows(sa.select(ProcessInstance.id).where(ProcessInstance.title == "Việc hai"))
    ward.execute(SuspendInstance(instance_id=held.id, reason="chờ văn bản"))
    page = tried(ward, admin, old, new)
    assert "Hồ sơ này đang tạm dừng." in text_of(admin.get(page))
    admin.post(f"{page}/chuyen", {"reason": "Đổi tên"})
    worked_off(ward)
    shown = text_of(admin.get(page))
    assert "Đã chuyển 2/3 hồ sơ" in shown
    assert "Việc hai" in shown
    assert on_version(ward, old) == {"Việc hai"}
    ward.execute(ResumeInstance(instance_id=held.id, reason="có văn bản"))
    admin.post(f"{page}/chuyen", {"reason": "Đổi tên"})
    worked_off(ward)
    assert on_version(ward, new) == set(TITLES)


def test_changed_due_times_are_told_before(ward: Ward, admin: Visitor, versions) -> None:
    new = deployed(ward, ('name="clock" value="case"', 'name="due" value="working_days(3)"'))
    page = text_of(admin.get(tried(ward, admin, versions[0], new)))
    assert re.search(r"“Bước write”: hạn không có → hết ngày \d\d/\d\d/\d{4}", page)


def test_another_form_or_other_reminders_of_the_step_that_waits_are_told_before(
    ward: Ward, admin: Visitor, versions
) -> None:
    other = {"note": FORM.replace("Nội dung".encode(), "Nội dung, số liệu".encode())}
    form_only = ward.execute(DeployDefinition(source=WRITE_AND_CHECK, forms=other, reason="thử"))
    page = text_of(admin.get(tried(ward, admin, versions[0], form_only)))
    assert "Việc hai “Bước write” dùng biểu mẫu của bản mới" in page
    assert "Không có gì khác" not in page
    reminded = deployed(ward, ('value="-2wd', 'value="-4wd'))
    assert "“Bước write” có lịch nhắc khác" in text_of(admin.get(tried(ward, admin, versions[0], reminded)))


def test_a_place_without_a_choice_keeps_its_cases(ward: Ward, admin: Visitor, versions) -> None:
    page = text_of(admin.get(tried(ward, admin, *versions, write="")))
    assert "Bước “Bước write” chưa chọn bước tương ứng trong bản mới." in page
    assert "Thử lại 3 hồ sơ chưa chuyển được" in page


def test_a_choice_that_does_not_fit_is_told_at_its_place(ward: Ward, admin: Visitor, versions) -> None:
    old, new = versions
    page = tried(ward, admin, old, new, write="nowhere")
    again = admin.get(f"/quy-trinh/{new}/chuyen-ho-so?tu={old}&theo={page.rpartition('/')[2]}")
    assert "Bản mới không có bước chờ “nowhere”" in text_of(again)


def test_a_place_with_another_id_is_proposed_by_its_name(ward: Ward, admin: Visitor, versions) -> None:
    old, _ = versions
    renamed = (('="check"', '="approve"'), ("check.decision", "approve.decision"))
    new = deployed(ward, ("Bước check", "BƯỚC KIỂM"), *renamed)
    page = admin.get(f"/quy-trinh/{new}/chuyen-ho-so?tu={old}")
    assert "đề xuất theo tên" not in text_of(page)
    new = deployed(ward, ("Bước check", "Bước  CHECK"), *renamed)
    page = admin.get(f"/quy-trinh/{new}/chuyen-ho-so?tu={old}")
    assert "mã check; mã khác, đề xuất theo tên" in text_of(page)
    assert re.search(r'name="cho.check".*?<option value="approve" selected>', page.text, re.S)


def test_a_case_inside_a_called_process_has_its_place_in_the_plan(ward: Ward, admin: Visitor) -> None:
    ward.execute(DeployDefinition(source=WRITE_AND_CHECK, forms={"note": FORM}, reason="thử"))
    asking = bpmn(start(), call("unit", "write_and_check"), end(), flows="s>unit\nunit>e", process_id="asking")
    longer = bpmn(start(), call("unit", "write_and_check"), user("use", form="note", assignee="staff@lead"), end(),
                  flows="s>unit\nunit>use\nuse>e", process_id="asking")  # fmt: skip
    old = ward.execute(DeployDefinition(source=asking, forms={}, reason="thử"))
    parties = {"lead": str(ward.unit("vhxh"))}
    ward.execute(StartInstance(key="asking", business_key="một", title="Việc một", parties=parties))
    new = ward.execute(DeployDefinition(source=longer, forms={"note": FORM}, reason="thử"))
    heat = admin.get(f"/quy-trinh/{old}/ho-so-tren-so-do")
    assert counts_in(heat.text)[0]["unit"]["label"] == "unit: 1 hồ sơ đang chờ"
    assert "Việc một" in text_of(admin.get(f"/quy-trinh/{old}/ho-so?buoc=unit:write"))
    page = admin.get(f"/quy-trinh/{new}/chuyen-ho-so?tu={old}")
    assert [each["unit"]["text"] for each in counts_in(page.text)] == ["1", "1"]
    assert re.search(r'name="cho.unit:write".*?<option value="unit:write" selected>', page.text, re.S)
    assert "unit › Bước write" in text_of(page)
    move = tried(ward, admin, old, new, **{"unit": "unit", "unit:write": "unit:write", "unit:check": "unit:check"})
    admin.post(f"{move}/chuyen", {"reason": "Thêm bước"})
    worked_off(ward)
    assert on_version(ward, new) == {"Việc một"}


def test_a_stopped_move_leaves_the_rest_and_goes_on_later(
    ward: Ward, admin: Visitor, versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_jobs, "AT_ONCE", 1)
    old, new = versions
    page = tried(ward, admin, old, new)
    worked_off(ward)
    admin.post(f"{page}/chuyen", {"reason": "Đổi tên"})
    settle(ward.runtime)
    admin.post(f"{page}/dung")
    worked_off(ward)
    assert len(on_version(ward, new)) == 1
    admin.post(f"{page}/chuyen", {"reason": "Đổi tên"})
    worked_off(ward)
    assert on_version(ward, new) == set(TITLES)


def test_a_move_whose_worker_was_killed_says_that_it_waits_and_goes_on(
    ward: Ward, admin: Visitor, versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(job: JobCall, runtime: Runtime) -> None:
        raise KeyboardInterrupt

    page = tried(ward, admin, *versions)
    admin.post(f"{page}/chuyen", {"reason": "Đổi tên"})
    assert "Đang chờ" not in text_of(admin.get(page)), "its turn comes"
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setitem(PERFORMERS, "procedures.move", die)
        settle(ward.runtime)
    ward.move_clock(ward.now() + LEASE / 2)
    for address in (page, f"{page}/tien-do"):
        assert re.search(r"Đang chờ: .* tự chạy tiếp sau \d+ giây nữa", text_of(admin.get(address)))
    ward.move_clock(ward.now() + LEASE)
    worked_off(ward)
    assert "Đã chuyển cả 3 hồ sơ" in text_of(admin.get(page))


def test_a_case_shows_what_was_entered_by_the_version_that_it_left(ward: Ward, admin: Visitor, versions) -> None:
    old, _ = versions
    (step,) = ward.rows(
        sa.select(UserTask.id, UserTask.instance_id)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(ProcessInstance.title == "Việc một")
    )
    ward.execute(CompleteUserTask(user_task_id=step.id, answers={"text": "Đã soạn", "decision": "send"}))
    renamed = [('"write"', '"draft"'), ("f_start_write", "f_1"), ("f_write_check", "f_2"), ("f_ok_write", "f_3")]
    new = deployed(ward, *renamed, (' name="separate_from" value="draft"', ' name="separate_from" value=""'))
    page = tried(ward, admin, old, new, write="draft")
    admin.post(f"{page}/chuyen", {"reason": "Đổi mã bước"})
    worked_off(ward)
    assert on_version(ward, new) == set(TITLES)
    shown = text_of(admin.get(f"/ho-so/{step.instance_id}"))
    assert "Chuyển hồ sơ sang bản quy trình mới" in shown
    assert "Đã soạn" in shown


def test_nothing_to_move_says_so(ward: Ward, admin: Visitor, versions) -> None:
    old, _ = versions
    assert "Không có hồ sơ nào đang chạy theo bản khác." in text_of(admin.get(f"/quy-trinh/{old}/chuyen-ho-so"))


def test_others_may_not(ward: Ward, versions) -> None:
    focal = ward.signed_in("vhxh.tonghop")
    assert focal.get(f"/quy-trinh/{versions[1]}/chuyen-ho-so").status_code == 403
    assert focal.post(f"/quy-trinh/{versions[1]}/chuyen-ho-so", {"tu": str(versions[0])}).status_code == 403


# --- cases on the diagram ---


def test_numbers_stand_on_the_diagram_in_the_table_and_lead_to_the_cases(ward: Ward, admin: Visitor, versions) -> None:
    old, _ = versions
    page = admin.get(f"/quy-trinh/{old}/ho-so-tren-so-do")
    (drawn,) = counts_in(page.get_data(as_text=True))
    assert drawn["write"]["label"] == "Bước write: 3 hồ sơ đang chờ"
    assert "3 hồ sơ đang chạy" in text_of(page)
    (link,) = re.findall(r'href="(/quy-trinh/[^"]+buoc=write)"', page.get_data(as_text=True))[:1]
    listed = admin.get(link)
    assert all(title in text_of(listed) for title in TITLES)
    assert admin.get(f"/quy-trinh/{old}/ho-so?buoc=nowhere").status_code == 404


def test_a_figure_of_time_leads_to_the_times_behind_it(
    ward: Ward, admin: Visitor, versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = versions
    steps = ward.rows(sa.select(UserTask.id).order_by(UserTask.created_at))
    for step, hours in zip(steps[:2], (1, 5), strict=True):
        ward.move_clock(ward.now() + timedelta(hours=hours))
        ward.execute(CompleteUserTask(user_task_id=step.id, answers={"text": "Xong", "decision": "send"}))
    page = admin.get(f"/quy-trinh/{old}/ho-so-tren-so-do")
    assert "1,0 giờ 6,0 giờ" in text_of(page)
    (on_diagram,) = counts_in(admin.get(f"/quy-trinh/{old}/ho-so-tren-so-do?theo=thoi-gian").text)
    assert (on_diagram["write"]["text"], on_diagram["write"]["level"]) == ("1,0 giờ", 4)
    assert on_diagram["write"]["label"].endswith("chín phần mười trong 6,0 giờ")
    (link,) = re.findall(r'href="(/quy-trinh/[^"]+da_lam=90)"', unescape(page.text))
    shown = text_of(admin.get(link))
    assert shown.index("Việc hai") < shown.index("Việc một")
    assert "Việc ba" not in shown
    monkeypatch.setattr(heat_queries, "PAGE", 1)
    first = admin.get(link).text
    (following,) = re.findall(r'href="([^"]+tu=1)"', unescape(first))
    assert ("Việc hai" in first, "Việc một" in first) == (True, False), "Pages add up to the number."
    assert "Việc một" in admin.get(following).text


# --- a page that is open while its case moves ---


def test_what_was_typed_into_a_field_that_is_no_more_is_shown_and_not_sent_without_it(
    ward: Ward, admin: Visitor, versions
) -> None:
    step = ward.rows(sa.select(UserTask.id).order_by(UserTask.created_at))[0][0]
    officer, typed = ward.signed_in("vhxh.cv1"), "Đã số hóa 1.234 hồ sơ"
    assert officer.post(f"/viec/{step}/nhap", {"text": typed}, headers=JSON).status_code == 200
    other = {"note": FORM.replace(b'"key":"text"', b'"key":"result"')}
    new = ward.execute(DeployDefinition(source=WRITE_AND_CHECK, forms=other, reason="thử"))
    page = tried(ward, admin, versions[0], new)
    assert admin.post(f"{page}/chuyen", {"reason": "Đổi tên trường"}).status_code == 302
    worked_off(ward)
    assert f"Nội dung bạn đã nhập Nội dung này chưa được gửi. Bạn có thể chép lại để dùng. Nội dung {typed}" in text_of(
        officer.get(f"/viec/{step}")
    )
    posted = {"text": typed, "result": "Xong", "decision": "send"}
    refused = officer.post(f"/viec/{step}", posted)
    assert refused.status_code == 422
    assert "Biểu mẫu của bước này vừa được đổi nên chưa gửi." in text_of(refused)
    assert typed in text_of(refused)
    assert officer.post(f"/viec/{step}", {"result": "Xong", "decision": "send"}).status_code == 302


def with_another_key(ward: Ward, made: CycleWard, key: bytes, other: bytes) -> None:
    """The first case moves to a version whose report has a field, or a column, under another key."""
    case, forms = made.case("1"), dict(shipped_forms())
    forms["execute"] = forms["execute"].replace(b'"key": "%s"' % key, b'"key": "%s"' % other)
    new = ward.execute(DeployDefinition(source=shipped_diagram("task_lifecycle"), forms=forms, reason="thử"))
    with ward.runtime.reading() as connection:
        places = {place: place for place in ward.runtime.definition(new, connection).elements}
    ward.execute(MigrateInstance(instance_id=case, definition_id=new, mapping=places, reason="thử"))
    ward.execute(AssignUserTask(user_task_id=made.step("execute", case), assignee_id=ward.person("khdt.truong")))


def test_what_was_typed_into_a_column_that_is_no_more_is_shown_with_its_row_and_not_dropped(ward: Ward) -> None:
    made = opened(ward)
    head, kept = made.signed_in("khdt.truong"), {"deliverables-0-name": "Báo cáo rà soát"}
    with_another_key(ward, made, b"number", b"symbol")
    step = f"/viec/{made.step('execute', made.case('1'))}"
    done = {"outcome": "done", "result": "Xong", "completed_on": f"{made.today():%d/%m/%Y}", **kept}
    typed = {"deliverables-0-number": "15/BC-KTHT", "deliverables-1-name": "Biểu mẫu"}
    refused = head.post(step, {**done, **typed})
    assert refused.status_code == 422
    assert "Sản phẩm Báo cáo rà soát; 15/BC-KTHT" in text_of(refused)
    of_unit = head.post(unit_page(made, "khdt"), filled(made, "1", **kept, **typed))
    assert "Sản phẩm: “Báo cáo rà soát; 15/BC-KTHT”" in text_of(of_unit)
    assert head.post(step, {**done, "deliverables-0-number": " "}).status_code == 302, "Nothing stood in it."


def test_what_was_typed_into_a_field_that_is_no_more_is_told_and_its_row_not_sent_without_it(ward: Ward) -> None:
    made = opened(ward)
    head = made.signed_in("khdt.truong")
    with_another_key(ward, made, b"recommendations", b"proposals")
    typed = filled(made, "1", recommendations="Bố trí thêm máy chủ")
    refused = head.post(unit_page(made, "khdt"), typed)
    assert refused.status_code == 422
    assert "vừa được đổi nên chưa gửi" in text_of(refused)
    assert "Bố trí thêm máy chủ" in text_of(refused)
    assert head.post(unit_page(made, "khdt"), filled(made, "1")).status_code == 302
