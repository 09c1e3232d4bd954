"""The header of a task table: which column holds what, by its wording and never by its position."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from webapp.plans.reading.blocks import Cell, Row, cells_of
from webapp.plans.reading.ticks import FEWEST_PERIODS, period_in
from webapp.plans.reading.wording import fold, one_line


class Column(StrEnum):
    """What a column of a task table holds."""

    ORDINAL = "ordinal"
    CONTENT = "content"
    LEAD = "lead"
    COORDINATORS = "coordinators"
    UNITS = "units"  # lead and coordinators in one cell
    TIMING = "timing"
    PERIOD = "period"  # ticked where it is done then
    PRODUCT = "product"
    NOTE = "note"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """One column: what it holds, its heading as written, and the grid columns it covers."""

    column: Column
    heading: str
    start: int
    end: int


Header = tuple[HeaderCell, ...]

LONGEST_HEADING: Final = 70

_PERFORMER = re.compile(
    r"(don vi|co quan|bo phan|to chuc|can bo|nguoi|ca nhan|chu the)( \w+){0,3} "
    r"(thuc hien|trien khai|phu trach|chiu trach nhiem|dau moi|tham muu|duoc giao|dam nhiem)|"
    r"phan cong|trach nhiem|^dau moi|^phu trach|^(don vi|co quan)( co quan| don vi)?$|^thuc hien$|"
    r"^giao (don vi|co quan|thuc hien)"
)

# In order: the first that fits names the column, since one heading may hold several of these words.
_WORDINGS: Final[tuple[tuple[Column, re.Pattern[str]], ...]] = (
    (Column.ORDINAL, re.compile(r"^(stt|s tt|st t|s t t|tt|t t|so tt|so t t|s o t t|so thu tu)$")),
    (Column.UNITS, re.compile(r"chu tri.*phoi hop|phoi hop.*chu tri")),
    (Column.LEAD, re.compile(r"chu tri")),
    (
        Column.COORDINATORS,
        re.compile(r"phoi hop|(cung|don vi|co quan) (thuc hien cung|tham gia)|cung thuc hien|cung tham gia"),
    ),
    (Column.NOTE, re.compile(r"ghi chu")),
    (Column.OTHER, re.compile(r"kinh phi|theo doi|don doc|lanh dao|don vi tinh|so luong|can cu")),
    (
        Column.TIMING,
        re.compile(
            r"thoi (gian|han|diem|ky)|tien do|lo trinh|ky han|moc|han hoan thanh|^han$|^(ngay )?hoan thanh$|"
            r"^(nam|giai doan)( thuc hien| hoan thanh)?$"
        ),
    ),
    (Column.PRODUCT, re.compile(r"san pham|ket qua|dau ra|hinh thuc van ban")),
    (Column.LEAD, _PERFORMER),
    (Column.CONTENT, re.compile(r"noi dung|nhiem vu|cong viec|hoat dong|giai phap|dau viec|viec can lam")),
)

# Nothing but words that headings are made of.
_HEADING = re.compile(
    r"(?:(?:stt|tt|st|s|t|o|so|thu|tu|don|vi|co|quan|bo|phan|can|nguoi|ca|nhan|to|chuc|chu|the|tri|phoi|hop|thuc|hien|trien|"
    r"khai|hoan|thanh|phu|trach|nhiem|chiu|dau|moi|tham|muu|duoc|giao|noi|dung|vu|cong|viec|hoat|dong|giai|phap|lam|ten|"
    r"cac|thoi|gian|han|diem|ky|tien|do|lo|trinh|moc|san|pham|ket|qua|ra|du|kien|ghi|va|hoac|yeu|cau|cu|trong|tam|chinh|"
    r"cap|bao|cao|dat|theo|kinh|phi|nguon|von|luc|trieu|ty|dong|bat|ket|thuc|muc|tieu|chi|yeu|minh|chung|tham|lien|"
    r"quan|dia|diem|nhom|cu|the|ngan|sach|tong|lanh|dao|quy|thang)(?: |$))*$"
)

_NUMBERING = re.compile(r"^\(?(\d{1,2}|[A-Z])\)?$")


def column_of(heading: str) -> Column | None:
    """What a heading's wording says its column holds, None when it says nothing known."""
    words = fold(heading)
    return next((column for column, wording in _WORDINGS if wording.search(words)), None)


