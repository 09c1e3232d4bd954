"""Phát hành over HTTP: the clerk's desk, the register, what was sent with its package and receipt."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from engine.ids import uuid7
from engine.jobs import LONGEST_BACKOFF, MOST_ATTEMPTS
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.remembering import remembered
from tests.web.test_organisation import committee_form
from tests.web.wards import Visitor, Ward, text_of
from webapp.documents.models import Attachment, RegisterEntry
from webapp.documents.numbering import NumberRefused
from webapp.documents.storage import FileStore

PDF = b"%PDF-1.7\n%EOF\n"
GIVEN: dict[str, Any] = {"decision": "issue", "source": "given", "number": "15/BC-UBND"}
FROM_REGISTER: dict[str, Any] = {"decision": "issue", "source": "register"}
COUNTED_ELSEWHERE = "phường đã cấp số ngoài phần mềm thì nhập số của phường, từ đó sổ đếm tiếp"


@remembered
def begun(ward: Ward) -> CycleWard:
    """A cycle whose report is approved and waits for its number."""
    made = issue(ward, (Row("khdt", "Xây dựng kho dữ liệu dùng chung"),))
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    made.consolidate(summary="Đạt 1/1 nhiệm vụ")
    made.approve()
    return made


@pytest.fixture
def cycle(ward: Ward) -> CycleWard:
    return begun(ward)


@pytest.fixture
def clerk(cycle: CycleWard) -> Visitor:
    return cycle.signed_in("vanthu")


def issue_number(cycle: CycleWard, **answers: Any) -> None:
    signed = upload(cycle.signed_in("vanthu"), cycle)
    given = {"issued_on": cycle.today().isoformat(), "signed_file": [signed], **answers}
    cycle.do("issue_number", "vanthu", cycle.cycle_id, **given)


def upload(clerk: Visitor, cycle: CycleWard) -> str:
    step = cycle.step("issue_number", cycle.cycle_id)
    data = {"file": (BytesIO(PDF), "ban-ky.pdf")}
    answer = clerk.post(f"/tep?viec={step}", data, content_type="multipart/form-data")
    assert answer.status_code == 201, text_of(answer)
    return str(answer.get_json()["id"])


def send(cycle: CycleWard) -> None:
    issue_number(cycle, **FROM_REGISTER)
    cycle.do("send_city", "vanthu", cycle.cycle_id, outcome="sent", channel="documents")


def test_what_waits_for_the_clerk_is_listed_and_leads_to_the_step(cycle: CycleWard, clerk: Visitor) -> None:
    listed = clerk.get("/phat-hanh")
    assert "Cấp số, phát hành" in text_of(listed)
    step = cycle.step("issue_number", cycle.cycle_id)
    assert f'href="/viec/{step}"' in listed.get_data(as_text=True)
    page = text_of(clerk.get(f"/viec/{step}"))
    assert "Số tiếp theo trong sổ: 01/BC-UBND" in page, "It is written on the paper before that is scanned."
    assert COUNTED_ELSEWHERE in page, "A ward that begins within the year has given numbers before."
    issue_number(cycle, **FROM_REGISTER)
    page = text_of(clerk.get(f"/viec/{cycle.step('send_city', cycle.cycle_id)}"))
    assert f"Báo cáo số 01/BC-UBND ngày {cycle.today():%d/%m/%Y}" in page


def test_others_have_no_such_page(cycle: CycleWard) -> None:
    for username in (FOCAL, "chutich", "khdt.truong"):
        assert cycle.signed_in(username).get("/phat-hanh").status_code == 403


@pytest.mark.parametrize(("answers", "source"), [(GIVEN, "Hệ thống văn bản"), (FROM_REGISTER, "Sổ của phần mềm")])
def test_a_number_is_entered_in_the_register(
    cycle: CycleWard, clerk: Visitor, answers: dict[str, Any], source: str
) -> None:
    issue_number(cycle, **answers)
    listed = clerk.get("/phat-hanh")
    page = text_of(listed)
    number = "15/BC-UBND" if answers is GIVEN else "01/BC-UBND"
    assert f'q-nowrap">{number}<' in listed.get_data(as_text=True), "It is not cut at its hyphen."
    assert source in page
    assert "Báo cáo: Kết quả" in page
    assert "Gửi Sở KH&CN" in page
    assert "Gói hồ sơ" in page and "Bản để in, ký" not in page  # Signed by now: the package is what goes out.
    assert "Chưa cấp số nào" in text_of(clerk.get(f"/phat-hanh?nam={cycle.today().year - 1}"))


def test_what_is_no_number_is_refused(cycle: CycleWard) -> None:
    for number in ("mười lăm", "0", "9999999999"):
        with pytest.raises(NumberRefused, match="không phải số văn bản"):
            issue_number(cycle, decision="issue", source="given", number=number)
    assert cycle.open_steps(cycle.cycle_id) == ["issue_number"]


def test_a_number_that_was_taken_since_it_was_shown_is_refused_and_the_next_is_told(
    cycle: CycleWard, clerk: Visitor
) -> None:
    step, year = cycle.step("issue_number", cycle.cycle_id), cycle.today().year
    page = clerk.get(f"/viec/{step}").get_data(as_text=True)
    assert re.search(r'name="register_number"[^>]*value="01"', page), "What the paper bears goes with the form."
    typed = {
        "decision": "issue", "source": "register", "register_number": "01", "signed_file": upload(clerk, cycle),
        "issued_on": f"{cycle.today():%d/%m/%Y}",
    }  # fmt: skip
    take_one(cycle)
    refused = clerk.post(f"/viec/{step}", typed)
    assert refused.status_code == 422
    assert f"Số tiếp theo trong sổ năm {year} nay là 02/BC-UBND, không còn là 01." in text_of(refused)
    assert COUNTED_ELSEWHERE not in text_of(refused)
    assert clerk.post(f"/viec/{step}", typed | {"register_number": "02"}).status_code == 302
    listed = text_of(clerk.get("/phat-hanh"))
    assert "Văn bản mang số 02/BC-UBND." in listed, "It is said which number was taken."
    assert cycle.rows(sa.select(RegisterEntry.number).order_by(RegisterEntry.number)) == [(1,), (2,)]


def test_the_register_is_printed_from_its_first_number_on(cycle: CycleWard, clerk: Visitor) -> None:
    take_one(cycle)
    issue_number(cycle, **GIVEN)
    sheet = load_workbook(BytesIO(clerk.get("/phat-hanh/so-dang-ky.xlsx").data)).active
    numbers = [cell.value for cell in sheet["B"] if "/BC-" in str(cell.value)]
    assert numbers == ["01/BC-UBND", "15/BC-UBND"]


def take_one(cycle: CycleWard) -> None:
    """Another clerk takes the next number for a report of theirs."""
    entry = RegisterEntry(
        id=uuid7(), tenant_id=cycle.ward.demo.tenant_id, year=cycle.today().year, type_code="BC", number=1,
        document_code="01/BC-UBND", issued_on=cycle.today(), subject="Báo cáo khác", from_our_register=True,
        created_at=cycle.ward.now(),
    )  # fmt: skip
    with cycle.ward.runtime.writing() as connection, Session(connection) as session:
        session.add(entry)
        session.flush()


def test_the_register_keeps_a_number_as_it_was_written(cycle: CycleWard, clerk: Visitor) -> None:
    issue_number(cycle, **FROM_REGISTER)
    changed = committee_form(cycle.ward, code="UBNDHĐ")
    assert cycle.signed_in("quantri").post("/thiet-lap/ubnd", changed).status_code == 302
    listed = text_of(clerk.get("/phat-hanh"))
    assert "01/BC-UBND" in listed and "01/BC-UBNDHĐ" not in listed


def test_a_number_stands_before_the_code_that_was_signed(cycle: CycleWard, clerk: Visitor) -> None:
    """The committee's may have changed between the signature and the number."""
    changed = committee_form(cycle.ward, code="UBNDHĐ")
    assert cycle.signed_in("quantri").post("/thiet-lap/ubnd", changed).status_code == 302
    step = cycle.step("issue_number", cycle.cycle_id)
    page = text_of(clerk.get(f"/viec/{step}"))
    assert "Số tiếp theo trong sổ: 01/BC-UBND" in page and "UBNDHĐ" not in page
    issue_number(cycle, **FROM_REGISTER)
    assert cycle.rows(sa.select(RegisterEntry.document_code)) == [("01/BC-UBND",)]


