"""Any list as a spreadsheet, in the form in which offices pass tables on."""

import io
from unicodedata import normalize

from flask import send_file
from flask.typing import ResponseReturnValue

from engine.text import words_in
from webapp.documents.rendering.sheets import Sheet, render_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_sheet(sheet: Sheet, name: str) -> ResponseReturnValue:
    """The sheet as a download; its name without diacritics, as old machines want it."""
    plain = "-".join(words_in(normalize("NFC", name)))[:100] or "danh-sach"
    content = io.BytesIO(render_xlsx(sheet))
    return send_file(content, mimetype=XLSX, as_attachment=True, download_name=f"{plain}.xlsx")
