"""Kế hoạch: confirmed with all that makes it a plan, issued at once, followed on its page."""

import io
from datetime import date

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar
from engine.commands.user_tasks import CompleteUserTask
from engine.models import ProcessInstance, UserTask
from engine.scheduler import settle
from tests.web.plan_wards import (
    EASY,
    FOCAL,
    GROUP,
    HARD,
    PDF,
    confirm,
    confirmation,
    imported,
    plan_file,
    plan_id_of,
    plan_row,
    tasks,
    upload,
)
from tests.web.wards import Ward, text_of
from webapp.organisation.commands.units import AddUnit
from webapp.organisation.models import UnitKind
from webapp.plans.deadlines import doubts_about, later_than_said, proposed_days
from webapp.plans.issuing import IssuePlan, PlanNotReady
from webapp.plans.matching import KnownUnit, UnitMatcher
from webapp.plans.models import OccurrenceState, PlanState, TaskOccurrence
from webapp.plans.reading import read_plan
from webapp.procedures.bundles import deploy_shipped


def issued(ward: Ward, rows: tuple[tuple[str, ...], ...] = EASY, **more: str):
    """The focal unit's officer, and the address of a plan whose cases run."""
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor, address = imported(ward, rows)
    assert confirm(ward, visitor, address, **more).status_code == 302
    assert visitor.post(f"{address}/giao-viec").status_code == 302
    with ward.app.app_context():
        settle(ward.runtime)
    return visitor, address


# --- confirming ---


def test_a_plan_is_confirmed_with_number_day_focal_unit_and_signed_file(ward: Ward) -> None:
    visitor, address = imported(ward)
    answer = confirm(
        ward, visitor, address, report_by="04/12/2050", report_by_source="Mục III", submit_by="16/12/2050",
        submit_by_source="Công văn số 9",
    )  # fmt: skip
    assert answer.location == f"{address}/giao-viec"
    plan = plan_row(ward, address)
    assert (plan.state, plan.number, plan.issued_on) == (PlanState.CONFIRMED, "45/KH-UBND", date(2026, 1, 2))
    assert (plan.report_by, plan.submit_by_source) == (date(2050, 12, 4), "Công văn số 9")
    assert plan.focal_unit_id == ward.unit("vhxh")
    with visitor.get(f"/tep/{plan.signed_file_id}") as file:
        assert file.get_data() == PDF
    assert ward.facts("PlanConfirmed")[0].report_by == "2050-12-04"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"number": " "}, "Nhập số, ký hiệu của kế hoạch."),
        ({"issued_on": ""}, "Nhập ngày ban hành."),
        ({"issued_on": "31/12/2099"}, "Ngày ban hành không thể sau hôm nay."),
        ({"focal_unit_id": ""}, "Chọn đơn vị đầu mối."),
        ({"signed_file": ""}, "Chọn tệp kế hoạch đã ký"),
        ({"report_by": "04/12/2050"}, "Nhập căn cứ của hạn này"),
        (
            {"report_by": "04/12/2050", "report_by_source": "x", "submit_by": "04/12/2050", "submit_by_source": "x"},
            "Hạn gửi thành phố phải sau hạn báo cáo của đơn vị.",
        ),
    ],
    ids=["number", "day", "day to come", "focal unit", "file", "source", "days reversed"],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(ward: Ward, more: dict[str, str], words: str) -> None:
    visitor, address = imported(ward)
    values = confirmation(focal_unit_id=str(ward.unit("vhxh"))) | {"title": "Tên đã sửa"} | more
    answer = visitor.post(f"{address}/xac-nhan", values, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Tên đã sửa" in answer.get_data(as_text=True)
    assert plan_row(ward, address).state is PlanState.DRAFT


def test_all_that_is_missing_is_said_at_once(ward: Ward) -> None:
    visitor, address = imported(ward)
    said = text_of(confirm(ward, visitor, address, number="", signed_file=""))
    assert "Nhập số, ký hiệu của kế hoạch." in said
    assert "Chọn tệp kế hoạch đã ký" in said


def test_an_uploaded_file_survives_a_refusal(ward: Ward) -> None:
    visitor, address = imported(ward)
    assert "ban-ky.pdf" in text_of(confirm(ward, visitor, address, number=""))


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"MZ" + bytes(300), "ban-ky.pdf"), (b"a,b\n1,2\n", "ban-ky.csv"), (b"", "ban-ky.pdf")],
    ids=["program", "sheet", "empty"],
)
def test_a_signed_file_must_be_what_it_says(ward: Ward, content: bytes, name: str) -> None:
    visitor, address = imported(ward)
    answer = confirm(ward, visitor, address, signed_file=(io.BytesIO(content), name))
    assert answer.status_code == 422
    assert plan_row(ward, address).state is PlanState.DRAFT


