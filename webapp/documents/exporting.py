"""Any list as a spreadsheet, in the form in which offices pass tables on."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import TypeVar
from unicodedata import normalize

from flask import send_file
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.text import words_in
from webapp.database import db
from webapp.documents.rendering.sheets import Cell, Sheet, render_xlsx
from webapp.identity import signed_in_person
from webapp.organisation.models import Committee
from webapp.runtime import now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NAME = 100
MOST_ROWS = 10_000
"""Rows of a spreadsheet; a longer list says at its end that it goes on."""
Row = TypeVar("Row")
Key = TypeVar("Key")


def send_list(
    title: str, columns: Sequence[tuple[str, float]], rows: Iterable[tuple[Cell, ...]], *, about: str = ""
) -> ResponseReturnValue:
    """A list whose rows are numbered; a row of one cell is the title of a group, and has no number.

    `columns` have names and widths in characters; `about` says what of the whole the list is.
    """
    numbers = count(1)
    kept = list(islice(rows, MOST_ROWS + 1))
    told = [(next(numbers), *row) if len(row) > 1 else row for row in kept[:MOST_ROWS]]
    if len(kept) > MOST_ROWS:
        told.append((f"Chỉ ghi {MOST_ROWS} dòng đầu; hãy lọc bớt rồi tải lại.",))
    sheet = Sheet(
        title=title, subtitle="; ".join(filter(None, (about, f"số liệu đến ngày {local_date(now()):%d/%m/%Y}"))),
        headers=("STT", *(name for name, _ in columns)), widths=(6, *(width for _, width in columns)),
        rows=tuple(told), name="Danh sách",
    )  # fmt: skip
    return send_sheet(sheet, f"{title} {about}")


def send_sheet(sheet: Sheet, name: str) -> ResponseReturnValue:
    """The sheet as a download."""
    ward = db.session().get(Committee, signed_in_person().tenant_id)
    content = io.BytesIO(render_xlsx(replace(sheet, agency=ward.name if ward else "")))
    return send_file(content, mimetype=XLSX, as_attachment=True, download_name=f"{plain_name(name)}.xlsx")


def plain_name(name: str) -> str:
    """A file's name without diacritics, as old machines want it."""
    return "-".join(words_in(normalize("NFC", name)))[:LONGEST_NAME].rstrip("-") or "danh-sach"


def of_all_pages(page: Callable[[Key | None], tuple[Iterable[Row], Key | None]]) -> Iterator[Row]:
    """The rows of every page, one page at a time; `page` gives one with where the next begins."""
    after = None
    while True:
        rows, after = page(after)
        yield from rows
        if after is None:
            return
