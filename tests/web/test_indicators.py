"""Chỉ tiêu: made by hand or of the plan's reading, measured by reports with evidence, held against the target."""

import io
import json
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import sqlalchemy.orm

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import PDF, editor_values
from tests.web.wards import Visitor, Ward, text_of
from webapp.cycles.models import ConsolidatedReport
from webapp.cycles.report_data import consolidated_data, report_document
from webapp.documents.rendering.report import consolidated_report
from webapp.documents.rendering.submission import submission_of, to_json
from webapp.indicators.models import Indicator, IndicatorPeriod, IndicatorValue, Operator
from webapp.indicators.standing import IndicatorState, allowance_words, state_of, target_words
from webapp.plans.models import Plan, PlanTask

ROWS = [Row("khdt", "Số hóa hồ sơ"), Row("yte", "Hồ sơ sức khỏe")]


def added(made: CycleWard, visitor: Visitor, name: str, **fields: str | list[str]) -> UUID:
    answer = visitor.post(f"/ke-hoach/{made.plan_id}/chi-tieu/them", {"name": name, "period": "yearly", **fields})
    assert answer.status_code == 302, text_of(answer)
    return made.rows(sa.select(Indicator.id).where(Indicator.name == name))[0][0]


def task(made: CycleWard, ordinal: str) -> str:
    return str(made.rows(sa.select(PlanTask.id).where(PlanTask.ordinal == ordinal))[0][0])


def of_plan(made: CycleWard, visitor: Visitor) -> str:
    return text_of(visitor.get(f"/ke-hoach/{made.plan_id}/chi-tieu"))


# --- made ---


