"""Kỳ báo cáo: opening one, seeing who is late, reminding, checking, moving the dates, closing with some missing."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.web.cycle_wards import FOCAL, FOCAL_HEAD, CycleWard, Row, issue
from tests.web.remembering import remembered
from tests.web.test_unit_changes import carried_out
from tests.web.wards import Visitor, Ward, text_of
from webapp.cycles.models import ReportingCycle, UnitReminder
from webapp.notifications.models import Notification
from webapp.plans.models import TaskOccurrence

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe"), Row("vhxh", "Tuyên truyền", group="II")]


@remembered
def opened(ward: Ward) -> CycleWard:
    made = issue(ward, ROWS)
    made.open_cycle()
    return made


def prefix(step_id: object) -> str:
    return f"v{str(step_id).replace('-', '')[-12:]}-"


def prefilled(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


# --- opening ---


def test_opening_knows_what_the_plan_says(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    named = {"plan_id": str(made.plan_id), "name": "Năm nay", "year": made.year()}
    answer = visitor.post("/ky-bao-cao/mo", named)
    made.settle()
    made.cycle_id = made.rows(sa.select(ReportingCycle.id))[0][0]
    assert answer.location.endswith(f"/ky-bao-cao/{made.cycle_id}")

    step = made.step("open_cycle", made.cycle_id)
    assert visitor.get(f"/viec/{step}").location.endswith(f"/ky-bao-cao/{made.cycle_id}/mo-ky")
    page = visitor.get(f"/ky-bao-cao/{made.cycle_id}/mo-ky").get_data(as_text=True)
    assert "<title>Mở kỳ: Năm nay" in page
    assert prefilled(page, "report_by") == f"{made.report_by:%d/%m/%Y}"
    assert prefilled(page, "submit_by") == f"{made.submit_by:%d/%m/%Y}"
    assert prefilled(page, "source") == "Kế hoạch số 45/KH-UBND"
    assert prefilled(page, "submit_source") == "Công văn số 15/SKHCN"
    assert "hỏi báo cáo 3 nhiệm vụ của 3 đơn vị" in page


def begun(ward: Ward) -> tuple[CycleWard, Visitor, str]:
    """A cycle whose first step waits, the focal officer, and the page of that step."""
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    named = {"plan_id": str(made.plan_id), "name": "Năm nay", "year": made.year()}
    before = text_of(visitor.post("/ky-bao-cao/mo", named, follow_redirects=True))
    assert "Bước “Mở kỳ” đang được chuẩn bị, chừng vài giây. Tải lại trang" in before
    made.settle()
    made.cycle_id = made.rows(sa.select(ReportingCycle.id))[0][0]
    return made, visitor, f"/ky-bao-cao/{made.cycle_id}/mo-ky"


def opening(made: CycleWard, **answers: str) -> dict[str, str]:
    given = {
        "kind": "year", "last_of_year": "on", "source": "Công văn số 15", "signer": "chair",
        "report_by": f"{made.report_by:%d/%m/%Y}", "submit_by": f"{made.submit_by:%d/%m/%Y}", "recipient": "Sở KH&CN",
    }  # fmt: skip
    return given | answers


def test_a_letters_day_after_the_plans_needs_a_reason_and_an_earlier_one_governs(ward: Ward) -> None:
    made, visitor, path = begun(ward)
    assert "Theo kế hoạch: đơn vị gửi chậm nhất" in text_of(visitor.get(path))

    days = {"report_by": made.report_by + timedelta(days=1), "submit_by": made.submit_by + timedelta(days=20)}
    late = opening(made, submit_source="Công văn số 16", **{name: f"{day:%d/%m/%Y}" for name, day in days.items()})
    refused = visitor.post(path, late)
    assert refused.status_code == 422
    assert "muộn hơn hạn của kế hoạch. Sửa về hạn sớm hơn, hoặc nêu lý do" in text_of(refused)
    assert visitor.post(path, late | {"later_reason": "Sở cho lùi một ngày"}).status_code == 302
    made.settle()
    ((of_units, of_ward),) = made.rows(sa.select(ReportingCycle.report_by_source, ReportingCycle.submit_by_source))
    assert of_units == "Công văn số 15. Muộn hơn kế hoạch vì: Sở cho lùi một ngày"
    assert of_ward == "Công văn số 16. Muộn hơn kế hoạch vì: Sở cho lùi một ngày"


def test_the_steps_of_a_cycle_lead_back_to_the_list_from_which_they_were_opened(ward: Ward) -> None:
    made, visitor, path = begun(ward)
    for element, answers in (
        ("open_cycle", opening(made)),
        ("confirm_cutoff", {"common_reason": "Chưa xong", "confirmed": "on"}),
    ):
        listed = f"/viec/{made.step(element, made.cycle_id)}?loc=xem%3Dtat-ca%26tim%3Dk%E1%BB%B3"
        path = visitor.get(listed).location
        assert 'href="/hop-viec?xem=tat-ca&amp;tim=k%E1%BB%B3"' in visitor.get(path).text
        assert visitor.post(path, answers).location == "/hop-viec?xem=tat-ca&tim=k%E1%BB%B3"
        made.settle()
        if element == "open_cycle":
            made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")


def test_too_few_days_between_both_dates_are_seen_before_it_opens(ward: Ward) -> None:
    made, visitor, path = begun(ward)

    tight = opening(made, submit_by=f"{made.report_by + timedelta(days=2):%d/%m/%Y}")
    refused = visitor.post(path, tight)
    assert refused.status_code == 422
    assert "cần ít nhất 6" in text_of(refused)
    seen = prefilled(refused.get_data(as_text=True), "seen_days")
    assert visitor.post(path, tight | {"seen_days": seen}).status_code == 302
    made.settle()
    assert made.entries() == {"1": "asked", "2": "asked", "3": "asked"}


def test_what_is_made_ready_is_told_as_it_is_and_the_page_comes_up_to_date_by_itself(ward: Ward) -> None:
    made, visitor, path = begun(ward)
    page, part = f"/ky-bao-cao/{made.cycle_id}", f"/ky-bao-cao/{made.cycle_id}/chuan-bi"
    opened = visitor.post(path, opening(made), follow_redirects=True)
    assert "Đang hỏi báo cáo các đơn vị, chừng vài giây." in text_of(opened)
    assert "đang được chuẩn bị" not in text_of(opened)
    assert f'hx-get="{part}?lan=2" hx-trigger="load delay:1s"' in opened.get_data(as_text=True)
    assert f'hx-get="{part}?lan=3"' in visitor.get(f"{part}?lan=2").get_data(as_text=True)
    given_up = visitor.get(f"{part}?lan=40")
    assert "lâu hơn bình thường" in text_of(given_up)
    assert "hx-get" not in given_up.get_data(as_text=True)
    made.settle()
    assert visitor.get(f"{part}?lan=3").headers["HX-Refresh"] == "true"
    seen = text_of(visitor.get(page))
    assert "Đã hỏi báo cáo 3 nhiệm vụ." in seen
    assert "chừng vài giây" not in seen


# --- at a glance ---


@pytest.mark.both_databases
def test_the_board_shows_who_has_sent_and_who_is_late(ward: Ward) -> None:
    made = opened(ward)
    made.send("1", "khdt")
    ward.move_clock(ward.now() + timedelta(days=21))
    page = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "1 chờ kiểm tra" in page
    assert "2 quá hạn" in page
    assert "I.2 Hồ sơ sức khỏe: quá hạn, Chưa gửi" in page


def test_the_focal_units_people_see_the_board_and_other_units_do_not(ward: Ward) -> None:
    made = opened(ward)
    path = f"/ky-bao-cao/{made.cycle_id}"
    assert made.signed_in(FOCAL_HEAD).get(path).status_code == 200
    assert made.signed_in("chutich").get(path).status_code == 200
    assert made.signed_in("khdt.truong").get(path).status_code == 403
    assert ward.visitor().get(path).status_code == 302


def test_one_click_reminds_a_unit_and_the_day_is_kept(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in(FOCAL)
    only = {"only": str(ward.unit("khdt"))}
    answer = visitor.post(f"/ky-bao-cao/{made.cycle_id}/don-doc", only, follow_redirects=True)
    assert "Đã đôn đốc 1 đơn vị" in text_of(answer)
    assert f"Đã nhắc: {made.today():%d/%m}" in text_of(answer)
    assert made.rows(sa.select(UnitReminder.unit_id)) == [(ward.unit("khdt"),)]
    told = made.rows(sa.select(Notification.recipient_id).where(Notification.kind == "urged"))
    assert {recipient for (recipient,) in told} == {ward.person("khdt.truong"), ward.person("khdt.cv1")}


def test_whoever_is_urged_is_told_each_tasks_own_day(ward: Ward) -> None:
    made = opened(ward)
    overdue = made.today() - timedelta(days=30)
    with ward.runtime.writing() as connection:
        late = sa.update(TaskOccurrence.__table__).where(TaskOccurrence.id == made.case("1")).values(due_on=overdue)
        connection.execute(late)
    visitor = made.signed_in(FOCAL)
    words = f"gửi báo cáo 1 nhiệm vụ: I.1 đã quá hạn ngày {overdue:%d/%m/%Y}."
    page = visitor.get(f"/ky-bao-cao/{made.cycle_id}").get_data(as_text=True)
    assert words in page
    assert f"I.2 chậm nhất hết ngày {made.report_by:%d/%m/%Y}." in page
    visitor.post(f"/ky-bao-cao/{made.cycle_id}/don-doc", {"only": str(ward.unit("khdt"))})
    assert words in text_of(made.signed_in("khdt.cv1").get("/thong-bao"))


def test_reminding_from_a_board_that_was_open_says_who_has_the_units_place(ward: Ward) -> None:
    made = opened(ward)
    focal, urge = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}/don-doc"
    old, into = made.ward.unit("khdt"), made.ward.unit("yte")
    carried_out(made, "khdt", "sap-nhap", into_id=str(into))
    answer = text_of(focal.post(urge, {"unit": str(old)}, follow_redirects=True))
    assert "Phòng Kinh tế, Hạ tầng và Đô thị nay là Trạm Y tế: chưa đôn đốc" in answer
    assert "đã gửi đủ" not in answer
    assert "Đã đôn đốc 1 đơn vị" in text_of(focal.post(urge, {"unit": str(into)}, follow_redirects=True))


def test_several_are_reminded_at_once_and_one_that_owes_nothing_is_named(ward: Ward) -> None:
    made = opened(ward)
    made.send("2", "yte")
    units = [str(ward.unit(key)) for key in ("khdt", "vhxh", "yte")]
    answer = made.signed_in(FOCAL).post(f"/ky-bao-cao/{made.cycle_id}/don-doc", {"unit": units}, follow_redirects=True)
    assert "Đã đôn đốc 2 đơn vị" in text_of(answer)
    assert "Trạm Y tế đã gửi đủ báo cáo của kỳ." in text_of(answer)
    assert "Chỉ xem 2 đơn vị còn phải gửi" in text_of(answer)


def test_those_who_still_owe_a_report_can_be_seen_alone(ward: Ward) -> None:
    made = opened(ward)
    made.send("2", "yte")
    visitor, address = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}"
    alone = text_of(visitor.get(f"{address}?xem=con-phai-gui"))
    assert "Trạm Y tế" not in alone
    assert "Xem cả 3 đơn vị" in alone
    only = {"only": str(ward.unit("khdt")), "xem": "con-phai-gui"}
    assert visitor.post(f"{address}/don-doc", only).location == f"{address}?xem=con-phai-gui"


# --- Kiểm tra ---


@pytest.mark.both_databases
def test_several_reports_are_taken_and_returned_in_one_go(ward: Ward) -> None:
    made = opened(ward)
    made.send("1", "khdt")
    made.send("2", "yte")
    visitor = made.signed_in(FOCAL)
    path = f"/ky-bao-cao/{made.cycle_id}/kiem-tra"
    assert "Đã hoàn thành toàn bộ nội dung được giao." in text_of(visitor.get(path))
    take, back = made.step("check", made.case("1")), made.step("check", made.case("2"))
    answer = visitor.post(path, {
        "row": str(take), f"{prefix(take)}decision": "approve",
        # Not ticked, but decided otherwise than proposed.
        f"{prefix(back)}decision": "return", f"{prefix(back)}reason": "Thiếu số liệu",
        f"{prefix(back)}items-0-part": "indicators", f"{prefix(back)}items-0-request": "Ghi rõ số hồ sơ",
    }, follow_redirects=True)  # fmt: skip
    made.settle()
    assert "Đã ghi nhận 1 nội dung: I.1. Đã trả lại 1 nội dung: I.2." in text_of(answer)
    assert made.entries() == {"1": "taken", "2": "returned", "3": "asked"}
    returned = text_of(made.signed_in("yte.cv1").get("/bao-cao-don-vi", follow_redirects=True))
    assert "Trả lại: Thiếu số liệu" in returned
    assert "Chỉ tiêu: Ghi rõ số hồ sơ" in returned


def test_a_return_without_a_reason_is_refused_and_the_rest_goes_on(ward: Ward) -> None:
    made = opened(ward)
    made.send("1", "khdt")
    made.send("2", "yte")
    take, back = made.step("check", made.case("1")), made.step("check", made.case("2"))
    answer = made.signed_in(FOCAL).post(f"/ky-bao-cao/{made.cycle_id}/kiem-tra", {
        "row": [str(take), str(back)], f"{prefix(take)}decision": "approve", f"{prefix(back)}decision": "return",
        f"{prefix(back)}items-0-part": "evidence", f"{prefix(back)}items-0-request": "Ảnh mờ, chụp lại",
    })  # fmt: skip
    made.settle()
    assert answer.status_code == 422
    assert "I.2 : Chưa nhập lý do trả lại." in text_of(answer)
    assert "Ảnh mờ, chụp lại" in answer.get_data(as_text=True)
    assert made.entries() == {"1": "taken", "2": "sent", "3": "asked"}


def test_a_return_that_was_thought_better_of_takes_nothing_that_was_not_chosen(ward: Ward) -> None:
    made = opened(ward)
    made.send("1", "khdt")
    made.send("2", "yte")
    take, left = made.step("check", made.case("1")), made.step("check", made.case("2"))
    made.signed_in(FOCAL).post(f"/ky-bao-cao/{made.cycle_id}/kiem-tra", {
        "row": str(take), f"{prefix(take)}decision": "approve", f"{prefix(left)}decision": "approve",
        f"{prefix(left)}reason": "Thiếu số liệu", f"{prefix(left)}items-0-request": "Ghi rõ số hồ sơ",
    })  # fmt: skip
    made.settle()
    assert made.entries() == {"1": "taken", "2": "sent", "3": "asked"}


# --- the dates move ---


def new_dates(report_by: date) -> dict[str, str]:
    submit_by = report_by + timedelta(days=10)
    return {"report_by": f"{report_by:%d/%m/%Y}", "submit_by": f"{submit_by:%d/%m/%Y}", "source": "Công văn số 99"}


@pytest.mark.both_databases
def test_a_letter_moves_the_dates_once_it_was_seen_what_moves(ward: Ward) -> None:
    made = opened(ward)
    own = made.case("2")
    later = made.report_by + timedelta(days=7)
    until = (later + timedelta(days=1)).isoformat()
    made.send_message("extension_requested", "yte.cv1", own, until=until, reason="Chờ số liệu")
    made.do("extension_review_leader", "pct.vhxh", own, decision="approve", until=until)
    visitor, path = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}/doi-han"
    letter = new_dates(later) | {"submit_by": f"{made.submit_by:%d/%m/%Y}"}

    assert visitor.get(f"/ho-so/{made.cycle_id}/gui/deadline_changed").location == path
    opened_from = visitor.get(f"/ho-so/{made.cycle_id}/gui/deadline_changed?loc=ds%3Dgui").location
    preview = visitor.post(path, letter)
    assert "2 nhiệm vụ có hạn mới" in text_of(preview)
    assert "Giữ hạn đang có (1)" in text_of(preview)
    assert "Đủ báo cáo" not in text_of(preview)
    due = sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == made.case("1"))
    assert made.rows(due) == [(made.report_by,)]

    seen = prefilled(preview.get_data(as_text=True), "seen")
    assert visitor.post(opened_from, letter | {"seen": seen}).location == "/hop-viec/gui"
    made.settle()
    assert made.rows(due) == [(later,)]
    assert made.rows(sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == own)) != [(later,)]
    assert made.failed_jobs() == []
    sources = made.rows(sa.select(ReportingCycle.report_by_source, ReportingCycle.submit_by_source))
    assert sources == [("Công văn số 99", "Công văn số 15/SKHCN")], "The letter leaves the ward's day as it is."


def test_other_dates_than_those_seen_are_shown_first(ward: Ward) -> None:
    made = opened(ward)
    visitor, path = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}/doi-han"
    day = made.report_by + timedelta(days=7)
    letter = new_dates(day)
    seen = prefilled(visitor.post(path, letter).get_data(as_text=True), "seen")
    changed = letter | {"report_by": f"{day + timedelta(days=1):%d/%m/%Y}", "seen": seen}
    assert "Xác nhận đổi hạn" in text_of(visitor.post(path, changed))
    assert made.rows(sa.select(ReportingCycle.report_by)) == [(made.report_by,)]


def test_a_letter_that_moves_the_wards_day_only_leaves_the_tasks_as_they_are(ward: Ward) -> None:
    made = opened(ward)
    visitor, path = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}/doi-han"
    page = visitor.get(path).text
    days = {name: prefilled(page, name) for name in ("report_by", "submit_by")}
    assert days == {"report_by": f"{made.report_by:%d/%m/%Y}", "submit_by": f"{made.submit_by:%d/%m/%Y}"}
    later = f"{made.submit_by + timedelta(days=7):%d/%m/%Y}"
    page = text_of(visitor.post(path, {**new_dates(made.report_by), "submit_by": later}))
    assert f"Không nhiệm vụ nào đổi hạn; phường gửi thành phố chậm nhất hết ngày {later}" in page
    assert "Giữ hạn đang có (3)" in page
    assert made.signed_in("chutich").get(path).status_code == 403


# --- a step that is not there ---


def test_a_page_of_a_step_at_which_the_cycle_is_not_says_where_it_is(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in(FOCAL)
    pages = {name: f"/ky-bao-cao/{made.cycle_id}/{name}" for name in ("mo-ky", "chot")}
    pages["tong-hop"] = f"/tong-hop/{made.cycle_id}"
    early = visitor.get(pages["chot"])
    assert early.status_code == 409
    assert "Kỳ không ở bước “Xác nhận chốt”" in text_of(early)
    assert "đang nhận báo cáo của các đơn vị: đã nhận 0/3 nhiệm vụ" in text_of(early)
    assert f'href="/ky-bao-cao/{made.cycle_id}">' in early.get_data(as_text=True)
    opening = text_of(visitor.get(pages["mo-ky"]))
    assert "Bước “Mở kỳ” đã xong" in opening
    assert re.search(r"Cán bộ tổng hợp VH-XH đã làm bước này lúc \d\d:\d\d \d\d/\d\d/\d{4}\.", opening)
    assert "Kỳ không ở bước “Tổng hợp”" in text_of(visitor.get(pages["tong-hop"]))

    made.cut_off(khdt="Chưa xong", yte="Chưa xong", vhxh="Chưa xong")
    made.settle()
    late = text_of(visitor.post(pages["chot"], {"common_reason": "Các đơn vị đang đối chiếu", "confirmed": "on"}))
    assert "Bước “Xác nhận chốt” đã xong" in late
    assert "Kỳ đang chờ: Tổng hợp · Cán bộ tổng hợp" in late
    assert "Nội dung bạn vừa gửi chưa được ghi. Chép lại nếu còn cần: Các đơn vị đang đối chiếu" in late
    script = visitor.post(pages["chot"], {}, headers={"Accept": "application/json"})
    assert (script.status_code, "Mở trang của kỳ" in script.get_json()["message"]) == (409, True)
    assert made.signed_in("yte.cv1").get(pages["chot"]).status_code == 403