def test_a_signed_file_is_ones_own(ward: Ward) -> None:
    visitor, address = imported(ward)
    other = ward.signed_in("vanphong")
    answer = other.post("/tep", {"file": (io.BytesIO(PDF), "ban-ky.pdf")}, content_type="multipart/form-data")
    theirs = answer.get_json()["id"]
    assert confirm(ward, visitor, address, signed_file=theirs).status_code == 422
    assert plan_row(ward, address).state is PlanState.DRAFT


def test_few_days_for_signing_are_asked_about_once(ward: Ward) -> None:
    visitor, address = imported(ward)
    days = {"report_by": "09/12/2050", "report_by_source": "x", "submit_by": "14/12/2050", "submit_by_source": "x"}
    answer = confirm(ward, visitor, address, **days)
    assert answer.status_code == 422
    assert "chỉ có 3 ngày làm việc" in text_of(answer)
    assert confirm(ward, visitor, address, **days, accepted="on").status_code == 302


def test_a_number_is_given_once_a_year(ward: Ward) -> None:
    visitor, first = imported(ward)
    assert confirm(ward, visitor, first).status_code == 302
    _, second = imported(ward)
    answer = confirm(ward, visitor, second)
    assert answer.status_code == 422
    assert "Năm 2026 đã có kế hoạch số 45/KH-UBND." in text_of(answer)


