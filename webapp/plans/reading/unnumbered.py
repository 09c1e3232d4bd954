"""Rows of aligned text without numbers: a row begins where its cells begin together, each as such a cell does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from webapp.plans.reading.columns import Column
from webapp.plans.reading.fitting import cells_in, line_of
from webapp.plans.reading.furniture import is_page_number
from webapp.plans.reading.units import starts_like_unit
from webapp.plans.reading.wording import is_shouted, starts_afresh

INDENT: Final = 6  # characters of the empty column of numbers that such a table is given
_ENOUGH: Final = 1.0  # that speaks for a new row
_TIME = re.compile(
    r"(?:thường|liên tục|h[àằ]ng|quý|tháng|năm|trước|trong|giai đoạn|từ|đến|sau|khi|chậm|định kỳ|cả|hè|đầu|cuối|ngày|"
    r"mỗi|theo|xong|hoàn thành)\b|\d",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:[,:(–-]|\b(?:và|của|các|cho|với|về|trong|theo|tại|số|từ|đến|có))$", re.IGNORECASE)
_UNITS: Final = (Column.LEAD, Column.UNITS)

Cells = dict[Column, str]


def with_numbers_column(lines: Sequence[str], size: int) -> list[str]:
    """The lines of a table with an empty column of numbers before them."""
    return [f"{'STT' if at == 0 < size else '':<{INDENT}}{line}" for at, line in enumerate(lines)]


def openings(lines: Sequence[str], starts: list[int], columns: Sequence[Column | None]) -> Iterator[bool]:
    """For each line whether a row begins there."""
    above: str | None = None  # the last line of the texts; none behind a title
    in_title = False
    for line in lines:
        cells = _cells(line, starts, columns)
        content = cells.get(Column.CONTENT, "")
        if is_page_number(line.strip()) or not line.strip():
            yield False
        elif _is_title(cells):
            yield not in_title
            above, in_title = None, True
        else:
            yield above is None or _speaks_for(cells, columns, above) >= _ENOUGH
            above, in_title = content or above or "", False


def _is_title(cells: Cells) -> bool:
    return len(cells) == 1 and is_shouted(cells.get(Column.CONTENT, ""))


def _cells(line: str, starts: list[int], columns: Sequence[Column | None]) -> Cells:
    texts = zip(columns, cells_in(line_of(line), starts), strict=False)
    return {column or Column.OTHER: text.strip() for column, text in texts if text.strip()}


def _speaks_for(cells: Cells, columns: Sequence[Column | None], above: str) -> float:
    """How much of a line looks like the first of a row; nothing where its text goes on in mid-sentence."""
    content = cells.get(Column.CONTENT, "")
    if not content or not starts_afresh(content) or _GOES_ON.search(above):
        return 0.0
    unit = next((cells[column] for column in _UNITS if column in cells), "")
    time = cells.get(Column.TIMING, "")
    told = 0.5 * above.endswith((".", ";"))
    told += _weighed(unit, unit[:1].isupper() and (starts_like_unit(unit) or unit.startswith("Chủ trì")), 1.5)
    told += _weighed(time, bool(_TIME.match(time)) and starts_afresh(time), 1.0) if Column.TIMING in columns else 0.5
    helper, product = cells.get(Column.COORDINATORS, ""), cells.get(Column.PRODUCT, "")
    told += _weighed(helper, starts_like_unit(helper) and helper[:1].isupper(), 0.5) if helper else 0
    return told + (_weighed(product, starts_afresh(product), 0.5) if product else 0)


def _weighed(text: str, fits: bool, weight: float) -> float:
    if not text:
        return -0.5
    return weight if fits else -1.0
