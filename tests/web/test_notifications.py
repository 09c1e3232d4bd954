"""Thông báo over HTTP: what people are told, reading it, mail with all that is new."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.instances import CancelInstance
from engine.commands.operations import GoBack, SkipUserTask
from engine.commands.user_tasks import AssignUserTask, ClaimUserTask, CompleteUserTask, ReleaseUserTask
from engine.ids import uuid7
from engine.jobs import LEASE
from tests.support.mail import OURS, PATIENCE_SECONDS, SmtpServer
from tests.support.servers import environment_for
from tests.web.cycle_wards import DONE, FOCAL, CycleWard, Row, issue
from tests.web.wards import Visitor, Ward, text_of
from webapp.app import create_app
from webapp.cycles.commands import RemindUnit
from webapp.notifications import mail
from webapp.notifications.digest import SendDigests
from webapp.notifications.models import Notification
from webapp.notifications.queries import PAGE
from webapp.organisation.commands.absences import EndAbsence, EnterAbsence
from webapp.organisation.commands.people import DeactivatePerson
from webapp.organisation.models import Person
from webapp.settings import Settings

ROWS = (Row("khdt", "Xây dựng kho dữ liệu dùng chung"), Row("ca", "Bảo đảm an ninh mạng"))


@pytest.fixture
def cycle(ward: Ward) -> CycleWard:
    """A plan whose cases wait to be accepted."""
    return issue(ward, ROWS, accepted=False)


def first_link(visitor: Visitor) -> str:
    found = re.search(r'action="(/thong-bao/[0-9a-f-]{36})"', visitor.get("/thong-bao").get_data(as_text=True))
    assert found
    return found[1]


def unread(visitor: Visitor) -> int:
    found = re.search(r"Thông báo, (\d+) chưa đọc", visitor.get("/thong-bao").get_data(as_text=True))
    return int(found[1]) if found else 0


def bodies(cycle: CycleWard, username: str, kind: str) -> list[str]:
    query = sa.select(Notification.body).where(
        Notification.recipient_id == cycle.ward.person(username), Notification.kind == kind
    )
    return [body for (body,) in cycle.rows(query.order_by(Notification.id))]


def titles(cycle: CycleWard, username: str, kind: str) -> list[str]:
    query = sa.select(Notification.title).where(
        Notification.recipient_id == cycle.ward.person(username), Notification.kind == kind
    )
    return [title for (title,) in cycle.rows(query.order_by(Notification.id))]


def accept(cycle: CycleWard, ordinal: str, unit: str) -> None:
    officer = str(cycle.ward.person(f"{unit}.cv1"))
    cycle.do("accept", f"{unit}.truong", cycle.case(ordinal), decision="accept", officer=officer)


def urge_often(cycle: CycleWard, count: int) -> None:
    """Urge a unit at `count` different minutes."""
    for _ in range(count):
        cycle.ward.move_clock(cycle.ward.now() + timedelta(minutes=1))
        cycle.execute(RemindUnit(cycle_id=cycle.cycle_id, unit_id=cycle.ward.unit("khdt")), FOCAL)


def test_a_new_step_is_told_to_its_desk_and_to_nobody_else(cycle: CycleWard) -> None:
    page = text_of(cycle.signed_in("khdt.truong").get("/thong-bao"))
    assert "Việc mới: Nhận việc" in page
    assert "Xây dựng kho dữ liệu dùng chung" in page
    assert "Bảo đảm an ninh mạng" not in page
    assert "Chưa có thông báo nào." in text_of(cycle.signed_in("yte.truong").get("/thong-bao"))


@pytest.mark.parametrize("how", ["skipped", "left behind", "cancelled", "done in their place"])
def test_a_step_that_ended_without_its_holder_is_new_to_nobody(cycle: CycleWard, how: str) -> None:
    accept(cycle, "1", "khdt")
    case = cycle.case("1")
    step = cycle.step("execute", case)
    if how == "skipped":
        cycle.execute(SkipUserTask(user_task_id=step, reason="Không cần"), "quantri")
    elif how == "left behind":
        cycle.execute(GoBack(instance_id=case, element_id="accept", reason="Giao lại"), "quantri")
    elif how == "cancelled":
        cycle.execute(CancelInstance(instance_id=case, reason="Trùng"), "quantri")
    else:
        sent = CompleteUserTask(user_task_id=step, answers={**DONE, "completed_on": "2026-06-01"}, in_place=True)
        cycle.ward.runtime.execute(sent, actor=cycle.actor(FOCAL), on_behalf_of="Ông Nam")
    [told] = cycle.rows(sa.select(Notification.read_at).where(Notification.path == f"/viec/{step}"))
    assert told.read_at is not None


def test_who_is_away_is_heeded_from_the_next_step_on_and_who_is_back_again(ward: Ward) -> None:
    cycle = issue(ward, [Row("khdt", f"Việc thứ {n}") for n in range(4)], accepted=False)

    def stand_in(role: str) -> UUID:
        person, proxy, today = ward.person(f"khdt.{role}"), ward.person(f"yte.{role}"), cycle.today()
        absence = EnterAbsence(person_id=person, proxy_id=proxy, from_day=today, to_day=today)
        return UUID(str(cycle.execute(absence, "khdt.truong")))

    def told() -> list[int]:
        people = "khdt.truong", "yte.truong", "khdt.cv1", "yte.cv1"
        return [len([t for t in titles(cycle, name, "step") if "Nhận việc" not in t]) for name in people]

    def pass_on(ordinal: str) -> None:
        accept(cycle, ordinal, "khdt")  # A step of the officer's own,
        cycle.report(ordinal, "khdt.cv1")  # and one of the head's desk.

    pass_on("1")
    pass_on("2")
    assert told() == [2, 0, 2, 0]
    away = stand_in("truong"), stand_in("cv1")
    pass_on("3")
    assert told() == [3, 1, 3, 1]
    for absence_id in away:
        cycle.execute(EndAbsence(absence_id=absence_id), "khdt.truong")
    pass_on("4")
    assert told() == [4, 1, 4, 1]


def test_following_one_reads_it_and_leads_to_the_step(cycle: CycleWard) -> None:
    head = cycle.signed_in("khdt.truong")
    assert unread(head) == 1
    answer = head.post(first_link(head))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/viec/{cycle.step('accept', cycle.case('1'))}"
    assert head.get(answer.headers["Location"]).status_code == 200
    assert unread(head) == 0


def test_whoever_did_a_step_is_no_longer_told_of_it(cycle: CycleWard) -> None:
    head, officer = cycle.signed_in("khdt.truong"), cycle.signed_in("khdt.cv1")
    told = unread(head)
    accept(cycle, "1", "khdt")
    assert (unread(head), unread(officer)) == (told - 1, 1)


@pytest.mark.parametrize("how", ["done", "claimed", "handed on"])
def test_what_a_colleague_has_done_or_taken_is_new_to_nobody_else_at_the_desk(ward: Ward, how: str) -> None:
    cycle = issue(ward, [Row("vhxh", "Xây dựng kho dữ liệu dùng chung")], accepted=False)
    first, second = cycle.signed_in("vhxh.cv1"), cycle.signed_in("vhxh.cv2")
    ward.move_clock(ward.now() + timedelta(days=5))
    cycle.settle()  # Accepted by silence: the step is at the desk of all officers.
    assert (unread(first), unread(second)) == (1, 1)
    step = cycle.step("execute", cycle.case("1"))
    if how == "done":
        cycle.report("1", "vhxh.cv1")
    elif how == "claimed":
        cycle.execute(ClaimUserTask(user_task_id=step), "vhxh.cv1")
    else:
        cycle.execute(AssignUserTask(user_task_id=step, assignee_id=ward.person("vhxh.cv1")), "vhxh.truong")
    assert unread(second) == 0
    assert unread(first) == {"done": 0, "claimed": 1, "handed on": 2}[how]


def test_a_step_that_somebody_gave_back_is_told_to_the_others_of_its_desk(ward: Ward) -> None:
    """Also to those who had never heard of it: it went straight to one officer."""
    cycle = issue(ward, [Row("vhxh", "Xây dựng kho dữ liệu dùng chung")])
    first, second = cycle.signed_in("vhxh.cv1"), cycle.signed_in("vhxh.cv2")
    step = cycle.step("execute", cycle.case("1"))
    first.post("/thong-bao/da-doc")
    second.post("/thong-bao/da-doc")
    cycle.execute(ReleaseUserTask(user_task_id=step), "vhxh.cv1")
    assert (unread(first), unread(second)) == (0, 1)
    told = text_of(second.get("/thong-bao"))
    assert "Chờ người nhận: Thực hiện, báo kết quả" in told
    assert "Xây dựng kho dữ liệu dùng chung. Hạn: " in told


def test_another_persons_notification_is_not_found(cycle: CycleWard) -> None:
    link = first_link(cycle.signed_in("khdt.truong"))
    assert cycle.signed_in("ca.truong").post(link).status_code == 404
    assert unread(cycle.signed_in("khdt.truong")) == 1


def test_all_are_read_at_once_but_only_ones_own(cycle: CycleWard) -> None:
    head = cycle.signed_in("khdt.truong")
    answer = head.post("/thong-bao/da-doc", follow_redirects=True)
    assert "Đánh dấu đã đọc hết" not in text_of(answer)
    assert unread(head) == 0
    assert unread(cycle.signed_in("ca.truong")) == 1


def days_pass(cycle: CycleWard, days: int) -> None:
    """What comes up meanwhile is told at their end."""
    cycle.ward.move_clock(cycle.ward.now() + timedelta(days=days))
    cycle.settle()


def test_a_reminder_comes_before_the_day_and_an_escalation_after_it(cycle: CycleWard) -> None:
    accept(cycle, "1", "khdt")
    days_pass(cycle, 15)
    assert any(title.startswith("Còn ") for title in titles(cycle, "khdt.cv1", "reminder"))
    days_pass(cycle, 25)
    assert any(title.startswith("Quá hạn ") for title in titles(cycle, "khdt.truong", "escalation"))
    assert "Đang ở Phòng KT-HT-ĐT, Chuyên viên KT-HT-ĐT 1, hạn " in bodies(cycle, "khdt.truong", "escalation")[0]


def test_a_reminder_says_until_when(cycle: CycleWard) -> None:
    accept(cycle, "1", "khdt")
    days_pass(cycle, 15)
    told = bodies(cycle, "khdt.cv1", "reminder")[0]
    assert told.startswith(f"Xây dựng kho dữ liệu dùng chung. Hạn: {cycle.report_by:%d/%m/%Y}.")


def test_a_report_that_is_returned_is_to_be_done_again(cycle: CycleWard) -> None:
    accept(cycle, "1", "khdt")
    cycle.report("1", "khdt.cv1")
    cycle.do("unit_review", "khdt.truong", cycle.case("1"), decision="return", reason="Thiếu số liệu")
    assert titles(cycle, "khdt.cv1", "step") == [
        "Việc mới: Thực hiện, báo kết quả", "Làm lại: Thực hiện, báo kết quả",
    ]  # fmt: skip


def test_where_a_unit_has_its_head_alone_the_head_is_reminded_of_what_nobody_took(cycle: CycleWard) -> None:
    cycle.ward.execute(DeactivatePerson(person_id=cycle.ward.person("ca.cv1")))
    cycle.do("accept", "ca.truong", cycle.case("2"), decision="accept")
    days_pass(cycle, 15)
    assert any(title.startswith("Còn ") for title in titles(cycle, "ca.truong", "reminder"))


def test_police_are_requested_not_escalated_by_rank(cycle: CycleWard) -> None:
    accept(cycle, "2", "ca")
    days_pass(cycle, 40)
    told = titles(cycle, "ca.truong", "escalation") + titles(cycle, "ca.cv1", "escalation")
    assert len(told) >= 2
    assert all(title.startswith("Đề nghị khẩn trương thực hiện") for title in told)


def test_a_long_list_goes_on_on_the_next_page(cycle: CycleWard) -> None:
    cycle.open_cycle()
    urge_often(cycle, PAGE)
    head = cycle.signed_in("khdt.truong")
    page = head.get("/thong-bao")
    following = re.search(r'href="(/thong-bao\?sau=[^"]+)"', page.get_data(as_text=True))
    assert following
    assert "Việc mới: Nhận việc" not in text_of(page)
    rest = head.get(following[1])
    assert "Việc mới: Nhận việc" in text_of(rest)
    assert "Về đầu danh sách" in text_of(rest)


def test_the_mornings_digest_comes_once(cycle: CycleWard) -> None:
    accept(cycle, "1", "khdt")
    for _ in range(2):
        cycle.ward.execute(SendDigests(day=cycle.today()))
    assert titles(cycle, "khdt.cv1", "digest") == ["Việc của bạn hôm nay"]


def test_what_a_minute_brings_goes_out_as_one_mail(cycle: CycleWard, smtp_server: SmtpServer) -> None:
    settings = cycle.ward.app.config["SETTINGS"]
    environment = environment_for(settings.database_url, settings.data_dir, SMTP_URL=smtp_server.url)
    mailing = create_app(Settings.from_environment(environment))
    cycle.ward.move_clock(cycle.ward.now() + timedelta(minutes=3))
    CycleWard(Ward(mailing, cycle.ward.demo), cycle.plan_id, cycle.report_by, cycle.submit_by).settle()
    mailing.extensions["quytrinh"].close()
    [sent] = [one for one in smtp_server.wait_for(2) if one["To"] == "khdt.truong@haidong.example"]
    body = sent.get_content()
    assert "Xây dựng kho dữ liệu dùng chung" in body
    assert f"{settings.base_url}/viec/" in body


def test_a_mail_says_how_much_of_what_came_and_names_each_kind_once(tmp_path: Path) -> None:
    person = Person(id=uuid7(), name="Trần Thị Bình", email="binh@haidong.example", is_active=True)

    def subject_and_lines(*told: tuple[str, str]) -> tuple[str, list[str]]:
        news = [
            Notification(id=uuid7(), title=title, body=body, path="/viec/1", created_at=datetime.now(tz=UTC))
            for title, body in told
        ]
        message = mail.compose(person, news, Settings.from_environment({"DATA_DIR": str(tmp_path)}))
        assert message is not None
        return message["Subject"], message.get_content().splitlines()

    steps = [("Việc mới: Nhận việc", f"Nhiệm vụ {number}. Hạn: 27/11/2026.") for number in range(15)]
    subject, lines = subject_and_lines(*steps, ("Bạn được giao một việc", "Nhiệm vụ 16."))
    assert subject == "Việc mới: Nhận việc (15) và 1 nội dung khác"
    assert lines[:3] == ["Kính gửi Trần Thị Bình,", "", "Việc mới: Nhận việc (15)"]
    assert [lines.count(title) for title in ("Việc mới: Nhận việc (15)", "Bạn được giao một việc")] == [1, 1]
    assert "• Nhiệm vụ 14. Hạn: 27/11/2026." in lines
    subject, _ = subject_and_lines(("Việc mới: Nhận việc", "Lập hồ sơ sức khỏe điện tử. Hạn: 27/11/2026."))
    assert subject == "Việc mới: Nhận việc – Lập hồ sơ sức khỏe điện tử. Hạn: 27/11/2026."


@pytest.mark.parametrize("parts_with", ["421 Closing", "500 What?", "nonsense"])
def test_a_mail_that_was_taken_is_sent_whatever_the_server_says_last(smtp_server: SmtpServer, parts_with: str) -> None:
    """A failure would have it sent again, up to twelve times."""
    smtp_server.parts_with = parts_with
    message = EmailMessage()
    message["From"], message["To"] = "a@haidong.example", "b@haidong.example"
    mail.send(message, urlsplit(smtp_server.url))
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize(
    ("scheme", "says"),
    [("smtp", "220 "), ("smtp", "220 hello\r\n250-hello\r\n250 STARTTLS\r\n220 go on\r\n"), ("smtps", "")],
    ids=["greeting", "starttls", "tls"],
)
def test_a_mail_server_that_never_comes_to_an_end_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, scheme: str, says: str
) -> None:
    """However long it may take over each byte: the job is done while its lease lasts."""
    assert timedelta(seconds=mail.TIMEOUT_SECONDS + mail.LONGEST_SECONDS) < LEASE
    monkeypatch.setattr(mail, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    message = EmailMessage()
    message["From"], message["To"] = "a@haidong.example", "b@haidong.example"
    with closing(socket.create_server(("127.0.0.1", 0))) as slow:
        address = urlsplit(f"{scheme}://127.0.0.1:{slow.getsockname()[1]}")
        OURS.add(address.port or 0)
        with ThreadPoolExecutor() as server:
            line = server.submit(_speak, slow, says)
            with pytest.raises(OSError, match=r"quá 0\.2 giây mà chưa xong"):
                mail.send(message, address)
            line.result().close()


def _speak(server: socket.socket, says: str) -> socket.socket:
    line, _ = server.accept()
    line.sendall(says.encode())
    return line


def test_a_mail_server_that_says_nothing_does_not_hold_up_each_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(mail, "SLOW_SECONDS", 0.01)
    monkeypatch.setattr(mail, "_resting", {})  # Another test's server may get the same port.
    message = EmailMessage()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = urlsplit(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        OURS.add(address.port or 0)
        for _ in range(3):
            with pytest.raises(OSError, match=r"máy chủ thư 127\.0\.0\.1:"):
                mail.send(message, address)
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):  # Nobody came a second time.
            silent.accept()


def test_all_addresses_of_a_mail_server_have_the_time_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that, so many would take nine minutes."""
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(mail, "_resting", {})
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as deaf:
        address = deaf.getsockname()
        OURS.add(address[1])
        found = (socket.AF_INET, socket.SOCK_STREAM, 0, "", address)
        ask = socket.getaddrinfo
        many = {"mail.haidong.example": [found] * 2_700}
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: many.get(host) or ask(host, *a, **k))
        with closing(socket.create_connection(address)), ThreadPoolExecutor() as other:  # It takes no second one.
            sending = other.submit(mail.send, EmailMessage(), urlsplit(f"smtp://mail.haidong.example:{address[1]}"))
            assert isinstance(sending.exception(PATIENCE_SECONDS), mail.MailServerError)


def test_where_no_mail_server_listens_that_is_said() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    OURS.add(port)
    with pytest.raises(OSError, match=rf"máy chủ thư 127\.0\.0\.1:{port} .*\(không có chương trình nào nghe"):
        mail.send(EmailMessage(), urlsplit(f"smtp://127.0.0.1:{port}"))


def test_what_the_mail_server_says_of_everybody_is_one_fault(smtp_server: SmtpServer) -> None:
    """So that what failed is listed and settled together."""

    def refusal(to: str) -> str:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "quytrinh@haidong.example", to, "Việc mới"
        with pytest.raises(mail.MailServerError) as refused:
            mail.send(message, urlsplit(smtp_server.url))
        return str(refused.value)

    smtp_server.refuses_with = "552 5.2.2 Mailbox full"
    assert refusal("khdt.truong@haidong.example").endswith("không nhận thư (552 5.2.2 Mailbox full)")
    smtp_server.knows_nobody = "550 5.7.1 Relaying denied"
    told = {refusal(f"{name}@haidong.example") for name in ("khdt.truong", "khdt.cv1")}
    assert told == {f"máy chủ thư 127.0.0.1:{smtp_server.port} không nhận thư (550 5.7.1 Relaying denied)"}
