"""The case page: who may see it, and what it tells."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL
from engine.models import ProcessInstance, Timer, UserTask
from engine.scheduler import settle
from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, FOCAL_HEAD, CycleWard, Row
from tests.web.issued_wards import issued_ward
from tests.web.wards import text_of
from webapp.cases.models import Comment
from webapp.notifications.models import Notification
from webapp.organisation.commands.people import ChangePerson, HeldDesk
from webapp.organisation.models import Person, Role
from webapp.plans.models import Contribution

ROWS = (
    Row("khdt", "Số hóa bản đồ quy hoạch", coordinator="yte"),
    Row("hcc", "Rà soát bộ thủ tục hành chính"),
)


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Two cases in execution."""
    with issued_ward(databases, tmp_path, "two_cases", ROWS) as made:
        yield made


def address(made: CycleWard, ordinal: str = "1") -> str:
    return f"/ho-so/{made.case(ordinal)}"


def page_of(made: CycleWard, username: str = FOCAL, ordinal: str = "1") -> str:
    return text_of(made.signed_in(username).get(address(made, ordinal)))


def instance(made: CycleWard, key: str) -> UUID:
    return made.rows(sa.select(ProcessInstance.id).where(ProcessInstance.key == key))[0][0]


# --- who may see it ---


@pytest.mark.parametrize("username", ["khdt.truong", "khdt.cv1", "yte.cv1", FOCAL, "chutich", "vanthu", "quantri"])
def test_lead_coordinator_and_those_who_see_all_see_a_case(made: CycleWard, username: str) -> None:
    assert made.signed_in(username).get(address(made)).status_code == 200


@pytest.mark.parametrize("username", ["hcc.truong", "th.truong"])
def test_others_do_not(made: CycleWard, username: str) -> None:
    refused = made.signed_in(username).get(address(made))
    assert refused.status_code == 403
    assert "Hồ sơ này không thuộc đơn vị của bạn." in text_of(refused)
    assert made.signed_in(username).post(f"{address(made)}/trao-doi", {"text": "x"}).status_code == 403


def test_whoever_was_handed_a_step_sees_its_case(made: CycleWard) -> None:
    with made.ward.runtime.writing() as connection:
        connection.execute(
            sa.update(UserTask)
            .where(UserTask.instance_id == made.case("1"))
            .values(assignee_id=made.ward.person("th.truong"))
        )
    assert made.signed_in("th.truong").get(address(made)).status_code == 200


def test_an_unknown_case_is_not_found(made: CycleWard) -> None:
    assert made.signed_in(FOCAL).get(f"/ho-so/{made.plan_id}").status_code == 404


# --- what it tells ---


def test_the_history_says_who_did_what_and_what_followed(made: CycleWard) -> None:
    made.report("1", "khdt.cv1", result="Đã số hóa 12 tờ.")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Thiếu số hộ")
    page = page_of(made)
    assert "Duyệt báo cáo đơn vị: Trả lại người viết Trưởng phòng KT-HT-ĐT" in page
    assert "Thiếu số hộ" in page
    assert "Đến bước “Duyệt báo cáo đơn vị” (Trưởng đơn vị · Phòng KT-HT-ĐT)" in page
    assert "Đã số hóa 12 tờ." in page
    assert "Mở hồ sơ theo quy trình “Thực hiện nhiệm vụ của kế hoạch”" in page
    assert page.index("Trả lại người viết") < page.index("Mở hồ sơ")  # newest first


def test_reminders_are_told_with_whom_they_went_to(made: CycleWard) -> None:
    made.ward.move_clock(made.ward.now() + timedelta(days=27))  # a week after the last day
    made.settle()
    page = page_of(made)
    assert "Quá hạn 1 ngày làm việc: Thực hiện, báo kết quả" in page
    assert "Đã báo: Trưởng đơn vị · Phòng KT-HT-ĐT" in page
    assert "Nhắc trước hạn 5 ngày làm việc: Thực hiện, báo kết quả" in page


