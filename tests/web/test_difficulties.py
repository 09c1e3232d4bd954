"""Khó khăn, vướng mắc: raised at any moment, answered at one of the levels, stated in the report or left out."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from engine.calendar import LOCAL
from engine.commands.instances import CancelInstance
from engine.models import MessageSubscription
from tests.web.cycle_wards import DONE, FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import PDF, confirm, plan_file, plan_id_of
from tests.web.plan_wards import upload as import_file
from tests.web.test_indicators import written
from tests.web.test_linked_cases import classify, send_up
from tests.web.test_searching import upload
from tests.web.test_unit_changes import carried_out
from tests.web.wards import Ward, text_of
from webapp.cycles.models import CycleEntry
from webapp.difficulties.models import Difficulty
from webapp.plans.models import PlanTask
from webapp.plans.years import BeginYear

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe")]


def raised(made: CycleWard, ordinal: str, officer: str, content: str):
    made.send_message("difficulty_raised", officer, made.case(ordinal), content=content, recommendation="Cấp máy quét")
    return made.rows(sa.select(Difficulty.id).where(Difficulty.content == content))[0][0]


def test_it_goes_up_level_by_level_and_the_list_says_with_whom_it_is(ward: Ward) -> None:
    made = issue(ward, ROWS)
    one = raised(made, "1", "khdt.cv1", "Thiếu máy quét")
    focal = made.signed_in(FOCAL)
    seen = text_of(focal.get("/kho-khan"))
    assert "Thiếu máy quét Kiến nghị: Cấp máy quét" in seen
    assert f"Chuyên viên KT-HT-ĐT 1 · {made.today():%d/%m/%Y}" in seen
    assert "Phòng VH-XH" in seen
    assert "Còn 3 ngày làm việc" in seen
    assert "Số hóa hồ sơ đất đai Phòng KT-HT-ĐT" in text_of(focal.get("/hop-viec?ds=cho-nhan"))
    made.do("focal_answer", FOCAL, one, decision="forward", opinion="Cần kinh phí của phường")
    made.do("leader_answer", "pct.vhxh", one, decision="answer", answer="Đã duyệt kinh phí mua hai máy")
    assert "Không có khó khăn, vướng mắc nào ở mục này." in text_of(focal.get("/kho-khan"))
    answered = text_of(focal.get("/kho-khan?xem=da-tra-loi"))
    assert "Phòng VH-XH: Cần kinh phí của phường" in answered
    assert "Lãnh đạo UBND: Đã duyệt kinh phí mua hai máy" in answered
    assert "Có" not in made.failed_jobs()


def test_each_level_sees_what_those_before_said_and_the_report_states_all(ward: Ward) -> None:
    made = issue(ward, ROWS)
    one = raised(made, "1", "khdt.cv1", "Cổng dịch vụ công chậm")
    made.do("focal_answer", FOCAL, one, decision="forward", opinion="Phường không tự xử lý được.")
    leader = text_of(made.signed_in("pct.vhxh").get(f"/viec/{made.step('leader_answer', one)}"))
    assert "Phòng VH-XH Phường không tự xử lý được." in leader
    made.do("leader_answer", "pct.vhxh", one, decision="forward", opinion="Kiến nghị Sở")
    made.do("forward_city", FOCAL, one, recipient="Sở KH&CN", number="41/UBND", sent_on=made.today().isoformat())
    made.do("record_city_answer", FOCAL, one, answer="Nâng cấp trong tháng 12", number="112/SKHCN")
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1", "2")
    assert (
        "Cổng dịch vụ công chậm (đã trả lời: Phòng VH-XH: Phường không tự xử lý được; Lãnh đạo UBND: Kiến nghị Sở; "
        "Phòng VH-XH: Đã gửi Sở KH&CN (văn bản số 41/UBND); "
        "Thành phố: Nâng cấp trong tháng 12 (văn bản số 112/SKHCN))"
    ) in written(made)


def test_a_unit_sees_its_own(ward: Ward) -> None:
    made = issue(ward, ROWS)
    raised(made, "1", "khdt.cv1", "Thiếu máy quét")
    assert "Thiếu máy quét" in text_of(made.signed_in("khdt.truong").get("/kho-khan"))
    assert "Thiếu máy quét" not in text_of(made.signed_in("yte.cv1").get("/kho-khan"))


def test_the_report_lists_them_and_one_may_be_left_out_with_a_reason(ward: Ward) -> None:
    made = issue(ward, ROWS)
    alone = raised(made, "1", "khdt.cv1", "Thiếu máy quét")
    made.do("focal_answer", FOCAL, alone, decision="answer", answer="Mượn máy của văn phòng")
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte", difficulties="Mạng chậm", recommendations="Nâng băng thông")
    made.take("1", "2")
    assert "Thiếu máy quét (đã trả lời: Mượn máy của văn phòng)" in written(made)
    assert "Mạng chậm" in written(made)
    visitor, address = made.signed_in(FOCAL), f"/tong-hop/{made.cycle_id}/kho-khan/{made.report_id()}"
    entry = made.entry("2")
    refused = visitor.post(f"{address}/{entry}", {"do": "out", "reason": " "}, follow_redirects=True)
    assert "Chưa nhập lý do không đưa khó khăn này vào báo cáo." in text_of(refused)
    visitor.post(f"{address}/{entry}", {"do": "out", "reason": "Đã xử lý xong"})
    assert "Mạng chậm" not in written(made)
    assert "Không đưa vào báo cáo: Đã xử lý xong" in text_of(visitor.get(f"/tong-hop/{made.cycle_id}"))
    visitor.post(f"{address}/{entry}", {"do": "in"})
    assert "Mạng chậm" in written(made)
    assert [fact.reason for fact in made.ward.facts("DifficultyDecided")] == ["Đã xử lý xong", ""]


def test_what_is_only_asked_for_goes_up_as_a_recommendation(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle()
    made.send("1", "khdt", recommendations="Cấp máy quét")
    made.send("2", "yte")
    made.take("1", "2")
    send_up(made)
    report = written(made)
    assert "Phòng Kinh tế, Hạ tầng và Đô thị (nhiệm vụ I.1): Cấp máy quét" in report
    assert report.count("(nhiệm vụ I.1)") == 1
    assert made.signed_in("vanthu").get(f"/tong-hop/{made.report_id()}/xem.zip").status_code == 200


def test_what_was_not_answered_before_the_year_is_told_in_its_report(ward: Ward) -> None:
    made = issue(ward, ROWS)
    old = {text: raised(made, "1", "khdt.cv1", text) for text in ("Thiếu máy quét", "Mạng chậm")}
    made.do("focal_answer", FOCAL, old["Mạng chậm"], decision="answer", answer="Đã nâng cấp")
    last_year = datetime(made.year() - 1, 12, 20, 9, tzinfo=UTC)
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(Difficulty).values(raised_at=last_year))
        answered = sa.update(Difficulty).where(Difficulty.answered_at.is_not(None))
        connection.execute(answered.values(answered_at=last_year))
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1", "2")
    assert "Thiếu máy quét" in written(made)
    assert "Mạng chậm" not in written(made)


def years_last(ward: Ward) -> CycleWard:
    """The year's last cycle asks for a task that comes again, and under which a difficulty was raised."""
    made = issue(ward, ROWS[:1])
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask.__table__).values(is_recurring=True))
    raised(made, "1", "khdt.cv1", "Thiếu máy quét")
    made.open_cycle()
    return made


