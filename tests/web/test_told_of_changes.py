"""Whoever has a task at hand hears that it is cancelled, moved or parted; nothing that was typed is lost."""

import sqlalchemy as sa

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_notifications import bodies
from tests.web.test_tasks_after_issue import address
from tests.web.wards import Ward, text_of
from webapp.notifications.models import Notification
from webapp.plans.models import Contribution, TaskGroup, TaskOccurrence

TASK = "Số hóa hồ sơ đất đai"
ROWS = [Row("khdt", TASK, coordinator="hcc"), Row("yte", "Hồ sơ sức khỏe", group="II", coordinator="ca")]
GROUND = "Thành phố làm tập trung"
TYPED = {"outcome": "done", "result": "Đã số hóa 300 hồ sơ", "completed_on": ""}


def change(made: CycleWard, what: str, task: str = TASK, **form: str) -> None:
    """Fill in one of the forms by which an issued task changes."""
    answer = made.signed_in(FOCAL).post(f"{address(made, task)}/{what}", {"reason": GROUND, **form})
    assert answer.status_code == 302
    made.settle()
    assert made.failed_jobs() == []


def told(made: CycleWard, kind: str) -> dict[str, str]:
    """By the user's name what they were told of that kind, where a click leads."""
    users = {made.ward.person(name): name for name in ("khdt.cv1", "khdt.truong", "hcc.cv1", "hcc.truong", FOCAL)}
    query = sa.select(Notification.recipient_id, Notification.path).where(Notification.kind == kind)
    return {users[person]: path for person, path in made.rows(query) if person in users}


def test_who_has_a_cancelled_task_at_hand_is_told_and_still_reads_the_draft(ward: Ward) -> None:
    made = issue(ward, ROWS)
    officer, case = made.signed_in("khdt.cv1"), made.case("1")
    step = made.step("execute", case)
    assert officer.post(f"/viec/{step}/nhap", TYPED).status_code == 302
    change(made, "huy")

    paths = told(made, "cancelled")
    assert paths.keys() == {"khdt.cv1", "khdt.truong", "hcc.cv1", "hcc.truong"}, "Not who cancelled it."
    (body,) = bodies(made, "khdt.cv1", "cancelled")
    assert f"{TASK}. Cán bộ tổng hợp VH-XH hủy, lý do: {GROUND}." in body
    assert "đang nhập chưa gửi còn đọc và chép lại được" in body
    assert "đang nhập chưa gửi" not in bodies(made, "khdt.truong", "cancelled")[0]
    page = text_of(officer.get(paths["khdt.cv1"]))
    assert "Bạn đã nhập, chưa gửi: Thực hiện, báo kết quả" in page
    assert "Đã số hóa 300 hồ sơ" in page
    assert "Hồ sơ đã hủy. Ai hủy, vì sao" in text_of(officer.get(f"/viec/{step}"))
    assert "Đã số hóa 300 hồ sơ" not in text_of(made.signed_in("khdt.truong").get(paths["khdt.truong"]))


def test_a_coordinating_unit_that_has_answered_is_told_too(ward: Ward) -> None:
    made = issue(ward, ROWS)
    asked = made.rows(sa.select(Contribution.id))[0][0]
    made.do("contribute", "hcc.cv1", asked, answer="result", result="Đã gửi 20 hồ sơ")
    change(made, "huy")
    assert {"hcc.cv1": f"/ho-so/{asked}", "hcc.truong": f"/ho-so/{asked}"}.items() <= told(made, "cancelled").items()
    assert "Nội dung, tệp đã gửi vẫn giữ" in bodies(made, "hcc.cv1", "cancelled")[0]


def test_who_has_a_task_at_hand_is_told_that_it_moved_or_was_parted(ward: Ward) -> None:
    made = issue(ward, ROWS)
    second = made.rows(sa.select(TaskGroup.id).where(TaskGroup.numeral == "II"))[0][0]
    change(made, "chuyen-nhom", group_id=str(second))
    form = {"remaining": "Số hóa đất ở", "content": "Số hóa đất nông nghiệp", "ordinal": "9"}
    change(made, "tach", **form, leads=str(ward.unit("yte")))

    assert told(made, "plan_changed").keys() == {"khdt.cv1", "khdt.truong", "hcc.cv1", "hcc.truong"}
    moved, parted = bodies(made, "khdt.cv1", "plan_changed")
    assert "mục I.1 nay là mục II.3" in moved and GROUND in moved
    assert "việc này còn “Số hóa đất ở”" in parted and "“Số hóa đất nông nghiệp” giao cho Trạm Y tế" in parted


def test_of_a_case_that_is_over_nobody_is_told(ward: Ward) -> None:
    made = issue(ward, ROWS)
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(TaskOccurrence.__table__).values(ended_at=ward.now()))
    second = made.rows(sa.select(TaskGroup.id).where(TaskGroup.numeral == "II"))[0][0]
    change(made, "chuyen-nhom", group_id=str(second))
    assert told(made, "plan_changed") == {}


def test_a_unit_that_hands_a_task_back_hears_what_the_leader_decides(ward: Ward) -> None:
    made = issue(ward, ROWS[1:], accepted=False)
    case = made.case("1")
    made.do("accept", "yte.truong", case, decision="hand_back", reason="Không đủ người")
    given = {"decision": "other_unit", "unit": str(ward.unit("dvc")), "ground": "Thông báo 12/TB-UBND"}
    made.do("assign_decision", "pct.vhxh", case, **given)
    (body,) = bodies(made, "yte.truong", "released")
    assert "giao Trung tâm Dịch vụ sự nghiệp công, căn cứ: Thông báo 12/TB-UBND." in body


def test_a_leader_who_gives_a_task_to_a_unit_that_had_it_reads_why_not(ward: Ward) -> None:
    made = issue(ward, ROWS[1:], accepted=False)
    case = made.case("1")
    made.do("accept", "yte.truong", case, decision="hand_back", reason="Không đủ người")
    decision = {"decision": "other_unit", "unit": str(ward.unit("yte")), "ground": "Thông báo 12/TB-UBND"}
    refused = made.signed_in("pct.vhxh").post(f"/viec/{made.step('assign_decision', case)}", decision)
    assert refused.status_code == 409
    assert "Trạm Y tế đã được giao nhiệm vụ này trong năm" in text_of(refused)
    assert "Thông báo 12/TB-UBND" in text_of(refused)


def test_a_task_that_is_handed_back_goes_to_no_unit_of_leaders(ward: Ward) -> None:
    made = issue(ward, ROWS[1:], accepted=False)
    case = made.case("1")
    made.do("accept", "yte.truong", case, decision="hand_back", reason="Không đủ người")
    decides, step = made.signed_in("pct.vhxh"), f"/viec/{made.step('assign_decision', case)}"
    leaders = str(ward.demo.committee_unit_id)
    assert leaders not in decides.get(step).get_data(as_text=True)
    given = {"decision": "other_unit", "unit": leaders, "ground": "Thông báo 12/TB-UBND"}
    assert decides.post(step, given).status_code == 422
