"""Values of indicators: in the indicator's unit, counted quarter by quarter, taken back where they were wrong; and who
answers for them.
"""

import re
from datetime import date
from uuid import UUID

import pytest

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened
from tests.web.test_cycles_beside import signed
from tests.web.test_indicators import added, of_plan, target, task
from tests.web.wards import Ward, text_of
from webapp.cycles.commands import ReturnRow
from webapp.indicators.models import IndicatorPeriod, Operator
from webapp.indicators.rolling_up import Measured, by_round, roll_up
from webapp.indicators.standing import IndicatorState, round_name, round_of, state_of

A, B = UUID(int=1), UUID(int=2)
QUARTERLY = target(period=IndicatorPeriod.QUARTERLY)


@pytest.fixture
def made(ward: Ward) -> CycleWard:
    return issue(ward, [Row("khdt", "Tập huấn kỹ năng số")], accepted=False)


def measure(visitor, indicator, value: str, day: date, **more: str):
    return visitor.post(f"/chi-tieu/{indicator}/so-lieu", {"value": value, "as_of": f"{day:%d/%m/%Y}", **more})


def test_a_quarters_figure_is_made_of_what_was_reported_for_it() -> None:
    values = [
        Measured(A, 2026, date(2026, 2, 10), 5), Measured(B, 2026, date(2026, 3, 30), 6),
        Measured(A, 2026, date(2026, 5, 4), 3), Measured(A, 2026, date(2026, 6, 30), 4),
        Measured(B, 2025, date(2025, 12, 31), 90),
    ]  # fmt: skip
    assert {number: made.value for number, made in by_round(QUARTERLY, values, 2026).items()} == {1: 11, 2: 7}
    newest = roll_up(QUARTERLY, values, 2026)
    assert newest is not None
    assert (newest.value, set(newest.by_unit())) == (7, {A})


def test_a_quarter_that_is_over_is_missed_while_the_running_one_still_has_time() -> None:
    today = date(2026, 7, 1)
    assert state_of(QUARTERLY, 7, 2026, today, 2) is IndicatorState.MISSED
    assert state_of(QUARTERLY, 7, 2026, today, 3) is IndicatorState.NOT_YET
    limit = target(period=IndicatorPeriod.QUARTERLY, operator=Operator.AT_MOST)
    assert state_of(limit, 11, 2026, today, 3) is IndicatorState.MISSED


@pytest.mark.parametrize(
    ("period", "day", "name"),
    [
        (IndicatorPeriod.QUARTERLY, date(2026, 9, 30), "quý III"),
        (IndicatorPeriod.HALF_YEARLY, date(2026, 7, 1), "6 tháng cuối năm"),
        (IndicatorPeriod.MONTHLY, date(2026, 2, 28), "tháng 2"),
        (IndicatorPeriod.QUARTERLY, date(2027, 1, 9), "quý IV"),
        (IndicatorPeriod.QUARTERLY, date(2025, 12, 9), "quý I"),
    ],
)
def test_to_which_round_of_a_year_a_day_belongs(period, day, name) -> None:
    one = target(period=period)
    assert round_name(one, round_of(one, 2026, day)) == name


def test_each_quarter_is_told(made: CycleWard) -> None:
    visitor, year = made.signed_in(FOCAL), made.year() - 1
    one = added(made, visitor, "Buổi tuyên truyền", operator="at_least", target="4", unit="buổi", period="quarterly")
    for value, month in (("3", 1), ("2", 2), ("1", 5)):
        measure(visitor, one, value, date(year, month, 20))
    page = text_of(visitor.get(f"/chi-tieu/{one}?nam={year}"))
    assert "Quý I 5 buổi Đạt Quý II 1 buổi Không đạt" in page
    assert "1 buổi (quý II)" in page
    assert "Quý I: 5 buổi (đạt)." in page


def test_a_value_in_another_unit_is_refused(made: CycleWard) -> None:
    visitor = made.signed_in(FOCAL)
    one = added(made, visitor, "Hội thảo", operator="at_least", target="2", unit="cuộc")
    refused = measure(visitor, one, "50 %", made.today())
    assert refused.status_code == 422
    assert "Chỉ tiêu này tính bằng cuộc, không tính bằng %." in text_of(refused)
    share = added(made, visitor, "Doanh nghiệp đổi mới", operator="at_least", target="40 %")
    assert measure(visitor, share, "50 %", made.today()).status_code == 302
    assert "≥ 40% mỗi năm 50%" in of_plan(made, visitor)


def test_a_count_with_values_does_not_become_a_share(made: CycleWard) -> None:
    visitor = made.signed_in(FOCAL)
    stated = {"name": "Hồ sơ", "operator": "at_least", "target": "10", "unit": "hồ so", "period": "yearly"}
    one = added(made, visitor, stated["name"], **{key: text for key, text in stated.items() if key != "name"})
    measure(visitor, one, "7", made.today())
    assert visitor.post(f"/chi-tieu/{one}/sua", {**stated, "unit": "hồ sơ"}).status_code == 302
    refused = visitor.post(f"/chi-tieu/{one}/sua", {**stated, "unit": "%"})
    assert "Chỉ tiêu đã có số liệu, không đổi giữa tỷ lệ (%) và số đếm được." in text_of(refused)


