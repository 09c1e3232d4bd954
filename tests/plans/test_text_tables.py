"""Tables that a text writes otherwise than with tabs: bars, grids of rules, HTML, a line for each cell."""

import html
from collections.abc import Callable, Iterable

import pytest

from tests.plans.samples import HEAD, SEVEN
from webapp.plans.reading import PlanReading, read_plan

Rows = Iterable[tuple[str, ...]]
ROWS = (
    ("I", "Trồng cây, trồng hoa", "", "", "", "", ""),
    ("1", "Trồng cây ven hồ Sen", "50 cây", "Tổ Cây; Tổ Nước", "Trạm Y tế, Công an phường", "Quý II/2026", ""),
    ("2", "Thay cây chết (nếu có)", "Báo cáo", "Tổ Cây", "", "Thường xuyên", "Sau khi có vốn"),
    ("II", "Tưới, tỉa", "", "", "", "", ""),
    ("1", "Tưới hoa mỗi ngày", "Sổ trực", "Tổ Nước", "Các tổ dân phố", "Hằng ngày", ""),
)


def bars_all_round(rows: Rows) -> str:
    head, *body = (f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join([head, "|---|:--|---|---|---|---|---|", *body])


def bars_without_space(rows: Rows) -> str:
    return "\n".join(f"|{'|'.join(cells)}|" for cells in rows)


def bars_between_cells(rows: Rows) -> str:
    return "\n".join(" | ".join(cells) for cells in rows)


def grid(rows: Rows) -> str:
    rule = "+----+----------+-----+----+----+-----+----+"
    lines = (f"| {' | '.join(piece)} |" for cells in rows for piece in _in_two(cells))
    return "\n".join([rule, *(f"{line}\n{rule}" if at % 2 else line for at, line in enumerate(lines))])


def _in_two(cells: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    parts = [cell.rpartition(" ") for cell in cells]
    return tuple(first or last for first, _, last in parts), tuple(last if first else "" for first, _, last in parts)


def markup(rows: Rows) -> str:
    made = ("".join(f"<td><p>{html.escape(cell)}</p></td>" for cell in cells) for cells in rows)
    return f"<table><tr>{'</tr><tr>'.join(made)}</tr></table>"


def markup_over_lines(rows: Rows) -> str:
    return markup(rows).replace("<t", "\n  <t").replace("</t", "\n  </t").replace("Tổ Cây;", "Tổ\n Cây;")


def a_line_for_each_cell(rows: Rows) -> str:
    return "\n".join("\n".join(cells) for cells in rows)


def a_line_for_each_cell_and_blank_ones_between(rows: Rows) -> str:
    return a_line_for_each_cell(rows).replace("\n", "\n\n")


WRITTEN = (
    bars_all_round, bars_without_space, bars_between_cells, grid, markup, markup_over_lines, a_line_for_each_cell,
    a_line_for_each_cell_and_blank_ones_between,
)  # fmt: skip


def opened(table: str) -> PlanReading:
    return read_plan("a.txt", f"{HEAD}{table}\n\nNơi nhận:\n- Như trên.\n".encode())


def told(reading: PlanReading) -> list[tuple[str, ...]]:
    return [
        (task.ordinal, " ".join(task.content.split()), task.product_text, task.source.lead_text,
         task.source.coordinators_text, task.timing_text, task.note)
        for task in reading.tasks
    ]  # fmt: skip


@pytest.mark.parametrize("write", WRITTEN)
def test_every_row_is_read_however_the_table_is_written(write: Callable[[Rows], str]) -> None:
    reading = opened(write((SEVEN, *ROWS)))
    assert told(reading) == [cells for cells in ROWS if cells[2]]
    assert [(group.group, group.title) for group in reading.groups] == [cells[:2] for cells in ROWS if not cells[2]]
    assert reading.unread == ()


def test_cells_of_markup_that_are_merged_reach_over_their_rows() -> None:
    reading = opened("""<table>
<tr><th rowspan="2">TT</th><th rowspan=2>Nội dung</th><th colspan=2>Phân công</th><th rowspan=2>Thời gian</th></tr>
<tr><th>Chủ trì</th><th>Phối hợp</th></tr>
<tr><td colspan="5"><b>I. VỀ CÂY XANH ĐƯỜNG PHỐ</b></td></tr>
<tr><td>1</td><td>Cây cao &lt; 3 m:<ul><li>- Cây sấu</li><li>- Cây bàng</li></ul></td><td rowspan=2>Tổ Cây</td><td></td>
<td>Quý II</td></tr>
<tr><td>2</td><td>Cắt tỉa</td><td>Tổ Nước</td><td>Hằng năm</td></tr></table><table>
<tr><td>3</td><td>Tưới</td><td>Tổ Nước</td><td></td><td>2026</td></tr></table>""")
    assert [(task.ordinal, task.content, *task.leads, task.source.coordinators_text) for task in reading.tasks] == [
        ("1", "Cây cao < 3 m:\n- Cây sấu\n- Cây bàng", "Tổ Cây", ""), ("2", "Cắt tỉa", "Tổ Cây", "Tổ Nước"),
        ("3", "Tưới", "Tổ Nước", ""),
    ]  # fmt: skip
    assert any("ô gộp" in warning for warning in reading.tasks[1].warnings)


def test_a_table_of_markup_that_never_ends_is_read_to_the_end() -> None:
    reading = opened(markup((SEVEN, *ROWS)).removesuffix("</tr></table>"))
    assert told(reading) == [cells for cells in ROWS if cells[2]]


TWO = (
    ("1", "Trồng cây:\n- Cây sấu;\n- Cây bàng", "50 cây", "Tổ Cây;\nTổ Nước", "", "Quý II/2026", ""),
    ("2", "Tưới", "Sổ trực", "Tổ Nước", "", "Hằng ngày", ""),
    ("3", "Làm cỏ", "Báo cáo", "Tổ Nước", "", "Hằng ngày", ""),
    ("4", "Rào vườn", "Báo cáo", "Tổ Nước", "", "2026", ""),
    ("5", "Đắp bờ", "Báo cáo", "Tổ Nước", "", "2027", ""),
)


def test_cells_of_several_lines_are_put_together_and_to_be_looked_at() -> None:
    reading = opened(a_line_for_each_cell((SEVEN, *TWO)))
    first, second = reading.tasks[:2]
    assert (first.content, first.leads, first.timing_text) == (TWO[0][1], ("Tổ Cây", "Tổ Nước"), "Quý II/2026")
    assert any("số ô khác số cột" in warning for warning in first.warnings)
    assert not any("số ô khác số cột" in warning for warning in second.warnings)
    assert len(reading.tasks) == 5 and "mỗi ô một dòng" in reading.warnings[0]


def test_a_cell_that_is_missing_is_told_by_the_words_of_the_others() -> None:
    rows = [cells if cells[0] != "2" else tuple(filter(None, cells)) for cells in TWO]
    second = opened(a_line_for_each_cell((SEVEN, *rows))).tasks[1]
    assert (second.product_text, second.leads, second.coordinators, second.timing_text) == (
        "Sổ trực", ("Tổ Nước",), (), "Hằng ngày",
    )  # fmt: skip
    assert any("số ô khác số cột" in warning for warning in second.warnings)


def test_lines_of_headings_without_such_rows_are_no_table() -> None:
    reading = opened("\n".join([*SEVEN, "Trồng cây", "Tổ Cây", "Quý II", "1", "Tưới hoa"]))
    assert reading.tasks == ()
    assert [piece.text for piece in reading.unread][-1] == "Tưới hoa"
