"""Kết quả phối hợp: asked, reminded, sent back once, told to the lead, and stated in the report with who is absent."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from engine.commands.instances import CancelInstance
from engine.commands.user_tasks import ReleaseUserTask
from tests.web.cycle_wards import FOCAL, FOCAL_HEAD, CycleWard, Row, issue
from tests.web.test_indicators import written
from tests.web.test_searching import upload
from tests.web.wards import Ward, text_of
from webapp.notifications.models import Notification
from webapp.plans.models import Contribution

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai", coordinator="hcc"), Row("yte", "Hồ sơ sức khỏe", coordinator="ca")]


@pytest.fixture
def made(ward: Ward) -> CycleWard:
    return issue(ward, ROWS)


def contribution(made: CycleWard, ordinal: str):
    query = sa.select(Contribution.id).where(Contribution.occurrence_id == made.case(ordinal))
    return made.rows(query)[0][0]


def test_the_lead_reminds_once_a_day_and_nobody_else_does(made: CycleWard) -> None:
    owed = contribution(made, "1")
    lead = made.signed_in("khdt.cv1")
    assert "Nhắc đơn vị" in text_of(lead.get(f"/ho-so/{made.case('1')}"))
    assert lead.post(f"/phoi-hop/{owed}/nhac").status_code == 302
    assert "Đơn vị chủ trì nhắc gửi kết quả phối hợp" in text_of(made.signed_in("hcc.cv1").get("/thong-bao"))
    assert made.ward.facts("ContributionReminded")[0].contribution_id == owed
    page = text_of(lead.get(f"/ho-so/{made.case('1')}"))
    assert "Nhắc đơn vị" not in page and "Đã nhắc" in page
    assert "Hôm nay đã nhắc đơn vị này rồi." in text_of(lead.post(f"/phoi-hop/{owed}/nhac"))
    assert made.signed_in("hcc.cv1").post(f"/phoi-hop/{owed}/nhac").status_code == 403
    made.ward.move_clock(made.ward.now() + timedelta(days=1))
    assert lead.post(f"/phoi-hop/{owed}/nhac").status_code == 302
    reminded = Notification.recipient_id == made.ward.person("hcc.cv1"), Notification.about.startswith("contribution:")
    told = [body for (body,) in made.rows(sa.select(Notification.body).where(*reminded))]
    assert len(told) == 2, "Each day on which it is reminded it is told."
    assert ".." not in told[0]


def test_the_lead_is_told_that_reporting_first_ends_the_waiting(made: CycleWard) -> None:
    told, lead = "không chờ phần ấy nữa", made.signed_in("khdt.cv1")
    assert told in text_of(lead.get(f"/viec/{made.step('execute', made.case('1'))}"))
    made.do("contribute", "hcc.cv1", contribution(made, "1"), answer="result", result="Đã hỗ trợ")
    assert told not in text_of(lead.get(f"/ho-so/{made.case('1')}"))


def test_only_units_that_work_and_are_not_asked_yet_are_offered_to_be_asked(made: CycleWard) -> None:
    page = made.signed_in("khdt.cv1").get(f"/ho-so/{made.case('1')}").get_data(as_text=True)
    offered = {key for key, unit_id in made.ward.demo.units.items() if f'<option value="{unit_id}">' in page}
    assert "yte" in offered
    assert not offered & {"khdt", "hcc", "ubnd"}


def test_the_lead_sees_it_arrive_and_sends_it_back_once(made: CycleWard) -> None:
    owed, case = contribution(made, "1"), made.case("1")
    made.do("contribute", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ")
    lead = made.signed_in("khdt.cv1")
    assert "Có kết quả phối hợp" in text_of(lead.get("/thong-bao"))
    assert "Yêu cầu bổ sung" in text_of(lead.get(f"/ho-so/{case}"))
    made.send_message("contribution_returned", "khdt.cv1", owed, reason="Ghi rõ số lượt")
    assert "Đang bổ sung" in text_of(lead.get(f"/ho-so/{case}"))
    made.do("revise", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ 610 lượt")
    page = text_of(lead.get(f"/ho-so/{case}"))
    assert "Đã hỗ trợ 610 lượt" in page
    assert "Yêu cầu bổ sung" not in page


def test_what_was_cancelled_is_awaited_no_more(made: CycleWard) -> None:
    owed, lead = contribution(made, "1"), made.signed_in("khdt.cv1")
    made.execute(CancelInstance(instance_id=owed, reason="Hỏi nhầm đơn vị"), "quantri")
    page = text_of(lead.get(f"/ho-so/{made.case('1')}"))
    assert "Trung tâm Phục vụ hành chính công Đã hủy" in page and "Nhắc đơn vị" not in page
    assert "việc phối hợp đã kết thúc" in text_of(lead.post(f"/phoi-hop/{owed}/nhac"))


def test_nobody_coordinates_with_a_case_that_an_administrator_cancelled(made: CycleWard) -> None:
    owed = contribution(made, "1")
    made.execute(CancelInstance(instance_id=made.case("1"), reason="Trùng kế hoạch khác"), "quantri")
    assert made.open_steps(owed) == []
    told = text_of(made.signed_in("hcc.cv1").get("/thong-bao"))
    assert "Không cần phối hợp nữa" in told and "Quản trị viên hủy, lý do: Trùng kế hoạch khác." in told


def test_who_was_asked_by_a_unit_that_hands_its_task_back_has_nothing_to_send(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa bản đồ")], accepted=False)
    case, head = made.case("1"), made.signed_in("khdt.truong")
    assert head.post(f"/ho-so/{case}/hoi-phoi-hop", {"don_vi": str(ward.unit("hcc"))}).status_code == 302
    made.settle()
    owed = contribution(made, "1")
    assert made.open_steps(owed) == ["contribute"]
    made.do("accept", "khdt.truong", case, decision="hand_back", reason="Không đủ người")
    given = {"decision": "other_unit", "unit": str(ward.unit("yte")), "ground": "Thông báo 12/TB-UBND"}
    made.do("assign_decision", "pct.vhxh", case, **given)
    assert made.open_steps(owed) == []
    assert "Không cần phối hợp nữa" in text_of(made.signed_in("hcc.cv1").get("/thong-bao"))


def test_it_arrives_at_the_head_where_the_officer_has_left(made: CycleWard) -> None:
    made.execute(ReleaseUserTask(user_task_id=made.step("execute", made.case("1"))), "khdt.cv1")
    off = f"/nguoi-dung/{made.ward.person('khdt.cv1')}/ngung"
    assert made.signed_in("quantri").post(off).status_code == 302
    made.do("contribute", "hcc.cv1", contribution(made, "1"), answer="result", result="Đã hỗ trợ")
    assert "Có kết quả phối hợp" in text_of(made.signed_in("khdt.truong").get("/thong-bao"))


def test_the_lead_is_told_of_the_files_that_came_with_an_answer(made: CycleWard) -> None:
    owed = contribution(made, "1")
    file = upload(made, "hcc.cv1", made.step("contribute", owed), "danh sách.pdf")
    made.do("contribute", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ", evidence=[file])
    lead = made.signed_in("khdt.cv1")
    page = lead.get(f"/ho-so/{made.case('1')}").get_data(as_text=True)
    assert f'href="/ho-so/{owed}#tep"' in page
    assert "Xem 1 tệp minh chứng" in page
    assert "danh sách.pdf" in text_of(lead.get(f"/ho-so/{owed}"))


def test_whoever_sends_an_answer_back_reads_it_beside_the_form_and_is_led_back_to_their_case(made: CycleWard) -> None:
    owed, lead = contribution(made, "1"), made.signed_in("khdt.cv1")
    made.do("contribute", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ")
    address = f"/ho-so/{owed}/gui/contribution_returned"
    page = lead.get(address)
    assert "Đã hỗ trợ" in text_of(page)
    case = f"/ho-so/{made.case('1')}"
    assert f'href="{case}">Thôi' in page.get_data(as_text=True)
    assert lead.post(address, {"reason": "Ghi rõ số lượt"}).location == case


def test_an_answer_that_was_sent_back_ends_with_the_leads_report(made: CycleWard) -> None:
    owed = contribution(made, "1")
    made.do("contribute", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ")
    made.send_message("contribution_returned", "khdt.cv1", owed, reason="Ghi rõ số lượt")
    assert made.open_steps(owed) == ["revise"]
    made.send("1", "khdt")
    assert made.open_steps(owed) == []
    page = text_of(made.signed_in("khdt.cv1").get(f"/ho-so/{made.case('1')}"))
    assert "Đã gửi kết quả, chưa bổ sung" in page
    assert "Đang bổ sung" not in page
    assert made.failed_jobs() == []


def test_the_report_states_what_came_and_from_whom_nothing_did(made: CycleWard) -> None:
    made.open_cycle()
    made.do("contribute", "hcc.cv1", contribution(made, "1"), answer="result", result="Đã hỗ trợ 610 lượt")
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1", "2")
    said = written(made)
    assert "Trung tâm Phục vụ hành chính công (phối hợp): Đã hỗ trợ 610 lượt" in said
    assert "Chưa có kết quả phối hợp của: Công an phường." in said
    page = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))
    assert "Công an phường: Vắng: chủ trì đã báo cáo trước" in page


def test_signing_and_cycles_are_offered_to_the_focal_units_head_only(made: CycleWard) -> None:
    made.open_cycle()
    focal = made.signed_in(FOCAL_HEAD)
    places = text_of(focal.get("/hop-viec"))
    assert "Duyệt và ký" in places
    assert "Kỳ báo cáo" in places
    assert "Năm" in text_of(focal.get("/ky-bao-cao"))
    other = made.signed_in("khdt.truong")
    assert "Duyệt và ký" not in text_of(other.get("/hop-viec"))
    assert other.get("/ky-bao-cao").status_code == 403


def test_a_years_results_tell_what_units_contributed_to_others(made: CycleWard) -> None:
    owed = contribution(made, "1")
    made.do("contribute", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ")
    made.send_message("contribution_returned", "khdt.cv1", owed, reason="Ghi rõ số lượt")
    made.send("2", "yte")
    page = text_of(made.signed_in(FOCAL).get("/ket-qua"))
    _, helped = page.split("Phối hợp với đơn vị khác", 1)
    assert "Trung tâm Phục vụ hành chính công 1 1 0 0 0 0 0 0 100% 1" in helped
    assert "Công an phường 1 0 0 0 0 0 0 1 – 0" in helped, "The lead reported before it was due."
    sheet = load_workbook(io.BytesIO(made.signed_in(FOCAL).get("/ket-qua.xlsx").get_data())).active
    names = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert names.index("III. Phối hợp với đơn vị khác") > names.index("II. Theo người thực hiện")
    assert "Phối hợp với đơn vị khác" not in text_of(made.signed_in("hcc.cv1").get("/ket-qua"))
    assert "Công an phường 1" not in text_of(made.signed_in("hcc.truong").get("/ket-qua"))


def test_what_came_late_stays_late_when_it_is_sent_back(made: CycleWard) -> None:
    late, focal, unit = contribution(made, "1"), made.signed_in(FOCAL), "Trung tâm Phục vụ hành chính công 1"
    made.do("contribute", "ca.cv1", contribution(made, "2"), answer="nothing_arose")
    assert f"{unit} 0 0 1 0 0 0 0 – 0" in text_of(focal.get("/ket-qua"))
    made.ward.move_clock(made.ward.now() + timedelta(days=20))
    assert f"{unit} 0 0 0 1 0 0 0 0% 0" in text_of(focal.get("/ket-qua"))
    made.do("contribute", "hcc.cv1", late, answer="result", result="Đã hỗ trợ")
    made.send_message("contribution_returned", "khdt.cv1", late, reason="Ghi rõ số lượt")
    assert f"{unit} 0 1 0 0 0 0 0 0% 1" in text_of(focal.get("/ket-qua"))
    assert "Công an phường 1 0 0 0 0 1 0 0 – 0" in text_of(focal.get("/ket-qua")), "Nothing arose."