def test_a_value_entered_by_mistake_is_taken_back_with_a_reason(made: CycleWard) -> None:
    visitor = made.signed_in(FOCAL)
    one = added(made, visitor, "Lượt truy cập", operator="about", target="10000", unit="lượt")
    for value in ("1000", "10000"):
        measure(visitor, one, value, made.today())
    page = visitor.get(f"/chi-tieu/{one}").get_data(as_text=True)
    assert "Cộng 2 lần báo cáo: 1.000 + 10.000 = 11.000 lượt." in page
    [_, address] = [text.split('"')[0] for text in page.split('action="')[1:] if text.split('"')[0].endswith("/go")]
    assert "Chưa nhập lý do gỡ số liệu." in text_of(visitor.post(address, {"ly_do": " "}))
    assert made.signed_in("khdt.truong").post(address, {"ly_do": "nhầm"}).status_code == 403
    assert visitor.post(address, {"ly_do": "Ghi thiếu một số 0"}).status_code == 302
    assert "10.000 lượt" in of_plan(made, visitor)
    [withdrawn] = made.ward.facts("IndicatorValueWithdrawn")
    assert (withdrawn.value, withdrawn.reason) == (1000, "Ghi thiếu một số 0")
    assert visitor.post(address, {"ly_do": "lại"}).status_code == 404
    shown = text_of(visitor.get(f"/chi-tieu/{one}"))
    assert f"Số liệu đến ngày {made.today():%d/%m/%Y} 1.000 lượt đã gỡ Ghi thiếu một số 0 Cán bộ tổng hợp" in shown