def last_years(ward: Ward) -> CycleWard:
    """Raised under a case that was closed with its year's last report, and not answered."""
    made = years_last(ward)
    made.send("1", "khdt")
    made.take("1")
    send_up(made)
    return made


def reported_next_year(made: CycleWard) -> str:
    made.report_by, made.submit_by = made.today() + timedelta(days=20), made.today() + timedelta(days=30)
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    return written(made)


def new_year(made: CycleWard) -> None:
    made.ward.move_clock(datetime(made.year() + 1, 1, 4, 9, tzinfo=LOCAL).astimezone(UTC))


def test_it_is_told_next_year_by_the_unit_that_has_the_place_of_the_one_that_raised_it(ward: Ward) -> None:
    made = last_years(ward)
    carried_out(made, "khdt", "doi-ten", name="Phòng Kinh tế", short_name="Phòng KT")
    year = made.year() + 1
    new_year(made)
    ward.execute(BeginYear(plan_id=made.plan_id, year=year))
    made.settle()
    assert "Thiếu máy quét" in reported_next_year(made)
    one = made.rows(sa.select(Difficulty.id))[0][0]
    made.do("focal_answer", FOCAL, one, decision="answer", answer="Mượn máy của Văn phòng")
    assert "Đã có trả lời khó khăn, vướng mắc" in text_of(made.signed_in("khdt.truong").get("/thong-bao"))