def is_of_heading_words(text: str) -> bool:
    """Whether a text is nothing but words that headings are made of."""
    return bool(_HEADING.match(fold(text)))


def _is_divided(row: Row, below: Row) -> bool:
    """Whether the row below only fills what wider cells stand over: "Bắt đầu", "Kết thúc" below "Thời gian"."""
    wide = [cell for cell in row.filled if cell.end - cell.start > 1]
    under = [any(upper.start <= cell.start and cell.end <= upper.end for upper in wide) for cell in below.filled]
    return len(row.filled) >= 3 and all(under) and max(len(cell.text) for cell in below.filled) <= LONGEST_HEADING


def read_header(row: Row, below: Row | None, earlier: Header | None) -> tuple[Header, int] | None:
    """The header that a row opens, and how many rows it takes; None for other rows.

    Two rows where the second divides or completes the first ("Đơn vị" over "Chủ trì" and "Phối hợp"). Under a header
    that is only repeated, the words of a page-broken task may look so too: there the second row must be the same again.
    """
    if below is not None and (header := _of_periods(row, below) or _of_two_lines(row, below, earlier)):
        return header, 2
    header = _header(row.cells)
    return (header, 1) if header else None


def opens_other_table(row: Row, header: Header) -> bool | None:
    """Whether a row with "STT" is the header of a table of another kind; False where it repeats, cut or misread, this
    one's; None for rows that are no header.
    """
    filled = row.filled
    if len(filled) < 3 or max(len(cell.text) for cell in filled) > LONGEST_HEADING:
        return None
    columns = [column_of(cell.text) for cell in filled]
    if Column.ORDINAL not in columns:
        return None
    known = {cell.column for cell in header} - {Column.OTHER, Column.ORDINAL}
    return 2 * sum(column in known for column in columns) < len(filled) - 1


