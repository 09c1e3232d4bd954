"""The annex as a spreadsheet that prints, and in which text stays text."""

import io
from dataclasses import replace
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from tests.documents.samples import BUDGET, DATA, KTHT
from webapp.documents.rendering.annexes import appendix_sheet
from webapp.documents.rendering.sheets import LONGEST_CELL, Paper, Sheet, render_xlsx


def opened(sheet):
    return load_workbook(io.BytesIO(render_xlsx(sheet))).active


def test_the_annex_has_a_row_for_each_task_under_its_group():
    page = opened(appendix_sheet(DATA))
    first_column = [page.cell(row, 1).value for row in range(5, 10)]
    assert first_column == ["I. Về cơ chế, chính sách", "1", "2", "III. Về đào tạo", "3.6"]
    assert page.cell(9, 3).value == "Phòng Văn hóa – Xã hội (tự báo cáo)"
    assert page.cell(9, 7).value == datetime(2026, 11, 20)  # noqa: DTZ001 - spreadsheets know no zones
    assert page.cell(6, 11).value == "Chưa có hướng dẫn phân bổ."


def test_what_one_of_several_leads_met_stands_in_its_own_row():
    shared = tuple(replace(BUDGET, lead_unit=unit) for unit in ("Trạm Y tế", KTHT, "Công an phường"))
    page = opened(appendix_sheet(replace(DATA, groups=(replace(DATA.groups[0], tasks=shared),))))
    assert [page.cell(row, 11).value for row in (6, 7, 8)] == ["", "Chưa có hướng dẫn phân bổ.", ""]


def test_what_another_unit_met_stands_with_each_lead():
    shared = tuple(replace(BUDGET, lead_unit=unit) for unit in ("Trạm Y tế", "Công an phường"))
    page = opened(appendix_sheet(replace(DATA, groups=(replace(DATA.groups[0], tasks=shared),))))
    assert [page.cell(row, 11).value for row in (6, 7)] == ["Chưa có hướng dẫn phân bổ."] * 2


def test_it_prints_on_a4_landscape_as_wide_as_the_paper_with_its_header():
    page = opened(appendix_sheet(DATA))
    assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (None, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$4:$4"
    assert page.freeze_panes == "A5"


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+84 912", "@a", "http://vi.du", "00123", "{=1}"])
def test_text_stays_text(text):
    cell = opened(Sheet("Biểu", ("A", "B"), ((text, 1),), (10, 10))).cell(4, 1)
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_cell_too_long_for_a_spreadsheet_is_cut_visibly():
    value = opened(Sheet("Biểu", ("A", "B"), (("a" * 40_000, None),), (10, 10))).cell(4, 1).value
    assert len(value) == LONGEST_CELL
    assert value.endswith("…")


def test_the_same_sheet_gives_the_same_bytes():
    assert render_xlsx(appendix_sheet(DATA)) == render_xlsx(appendix_sheet(DATA))


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 columns"):
        Sheet("Biểu", ("A", "B"), ((1, date(2026, 1, 1), "x"),), (10, 10))


def test_figures_have_their_thousands_apart_and_numbers_of_rows_do_not():
    page = opened(Sheet("Biểu", ("STT", "B", "C", "D"), ((1000, 12000, 2.5, 12000.0),), (6, 10, 10, 10)))
    assert [cell.number_format for cell in page[4]] == ["General", "#,##0", "#,##0.##", "#,##0"]


def test_a_line_across_the_table_is_as_high_as_its_text():
    rows = (("Nhóm nhiệm vụ có tên dài " * 8,), ("Nhóm ngắn",))
    page = opened(Sheet("Biểu", ("STT", "B"), rows, (6, 40)))
    assert page.row_dimensions[4].height > 3 * 12
    assert page.row_dimensions[5].height is None


def test_a_list_without_groups_can_be_filtered_and_a_wide_one_prints_on_a3():
    assert opened(Sheet("Biểu", ("STT", "B"), ((1, "a"), (2, "b")), (6, 10))).auto_filter.ref == "A3:B5"
    wide = opened(Sheet("Biểu", ("STT", "B"), (("Nhóm",), (1, "a")), (6, 10), paper=Paper.A3))
    assert (wide.auto_filter.ref, int(wide.page_setup.paperSize)) == (None, 8)