def test_a_figure_is_of_the_chosen_indicator_or_of_one_that_is_named(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Tập huấn kỹ năng số")])
    one = added(made, made.signed_in(FOCAL), "Lớp tập huấn", unit="lớp", owner_unit_ids=[str(ward.unit("khdt"))])
    sent = made.signed_in("khdt.cv1").post(
        f"/viec/{made.step('execute', made.case('1'))}",
        {"outcome": "in_progress", "result": "Đã mở lớp", "indicators-0-indicator": str(one),
         "indicators-0-name": "Khác", "indicators-0-value": "3",
         "indicators-1-name": "Buổi nói chuyện", "indicators-1-value": "1.200"},
    )  # fmt: skip
    assert sent.status_code == 302, text_of(sent)
    page = text_of(made.signed_in("khdt.truong").get(f"/viec/{made.step('unit_review', made.case('1'))}"))
    assert "Lớp tập huấn – 3 – – – Buổi nói chuyện 1.200 – –" in page


def test_a_unit_is_given_several_at_once(made: CycleWard) -> None:
    visitor, unit = made.signed_in(FOCAL), str(made.ward.unit("khdt"))
    ids = [str(added(made, visitor, name)) for name in ("Hồ sơ số hóa", "Lượt truy cập", "Tỷ lệ hài lòng")]
    address = f"/ke-hoach/{made.plan_id}/chi-tieu/giao"
    assert "Chưa chọn chỉ tiêu nào." in text_of(visitor.post(address, {"don-vi": unit}))
    assert "Chưa chọn đơn vị." in text_of(visitor.post(address, {"chon": ids[:2]}))
    assert visitor.post(address, {"chon": ids[:2], "don-vi": unit}).status_code == 302
    visitor.post(address, {"chon": ids[1:2], "don-vi": unit})
    visitor.post(address, {"chon": ids[1:2], "don-vi": str(made.ward.unit("yte"))})
    page = of_plan(made, visitor)
    assert "1 chỉ tiêu chưa có đơn vị chịu trách nhiệm." in page
    assert "Phòng Kinh tế, Hạ tầng và Đô thị; Trạm Y tế" in page
    assert len(made.ward.facts("IndicatorRevised")) == 3
    assert made.signed_in("khdt.truong").post(address, {"chon": ids, "don-vi": unit}).status_code == 403


def test_a_unit_that_had_nothing_to_count_does_not_lower_the_wards_share(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Tập huấn kỹ năng số"), Row("yte", "Khám sức khỏe")])
    visitor, units = made.signed_in(FOCAL), [str(ward.unit("khdt")), str(ward.unit("yte"))]
    one = added(made, visitor, "Hồ sơ đúng hạn", operator="at_least", target="80", unit="%", owner_unit_ids=units)
    made.open_cycle()
    made.send("1", "khdt", indicators=[{"indicator": str(one), "value": 80, "whole": 120}])
    made.send("2", "yte", indicators=[{"indicator": str(one), "value": 0, "whole": 0}])
    page = text_of(visitor.get(f"/chi-tieu/{one}"))
    assert "(80% × 120 + 0% × 0) : 120 = 80%" in page
    assert "0% trên 0" in page


def test_figures_of_a_report_that_is_sent_again_are_listed_as_corrected(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Tập huấn kỹ năng số")])
    visitor = made.signed_in(FOCAL)
    one = added(made, visitor, "Người được tập huấn", operator="at_least", target="100", unit="người")

    def said(value: int | None, outcome: str = "done") -> None:
        stated = [{"indicator": str(one), "value": value}] if value else []
        made.report("1", "khdt.cv1", outcome=outcome, indicators=stated)

    opened(made, "6 tháng", "half_year")
    said(40, "in_progress")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")
    made.take("1")
    signed(made)
    made.open_cycle()
    said(80)
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Đếm lại")
    said(90)
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")
    made.take("1")
    made.execute(ReturnRow(entry_id=made.entry("1"), item="Số liệu", reason="Chưa khớp"), FOCAL)
    made.settle()
    said(None)
    page = visitor.get(f"/chi-tieu/{one}")
    listed = text_of(page).split("Đã sửa, đã gỡ")[1]
    report = "Số liệu trong báo cáo I.1, Phòng Kinh tế, Hạ tầng và Đô thị"
    assert f"{report} 90 người không ghi Chưa khớp Chuyên viên KT-HT-ĐT 1" in listed
    assert f"{report} 80 người 90 người Đếm lại Chuyên viên KT-HT-ĐT 1" in listed
    assert "40 người" not in listed, "A later report's own figure corrects nothing."
    assert f'href="/ho-so/{made.case("1")}"' in page.get_data(as_text=True)


def test_a_report_that_came_back_has_a_row_for_an_indicator_that_was_added_meanwhile(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Tập huấn kỹ năng số")])
    visitor, officer, case = made.signed_in(FOCAL), made.signed_in("khdt.cv1"), made.case("1")
    only_this = {"operator": "at_least", "unit": "người", "plan_task_id": task(made, "1")}
    one = added(made, visitor, "Người được tập huấn", target="100", **only_this)
    made.open_cycle()
    made.report("1", "khdt.cv1", indicators=[{"indicator": str(one), "value": 40}])
    other = added(made, visitor, "Người được cấp chứng nhận", target="50", **only_this)
    made.do("unit_review", "khdt.truong", case, decision="return", reason="Ghi đủ chỉ tiêu")
    for address in (f"/viec/{made.step('execute', case)}", f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"):
        page = officer.get(address).text
        chosen = re.findall(r'<option value="([^"]+)" selected', page.partition("indicators-0-indicator")[2])
        assert [UUID(id) for id in chosen if id in (str(one), str(other))] == [one, other]


def test_a_draft_has_a_row_for_an_indicator_that_was_added_since_and_keeps_what_was_typed(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Tập huấn kỹ năng số")])
    visitor, officer = made.signed_in(FOCAL), made.signed_in("khdt.cv1")
    only_this = {"operator": "at_least", "unit": "người", "plan_task_id": task(made, "1")}
    one = added(made, visitor, "Người được tập huấn", target="100", **only_this)
    made.open_cycle()
    step = f"/viec/{made.step('execute', made.case('1'))}"
    typed = {"indicators-0-indicator": str(one), "indicators-0-value": "47", "indicators-1-name": "Buổi nói chuyện"}
    offered = re.search(r'name="indicators-offered" value="([^"]+)"', officer.get(step).text)
    assert offered
    officer.post(f"{step}/nhap", {"result": "Đã mở lớp", **typed, "indicators-offered": offered[1]})
    other = added(made, visitor, "Người được cấp chứng nhận", target="50", **only_this)
    for address in (step, f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"):
        page = officer.get(address).text
        chosen = re.findall(r'<option value="([^"]+)" selected', page.partition("indicators-0-indicator")[2])
        assert [UUID(id) for id in chosen if id in (str(one), str(other))] == [one, other]
        assert all(text in page for text in ("Đã mở lớp", 'value="47"', "Buổi nói chuyện"))
    taken_out = {"result": "Đã mở lớp", "indicators-offered": f"{one} {other}", "indicators-0-name": "Buổi nói chuyện"}
    officer.post(f"{step}/nhap", taken_out)
    table = officer.get(step).text.partition('data-rows="indicators"')[2]
    assert not re.findall(r'<option value="([^"]+)" selected', table.partition("</table>")[0]), "They were taken out."
    officer.post(f"{step}/nhap", {"result": "", **typed})
    refused = officer.post(step, {"result": "", **typed})
    assert str(other) not in re.findall(r'<option value="([^"]+)" selected', refused.text), (
        "What is sent stays as it is."
    )


def test_from_a_year_that_has_no_tasks_one_comes_back_to_those_of_the_plan(made: CycleWard) -> None:
    reader, plan = made.signed_in("khdt.truong"), f"/ke-hoach/{made.plan_id}"
    page = reader.get(f"{plan}/chi-tieu?nam={made.year() + 3}").get_data(as_text=True)
    tabs = set(re.findall(rf'href="({plan}[^"/]*)"', page))
    assert tabs and {reader.get(tab).status_code for tab in tabs} == {200}