def is_column_numbering(row: Row) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3) …, or A B 1 2 …"""
    marks = [_NUMBERING.match(cell.text) for cell in row.cells]
    if len(marks) < 3 or not all(marks):
        return False
    numbers = [int(mark[1]) for mark in marks if mark and mark[1].isdigit()]
    return len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 2


def _header(cells: tuple[Cell, ...]) -> Header | None:
    filled = [cell for cell in cells if cell.text]
    if len(filled) < 2 or any(len(cell.text) > LONGEST_HEADING for cell in filled):
        return None
    header = tuple(_header_cell(cell) for cell in cells)
    return _with_one_of_each(header) if _is_header(header) else None


def _header_cell(cell: Cell) -> HeaderCell:
    column = Column.PERIOD if period_in(cell.text) else column_of(cell.text) or Column.OTHER
    return HeaderCell(column, one_line(cell.text), cell.start, cell.end)


def _of_periods(row: Row, below: Row) -> Header | None:
    """A header whose second row gives the quarters, months or years below "Thời gian thực hiện", merged or not."""
    marks = below.filled
    timed = next((cell for cell in row.filled if column_of(cell.text) is Column.TIMING), None)
    if (
        timed is None
        or len(marks) < FEWEST_PERIODS
        or not all(period_in(f"{timed.text} {cell.text}") for cell in marks)
    ):
        return None
    kept = (cell for cell in row.cells if not _meets(cell, marks))
    told = (Cell(f"{timed.text} {cell.text}", cell.start, cell.end) for cell in marks)
    return _header(tuple(sorted((*kept, *told), key=lambda cell: cell.start)))


def _meets(cell: Cell, others: tuple[Cell, ...]) -> bool:
    return any(cell.start < other.end and other.start < cell.end for other in others)


def _is_header(header: Header) -> bool:
    """Whether cells are headings: a number column named so, or nothing but words that headings are made of."""
    columns = {Column.TIMING if cell.column is Column.PERIOD else cell.column for cell in header}
    units = columns & {Column.LEAD, Column.UNITS, Column.COORDINATORS}
    if Column.CONTENT not in columns or not (units or {Column.TIMING, Column.PRODUCT} <= columns):
        return False
    if Column.ORDINAL in columns:
        return len(columns - {Column.OTHER}) >= 3
    return all(_HEADING.match(fold(cell.heading)) for cell in header)


# Where two columns are of one kind, what the heading of the better one says.
_PLAINER: Final = {
    Column.LEAD: re.compile(r"chu tri"),
    Column.TIMING: re.compile(r"hoan thanh|ket thuc|han"),
    Column.CONTENT: re.compile(r"cu the"),
}


def _with_one_of_each(header: Header) -> Header:
    """Keep one column of each kind and call the others other: the first, or the one that says so most plainly.

    "Đơn vị chủ trì" is the lead where "Đơn vị thực hiện" stands beside it, and "Nhiệm vụ cụ thể" the content where
    "Nhóm nhiệm vụ" does.
    """
    chosen: dict[Column, HeaderCell] = {}
    periods = [cell for cell in header if cell.column is Column.PERIOD]
    if len(periods) < FEWEST_PERIODS:
        header = tuple(_demoted(cell) if cell in periods else cell for cell in header)
    for cell in header:
        rival = chosen.get(cell.column)
        if rival is None or _is_plainer(cell, rival):
            chosen[cell.column] = cell
    kept = set(chosen.values())
    return tuple(cell if cell in kept or cell.column is Column.PERIOD else _demoted(cell) for cell in header)


def _is_plainer(cell: HeaderCell, rival: HeaderCell) -> bool:
    wording = _PLAINER.get(cell.column)
    if cell.column is Column.CONTENT and fold(rival.heading).startswith("nhom"):
        return True
    return wording is not None and bool(wording.search(fold(cell.heading))) and not wording.search(fold(rival.heading))


def _demoted(cell: HeaderCell) -> HeaderCell:
    return HeaderCell(Column.OTHER, cell.heading, cell.start, cell.end)


def _of_two_lines(row: Row, below: Row, earlier: Header | None) -> Header | None:
    if not below.filled or not (_completes_headings(below) or _is_divided(row, below)):
        return None
    header = _header(_opened_out(row.cells, below.cells))
    if header is None or earlier is None or _headings(header) == _headings(earlier):
        return header
    return header if _names_units(below.cells) and not _names_units(row.cells) else None


def _headings(header: Header) -> list[str]:
    return [fold(cell.heading) for cell in header]


def _names_units(cells: tuple[Cell, ...]) -> bool:
    return any("chu tri" in fold(cell.text) for cell in cells)


def _completes_headings(row: Row) -> bool:
    if any(column_of(cell.text) is Column.ORDINAL for cell in row.filled):
        return False  # The header again, not its second line.
    return all(len(cell.text) <= 40 and _HEADING.match(fold(cell.text)) for cell in row.filled)


def _opened_out(first: tuple[Cell, ...], second: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Both lines as one, also where extraction lost the cells that were merged."""
    divided = [index for index, cell in enumerate(first) if cell.text and column_of(cell.text) is Column.LEAD]
    parts = [cell.text for cell in second if cell.text]
    if second[-1].end == first[-1].end or not second[0].text or not divided:
        return tuple(_under(first, cell) for cell in _padded(second, first))
    at = divided[0]
    texts = [cell.text for cell in first]
    texts[at : at + 1] = [f"{texts[at]} {part}" for part in parts]
    return cells_of(texts)


def _padded(second: tuple[Cell, ...], first: tuple[Cell, ...]) -> tuple[Cell, ...]:
    missing = [Cell("", cell.start, cell.end) for cell in first if cell.start >= second[-1].end]
    return (*second, *missing)


def _under(first: tuple[Cell, ...], cell: Cell) -> Cell:
    above = [upper.text for upper in first if upper.start < cell.end and cell.start < upper.end]
    return Cell(" ".join(filter(None, [*above, cell.text])), cell.start, cell.end)