def test_rows_without_a_lead_are_named_and_stop_the_plan(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    answer = confirm(ward, visitor, address)
    assert answer.status_code == 422
    assert "Chưa chọn đơn vị chủ trì cho nhiệm vụ I.1, I.3, I.4." in text_of(answer)
    with pytest.raises(PlanNotReady):
        ward.execute(IssuePlan(plan_id=plan_id_of(address)))
    assert visitor.get(f"{address}/giao-viec").location == f"{address}/xac-nhan"


def test_a_confirmed_plan_is_closed_to_changes_until_it_is_reopened(ward: Ward) -> None:
    visitor, address = imported(ward)
    confirm(ward, visitor, address)
    task_id = tasks(ward, address)["I.1"].id
    assert visitor.get(f"{address}/xem-truoc").location == address
    refused = visitor.post(f"{address}/nhiem-vu/{task_id}/trang-thai", {"state": "done_before"}, follow_redirects=True)
    assert "Hãy mở lại bản nháp rồi sửa." in text_of(refused)
    visitor.post(f"{address}/mo-lai")
    assert plan_row(ward, address).state is PlanState.DRAFT
    assert 'value="45/KH-UBND"' in visitor.get(f"{address}/xac-nhan").get_data(as_text=True)
    visitor.post(f"{address}/nhiem-vu/{task_id}/trang-thai", {"state": "done_before"})
    assert confirm(ward, visitor, address, signed_file="").status_code == 302  # The signed file is there already.


def test_the_form_proposes_the_days_that_the_plan_names(ward: Ward) -> None:
    visitor, address = imported(ward)
    page = text_of(visitor.get(f"{address}/xac-nhan"))
    assert "Kế hoạch ghi “trước ngày 05/12”" in page
    assert "Kế hoạch ghi “trước ngày 15/12”" in page


def duties_of(text: str) -> list[dict]:
    rows = "STT\tNội dung\tĐơn vị chủ trì\n1\tHọp\tTrạm Y tế"
    reading = read_plan("k.txt", f"KẾ HOẠCH\n\nThử\n\n{text}\n\nPHỤ LỤC\n\n{rows}".encode())
    return [duty.to_json() for duty in reading.head.reporting_duties]


@pytest.mark.parametrize(
    ("words", "today", "day"),
    [
        ("trước ngày 05/12 hằng năm", date(2026, 11, 21), date(2026, 12, 4)),
        ("trước ngày 05/12 hằng năm", date(2026, 12, 5), date(2027, 12, 3)),  # Next year's 05/12 is a Sunday.
        ("trước ngày 15/12 hằng năm", date(2026, 11, 21), date(2026, 12, 14)),
        ("chậm nhất ngày 05/12 hằng năm", date(2026, 11, 21), date(2026, 12, 4)),  # Nobody works on Saturday.
        ("chậm nhất ngày 04/12 hằng năm", date(2026, 11, 21), date(2026, 12, 4)),
        ("trước ngày 15/02/2026", date(2026, 11, 21), date(2026, 2, 13)),
    ],
)
def test_a_named_day_becomes_the_last_day_in_time(words: str, today: date, day: date) -> None:
    duties = duties_of(f"Các đơn vị báo cáo Ủy ban nhân dân phường {words}.")
    assert [found.day for found in proposed_days(duties, Calendar(), today).report_by] == [day]


def test_what_goes_to_the_city_is_the_wards_own_day() -> None:
    found = proposed_days(
        duties_of("Phường tổng hợp, báo cáo Sở Khoa học và Công nghệ trước ngày 15/12 hằng năm."),
        Calendar(), date(2026, 11, 21),
    )  # fmt: skip
    assert (found.report_by, [day.day for day in found.submit_by]) == ((), [date(2026, 12, 14)])


def test_a_day_after_the_one_that_the_plan_names_is_doubted() -> None:
    said = proposed_days(duties_of("Các đơn vị báo cáo trước ngày 05/12."), Calendar(), date(2026, 11, 21))
    doubt = next(later_than_said(date(2026, 12, 18), None, said))
    assert "(18/12/2026) muộn hơn hạn mà kế hoạch ghi “trước ngày 05/12”" in doubt
    assert list(later_than_said(date(2026, 12, 4), None, said)) == []
    assert list(later_than_said(date(2026, 11, 27), None, said)) == []


def test_six_working_days_are_enough() -> None:
    today = date(2026, 11, 21)
    assert doubts_about(date(2026, 12, 4), date(2026, 12, 14), Calendar(), today) == []
    assert len(doubts_about(date(2026, 12, 5), date(2026, 12, 11), Calendar(), today)) == 1
    assert len(doubts_about(date(2026, 11, 20), None, Calendar(), today)) == 1


# --- units ---

UNITS = [
    KnownUnit("1", "Phòng Văn hóa – Xã hội", "Phòng VH-XH"),
    KnownUnit("2", "Phòng Kinh tế, Hạ tầng và Đô thị", "Phòng KTHTĐT"),
    KnownUnit("3", "Trường Tiểu học Hải Đông 1", "TH 1"),
    KnownUnit("4", "Trường Tiểu học Hải Đông 2", "TH 2"),
]


@pytest.mark.parametrize(
    ("name", "unit", "certain"),
    [
        ("Phòng Văn hóa - Xã hội phường", "1", True),
        ("phòng VHXH", "1", False),
        ("Phòng VH–XH phường Hải Đông", "1", True),
        ("Phòng Văn hoá xã hôi", "1", True),
        ("Phòng Kinh tế, Hạ tầng & Đô thị", "2", True),
        ("Phòng Kinh tế", "2", False),
        ("Phòng Kinh tê, Ha tâng và Đô thi", "2", True),
        ("Phòng Kinh tế, Hạ tầng và Đô thj", "2", False),
        ("Trường Tiểu học Hải Đông 2", "4", True),
        ("Trường Tiểu học Hải Đông 3", None, False),
        ("Trường Tiểu học", None, False),
        ("Phòng Văn hóa – Xã hội và Trạm Y tế", None, False),
        ("Phòng Văn hóa – Xã hội thành phố", None, False),
        ("Các phòng, ban thuộc phường", None, False),
        ("Sở Khoa học và Công nghệ", None, False),
        ("", None, False),
    ],
)
def test_a_name_means_one_unit_or_none(name: str, unit: str | None, certain: bool) -> None:
    match = UnitMatcher(UNITS, "Hải Đông").match(name)
    assert (match.unit_id if match else None, bool(match and match.is_certain)) == (unit, certain)


# --- issuing ---


def test_the_page_says_what_issuing_will_do(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    rows = tasks(ward, address)
    waits = text_of(visitor.get(f"{address}/xac-nhan"))
    assert "Bổ sung 3 dòng chưa giao được" in waits and "Xác nhận 6" not in waits, "What is refused is not offered."
    visitor.post(f"{address}/chon-don-vi", {"lead_text": GROUP, "units": [str(ward.unit(k)) for k in ("yte", "ca")]})
    visitor.post(f"{address}/nhiem-vu/{rows['I.3'].id}/trang-thai", {"state": "done_before"})
    assert "Xác nhận 5 nhiệm vụ" in text_of(visitor.get(f"{address}/xac-nhan"))
    assert confirm(ward, visitor, address).status_code == 302
    page = text_of(visitor.get(f"{address}/giao-viec"))
    assert "Trạm Y tế 2 Trạm trưởng Y tế" in page
    assert "Công an phường Đề nghị phối hợp thực hiện 3 Trưởng Công an phường" in page
    assert "II.1 (Sau khi có hướng dẫn của Sở Giáo dục và Đào tạo)" in page
    assert "Đã xong trước khi nhập I.3" in page
    assert "Giao 7 việc" in page
    assert "6 việc chưa có hạn" in page


def test_issuing_starts_a_case_under_each_lead(ward: Ward) -> None:
    issued(ward)
    cases = ward.rows(sa.select(TaskOccurrence.id, TaskOccurrence.state))
    started = ward.rows(sa.select(ProcessInstance.id))
    assert {row.id for row in cases} <= {row.id for row in started}
    assert {row.state for row in cases} == {OccurrenceState.NOT_ACCEPTED}
    assert ward.facts("PlanIssued")[0].occurrences == 2


def test_how_many_have_started_is_shown_until_all_have(ward: Ward) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor, address = imported(ward)
    confirm(ward, visitor, address)
    visitor.post(f"{address}/giao-viec")
    assert "Đã giao 0/2 việc." in text_of(visitor.get(address))
    assert b'hx-trigger="every 2s"' in visitor.get(f"{address}/tien-do").data
    with ward.app.app_context():
        settle(ward.runtime)
    assert "Đã giao" not in text_of(visitor.get(f"{address}/tien-do"))
    assert b"hx-trigger" not in visitor.get(f"{address}/tien-do").data


def test_a_plan_is_issued_once(ward: Ward) -> None:
    visitor, address = issued(ward)
    answer = visitor.post(f"{address}/giao-viec")
    assert (answer.status_code, "đã giao việc rồi" in text_of(answer)) == (409, True)
    assert visitor.post(f"{address}/mo-lai").status_code == 409
    assert len(ward.rows(sa.select(TaskOccurrence.id))) == 2


def test_a_unit_without_a_head_is_pointed_out(ward: Ward) -> None:
    ward.execute(AddUnit(name="Hội Nông dân", short_name="Hội ND", kind=UnitKind.ASSOCIATION))
    visitor, address = imported(ward, (EASY[0], ("1", "Bán nông sản trên mạng", "Hội Nông dân", "", "2026", "Báo cáo")))
    confirm(ward, visitor, address)
    assert "Hội Nông dân chưa có trưởng đơn vị." in text_of(visitor.get(f"{address}/giao-viec"))


# --- following ---


def test_everybody_in_the_ward_sees_the_plan(ward: Ward) -> None:
    _, address = issued(ward, report_by="04/12/2050", report_by_source="Mục III")
    for username in ("th.vanthu", "yte.truong", "chutich", "quantri"):
        visitor = ward.visitor()
        visitor.sign_in("0900000001" if username == "th.vanthu" else username)
        page = text_of(visitor.get(address))
        assert "Niêm yết thủ tục bằng mã QR" in page
        assert "04/12/2050 – Mục III" in page
        assert "Mở kỳ báo cáo" not in page
    assert "Mở kỳ báo cáo" in text_of(ward.signed_in(FOCAL).get(address))


def test_a_case_is_shown_with_who_does_it_and_where_it_is(ward: Ward) -> None:
    visitor, address = issued(ward)
    [case] = ward.rows(sa.select(TaskOccurrence.id).where(TaskOccurrence.lead_unit_id == ward.unit("yte")))
    [step] = ward.rows(sa.select(UserTask.id).where(UserTask.instance_id == case.id))
    ward.execute(
        CompleteUserTask(
            user_task_id=step.id, answers={"decision": "accept", "officer": str(ward.person("yte.cv1"))}
        )
    )  # fmt: skip
    page = visitor.get(address)
    words = text_of(page)
    assert "Viên chức Trạm Y tế 1" in words
    assert "Thực hiện : đang làm" in words
    assert f'href="/ho-so/{case.id}"'.encode() in page.data


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("?q=ma+qr", "Niêm yết", "Lập hồ sơ sức khỏe"),
        ("?q=SUC+KHOE", "Lập hồ sơ sức khỏe", "Niêm yết"),
        ("?trang-thai=in_progress", "Không có nhiệm vụ nào như vậy.", "Niêm yết thủ tục"),
        ("?trang-thai=overdue", "Không có nhiệm vụ nào như vậy.", "Niêm yết thủ tục"),
        ("?q=%25", "Niêm yết", "Không có nhiệm vụ nào"),
        ("?q=%00", "Niêm yết", "Không có nhiệm vụ nào"),
    ],
)
def test_tasks_are_found_by_words_and_state(ward: Ward, query: str, shown: str, hidden: str) -> None:
    visitor, address = issued(ward)
    page = text_of(visitor.get(address + query))
    assert shown in page
    assert hidden not in page