def test_what_was_sent_has_its_package(cycle: CycleWard, clerk: Visitor) -> None:
    issue_number(cycle, **FROM_REGISTER)
    taken = clerk.get(f"/tong-hop/{cycle.report_id()}/xem.zip").data
    cycle.do("send_city", "vanthu", cycle.cycle_id, outcome="sent", channel="documents")
    page = clerk.get("/phat-hanh")
    assert "01/BC-UBND" in text_of(page)
    assert "Chưa xác nhận" in text_of(page)
    link = re.search(r'href="(/tep/[0-9a-f-]+)"', page.get_data(as_text=True))
    assert link
    assert f'href="/phat-hanh/so-dang-ky.xlsx?nam={cycle.today().year}"' in page.get_data(as_text=True)
    with clerk.get(link[1]) as package:
        assert package.data == taken, "What the clerk takes to send it is what is filed."
        names = zipfile.ZipFile(BytesIO(package.data)).namelist()
    assert {name.rpartition(".")[2] for name in names} >= {"pdf", "docx", "xlsx", "json"}


def test_a_receipt_is_recorded_where_the_sending_stands(cycle: CycleWard, clerk: Visitor) -> None:
    send(cycle)
    assert f'href="/ho-so/{cycle.cycle_id}/gui/city_received"' in clerk.get("/phat-hanh").get_data(as_text=True)
    cycle.send_message("city_received", "vanthu", cycle.cycle_id, received_on=cycle.today().isoformat(), number="118")
    page = clerk.get("/phat-hanh")
    assert "Đã nhận" in text_of(page)
    assert "số 118" in text_of(page)
    assert "city_received" not in page.get_data(as_text=True)


