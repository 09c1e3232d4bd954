"""PDF files with a text layer and Excel files give what the same plan gives as text; scans are refused with advice."""

import io
from datetime import date

import openpyxl
import pypdf
import pytest
import weasyprint

from tests.plans.makers import MAKERS, to_excel, to_pdf
from tests.plans.samples import SIX, part, row, shorts, text, with_part
from webapp.plans.reading import PlanReading, PlanUnreadable, read_plan
from webapp.plans.reading.blocks import Place, Row
from webapp.plans.reading.pdf_files import read_pdf
from webapp.plans.reading.targets import indicators_in
from webapp.plans.reading.timing import read_timing

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LONG = "Chăm sóc vườn hoa và cây xanh dọc hai bờ sông, thay cây chết, bón phân và tưới nước vào mùa khô; " * 6
PLAN = text(
    row("I", "Về cây", "", "", "", ""),
    row("1", LONG.strip(), "Phòng Kinh tế, Hạ tầng và Đô thị", "Trạm Y tế; Tổ Vườn hoa", "2026-2030", "Báo cáo"),
    row("2", "Cắt tỉa cây " + LONG, "Phòng A; Phòng B", "Các đơn vị thuộc phường", "Hằng năm", "Biên bản/Báo cáo"),
    row("II. VỀ HOA VÀ CỎ TRÊN ĐỊA BÀN", "", "", "", "", ""),
    row("1", "Trồng hoa " + LONG, "Phòng A", "", "Trong quý II năm 2026", "Đạt 1.000 cây; 50 %"),
    row("2", "Làm cỏ", "Tổ Vườn hoa", "Phòng A", "Thường xuyên", "Báo cáo"),
).decode()


def opened(kind: str, data: bytes) -> PlanReading:
    return read_plan(f"ke-hoach.{kind}", data)


def plain(reading: PlanReading) -> list[tuple[object, ...]]:
    found = []
    for task in reading.tasks:
        words = (task.content, task.timing_text, task.product_text, task.note)
        found.append((task.group, task.ordinal, task.leads, task.coordinators, *(" ".join(w.split()) for w in words)))
    return found


@pytest.mark.parametrize("kind", MAKERS)
def test_a_plan_reads_as_its_text_does(kind: str) -> None:
    told, same = opened(kind, MAKERS[kind](PLAN)), read_plan("a.txt", PLAN.encode())
    assert plain(told) == plain(same)
    assert [(group.group, group.title) for group in told.groups] == [(g.group, g.title) for g in same.groups]
    assert told.unread == () and told.file_kind == kind
    for name in ("number", "code", "date_text", "issuer", "title", "appendix_title", "legal_bases"):
        wanted, found = getattr(same.head, name), getattr(told.head, name)
        assert found == wanted or [each.number for each in found] == [each.number for each in wanted], name


@pytest.mark.parametrize(
    "style",
    [
        "td { vertical-align: middle; text-align: center }",  # numbers in the middle of their rows
        "table { font-size: 8pt } td { padding: 0 1pt }",
        "@page { size: A4 portrait } td { border-width: 1.5pt }",
        "tr { break-inside: avoid } td { border: 0; background: none; box-shadow: none; border: .1pt solid gray }",
        "thead { display: table-row-group }",  # the header only once
    ],
)
def test_other_looks_of_a_page_change_nothing(style: str) -> None:
    assert plain(opened("pdf", to_pdf(PLAN, style))) == plain(read_plan("a.txt", PLAN.encode()))


def test_places_say_page_table_and_row() -> None:
    reading = opened("pdf", to_pdf(PLAN))
    assert reading.tasks[0].source.to_json()["where"].startswith("trang 1, bảng 1, hàng 3")
    assert {"page", "table", "row"} == set(reading.tasks[0].source.to_json()["places"][0])
    sheet = opened("xlsx", to_excel(PLAN)).tasks[0].source.to_json()
    assert sheet["where"] == "trang tính “Sheet”, hàng 14"


@pytest.mark.parametrize("size", [9, 13])
def test_a_small_digit_beside_the_line_is_no_part_of_the_number_before_it(size: int) -> None:
    style = f"body {{ font-size: {size}pt }} sup, sub {{ font-size: 65% }} td {{ border: 1pt solid black }}"
    cells = "<td>1</td><td>Số hóa 12<sup>1</sup> hồ sơ lưu trữ</td><td>30 m<sup>2</sup>, 1.000<sup>12</sup> cây</td>"
    page = f"<p>Trạm quan trắc CO<sub>2</sub>, 50%<sup>3</sup> số hộ</p><table><tr>{cells}</tr><tr>{cells}</tr></table>"
    source = read_pdf(weasyprint.HTML(string=f"<style>{style}</style>{page}").write_pdf())
    above, table, *_ = source.blocks
    assert above.text == "Trạm quan trắc CO₂, 50%³ số hộ"
    assert isinstance(table, Row)
    assert [cell.text for cell in table.cells] == ["1", "Số hóa 12¹ hồ sơ lưu trữ", "30 m², 1.000¹² cây"]


