"""The ward's figure of an indicator: how it is made of what units report, and that people are told how."""

from datetime import date
from uuid import UUID

import pytest

from tests.web.cycle_wards import FOCAL, Row, issue
from tests.web.test_indicators import added, of_plan, target, task, written
from tests.web.wards import Ward, text_of
from webapp.indicators.models import IndicatorPeriod
from webapp.indicators.rolling_up import Measured, Method, calculation, roll_up

A, B = UUID(int=1), UUID(int=2)
VALUES = [
    Measured(A, 2026, date(2026, 6, 30), 3), Measured(A, 2026, date(2026, 11, 30), 4),
    Measured(B, 2026, date(2026, 11, 30), 5), Measured(A, 2025, date(2025, 11, 30), 100),
]  # fmt: skip


def value_of(values, **fields):
    made = roll_up(target(**fields), values, 2026)
    return made.value if made else None


@pytest.mark.parametrize(
    ("fields", "figure"),
    [
        ({}, 12),
        ({"is_cumulative": True}, 9),
        ({"unit": "%"}, 4.5),
        ({"period": IndicatorPeriod.BY_YEAR, "by_year": 2030}, 112),
        ({"period": IndicatorPeriod.MONTHLY}, 9),
    ],
)
def test_what_units_report_adds_up_as_the_indicator_counts(fields, figure) -> None:
    assert value_of(VALUES, **fields) == figure


def test_a_figure_of_the_whole_ward_stands_for_those_of_its_units() -> None:
    assert value_of([*VALUES, Measured(None, 2026, date(2026, 12, 1), 20)]) == 20
    assert roll_up(target(), [], 2026) is None


def test_who_has_a_units_place_reports_on_from_its_figure() -> None:
    renamed, other = UUID(int=1), UUID(int=2)
    before = Measured(renamed, 2026, date(2026, 5, 30), 40, (other, date(2026, 7, 1)))
    after = Measured(other, 2026, date(2026, 11, 30), 100)
    assert value_of([before, after], is_cumulative=True) == 100
    assert value_of([before, after]) == 140
    of_both = Measured(other, 2026, date(2026, 5, 30), 50)  # Before the merger each had its own.
    assert value_of([before, of_both], is_cumulative=True) == 90


def share(unit, value, whole=None, day=30):
    return Measured(unit, 2026, date(2026, 11, day), value, whole=whole)


def test_shares_are_weighed_by_their_wholes_where_every_unit_says_its_own() -> None:
    made = roll_up(target(unit="%"), [share(A, 80, 120), share(B, 90, 60)], 2026)
    assert made is not None
    assert (made.value, made.method, made.whole) == (83.33, Method.WEIGHTED, 180)
    assert calculation(made, "%").endswith("(80% × 120 + 90% × 60) : 180 = 83,33%.")
    made = roll_up(target(unit="%"), [share(A, 80, 120), share(B, 90)], 2026)
    assert made is not None
    assert (made.value, made.method) == (85, Method.MEAN)
    assert "chưa đủ đơn vị ghi tổng số: (80 + 90) : 2 = 85%" in calculation(made, "%")


def test_a_units_newest_share_counts_with_its_own_whole() -> None:
    made = roll_up(target(unit="%"), [share(A, 10, 500, day=1), share(A, 80, 120), share(B, 90, 60)], 2026)
    assert made is not None
    assert made.value == 83.33


def test_a_share_of_an_indicator_that_counts_is_weighed_by_the_units_counts() -> None:
    made = roll_up(target(unit="%"), [share(A, 50), share(B, 100)], 2026, {A: 300, B: 100})
    assert made is not None
    assert (made.value, made.method) == (62.5, Method.WEIGHTED)


def test_what_a_unit_added_up_is_told() -> None:
    made = roll_up(target(), VALUES[:2], 2026)
    assert made is not None
    assert calculation(made, "buổi") == "Cộng 2 lần báo cáo: 3 + 4 = 7 buổi."


@pytest.mark.both_databases
def test_units_shares_become_the_wards_and_everybody_sees_how(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Tập huấn kỹ năng số"), Row("yte", "Khám sức khỏe")])
    visitor = made.signed_in(FOCAL)
    staff = added(
        made, visitor, "Cán bộ được tập huấn", operator="at_least", target="85", unit="%",
        denominator="tổng số cán bộ", plan_task_id=task(made, "1"),
    )  # fmt: skip
    made.open_cycle()
    made.send("1", "khdt", indicators=[{"indicator": str(staff), "value": 80, "whole": 120, "note": None}])
    made.send("2", "yte")
    made.take("1", "2")
    entered = {
        "value": "90", "whole": "60", "unit_id": str(ward.unit("yte")), "as_of": f"{made.today():%d/%m/%Y}"
    }  # fmt: skip
    assert "phải lớn hơn 0" in text_of(visitor.post(f"/chi-tieu/{staff}/so-lieu", {**entered, "whole": "0"}))
    assert visitor.post(f"/chi-tieu/{staff}/so-lieu", entered).status_code == 302
    assert "83,33% 98% từ số của 2 đơn vị" in of_plan(made, visitor)
    page = text_of(visitor.get(f"/chi-tieu/{staff}"))
    assert SUM in page
    assert "Toàn phường 83,33% 180" in page
    visitor.post(f"/tong-hop/{made.cycle_id}/dung-tat-ca")
    assert SUM in written(made)
    assert "Kế hoạch có 01 chỉ tiêu: 01 chỉ tiêu chưa đạt, còn thời gian." in written(made)


SUM = "(80% × 120 + 90% × 60) : 180 = 83,33%"


def test_a_part_is_held_against_its_whole(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ")], accepted=False)
    visitor = made.signed_in(FOCAL)
    whole = added(made, visitor, "Hồ sơ được số hóa", unit="hồ sơ")
    part = added(made, visitor, "Hồ sơ đất đai", unit="hồ sơ", part_of_id=str(whole))
    for one, value in ((whole, "400"), (part, "100")):
        visitor.post(f"/chi-tieu/{one}/so-lieu", {"value": value, "as_of": f"{made.today():%d/%m/%Y}"})
    assert "bằng 25% của chỉ tiêu chính" in of_plan(made, visitor)
    visitor.post(f"/chi-tieu/{part}/so-lieu", {"value": "350", "as_of": f"{made.today():%d/%m/%Y}"})
    assert "lớn hơn chỉ tiêu chính: kiểm tra lại" in of_plan(made, visitor)