def test_a_moved_deadline_is_told_with_both_days(made: CycleWard) -> None:
    until = made.today() + timedelta(days=30)
    case = made.case("1")
    made.send_message("extension_requested", "khdt.cv1", case, until=until.isoformat(), reason="Chờ bản đồ gốc")
    made.do("extension_review_leader", "pct.vhxh", case, decision="approve", until=until.isoformat())
    page = page_of(made)
    assert f"Đổi hạn. Hạn của nhiệm vụ: {made.report_by:%d/%m/%Y} → {until:%d/%m/%Y}" in page
    assert "Đơn vị xin gia hạn Chuyên viên KT-HT-ĐT 1" in page


def test_the_drawing_shows_where_the_case_is_and_was(made: CycleWard) -> None:
    page = made.signed_in(FOCAL).get(address(made)).get_data(as_text=True)
    assert 'data-current="execute"' in page
    assert "accept" in page.split('data-visited="')[1].split('"')[0]
    assert f"/quy-trinh/{made.rows(sa.select(ProcessInstance.definition_id).limit(1))[0][0]}"[:11] in page


def test_a_case_without_steps_says_what_it_waits_for(made: CycleWard) -> None:
    made.send("1", "khdt")
    made.take("1")
    assert "Tổng hợp Chờ nơi khác" in page_of(made)


def test_pages_of_every_procedure_can_be_read(made: CycleWard) -> None:
    made.open_cycle()
    made.send_message(
        "difficulty_raised", "khdt.cv1", made.case("1"), content="Thiếu kinh phí", recommendation="Cấp thêm"
    )
    visitor = made.signed_in(FOCAL)
    contribution = made.rows(sa.select(Contribution.id))[0][0]
    assert "Phối hợp: Số hóa bản đồ quy hoạch" in text_of(visitor.get(f"/ho-so/{contribution}"))
    assert "Mở kỳ" in text_of(visitor.get(f"/ho-so/{made.cycle_id}"))
    difficulty = text_of(visitor.get(f"/ho-so/{instance(made, 'difficulty')}"))
    assert "Thiếu kinh phí Kiến nghị Cấp thêm" in difficulty
    step = made.step("focal_answer", instance(made, "difficulty"))
    assert "Thiếu kinh phí" in text_of(visitor.get(f"/viec/{step}"))


def test_a_long_history_is_paged(made: CycleWard) -> None:
    for _ in range(52):
        made.report("1", "khdt.cv1")
        made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Thiếu số")
    visitor = made.signed_in(FOCAL)
    first = visitor.get(address(made)).get_data(as_text=True)
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    page = text_of(visitor.get(older))
    assert "Mở hồ sơ theo quy trình" in page
    assert "Mở hồ sơ theo quy trình" not in text_of(visitor.get(address(made)))
    assert "Về đầu danh sách" in page


def test_the_head_of_a_unit_sees_what_its_people_are_late_with_and_hands_it_on(made: CycleWard) -> None:
    """The focal unit's head is told that a check is overdue, in a case of another unit."""
    head = made.signed_in(FOCAL_HEAD)
    made.send("1", "khdt")
    made.ward.move_clock(made.ward.now() + timedelta(days=5))
    made.settle()
    overdue = Notification.recipient_id == made.ward.person(FOCAL_HEAD), Notification.kind == "escalation"
    assert made.rows(sa.select(Notification.path).where(*overdue)) == [(address(made),)]
    assert head.get(address(made)).status_code == 200
    step = made.step("check", made.case("1"))
    assert "Bạn là trưởng đơn vị: giao việc này cho người khác" in text_of(head.get(f"/viec/{step}"))


# --- what people add ---