def test_the_mark_of_a_footnote_changes_no_number_and_no_day() -> None:
    [target] = indicators_in("Số hóa tối thiểu 1.000¹² hồ sơ mỗi năm", Place())
    assert (target.value, target.unit) == (1000, "hồ sơ")
    assert read_timing("Trong quý II năm 2026³") == read_timing("Trong quý II năm 2026")


def test_scans_are_refused_with_advice() -> None:
    picture = weasyprint.HTML(string="<svg width=300 height=400><rect width=300 height=400 fill='#888'/></svg>")
    with pytest.raises(PlanUnreadable, match=r"bản chụp.*OCR"):
        opened("pdf", picture.write_pdf())


def test_a_page_that_is_a_scan_among_others_is_pointed_out() -> None:
    scan = weasyprint.HTML(string=f"<img src='data:image/png;base64,{DOT}' width=500 height=700>").write_pdf()
    book = pypdf.PdfWriter()
    for data in (to_pdf(PLAN), scan):
        book.append(io.BytesIO(data))
    out = io.BytesIO()
    book.write(out)
    reading = opened("pdf", out.getvalue())
    assert len(reading.tasks) == 4
    assert "không có chữ" in reading.warnings[0]


def test_a_password_on_a_pdf_is_named() -> None:
    book = pypdf.PdfWriter(clone_from=io.BytesIO(to_pdf("KẾ HOẠCH")))
    book.encrypt("bí mật", algorithm="RC4-128")
    out = io.BytesIO()
    book.write(out)
    with pytest.raises(PlanUnreadable, match="mật khẩu"):
        opened("pdf", out.getvalue())


def test_a_damaged_pdf_is_refused() -> None:
    whole = to_pdf(PLAN)
    with pytest.raises(PlanUnreadable, match="bị hỏng"):
        opened("pdf", whole[: len(whole) // 3])


def workbook(rows: list[tuple[object, ...]], *merged: str, formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in rows:
        sheet.append(cells)
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    for span in merged:
        sheet.merge_cells(span)
    hidden = book.create_sheet("Nháp")
    hidden.append(SIX)
    hidden.append(("9", "Việc nháp", "Phòng A"))
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_numbers_and_days_of_a_sheet_are_read_as_it_shows_them() -> None:
    rows = [
        SIX,
        (1.1, "Trồng cây", "Phòng A", None, date(2026, 4, 5), 0.5),
        (3.10, "Tưới cây", "Phòng A", None, 2026, 1000),
        (3, "Tỉa cây", "Phòng B", None, date(2026, 4, 1), True),
    ]
    reading = opened("xlsx", workbook(rows, formats={"A3": "0.00", "F2": "0%", "E4": "mm/yyyy"}))
    told = [(task.ordinal, task.timing_text, task.product_text) for task in reading.tasks]
    assert told == [("1.1", "05/04/2026", "50%"), ("3.10", "2026", "1000"), ("3", "04/2026", "")]
    assert "đang ẩn" in reading.warnings[0]


def test_merged_cells_of_a_sheet_speak_for_their_rows() -> None:
    rows = [
        SIX,
        ("I. VỀ CÂY XANH ĐÔ THỊ",),
        (1, "Trồng", "Phòng A", "", "2026", "Báo cáo"),
        (2, "Tỉa", None, "", "2027"),
    ]
    reading = opened("xlsx", workbook(rows, "A2:F2", "C3:C4"))
    assert shorts(reading) == [("I", "1", "Trồng", "Phòng A"), ("I", "2", "Tỉa", "Phòng A")]
    assert any("ô gộp" in warning for warning in reading.tasks[1].warnings)


def test_hostile_workbooks_are_refused() -> None:
    data = to_excel(PLAN)
    for name, content, words in (
        ("xl/vbaProject.bin", b"x", "macro"),
        ("xl/media/a.bin", bytes(101 * 1024 * 1024), "quá lớn"),
        ("xl/styles.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "DTD"),
    ):
        with pytest.raises(PlanUnreadable, match=words):
            opened("xlsx", with_part(data, name, content))
    link = (
        b'<Relationships xmlns="x"><Relationship Id="r" Type="http://x/externalLinkPath" Target="http://e.com/a.xlsx" '
        b'TargetMode="External"/></Relationships>'
    )
    with pytest.raises(PlanUnreadable, match="liên kết từ ngoài"):
        opened("xlsx", with_part(data, "xl/externalLinks/_rels/externalLink1.xml.rels", link))
    sheet = part(data, "xl/worksheets/sheet1.xml").replace(b"<sheetData>", b"<sheetData><row r='x'>")
    with pytest.raises(PlanUnreadable, match="bị hỏng"):
        opened("xlsx", with_part(data, "xl/worksheets/sheet1.xml", sheet))