def test_it_is_told_once_where_last_years_case_is_asked_beside_this_years(ward: Ward) -> None:
    made = years_last(ward)
    made.cut_off(khdt="Chưa có số liệu")
    late, year = made.case("1"), made.year()
    new_year(made)
    ward.execute(BeginYear(plan_id=made.plan_id, year=year + 1))
    made.settle()
    made.report_by, made.submit_by = made.today() + timedelta(days=20), made.today() + timedelta(days=30)
    made.open_cycle()
    assert len(made.rows(sa.select(CycleEntry.id).where(CycleEntry.cycle_id == made.cycle_id))) == 2
    for case in (late, made.case("1")):
        made.do("execute", "khdt.cv1", case, **DONE, completed_on=made.today().isoformat())
        made.do("unit_review", "khdt.truong", case, decision="approve")
        made.do("check", FOCAL, case, decision="approve")
    assert written(made).count("Thiếu máy quét") == 1


def test_it_is_told_next_year_under_a_plan_that_takes_the_place(ward: Ward) -> None:
    made = last_years(ward)
    new_year(made)
    visitor = made.signed_in(FOCAL)
    rows = [("1", "Số hóa hồ sơ đất đai", "Phòng Kinh tế, Hạ tầng và Đô thị", "", "Hằng năm", "Báo cáo")]
    new = import_file(visitor, plan_file(rows)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    said = confirm(ward, visitor, new, number="50/KH-UBND", issued_on=f"{made.today():%d/%m/%Y}")
    assert said.status_code == 302
    assert visitor.post(f"{new}/giao-viec").status_code == 302
    made.settle()
    made.plan_id = plan_id_of(new)
    made.do("accept", "khdt.truong", made.case("1"), decision="accept", officer=str(ward.person("khdt.cv1")))
    assert "Thiếu máy quét" in reported_next_year(made)


def test_whoever_answers_opens_what_was_sent_with_it_and_who_raised_it_hears_the_answer(ward: Ward) -> None:
    made = issue(ward, [Row("vhxh", "Số hóa tài liệu")])
    raiser, case = made.signed_in("vhxh.cv2"), made.case("1")
    waits = sa.select(MessageSubscription.id).where(
        MessageSubscription.instance_id == case, MessageSubscription.element_id == "difficulty_raised"
    )
    sent = upload(made, "vhxh.cv2", made.rows(waits)[0][0], "báo giá máy quét.pdf")
    answers = {"content": "Thiếu máy quét", "documents": sent}
    assert raiser.post(f"/ho-so/{case}/gui/difficulty_raised", answers).status_code == 302
    made.settle()
    [(one,)] = made.rows(sa.select(Difficulty.id))
    focal = made.signed_in(FOCAL)
    for page in (f"/viec/{made.step('focal_answer', one)}", f"/ho-so/{one}"):
        assert "Tài liệu kèm theo báo giá máy quét.pdf" in text_of(focal.get(page))
    with focal.get(f"/tep/{sent}") as file:
        assert file.get_data() == PDF
    made.do("focal_answer", FOCAL, one, decision="answer", answer="Mượn máy của Văn phòng")
    assert "Đã có trả lời khó khăn, vướng mắc" in text_of(raiser.get("/thong-bao"))


def test_what_was_sent_with_it_is_there_when_its_case_goes_on_as_a_linked_one(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle()
    waits = sa.select(MessageSubscription.id).where(
        MessageSubscription.instance_id == made.case("1"), MessageSubscription.element_id == "difficulty_raised"
    )
    sent = upload(made, "khdt.cv1", made.rows(waits)[0][0], "báo giá máy quét.pdf")
    made.send_message(
        "difficulty_raised", "khdt.cv1", made.case("1"), content="Thiếu máy", recommendation=None, documents=[sent]
    )
    [(one,)] = made.rows(sa.select(Difficulty.id))
    for ordinal, unit in (("1", "khdt"), ("2", "yte")):
        made.send(ordinal, unit)
        made.take(ordinal)
    send_up(made)
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Số liệu chưa khớp")
    classify(made)
    page = text_of(made.signed_in(FOCAL).get(f"/viec/{made.step('focal_answer', one)}"))
    assert "Tài liệu kèm theo báo giá máy quét.pdf" in page


def test_one_that_was_cancelled_is_open_no_more_and_who_raised_it_is_told(ward: Ward) -> None:
    made = issue(ward, ROWS)
    difficulty = raised(made, "1", "khdt.cv1", "Thiếu máy chủ")
    made.execute(CancelInstance(instance_id=difficulty, reason="Nêu hai lần"), "quantri")
    unit = made.signed_in("khdt.cv1")
    assert "Thiếu máy chủ" not in text_of(unit.get("/kho-khan"))
    assert "Đã hủy" in text_of(unit.get("/kho-khan?xem=tat-ca"))
    assert "Khó khăn, vướng mắc đã hủy" in text_of(unit.get("/thong-bao"))
    raised(made, "1", "khdt.cv1", "Mạng chậm")
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1", "2")
    assert "Mạng chậm" in written(made) and "Thiếu máy chủ" not in written(made)
