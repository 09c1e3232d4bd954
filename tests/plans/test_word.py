"""Word files: the same tables, with merged cells, automatic numbers, several tables, changes that are tracked."""

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import Table

from tests.plans.samples import HEAD, SIX, part, read, row, saved, shorts, with_part, word
from webapp.plans.reading import PlanReading, read_plan

ONE = ("1", "Trồng cây ven sông", "Phòng Cây xanh", "Các đơn vị thuộc phường", "Năm 2026", "Báo cáo")
TWO = ("2", "Cắt tỉa cây", "Tổ Vườn hoa", "", "Hằng năm", "Biên bản")


def opened(data: bytes) -> PlanReading:
    return read_plan("ke-hoach.docx", data)


def table_of(document: docx.document.Document, *rows: tuple[str, ...]) -> Table:
    table = document.add_table(rows=len(rows), cols=6)
    for cells, made in zip(rows, table.rows, strict=True):
        for text, cell in zip(cells, made.cells, strict=True):
            cell.text = text
    return table


def test_a_table_reads_as_it_does_in_text() -> None:
    rows = [("I", "Về cây", "", "", "", ""), ONE, TWO, ("", "vào mùa khô", "", "Trạm Y tế", "", "")]
    tasks = opened(word([[SIX, *rows]])).to_json()["tasks"]
    same = read(*(row(*cells) for cells in rows)).to_json()["tasks"]
    for task in (*tasks, *same):
        del task["source"]
    assert tasks == same


def test_places_are_tables_and_rows() -> None:
    [task] = opened(word([[SIX, ONE]])).tasks
    assert task.source.to_json()["where"] == "bảng 1, hàng 2"


def test_a_heading_merged_over_the_whole_row_opens_a_group() -> None:
    document = docx.Document()
    table = table_of(document, SIX, ("I. VỀ CÂY",) + ("",) * 5, ONE, ("Việc thường xuyên",) + ("",) * 5, TWO)
    for at in (1, 3):
        table.rows[at].cells[0].merge(table.rows[at].cells[5])
    reading = opened(saved(document))
    assert [(task.group, task.section) for task in reading.tasks] == [("I", None), ("I", "Việc thường xuyên")]


def test_a_cell_merged_downwards_speaks_for_the_rows_beside_it() -> None:
    document = docx.Document()
    table = table_of(document, SIX, ONE, ("2", "Cắt tỉa cây", "", "", "2027", "Biên bản"))
    table.cell(1, 2).merge(table.cell(2, 2))
    first, second = opened(saved(document)).tasks
    assert first.leads == second.leads == ("Phòng Cây xanh",)
    assert any("ô gộp" in warning for warning in second.warnings)


def test_rows_under_a_merged_number_are_one_task() -> None:
    document = docx.Document()
    table = table_of(document, SIX, ONE, ("", "", "", "", "Năm 2027", "Tổng kết"), TWO)
    for column in range(4):
        table.cell(1, column).merge(table.cell(2, column))
    first, second = opened(saved(document)).tasks
    assert (first.ordinal, first.product_text, first.timing_text) == ("1", "Báo cáo Tổng kết", "Năm 2026 Năm 2027")
    assert second.ordinal == "2"


def test_a_header_of_two_rows_with_merged_cells() -> None:
    document = docx.Document()
    upper = ("STT", "Nội dung", "Đơn vị thực hiện", "", "Thời gian", "Sản phẩm")
    table = table_of(document, upper, ("", "", "Chủ trì", "Phối hợp", "", ""), ONE)
    table.cell(0, 2).merge(table.cell(0, 3))
    for column in (0, 1, 4, 5):
        table.cell(0, column).merge(table.cell(1, column))
    [task] = opened(saved(document)).tasks
    assert (task.leads, task.coordinators) == (("Phòng Cây xanh",), ("Các đơn vị thuộc phường",))


def test_several_tables_are_read_in_order() -> None:
    document = docx.Document()
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("PHỤ LỤC")
    document.add_paragraph("I. Về cây")
    table_of(document, SIX, ONE)
    document.add_paragraph("II. Về hoa")
    table_of(document, SIX, TWO)
    document.add_paragraph("(Trang sau)")
    table_of(document, ("3", "Tưới cây", "Phòng Nước", "", "2026", "Biên bản"))
    reading = opened(saved(document))
    assert [(group, lead) for group, *_, lead in shorts(reading)] == [
        ("I", "Phòng Cây xanh"),
        ("II", "Tổ Vườn hoa"),
        ("II", "Phòng Nước"),
    ]
    assert [piece.text for piece in reading.unread] == ["(Trang sau)"]


