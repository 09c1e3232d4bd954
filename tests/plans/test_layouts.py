"""Tables laid out as their authors like: headers over two rows, both units in one cell, hidden rows, specks."""

import io
from typing import Any

import openpyxl
import pytest

from tests.plans.samples import SIX, read, row, shorts, word
from webapp.plans.reading import PlanReading, read_plan


def sheet(rows: list[list[Any]], merged: tuple[str, ...] = (), hidden_row: int = 0, hidden_column: str = "") -> bytes:
    book = openpyxl.Workbook()
    made = book.active
    assert made is not None
    for cells in rows:
        made.append(cells)
    for span in merged:
        made.merge_cells(span)
    if hidden_row:
        made.row_dimensions[hidden_row].hidden = True
    if hidden_column:
        made.column_dimensions[hidden_column].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def opened(data: bytes) -> PlanReading:
    return read_plan("a.xlsx", data)


def test_a_second_header_row_divides_the_merged_headings_above_it() -> None:
    reading = opened(
        sheet(
            [
                ["TT", "Nội dung", "Phân công", None, "Thời gian", None],
                [None, None, "Chủ trì", "Phối hợp", "Bắt đầu", "Kết thúc"],
                [1, "Trồng hoa", "Phòng A", "Phòng B", "01/3/2026", "30/4/2026"],
            ],
            ("A1:A2", "B1:B2", "C1:D1", "E1:F1"),
        )
    )
    [task] = reading.tasks
    assert (task.leads, task.coordinators, task.timing_text) == (("Phòng A",), ("Phòng B",), "30/4/2026")
    assert task.extra == (("Thời gian Bắt đầu", "01/3/2026"),)


@pytest.mark.parametrize(
    "cell",
    [
        "Chủ trì: Phòng A; Phối hợp: Trạm B",
        "- Chủ trì: Phòng A - Phối hợp: Trạm B",
        "Phòng A chủ trì, phối hợp với Trạm B",
        "Phòng A (chủ trì), Trạm B (phối hợp)",
        "Cơ quan chủ trì: Phòng A. Cơ quan phối hợp: Trạm B",
    ],
)
@pytest.mark.parametrize("heading", ["Đơn vị thực hiện", "Chủ trì, phối hợp"])
def test_a_cell_that_says_who_leads_and_who_helps_is_parted(cell: str, heading: str) -> None:
    [task] = read(row("1", "Tưới hoa", cell, "2026"), header=("TT", "Nội dung", heading, "Thời hạn")).tasks
    assert (task.leads, task.coordinators) == (("Phòng A",), ("Trạm B",))


def test_hidden_rows_and_columns_are_named_and_not_read() -> None:
    rows = [list(SIX), [1, "Cũ", "Phòng A", "", "2026", "x"], [2, "Mới", "Phòng A", "", "2026", "thầm kín"]]
    reading = opened(sheet(rows, hidden_row=2, hidden_column="F"))
    assert [task.content for task in reading.tasks] == ["Mới"]
    assert "hàng ẩn (2)" in reading.warnings[0] and "cột ẩn (F)" in reading.warnings[1]
    assert "thầm kín" not in str(reading.to_json())


def test_a_formula_without_its_saved_result_is_pointed_out() -> None:
    reading = opened(sheet([list(SIX), [1, "Tưới", "Phòng A", "=C9", "2026", "Báo cáo"]]))
    assert "(D2)" in reading.warnings[0]


def test_tables_below_numbered_lines_are_groups_of_them() -> None:
    head = "KẾ HOẠCH\nVề hoa\n\nPHỤ LỤC\n\n1. Công tác trồng\n"
    second = "\n".join(["", "2. Công tác tưới", row(*SIX), row("1", "Tưới hoa", "Phòng B", "", "2026", "")])
    reading = read(row("1", "Trồng hoa", "Phòng A", "", "2026", ""), second, head=head)
    assert shorts(reading) == [("I", "1", "Trồng hoa", "Phòng A"), ("II", "1", "Tưới hoa", "Phòng B")]
    assert [group.title for group in reading.groups] == ["Công tác trồng", "Công tác tưới"]


def test_a_speck_in_the_column_of_numbers_joins_no_task() -> None:
    reading = read(row("1", "Trồng hoa", "Phòng A", "", "2026", ""), row("l", "", "", "", "", ""))
    assert [task.content for task in reading.tasks] == ["Trồng hoa"]
    assert [piece.text for piece in reading.unread] == ["l"]


def test_who_is_in_charge_leads() -> None:
    header = ("TT", "Nhiệm vụ", "Phụ trách", "Đơn vị tham gia", "Năm thực hiện")
    reading = read_plan("a.docx", word([[header, ("1", "Tỉa cành", "Phòng A", "Trạm B", "2026")]]))
    assert (reading.tasks[0].leads, reading.tasks[0].coordinators) == (("Phòng A",), ("Trạm B",))
    assert reading.tasks[0].timing.kind == "year"
