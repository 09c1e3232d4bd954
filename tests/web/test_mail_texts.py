"""What people read in their mails: whom it is for, what it is about, where it leads."""

import email
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL
from engine.commands.user_tasks import AssignUserTask
from engine.ids import uuid7
from engine.scheduler import settle
from tests.support.mail import SmtpServer
from tests.support.servers import environment_for
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_documents import FROM_REGISTER, begun, issue_number
from tests.web.test_notifications import bodies, titles
from tests.web.wards import Ward, text_of
from webapp.app import create_app
from webapp.cycles.commands import RemindUnit
from webapp.notifications import mail
from webapp.notifications.digest import SendDigests
from webapp.notifications.models import Notification
from webapp.organisation.commands.absences import EndAbsence, EnterAbsence
from webapp.organisation.models import Absence, Person
from webapp.settings import Settings

ROWS = (Row("khdt", "Xây dựng kho dữ liệu dùng chung."), Row("vhxh", "Mở trang"), Row("vhxh", "Mở chuyên mục"))
SENDER = "Ủy ban nhân dân phường Lê Chân – Hệ thống Quy trình và thông báo việc"


@pytest.fixture
def made(ward: Ward) -> CycleWard:
    return issue(ward, ROWS)


def arrived(tmp_path: Path, title: str, body: str, *before: tuple[str, str, str]) -> Message:
    """A notification, and those `before` it (kind, title, body), as a mail that somebody got."""
    settings = {"DATA_DIR": str(tmp_path), "MAIL_FROM": f"{SENDER} <quytrinh@phuong.example>"}
    person = Person(id=uuid7(), name="Trần Thị Bình", email="binh@haidong.example", is_active=True)
    told = [*before, ("step", title, body)]
    news = [
        Notification(id=uuid7(), kind=kind, title=title, body=body, path="/viec/1", created_at=datetime.now(tz=UTC))
        for kind, title, body in told
    ]
    message = mail.compose(person, news, Settings.from_environment(settings))
    assert message is not None
    return email.message_from_bytes(message.as_bytes())


def as_shown(header: str) -> str:
    return str(make_header(decode_header(header)))


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Việc mới: Gửi kết quả phối hợp", "Phối hợp: Số hóa hồ sơ đất đai. Hạn: 23/06/2027."),
        ("Việc mới: Duyệt báo cáo đơn vị", "Việc thứ 2. Hạn: 28/06/2027."),
        ("Kỳ báo cáo Năm 2027", "Yêu cầu Trạm Y tế báo cáo 1 nhiệm vụ: I.2 chậm nhất hết ngày 4"),
        ("Bước <b>thử</b> & “ký”", "Đạt 100 %"),
    ],
)
def test_subject_and_sender_arrive_as_they_were_written(tmp_path: Path, title: str, body: str) -> None:
    got = arrived(tmp_path, title, body)
    assert as_shown(got["Subject"]) == f"{title} – {body}"
    assert as_shown(got["From"]) == f"{SENDER} <quytrinh@phuong.example>"


def test_what_somebody_typed_stays_in_its_line_of_the_mail(tmp_path: Path) -> None:
    got = arrived(
        tmp_path, "Có trao đổi mới", "Nhờ xem lại.\r\nBcc: ai@khac.example\n\nMở việc tại: https://khac.example"
    )
    assert "Bcc" not in got
    [told] = [line for line in got.get_payload(decode=True).decode().splitlines() if "khac.example" in line]
    assert told.startswith("• Nhờ xem lại. Bcc: ")


def test_a_mail_that_was_held_up_says_once_how_it_stands_now(tmp_path: Path) -> None:
    gathered = (
        ("digest", "Việc của bạn hôm nay", "Bạn đang giữ 1 việc: 1 việc đến hạn hôm nay."),
        ("reminder", "Hạn hôm nay: Kiểm tra", "Hồ sơ sức khỏe. Hạn: 04/12/2026."),
        ("reminder", "Hạn hôm nay: Ký tắt thể thức", "Năm 2026. Hạn: 04/12/2026."),
        ("digest", "Việc của bạn hôm nay", "Bạn đang giữ 1 việc: 1 việc quá hạn."),
        ("escalation", "Quá hạn 1 ngày làm việc: Kiểm tra", "Hồ sơ sức khỏe. Hạn: 04/12/2026."),
    )
    text = arrived(tmp_path, "Việc mới: Kiểm tra", "Việc khác.", *gathered).get_payload(decode=True).decode()
    told = [line for line in text.splitlines()[2:-1] if line and not line.startswith("  ")]
    assert told == [
        "Hạn hôm nay: Ký tắt thể thức", "• Năm 2026. Hạn: 04/12/2026.",
        "Việc của bạn hôm nay", "• Bạn đang giữ 1 việc: 1 việc quá hạn.",
        "Quá hạn 1 ngày làm việc: Kiểm tra", "• Hồ sơ sức khỏe. Hạn: 04/12/2026.",
        "Việc mới: Kiểm tra", "• Việc khác.",
    ]  # fmt: skip


def test_a_unit_with_many_plans_is_told_of_which_one_a_cycle_asks(made: CycleWard) -> None:
    made.open_cycle()
    made.execute(RemindUnit(cycle_id=made.cycle_id, unit_id=made.ward.unit("khdt")), FOCAL)
    for kind in ("asked", "urged"):
        [told] = bodies(made, "khdt.cv1", kind)
        assert told.startswith("Kế hoạch 45/KH-UBND: Yêu cầu Phòng Kinh tế, Hạ tầng và Đô thị ")