def test_a_comment_stands_beside_the_case_and_is_told_to_the_holder(made: CycleWard) -> None:
    visitor = made.signed_in("khdt.truong")
    answer = visitor.post(f"{address(made)}/trao-doi", {"text": " Nhớ kèm danh mục. "}, follow_redirects=True)
    assert "Nhớ kèm danh mục." in text_of(answer)
    assert made.rows(sa.select(Comment.text)) == [("Nhớ kèm danh mục.",)]
    assert len(made.ward.facts("CommentAdded")) == 1
    assert "Có trao đổi mới" in text_of(made.signed_in("khdt.cv1").get("/thong-bao"))


def hear(made: CycleWard, speaker: str) -> set[str]:
    """The user names of those who are told what somebody says beside the case."""
    told = sa.select(Person.username).join(Notification, Notification.recipient_id == Person.id)
    of_it = told.where(Notification.kind == "comment").order_by(Notification.created_at, Notification.id)
    before = len(made.rows(of_it))
    assert made.signed_in(speaker).post(f"{address(made)}/trao-doi", {"text": "Số 9.500?"}).status_code == 302
    return {username for (username,) in made.rows(of_it)[before:]}


def test_a_question_beside_a_case_that_nobody_holds_is_told_to_somebody(made: CycleWard) -> None:
    assert hear(made, "khdt.cv1") == {"khdt.truong", FOCAL}, "The officer asks: nobody else has it in hand."
    made.report("1", "khdt.cv1")
    assert "khdt.truong" in hear(made, FOCAL), "It waits at the head's desk."


def test_a_question_beside_a_case_that_waits_for_its_cycle_reaches_the_officer(made: CycleWard) -> None:
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    assert made.open_steps(made.case("1")) == []
    assert hear(made, FOCAL) == {"khdt.cv1"}


def test_who_may_see_the_case_no_more_hears_nothing_of_it(made: CycleWard) -> None:
    """They spoke while their unit had a part in it; a colleague who stays hears what is said since."""
    ward, told = made.ward, sa.select(Notification.recipient_id).where(Notification.kind == "comment")
    for username in ("yte.cv1", "yte.truong"):
        assert made.signed_in(username).post(f"{address(made)}/trao-doi", {"text": "Đã rõ."}).status_code == 302
    moved = ward.person("yte.cv1")
    school = HeldDesk(ward.unit("th"), Role.STAFF)
    ward.execute(ChangePerson(
        person_id=moved, name="Người đã chuyển", username="yte.cv1", email=None, phone=None, desks=(school,),
    ))  # fmt: skip
    before = len(made.rows(told))
    made.signed_in("khdt.truong").post(f"{address(made)}/trao-doi", {"text": "Số liệu mới, chưa công bố."})
    hears = {recipient for (recipient,) in made.rows(told.order_by(Notification.created_at, Notification.id))[before:]}
    assert ward.person("yte.truong") in hears and moved not in hears


def test_an_empty_or_endless_comment_is_refused(made: CycleWard) -> None:
    head = made.signed_in("khdt.truong")
    empty = head.post(f"{address(made)}/trao-doi", {"text": "  "}, follow_redirects=True)
    assert "Chưa nhập nội dung trao đổi." in text_of(empty)
    endless = head.post(f"{address(made)}/trao-doi", {"text": "x" * 4001})
    assert endless.status_code == 400
    assert "dài quá 4000 ký tự" in text_of(endless)
    assert made.rows(sa.select(Comment.id)) == []


def test_the_lead_asks_one_more_unit_once(made: CycleWard) -> None:
    officer, unit = made.signed_in("khdt.cv1"), str(made.ward.unit("ca"))
    asked = officer.post(f"{address(made)}/hoi-phoi-hop", {"don_vi": unit}, follow_redirects=True)
    made.settle()
    assert "Đã gửi yêu cầu phối hợp." in text_of(asked)
    assert len(made.rows(sa.select(Contribution.id))) == 2
    assert "Công an phường" in page_of(made, "khdt.cv1")
    again = officer.post(f"{address(made)}/hoi-phoi-hop", {"don_vi": unit})
    assert "Đơn vị này đã được hỏi." in text_of(again)
    assert "Gửi kết quả phối hợp: Số hóa bản đồ quy hoạch" in text_of(made.signed_in("ca.cv1").get("/hop-viec"))