def test_tables_that_lay_out_head_and_signature_are_no_task_tables() -> None:
    document = docx.Document()
    head = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [cell for line in head.rows for cell in line.cells],
        [
            "ỦY BAN NHÂN DÂN\nPHƯỜNG HOA SEN",
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Số: 15/KH-UBND",
            "Hoa Sen, ngày 02 tháng 3 năm 2026",
        ],
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("Chăm sóc cây xanh")
    table_of(document, SIX, ONE)
    foot = document.add_table(rows=1, cols=2)
    foot.cell(0, 0).text = "Nơi nhận:\n- Như trên;\n- Lưu: VT."
    foot.cell(0, 1).text = "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n\nNgười Ký"
    reading = opened(saved(document))
    assert (reading.head.number, reading.head.date) == ("15/KH-UBND", "2026-03-02")
    assert reading.head.issuer == "Ủy ban nhân dân phường Hoa Sen"
    assert len(reading.tasks) == 1
    assert reading.unread == ()


def test_another_kind_of_table_is_left_unread() -> None:
    reading = opened(word([[SIX, ONE], [("STT", "Loài cây", "Nơi ươm", "2026"), ("1", "Cây sống", "%", "95")]]))
    assert len(reading.tasks) == 1
    assert [piece.text for piece in reading.unread] == ["STT\tLoài cây\tNơi ươm\t2026", "1\tCây sống\t%\t95"]


def numbered(paragraph: object, list_id: str, level: str = "0") -> None:
    """Give a paragraph an automatic number."""
    properties = paragraph._p.get_or_add_pPr()  # type: ignore[attr-defined]
    listed = OxmlElement("w:numPr")
    for name, value in (("w:ilvl", level), ("w:numId", list_id)):
        element = OxmlElement(name)
        element.set(qn("w:val"), value)
        listed.append(element)
    properties.append(listed)


def level(depth: int, form: str, shown: str) -> str:
    start = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{shown}"/>'
    return f'<w:lvl w:ilvl="{depth}">{start}</w:lvl>'


def listed(number: int, abstract: int, override: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{override}</w:num>'


NUMBERING = (
    '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    f'<w:abstractNum w:abstractNumId="1">{level(0, "upperRoman", "%1.")}{level(1, "decimal", "%1.%2")}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="2">{level(0, "decimal", "%1.")}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="3">{level(0, "bullet", "o")}</w:abstractNum>'
    f"{listed(1, 1)}{listed(2, 2)}{listed(3, 3)}"
    + listed(4, 2, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>')
    + "</w:numbering>"
)


def test_automatic_numbers_are_counted() -> None:
    document = docx.Document()
    blank = ("", *ONE[1:])
    table = table_of(document, SIX, ("", "Về cây", "", "", "", ""), blank, blank, ("", "Về hoa", "", "", "", ""), blank)
    for at, (list_id, level) in {1: ("1", "0"), 2: ("2", "0"), 3: ("2", "0"), 4: ("1", "0"), 5: ("4", "0")}.items():
        numbered(table.cell(at, 0).paragraphs[0], list_id, level)
    numbered(table.cell(2, 5).paragraphs[0], "3")
    reading = opened(with_part(saved(document), "word/numbering.xml", NUMBERING.encode()))
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), ("I", "2"), ("II", "1")]
    assert reading.tasks[0].product_text == "- Báo cáo"


def test_paragraphs_of_a_cell_part_units_and_stay_lines_of_text() -> None:
    [task] = opened(
        word([[SIX, ("1", "Trồng:\n- Hoa\n- Cỏ", "Phòng A\nPhòng Cây,\nHạ tầng", "- Trạm Y tế\n- Tổ 1", "2026", "")]])
    ).tasks
    assert task.content == "Trồng:\n- Hoa\n- Cỏ"
    assert task.leads == ("Phòng A", "Phòng Cây, Hạ tầng")
    assert task.coordinators == ("Trạm Y tế", "Tổ 1")


def test_tracked_changes_are_read_as_accepted_and_said_so() -> None:
    data = word([[SIX, ONE]])
    changed = part(data, "word/document.xml").replace(
        "<w:t>Báo cáo</w:t>".encode(),
        "<w:t>Báo</w:t></w:r><w:ins><w:r><w:t xml:space='preserve'> cáo</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>bỏ</w:delText></w:r></w:del><w:r><w:t> năm</w:t>".encode(),
    )
    reading = opened(with_part(data, "word/document.xml", changed))
    assert reading.tasks[0].product_text == "Báo cáo năm"
    assert "Track Changes" in reading.warnings[0]


def test_footnotes_are_unread_rather_than_lost() -> None:
    note = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1">'
        "<w:p><w:r><w:t>Trừ ngày lễ.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    reading = opened(with_part(word([[SIX, ONE]]), "word/footnotes.xml", note.encode()))
    assert [(piece.text, piece.reason) for piece in reading.unread] == [("Trừ ngày lễ.", "Chú thích cuối trang.")]


def test_the_same_words_as_text_and_as_word_have_the_same_head() -> None:
    lines = [line for line in HEAD.split("\n") if line]
    assert opened(word([[SIX, ONE]], lines)).head.number is None
    for name in ("issuer", "code", "date_text", "title", "appendix_title", "place_name"):
        assert getattr(opened(word([[SIX, ONE]], lines)).head, name) == getattr(read(row(*ONE)).head, name), name
