"""The sheet to fill in for tasks that come without an appendix: in a letter, in a leader's words."""

from io import BytesIO

import xlsxwriter

COLUMNS = {
    "STT": 6, "Nội dung nhiệm vụ": 60, "Đơn vị chủ trì": 30, "Đơn vị phối hợp": 30, "Thời gian thực hiện": 24,
    "Sản phẩm": 24, "Ghi chú": 24,
}  # fmt: skip
"""As the reader of plans finds them, with their widths."""


def sample_sheet() -> BytesIO:
    """An .xlsx with the header alone; what is typed stays text, so that no date is turned into a number."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Nhiệm vụ")
    head = book.add_format({"bold": True, "bg_color": "#E7EFF8", "border": 1})
    as_text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for place, (column, width) in enumerate(COLUMNS.items()):
        sheet.set_column(place, place, width, as_text)
        sheet.write_string(0, place, column, head)
    sheet.freeze_panes(1, 0)
    book.close()
    stream.seek(0)
    return stream