def test_an_indicator_says_all_that_the_plan_says_of_it(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    whole = added(
        made, visitor, "Chi cho khoa học, công nghệ", operator="at_least", target="3", unit="%", period="by_year",
        by_year="2030", denominator="tổng chi ngân sách", baseline="1,2", baseline_year="2025",
    )  # fmt: skip
    part = added(
        made, visitor, "Chi từ doanh nghiệp", operator="more_than", target="60", unit="%", part_of_id=str(whole)
    )
    added(made, visitor, "Số lượng tin bài")
    seen = of_plan(made, visitor)
    assert "≥ 3% đến năm 2030 Năm đầu kỳ 2025: 1,2%" in seen
    assert "Trong đó: Chi từ doanh nghiệp" in seen
    assert "trên tổng chi ngân sách" in seen
    assert "Không đặt mức" in seen
    assert "3 chỉ tiêu chưa có đơn vị chịu trách nhiệm." in seen
    assert made.ward.facts("IndicatorAdded")[0].indicator_id == whole
    page = text_of(visitor.get(f"/chi-tieu/{part}"))
    assert "> 60% mỗi năm" in page
    assert "Chi cho khoa học, công nghệ" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Nhập tên chỉ tiêu."),
        ({"operator": "at_least"}, "Nhập mức chỉ tiêu"),
        ({"operator": "between", "target": "5", "target_most": "2"}, "Nhập mức trên"),
        ({"period": "by_year"}, "Nhập năm phải đạt"),
        ({"target": "nhiều"}, "Nhập một số"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(ward: Ward, fields: dict[str, str], words: str) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    answer = made.signed_in(FOCAL).post(
        f"/ke-hoach/{made.plan_id}/chi-tieu/them", {"name": "Số buổi", "period": "yearly", "unit": "buổi", **fields}
    )
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="buổi"' in answer.get_data(as_text=True)


def test_a_part_is_of_one_that_is_itself_no_part(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    visitor = made.signed_in(FOCAL)
    whole = added(made, visitor, "Hồ sơ")
    part = added(made, visitor, "Hồ sơ đất đai", part_of_id=str(whole))
    other = added(made, visitor, "Hồ sơ khác")
    for one, main in ((other, other), (whole, other), (other, part), (other, ward.unit("yte"))):
        answer = visitor.post(f"/chi-tieu/{one}/sua", {"name": "Hồ sơ", "period": "yearly", "part_of_id": str(main)})
        assert answer.status_code == 422, (one, main)
        assert "Chỉ tiêu thành phần chỉ thuộc về một chỉ tiêu chính của cùng kế hoạch." in text_of(answer)


def test_an_indicators_form_that_is_sent_as_it_was_opened_changes_nothing(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    visitor = made.signed_in(FOCAL)
    chosen = {"operator": "at_least", "period": "yearly"}
    for name, more in (("Số buổi", {"target": "1.000"}), ("Chi", {"target": "2,5", "is_cumulative": "on"})):
        one = added(made, visitor, name, **chosen, **more)
        shown = editor_values(visitor.get(f"/chi-tieu/{one}/sua").get_data(as_text=True))
        assert shown["target"] in ("1000", "2,5")
        assert visitor.post(f"/chi-tieu/{one}/sua", {**shown, **chosen}).status_code == 302
    assert made.ward.facts("IndicatorRevised") == []


def test_an_indicator_is_corrected_with_a_record_and_retired_with_a_reason(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    visitor = made.signed_in(FOCAL)
    one = added(made, visitor, "Số buổi", operator="at_least", target="2", unit="buổi")
    form = {"name": "Số buổi tập huấn", "operator": "between", "target": "1", "target_most": "2", "period": "yearly"}
    assert visitor.post(f"/chi-tieu/{one}/sua", form).status_code == 302
    changes = made.ward.facts("IndicatorRevised")[0].changes
    assert changes["target"] == "2.0 → 1.0"
    assert "từ 1 đến 2" in of_plan(made, visitor)
    shown = text_of(visitor.get(f"/chi-tieu/{one}"))
    assert "Tên Số buổi Số buổi tập huấn – Cán bộ tổng hợp" in shown
    assert "Mức 2 1 – Cán bộ tổng hợp" in shown and "Mức trên – 2 – Cán bộ tổng hợp" in shown
    assert visitor.post(f"/chi-tieu/{one}/bo", {"ly_do": ""}).status_code == 400
    assert visitor.post(f"/chi-tieu/{one}/bo", {"ly_do": "Trùng chỉ tiêu khác"}).status_code == 302
    assert "Kế hoạch chưa có chỉ tiêu." in of_plan(made, visitor)


def test_those_that_the_reading_found_are_taken_up_once(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    found = {
        "name": "tỷ lệ hài lòng", "operator": "more_than", "value": 95, "unit": "%", "period": "yearly",
        "owner": "Trung tâm Phục vụ hành chính công", "text": "phấn đấu tỷ lệ hài lòng trên 95%",
        "source": {"where": "dòng 12"}, "denominator": "số người được hỏi", "baseline": 91.5, "baseline_year": 2025,
    }  # fmt: skip
    other = {"name": "Sáng kiến", "operator": "between", "value": 1, "value_most": 2, "unit": "sáng kiến",
             "part_of": "tỷ lệ hài lòng"}  # fmt: skip
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(Plan.__table__).values(reading=json.dumps({"indicators": [found, other]})))
    visitor, address = made.signed_in(FOCAL), f"/ke-hoach/{made.plan_id}/chi-tieu/tu-van-ban"
    page = text_of(visitor.get(address))
    understood = "> 95% mỗi năm trên số người được hỏi · số đầu kỳ 2025: 91,5% Trung tâm Phục vụ"
    assert f"Tỷ lệ hài lòng “phấn đấu tỷ lệ hài lòng trên 95%” (dòng 12) {understood}" in page
    assert "trong đó của: Tỷ lệ hài lòng" in page
    assert visitor.post(address, {"chon": "0"}).status_code == 302
    assert "Tỷ lệ hài lòng" in of_plan(made, visitor)
    left = text_of(visitor.get(address))
    assert "(dòng 12)" not in left and "trên số người được hỏi" not in left
    assert "từ 1 đến 2 sáng kiến" in text_of(visitor.get(address))
    visitor.post(address, {"chon": "1"})
    assert "Trong đó: Sáng kiến" in of_plan(made, visitor)


# --- measured ---


@pytest.mark.both_databases
def test_a_report_is_asked_for_its_indicators_and_its_values_replace_each_other(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    records = added(
        made, visitor, "Hồ sơ được số hóa", operator="at_least", target="1.000", unit="hồ sơ",
        plan_task_id=task(made, "1"),
    )  # fmt: skip
    officer = made.signed_in("khdt.cv1")
    form = officer.get(f"/viec/{made.step('execute', made.case('1'))}").get_data(as_text=True)
    assert f'<option value="{records}" selected>Hồ sơ được số hóa (≥ 1.000 hồ sơ)</option>' in form
    other = made.signed_in("yte.cv1").get(f"/viec/{made.step('execute', made.case('2'))}").get_data(as_text=True)
    assert "Chỉ tiêu của kế hoạch" not in other
    made.report("1", "khdt.cv1", indicators=[{"indicator": str(records), "value": 700, "note": "thiếu máy quét"}])
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Đếm lại")
    made.report("1", "khdt.cv1", indicators=[{"indicator": str(records), "value": 720, "note": None}])
    assert made.rows(sa.select(IndicatorValue.value)) == [(720.0,)]
    seen = of_plan(made, visitor)
    assert "720 hồ sơ" in seen
    assert "Chưa đạt, còn thời gian" in seen
    page = text_of(visitor.get(f"/chi-tieu/{records}"))
    assert "Báo cáo nhiệm vụ" in page


def test_of_several_who_answer_each_states_its_part(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    units = [str(ward.unit(key)) for key in ("khdt", "yte")]
    visits = added(made, visitor, "Lượt tra cứu", operator="at_least", target="100", unit="lượt", owner_unit_ids=units)
    seen = of_plan(made, visitor)
    assert "chưa có đơn vị chịu trách nhiệm" not in seen
    assert "Phòng Kinh tế, Hạ tầng và Đô thị; Trạm Y tế" in seen
    for ordinal, unit in (("1", "khdt"), ("2", "yte")):
        form = made.signed_in(f"{unit}.cv1").get(f"/viec/{made.step('execute', made.case(ordinal))}")
        assert "Lượt tra cứu (≥ 100 lượt)" in text_of(form)
    made.report("1", "khdt.cv1", indicators=[{"indicator": str(visits), "value": 70, "note": None}])
    assert "Chưa có số của Trạm Y tế" in of_plan(made, visitor)
    made.report("2", "yte.cv1", indicators=[{"indicator": str(visits), "value": 50, "note": None}])
    seen = of_plan(made, visitor)
    assert "120 lượt" in seen
    assert "Chưa có số của" not in seen
    page = visitor.get(f"/chi-tieu/{visits}/sua").get_data(as_text=True)
    assert page.count('name="owner_unit_ids"') > 2
    assert page.count(" checked>") == 2


def test_a_unit_that_leads_nothing_is_not_asked_and_that_is_said(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    others, own = {"owner_unit_ids": [str(ward.unit("hcc"))]}, {"owner_unit_ids": [str(ward.unit("yte"))]}
    added(made, visitor, "Lượt khám", **own)
    assert "Không được hỏi số liệu" not in of_plan(made, visitor)
    added(made, visitor, "Dịch vụ công trực tuyến", **others)
    added(made, visitor, "Hồ sơ đã số hóa", plan_task_id=task(made, "1"), **own)
    seen = of_plan(made, visitor)
    assert "2 chỉ tiêu giao cho đơn vị không được hỏi số liệu." in seen
    assert seen.count("Không được hỏi số liệu") == 2
    made.open_cycle()
    board = text_of(visitor.get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "Không báo cáo nào hỏi số liệu của: 2 chỉ tiêu giao cho đơn vị không chủ trì nhiệm vụ liên quan." in board


def test_for_what_nobody_answers_the_focal_unit_gives_a_unit_or_the_figure(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    one = added(made, visitor, "Sáng kiến", unit="sáng kiến")
    made.open_cycle()
    board = text_of(visitor.get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "1 chỉ tiêu chưa có đơn vị chịu trách nhiệm" in board
    made.cut_off(khdt="Chưa có số liệu", yte="Chưa có số liệu")
    assert "Chưa có đơn vị chịu trách nhiệm" in written(made)
    visitor.post(f"/chi-tieu/{one}/so-lieu", {"value": "2", "as_of": f"{made.today():%d/%m/%Y}"})
    assert "2 sáng kiến" in of_plan(made, visitor)
    fields = {"name": "Sáng kiến", "period": "yearly", "unit": "sáng kiến", "owner_unit_ids": [str(ward.unit("yte"))]}
    assert visitor.post(f"/chi-tieu/{one}/sua", fields).status_code == 302
    assert "chưa có đơn vị chịu trách nhiệm" not in text_of(visitor.get(f"/ky-bao-cao/{made.cycle_id}"))
    assert list(made.ward.facts("IndicatorRevised")[0].changes) == ["owner_unit_ids"]


def test_a_value_is_entered_by_hand_with_its_evidence(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    visitor = made.signed_in(FOCAL)
    one = added(made, visitor, "Tỷ lệ hài lòng", operator="more_than", target="95", unit="%")
    today = made.today()
    late = {"value": "96,5", "as_of": f"{today + timedelta(days=1):%d/%m/%Y}"}
    assert "không thể sau hôm nay" in text_of(visitor.post(f"/chi-tieu/{one}/so-lieu", late))
    values = {"value": "96,5", "as_of": f"{today:%d/%m/%Y}", "evidence": (io.BytesIO(PDF), "khao-sat.pdf")}
    answer = visitor.post(f"/chi-tieu/{one}/so-lieu", values, content_type="multipart/form-data")
    assert answer.status_code == 302
    page = text_of(visitor.get(f"/chi-tieu/{one}"))
    assert "Toàn phường 96,5%" in page
    assert "khao-sat.pdf" in page
    assert "Đạt" in page
    assert made.ward.facts("IndicatorMeasured")[0].value == 96.5
    with visitor.get(f"/tep/{made.rows(sa.select(IndicatorValue.evidence_id))[0][0]}") as file:
        assert file.get_data() == PDF


def test_units_see_indicators_and_do_not_change_them(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    one = added(made, made.signed_in(FOCAL), "Số buổi")
    visitor = made.signed_in("khdt.cv1")
    assert "Số buổi" in of_plan(made, visitor)
    assert visitor.get(f"/chi-tieu/{one}/sua").status_code == 403
    assert visitor.post(f"/chi-tieu/{one}/so-lieu", {"value": "1"}).status_code == 403


# --- in the report ---


def test_the_report_states_the_figures_as_they_were_when_it_went_up(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor = made.signed_in(FOCAL)
    records = added(
        made, visitor, "Hồ sơ được số hóa", operator="at_least", target="1000", unit="hồ sơ",
        plan_task_id=task(made, "1"),
    )  # fmt: skip
    made.open_cycle()
    made.send("1", "khdt", indicators=[{"indicator": str(records), "value": 1120, "note": None}])
    made.send("2", "yte")
    made.take("1", "2")
    visitor.post(f"/tong-hop/{made.cycle_id}/dung-tat-ca")
    assert "đạt 1.120 hồ sơ, mục tiêu ≥ 1.000 hồ sơ" in written(made)
    assert "Hồ sơ được số hóa ≥ 1.000 hồ sơ mỗi năm 1.120 hồ sơ Đạt" in written(made)
    made.do("consolidate", FOCAL, made.cycle_id, summary="Đủ")
    before = submitted(made)
    today = made.today()
    visitor.post(f"/chi-tieu/{records}/so-lieu", {"value": "1", "as_of": f"{today:%d/%m/%Y}"})
    assert submitted(made) == before
    stated = json.loads(before)["indicators"]
    assert (stated[0]["value"], stated[0]["state"], stated[0]["task"]) == (1120, "met", "I.1")


def report_of(made: CycleWard, read: sa.orm.Session) -> ConsolidatedReport:
    return read.get_one(ConsolidatedReport, made.report_id())


def written(made: CycleWard) -> str:
    with made.ward.runtime.reading() as connection, sa.orm.Session(connection) as read:
        document = report_document(read, made.report_id(), made.today())
    return " ".join(_texts(document.body))


def _texts(blocks):
    for block in blocks:
        yield from (block.text,) if hasattr(block, "text") else ()
        yield from getattr(block, "items", ())
        for row in getattr(block, "rows", ()):
            yield from row


def submitted(made: CycleWard) -> bytes:
    with made.ward.runtime.reading() as connection, sa.orm.Session(connection) as read:
        data = consolidated_data(read, report_of(made, read), made.today())
    return to_json(submission_of(data, consolidated_report(data), ()))


# --- how a figure stands ---


def target(**fields):
    return Indicator(
        **{"operator": Operator.AT_LEAST, "target": 10.0, "unit": "buổi", "period": IndicatorPeriod.YEARLY,
           "is_cumulative": False, **fields}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "value", "state"),
    [
        ({}, 10, IndicatorState.MET),
        ({}, 9, IndicatorState.NOT_YET),
        ({}, None, IndicatorState.NO_VALUE),
        ({"target": None, "operator": None}, 4, IndicatorState.NO_TARGET),
        ({"operator": Operator.MORE_THAN}, 10, IndicatorState.NOT_YET),
        ({"operator": Operator.AT_MOST}, 11, IndicatorState.MISSED),
        ({"operator": Operator.AT_MOST}, 10, IndicatorState.WITHIN),
        ({"operator": Operator.LESS_THAN}, 10, IndicatorState.MISSED),
        ({"operator": Operator.AT_MOST, "unit": "%"}, 11, IndicatorState.NOT_YET),
        ({"operator": Operator.AT_MOST, "unit": "%"}, 9, IndicatorState.MET),
        ({"operator": Operator.AT_MOST, "period": IndicatorPeriod.QUARTERLY}, 11, IndicatorState.MISSED),
        ({"operator": Operator.ABOUT}, 9.2, IndicatorState.MET),
    ],
)
def test_how_a_figure_stands(fields, value, state) -> None:
    assert state_of(target(**fields), value, 2026, date(2026, 12, 1)) is state


def test_once_the_time_is_over_what_was_not_reached_is_missed() -> None:
    assert state_of(target(), 9, 2026, date(2027, 1, 1)) is IndicatorState.MISSED
    by_2030 = target(period=IndicatorPeriod.BY_YEAR, by_year=2030)
    assert state_of(by_2030, 9, 2026, date(2027, 1, 1)) is IndicatorState.NOT_YET
    assert state_of(target(operator=Operator.AT_MOST), 9, 2026, date(2027, 1, 1)) is IndicatorState.MET
    assert target_words(target(operator=Operator.ABOUT)) == "khoảng 10 buổi"


@pytest.mark.parametrize(
    ("operator", "value", "words"),
    [
        (Operator.AT_MOST, 6, "đã dùng 60% mức cho phép, còn 4 buổi"),
        (Operator.AT_MOST, 10, "đã dùng 100% mức cho phép, còn 0 buổi"),
        (Operator.AT_MOST, 12, "vượt mức cho phép 2 buổi"),
        (Operator.LESS_THAN, 10, "đã đến mức không được chạm tới"),
        (Operator.AT_LEAST, 12, ""),
    ],
)
def test_how_much_of_a_limit_is_used_is_told(operator, value, words) -> None:
    assert allowance_words(target(operator=operator), value) == words