def test_tasks_are_found_by_unit(ward: Ward) -> None:
    visitor, address = issued(ward)
    page = text_of(visitor.get(f"{address}?don-vi={ward.unit('yte')}"))
    assert "Lập hồ sơ sức khỏe" in page
    assert "Niêm yết thủ tục" not in page


def test_a_year_without_cases_is_not_there(ward: Ward) -> None:
    visitor, address = issued(ward)
    assert visitor.get(f"{address}?nam=2026").status_code == 200
    assert visitor.get(f"{address}?nam=1999").status_code == 404


def test_a_long_plan_is_shown_by_pages(ward: Ward) -> None:
    rows = (EASY[0], *((str(n), f"Nhiệm vụ số {n:03}", "Trạm Y tế", "", "2026", "Báo cáo") for n in range(1, 121)))
    visitor, address = imported(ward, rows)
    first = visitor.get(address)
    assert "Nhiệm vụ số 100" in text_of(first)
    assert "Nhiệm vụ số 101" not in text_of(first)
    second = text_of(visitor.get(f"{address}?sau=99"))
    assert ("Nhiệm vụ số 100" not in second, "Nhiệm vụ số 120" in second) == (True, True)


def test_plans_are_listed_by_state_with_their_progress(ward: Ward) -> None:
    visitor, _ = issued(ward)
    upload(visitor, plan_file(EASY))
    page = text_of(visitor.get("/ke-hoach"))
    assert "Số 45/KH-UBND" in page
    assert "0/2 đã xong" in page
    assert "Chưa có số" in text_of(visitor.get("/ke-hoach?trang-thai=draft"))
    assert "Không có kế hoạch nào ở mục này." in text_of(visitor.get("/ke-hoach?trang-thai=closed"))