def test_a_receipt_that_is_recorded_days_later_says_the_day_on_which_the_city_had_it(
    cycle: CycleWard, clerk: Visitor
) -> None:
    send(cycle)
    received = cycle.today() + timedelta(days=1)
    cycle.ward.move_clock(cycle.ward.now() + timedelta(days=3))
    cycle.send_message("city_received", "vanthu", cycle.cycle_id, received_on=received.isoformat(), number="118")
    assert f"Đã nhận {received:%d/%m/%Y}, số 118" in text_of(clerk.get("/phat-hanh"))


def test_what_was_sent_again_after_a_call_is_listed_and_waited_for(cycle: CycleWard, clerk: Visitor) -> None:
    send(cycle)
    cycle.ward.move_clock(cycle.ward.now() + timedelta(days=8))
    cycle.settle()
    step = cycle.step("record_receipt", cycle.cycle_id)
    assert "Phần mềm không gửi thay bạn" in text_of(clerk.get(f"/viec/{step}"))
    said = {"outcome": "resent", "channel": "mail", "receiver": "Văn thư Sở", "do": "send"}
    assert clerk.post(f"/viec/{step}", said).status_code == 302
    cycle.settle()
    page = text_of(clerk.get("/phat-hanh"))
    assert page.count("Chưa xác nhận") == 2
    assert "Thư điện tử" in page
    cycle.send_message("city_received", "vanthu", cycle.cycle_id, received_on=cycle.today().isoformat(), number="118")
    assert "số 118" in text_of(clerk.get("/phat-hanh"))


def test_a_return_by_the_city_is_recorded(cycle: CycleWard, clerk: Visitor) -> None:
    send(cycle)
    cycle.send_message("city_returned", "vanthu", cycle.cycle_id, reason="Thiếu biểu số liệu")
    page = text_of(clerk.get("/phat-hanh"))
    assert "Trả lại" in page
    assert "Thiếu biểu số liệu" in page
    assert cycle.open_steps(cycle.cycle_id) == ["classify"]


def test_a_return_that_is_recorded_days_later_says_the_day_of_the_citys_letter(
    cycle: CycleWard, clerk: Visitor
) -> None:
    send(cycle)
    page = clerk.get(f"/ho-so/{cycle.cycle_id}/gui/city_returned").get_data(as_text=True)
    assert f'value="{cycle.today():%d/%m/%Y}"' in page
    letter = cycle.today()
    cycle.ward.move_clock(cycle.ward.now() + timedelta(days=2))
    said = {"reason": "Thiếu biểu số liệu", "returned_on": letter.isoformat()}
    cycle.send_message("city_returned", "vanthu", cycle.cycle_id, **said)
    assert f"Trả lại {letter:%d/%m/%Y}: Thiếu biểu số liệu" in text_of(clerk.get("/phat-hanh"))


def test_a_package_that_cannot_be_made_is_told_to_the_clerk_and_says_which_file_is_lost(
    cycle: CycleWard, clerk: Visitor
) -> None:
    issue_number(cycle, **FROM_REGISTER)
    lost = "Tệp “ban-ky.pdf” không còn trong kho. Hãy báo quản trị viên kiểm tra bản sao lưu."
    file = cycle.rows(sa.select(Attachment).where(Attachment.instance_id == cycle.cycle_id))[0][0]
    data_dir = cycle.ward.app.config["SETTINGS"].data_dir
    stored = FileStore(data_dir / "files").path(file.tenant_id, file.sha256)
    kept = stored.read_bytes()
    stored.unlink()
    package = clerk.get(f"/tong-hop/{cycle.report_id()}/xem.zip")
    assert package.status_code == 404
    assert lost in text_of(package)
    cycle.do("send_city", "vanthu", cycle.cycle_id, outcome="sent", channel="documents")
    assert "đang tạo…" in text_of(clerk.get("/phat-hanh"))
    for _ in range(MOST_ATTEMPTS):
        cycle.ward.move_clock(cycle.ward.now() + LONGEST_BACKOFF)
        cycle.settle()
    assert "Chưa tạo được Quản trị viên xử lý ở mục Sự cố." in text_of(clerk.get("/phat-hanh"))
    admin = cycle.signed_in("quantri")
    incidents = admin.get("/su-co")
    assert f"12 lần thử: {lost}" in text_of(incidents)
    stored.write_bytes(kept)
    incident = re.search(r'href="(/su-co/[0-9a-f-]{36})"', incidents.get_data(as_text=True))
    assert incident
    admin.post(incident[1], {"do": "retry"})
    cycle.settle()
    assert "ubnd-phuong-hai-dong-bao-cao-01-bc-ubnd-" in text_of(clerk.get("/phat-hanh"))
