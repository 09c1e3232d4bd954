"""The sheet to fill in: columns, and lists to choose units and roles from."""

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter

from webapp.organisation.sheet_columns import Column
from webapp.organisation.sheet_files import LISTS

WIDTHS = {Column.NAME: 28, Column.UNIT: 40, Column.TITLE: 22, Column.EMAIL: 30}
ROWS_TO_FILL = 500
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def sample_sheet(units: Sequence[str], roles: Sequence[str]) -> BytesIO:
    """An .xlsx with the header that `people_sheet` reads; telephone numbers are text, so that no zero is lost."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, AS_TEXT)
    sheet, lists = book.add_worksheet("Người dùng"), book.add_worksheet(LISTS)
    head = book.add_format({"bold": True, "bg_color": "#E7EFF8", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    for place, column in enumerate(Column):
        sheet.set_column(place, place, WIDTHS.get(column, 18), as_text)
        sheet.write_string(0, place, column.value, head)
    sheet.freeze_panes(1, 0)
    for place, (column, choices) in enumerate(((Column.UNIT, units), (Column.ROLE, roles))):
        lists.set_column(place, place, 40)
        lists.write_column(0, place, [column.value, *choices])
        letter = "AB"[place]
        where = list(Column).index(column)
        rule = {
            "validate": "list",
            "source": f"='{LISTS}'!${letter}$2:${letter}${len(choices) + 1}",
            "error_type": "warning",
        }
        sheet.data_validation(1, where, ROWS_TO_FILL, where, rule)
    book.close()
    stream.seek(0)
    return stream
