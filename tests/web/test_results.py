"""Bảng tính and results: lists as spreadsheets, a year by unit and by person, the plan's year on one sheet."""

import io
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.demo_wards import WorkingWard
from tests.web.remembering import remembered
from tests.web.wards import Ward, text_of

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "=Hồ sơ sức khỏe", group="II")]


@remembered
def begun(ward: Ward) -> CycleWard:
    made = issue(ward, ROWS)
    made.report("1", "khdt.cv1")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")
    return made


@pytest.fixture
def made(ward: Ward) -> CycleWard:
    return begun(ward)


def cells(made: CycleWard, path: str, username: str = FOCAL) -> list[tuple[Any, ...]]:
    answer = made.signed_in(username).get(path)
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.get_data())).active
    return [tuple(value for value in row if value is not None) for row in sheet.iter_rows(values_only=True)]


def test_the_tasks_of_a_plan_are_a_spreadsheet_with_its_groups(made: CycleWard) -> None:
    rows = cells(made, f"/ke-hoach/{made.plan_id}/nhiem-vu.xlsx")
    assert rows[1][0].startswith("DANH MỤC NHIỆM VỤ NĂM")
    assert ("I. Nhóm nhiệm vụ I",) in rows
    done = next(row for row in rows if "Số hóa hồ sơ đất đai" in row)
    assert "Hoàn thành đúng hạn" in done
    assert any("=Hồ sơ sức khỏe" in row for row in rows)
    unit = made.ward.unit("yte")
    assert not any("Số hóa" in str(row) for row in cells(made, f"/ke-hoach/{made.plan_id}/nhiem-vu.xlsx?don-vi={unit}"))


def test_plans_and_difficulties_are_spreadsheets_too(made: CycleWard) -> None:
    assert any("45/KH-UBND" in row for row in cells(made, "/ke-hoach.xlsx"))
    made.send_message("difficulty_raised", "yte.cv1", made.case("2"), content="Mạng chậm", recommendation=None)
    [row] = [row for row in cells(made, f"/kho-khan.xlsx?ke-hoach={made.plan_id}") if "Mạng chậm" in row]
    assert "Xem xét, trả lời (Cán bộ tổng hợp · Phòng VH-XH)" in row
    assert sum(isinstance(cell, datetime) for cell in row) == 2  # raised on, answer due on
    assert not any("Mạng chậm" in row for row in cells(made, f"/kho-khan.xlsx?ke-hoach={uuid4()}"))
    assert not any("Mạng chậm" in row for row in cells(made, "/kho-khan.xlsx", "khdt.cv1"))


def test_a_years_results_by_unit_and_by_person(made: CycleWard) -> None:
    seen = text_of(made.signed_in(FOCAL).get("/ket-qua"))
    assert "Phòng Kinh tế, Hạ tầng và Đô thị 1 1 0 0 0 0 0 0 100% 0" in seen
    assert "Trạm Y tế 1 0 0 1" in seen
    head = text_of(made.signed_in("khdt.truong").get("/ket-qua"))
    assert "Phòng Kinh tế, Hạ tầng và Đô thị 1 1" in head
    assert "Trạm Y tế 1 0" not in head
    assert "Cộng 2 1 0 1 0 0 0 0 100% 0" in seen
    assert "Cộng" not in head
    rows = cells(made, "/ket-qua.xlsx")
    assert ("II. Theo người thực hiện",) in rows
    assert [row[3:] for row in rows if "Cộng" in row] == [(2, 1, 0, 1, 0, 0, 0, 0, 100, 0)]


def test_an_officer_sees_only_their_own(made: CycleWard) -> None:
    seen = text_of(made.signed_in("hcc.cv1").get("/ket-qua"))
    assert "Năm này chưa có nhiệm vụ nào." in seen


def test_the_year_shows_each_task_in_its_month(made: CycleWard) -> None:
    page = made.signed_in("khdt.cv1").get(f"/ke-hoach/{made.plan_id}/lich")
    assert f"{made.report_by:%d/%m} hạn" in text_of(page)
    assert "✓: đã hoàn thành; !: quá hạn." in text_of(page)
    assert page.get_data(as_text=True).count("q-month is-active") > 2


def test_the_year_names_a_task_of_several_units_once(at_work: WorkingWard) -> None:
    page = at_work.at("vhxh.tonghop").get(f"/ke-hoach/{at_work.plan_id()}/lich").get_data(as_text=True)
    assert page.count(">Tuyên truyền nhận biết lừa đảo trên mạng đến từng hộ gia đình</a>") == 1
    assert page.count("(như trên)") == 2, "Each unit's case is still reached by its link."