def test_whoever_is_handed_a_step_reads_which_why_and_by_when(made: CycleWard) -> None:
    hand_on(made, "3", "Đồng chí Một đi học.")
    assert titles(made, "vhxh.cv2", "assigned") == ["Việc được giao: Thực hiện, báo kết quả"]
    [body] = bodies(made, "vhxh.cv2", "assigned")
    assert body == f"Mở chuyên mục. Lý do: Đồng chí Một đi học. Hạn: {made.report_by:%d/%m/%Y}."


def test_from_whom_a_step_is_taken_hears_who_has_it_now(made: CycleWard) -> None:
    step = str(made.step("execute", made.case("1")))
    taker = {"nguoi": str(made.ward.person("khdt.truong")), "viec": step}
    assert made.signed_in("khdt.truong").post("/hop-viec/giao", taker).status_code == 302
    assert titles(made, "khdt.cv1", "handed_on") == ["Việc đã chuyển cho Trưởng phòng KT-HT-ĐT: Thực hiện, báo kết quả"]


def test_a_comment_is_told_with_who_wrote_it(made: CycleWard) -> None:
    made.signed_in("khdt.truong").post(f"/ho-so/{made.case('1')}/trao-doi", {"text": "Nhớ kèm\r\ndanh mục"})
    [body] = bodies(made, "khdt.cv1", "comment")
    assert body == "Xây dựng kho dữ liệu dùng chung. Trưởng phòng KT-HT-ĐT: Nhớ kèm danh mục"


def test_who_stands_in_reads_in_the_morning_of_their_own_steps_and_of_those(made: CycleWard) -> None:
    hand_on(made, "3")
    stand_in(made, "vhxh.cv1", "vhxh.cv2")
    made.ward.execute(SendDigests(day=made.today()))
    assert bodies(made, "vhxh.cv1", "digest") == ["Bạn đang giữ 1 việc, chưa việc nào gấp."]
    assert bodies(made, "vhxh.cv2", "digest") == ["Bạn đang giữ 2 việc, 1 việc làm thay, chưa việc nào gấp."]


def test_who_stands_in_is_not_told_of_a_code_for_the_others_account(made: CycleWard) -> None:
    stand_in(made, "vhxh.cv1", "vhxh.cv2")
    assert made.signed_in("quantri").post(f"/tai-khoan/ma/{made.ward.person('vhxh.cv1')}").status_code == 200
    assert len(bodies(made, "vhxh.cv1", "code")) == 1
    assert bodies(made, "vhxh.cv2", "code") == []


def test_who_stood_in_is_told_that_it_is_over_before_its_day(made: CycleWard) -> None:
    stand_in(made, "vhxh.cv1", "vhxh.cv2")
    [absence] = made.rows(sa.select(Absence.id).where(Absence.person_id == made.ward.person("vhxh.cv1")))
    made.execute(EndAbsence(absence_id=absence[0]), "vhxh.truong")
    assert titles(made, "vhxh.cv2", "absence") == [
        "Bạn làm thay Chuyên viên VH-XH 1", "Bạn thôi làm thay Chuyên viên VH-XH 1",
    ]  # fmt: skip
    now = made.ward.now().astimezone(LOCAL)
    over = f"Từ {now:%H:%M %d/%m/%Y} việc của Chuyên viên VH-XH 1 không còn ở hộp việc của bạn."
    assert bodies(made, "vhxh.cv2", "absence")[1] == over


def hand_on(made: CycleWard, ordinal: str, reason: str | None = None) -> None:
    """From the unit's first officer to the second."""
    step, officer = made.step("execute", made.case(ordinal)), made.ward.person("vhxh.cv2")
    made.execute(AssignUserTask(user_task_id=step, assignee_id=officer, reason=reason), "vhxh.truong")


def stand_in(made: CycleWard, absent: str, proxy: str) -> None:
    away = EnterAbsence(
        person_id=made.ward.person(absent), proxy_id=made.ward.person(proxy), from_day=made.today(),
        to_day=made.today() + timedelta(days=3), reason="Nghỉ phép",
    )  # fmt: skip
    made.execute(away, absent)


def test_the_city_reads_which_ward_sends_what_and_answers_the_clerk(ward: Ward, smtp_server: SmtpServer) -> None:
    made = begun(ward)
    issue_number(made, **FROM_REGISTER)
    step = f"/viec/{made.step('send_city', made.cycle_id)}"
    assert "Phần mềm không gửi thay bạn" in text_of(made.signed_in("vanthu").get(step))
    settings = ward.app.config["SETTINGS"]
    environment = environment_for(settings.database_url, settings.data_dir, SMTP_URL=smtp_server.url)
    mailing = Ward(create_app(Settings.from_environment(environment)), ward.demo)
    clerk = mailing.signed_in("vanthu")
    assert "phần mềm gửi gói hồ sơ đến so.khcn@haidong.example" in text_of(clerk.get(step))
    assert clerk.post(step, {"outcome": "sent", "channel": "mail"}).status_code == 302
    with mailing.app.app_context():
        settle(mailing.runtime)
    mailing.runtime.close()
    [sent] = [one for one in smtp_server.messages if one["To"] == "so.khcn@haidong.example"]
    assert sent["Subject"].startswith("UBND phường Hải Đông – Kết quả ")
    assert sent["Reply-To"] == "vanthu@haidong.example"
    assert sent["Date"]
    text = sent.get_body(("plain",)).get_content()
    assert f"UBND phường Hải Đông gửi báo cáo số 01/BC-UBND ngày {made.today():%d/%m/%Y}: Kết quả" in text
    assert [part.get_filename() for part in sent.iter_attachments()] == [
        f"ubnd-phuong-hai-dong-bao-cao-01-bc-ubnd-{made.today().year}.zip"
    ]