def test_only_the_lead_asks(made: CycleWard) -> None:
    refused = made.signed_in(FOCAL).post(f"{address(made)}/hoi-phoi-hop", {"don_vi": str(made.ward.unit("ca"))})
    assert "Chỉ đơn vị chủ trì mới hỏi được đơn vị phối hợp." in text_of(refused)


def test_an_administrator_gives_a_step_to_somebody_else_of_the_unit(made: CycleWard) -> None:
    step = made.step("execute", made.case("1"))
    admin = made.signed_in("quantri")
    head = made.ward.person("khdt.truong")
    assert "Trưởng phòng KT-HT-ĐT" in text_of(admin.get(f"/hop-viec/giao?viec={step}"))
    moved = admin.post("/hop-viec/giao", {"viec": str(step), "nguoi": str(head), "ly_do": "Người giữ việc nghỉ"})
    assert admin.get(moved.headers["Location"]).status_code == 200
    assert made.ward.holder(step) == head
    assert "Giao việc “Thực hiện, báo kết quả” cho Trưởng phòng KT-HT-ĐT Quản trị viên" in page_of(made)


def test_settled_work_leaves_no_failed_job(made: CycleWard) -> None:
    with made.ward.app.app_context():
        settle(made.ward.runtime)
    assert made.failed_jobs() == []


# --- time ---


def test_what_an_outage_made_late_says_so(made: CycleWard) -> None:
    made.ward.move_clock(made.ward.now() + timedelta(days=40))  # Nobody was there to remind anyone.
    made.settle()
    page = page_of(made)
    assert "(chạy muộn)" in page
    assert page.count("(chạy muộn)") == len(made.rows(sa.select(Timer.id).where(late(made))))


def test_a_reminder_that_comes_late_says_how_it_stands_now(made: CycleWard) -> None:
    after = datetime.combine(made.report_by, time(7), LOCAL) + timedelta(days=3)
    made.ward.move_clock(after)  # Nobody was reminded before the last day, nor on it.
    made.settle()
    told = sa.select(Notification.kind, Notification.title, Notification.body).where(
        Notification.instance_id == made.case("1"), Notification.created_at >= after,
        Notification.recipient_id == made.ward.person("khdt.cv1"),
    )  # fmt: skip
    [(kind, title, body)] = made.rows(told)
    assert kind == "escalation" and re.fullmatch(r"Quá hạn \d ngày làm việc: Thực hiện, báo kết quả", title)
    assert f"Hạn: {made.report_by:%d/%m/%Y}. Lời nhắc này gửi muộn, lẽ ra từ 08:00 " in body


def late(made: CycleWard) -> sa.ColumnElement[bool]:
    return sa.and_(Timer.instance_id == made.case("1"), Timer.late.is_(True))


def test_a_day_declared_free_moves_the_reminders_and_says_why(made: CycleWard) -> None:
    administrator = made.signed_in("quantri")
    friday = made.report_by - timedelta(days=made.report_by.weekday() + 3)  # before the week of the last day
    day = {"day": friday.isoformat(), "working": "free", "note": "Nghỉ bão theo công điện"}
    assert administrator.post("/lich-lam-viec", day).status_code == 302
    made.settle()
    page = page_of(made)
    assert "Tính lại hạn theo lịch làm việc" in page
    assert "Nghỉ bão theo công điện" in page


# --- its last day ---


def test_what_was_reported_in_time_is_not_late_while_it_waits_for_others(made: CycleWard) -> None:
    made.send("1", "khdt")
    made.take("1")
    made.ward.move_clock(made.ward.now() + timedelta(days=40))
    reported = page_of(made)
    assert f"Hạn · {made.report_by:%d/%m/%Y}" in reported
    assert "Quá hạn" not in reported
    assert "Quá hạn" in page_of(made, ordinal="2")
