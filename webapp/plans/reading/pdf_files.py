"""PDF files with a text layer: ruled tables cell by cell, the lines around them as paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from typing import Any, Final

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException
from pdfplumber.utils.text import extract_words

from webapp.plans.reading.blocks import Block, Cell, Paragraph, Place, PlanUnreadable, Row, Source
from webapp.plans.reading.furniture import is_page_number
from webapp.plans.reading.unruled import Piece, pieces_of, read_unruled
from webapp.plans.reading.wording import clean, fold, starts_afresh

MOST_PAGES: Final = 1_000
MOST_MARKS: Final = 50_000  # characters, lines and curves of a page: a plan's page has some thousands
FEWEST_CHARACTERS: Final = 30  # of a page on average; scans have none, or a stamp
_NEAR: Final = 3.0  # points within which edges are one
_HANGING: Final = 2.0  # points of indent that open a paragraph

_SCANNED: Final = (
    "Tệp PDF là bản chụp, không có chữ để đọc. Hãy dùng bản Word hoặc Excel gốc; "
    "nếu chỉ có bản giấy, hãy nhận dạng chữ (OCR) ra tệp .docx rồi tải lên và đối chiếu với bản ký."
)
_PARTLY: Final = "Trang {} của tệp PDF không có chữ (bản chụp?); nội dung ở đó chưa được đọc."
_UNRULED: Final = "Bảng trong tệp PDF không kẻ khung; đã đọc cột theo vị trí chữ, cần kiểm tra từng dòng."
_BROKEN: Final = "Tệp PDF bị hỏng, không mở được. Hãy xuất lại từ Word, hoặc dùng bản .docx."
_LOCKED: Final = "Tệp PDF đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại rồi tải lên."
_TOO_LONG: Final = "Tệp PDF quá dài, không giống một kế hoạch. Hãy chỉ gửi phần kế hoạch và phụ lục."

_CUT_BEHIND = re.compile(r"[\w)]/$|\w-$")  # "Chương trình/" and "KH-" go on without a space
_CLOSES = re.compile(r"^[).,;:”]+$")
_LAST_RUN = re.compile(r"(?:\d+|[^\W\d_]+)$")
_VOWEL = re.compile(r"[aeiouy]")
WORD_GAP: Final = 0.15  # of the letters' size
FEWEST_CUT: Final = 5  # characters of a word that a column is too narrow for
SMALL: Final = 0.92  # of the letters' size, at most
_DIGITS: Final = tuple("0123456789")
_ABOVE: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BELOW: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

Word = dict[str, Any]  # text, x0, x1, top, bottom
Progress = Callable[[int, int], None]  # pages read, pages in all


def read_pdf(data: bytes, progress: Progress = lambda done, of: None) -> Source:
    """The blocks of a PDF file.

    Raises PlanUnreadable for scans without text, for what needs a password, is too long, or is damaged.
    """
    try:
        with pdfplumber.open(BytesIO(data)) as pdf:
            return _source(pdf, progress)
    except PlanUnreadable:
        raise
    except PdfminerException as error:
        locked = any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args)
        raise PlanUnreadable(_LOCKED if locked else _BROKEN) from error
    except Exception as error:
        # pdfminer raises whatever its own code stumbles over: TypeError, AssertionError, struct.error, …
        raise PlanUnreadable(_BROKEN) from error


def _source(pdf: PDF, progress: Progress) -> Source:
    pages = len(pdf.pages)
    if pages > MOST_PAGES:
        raise PlanUnreadable(_TOO_LONG)
    reader, blank, characters = _Reader(), [], 0
    for number, page in enumerate(pdf.pages, start=1):
        reader.page(page, number)
        characters += len(page.chars)
        if not page.chars and page.images:
            blank.append(number)
        page.close()  # Else every page's characters stay in memory.
        progress(number, pages)
    if characters < FEWEST_CHARACTERS * pages and len(blank) * 2 >= pages:
        raise PlanUnreadable(_SCANNED)
    if not reader.blocks:
        raise PlanUnreadable(_SCANNED)
    warnings = tuple(map(_PARTLY.format, blank))
    if not any(isinstance(block, Row) for block in reader.blocks) and (rows := read_unruled(reader.pieces)):
        above = [block for block in reader.blocks if block.place.page < rows[0].place.page]
        return Source("pdf", (*above, *rows), (*warnings, _UNRULED))
    return Source("pdf", tuple(reader.blocks), warnings)


@dataclass(slots=True)
class _Line:
    """Words on one line of a page, outside its tables."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    first: float  # width of its first word


@dataclass(slots=True)
class _Reader:
    blocks: list[Block] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)  # of pages without ruled tables

    def page(self, page: Any, number: int) -> None:
        """Add the paragraphs and rows of a page in the order from its top."""
        if sum(len(marks) for marks in (page.chars, page.lines, page.rects, page.curves)) > MOST_MARKS:
            raise PlanUnreadable(_TOO_LONG)
        marks = _with_small_digits(_printed_once(page.chars))
        tables = _tables(page)
        boxes = [table.bbox for table in tables]
        outside = _words([mark for mark in marks if not any(_inside(mark, box) for box in boxes)])
        self.pieces += pieces_of(outside, number) if not tables else ()
        parts = [(box[1], table) for box, table in zip(boxes, tables, strict=True)] + [
            (line.top, line) for line in _lines(outside)
        ]
        lines: list[_Line] = []
        counted = 0
        for _, part in sorted(parts, key=lambda each: each[0]):
            if isinstance(part, _Line):
                lines.append(part)
                continue
            self._paragraphs(lines, number)
            lines, counted = [], counted + 1
            self.blocks.extend(_rows(part, marks, number, counted))
        self._paragraphs(lines, number)

    def _paragraphs(self, lines: list[_Line], page: int) -> None:
        """Join lines to paragraphs; a page's number stands alone, and a sentence may go on from the page before."""
        left, right = min((line.left for line in lines), default=0), max((line.right for line in lines), default=0)
        above: _Line | None = None
        for line in lines:
            if is_page_number(line.text):
                self._add(line.text, page)
                continue
            last = self._last_text()
            if above is None:
                joins = last is not None and _goes_on(last.text, line.text)
            else:
                joins = last is not None and _same_paragraph(above, line, left, right)
            if joins and last is not None:
                text = last.text + ("" if _CUT_BEHIND.search(last.text) else " ") + line.text
                self.blocks[self.blocks.index(last)] = Paragraph(text, last.place, text)
            else:
                self._add(line.text, page)
            above = line

    def _last_text(self) -> Paragraph | None:
        """The paragraph that may go on: the last one, page numbers aside, unless a table follows it."""
        for block in reversed(self.blocks[-3:]):
            if isinstance(block, Row):
                return None
            if not is_page_number(block.text):
                return block
        return None

    def _add(self, text: str, page: int) -> None:
        last = self.blocks[-1].place if self.blocks else None
        here = last.paragraph + 1 if last is not None and last.page == page else 1
        for line in filter(None, clean(text).split("\n")):
            self.blocks.append(Paragraph(line, Place(page=page, paragraph=here), line))


def _tables(page: Any) -> list[Any]:
    """The ruled tables, also where a page break left a row without the rule that closes it."""
    found = page.find_tables({"explicit_horizontal_lines": _open_ends(page.edges)})
    return [table for table in found if len(table.rows) > 1 or len(table.rows[0].cells) > 2]


def _open_ends(edges: list[Word]) -> list[float]:
    """The heights at which upright rules end without one across."""
    across = [edge["top"] for edge in edges if edge["orientation"] == "h"]
    spans: list[list[float]] = []  # x, top and bottom of upright rules, their pieces joined
    upright = [edge for edge in edges if edge["orientation"] == "v"]
    for edge in sorted(upright, key=lambda each: (round(each["x0"]), each["top"])):
        last = spans[-1] if spans else None
        if last is not None and abs(last[0] - edge["x0"]) <= _NEAR and edge["top"] <= last[2] + _NEAR:
            last[2] = max(last[2], edge["bottom"])
        else:
            spans.append([edge["x0"], edge["top"], edge["bottom"]])
    ends = sorted(end for span in spans for end in span[1:])
    shared = [end for end, following in pairwise(ends) if following - end <= 1]
    return sorted({round(end, 1) for end in shared if not any(abs(end - each) <= _NEAR for each in across)})


def _printed_once(marks: list[Word]) -> list[Word]:
    """Letters without those printed twice, one upon the other, to look bold."""
    return list({(mark["text"], round(mark["x0"]), round(mark["top"])): mark for mark in marks}.values())


def _with_small_digits(marks: list[Word]) -> list[Word]:
    """Small digits above or below the line as signs of their own, on it: a footnote's would make 121 of 12."""
    found: list[Word] = []
    base, right = None, 0.0
    for mark in marks:
        if base is not None and _is_small_beside(mark, base, right):
            signs = _ABOVE if mark["top"] + mark["bottom"] < base["top"] + base["bottom"] else _BELOW
            found.append({**mark, "text": mark["text"].translate(signs), "top": base["top"], "bottom": base["bottom"]})
        else:
            base = mark
            found.append(mark)
        right = mark["x1"]
    return found


def _is_small_beside(mark: Word, base: Word, right: float) -> bool:
    near = -1 <= mark["x0"] - right < WORD_GAP * base["size"]
    apart = abs(mark["top"] + mark["bottom"] - base["top"] - base["bottom"]) / 2
    size = base["size"]
    return mark["text"] in _DIGITS and near and mark["size"] < SMALL * size and 0.1 * size < apart < 0.8 * size


def _words(marks: list[Word]) -> list[Word]:
    """Letters to words: by cell, since only a rule may part the last word of one from the first of the next."""
    found: list[Word] = extract_words(marks, x_tolerance_ratio=WORD_GAP)
    return found


def _inside(word: Word, box: tuple[float, float, float, float]) -> bool:
    across, down = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= across <= box[2] and box[1] <= down <= box[3])


def _lines(words: list[Word]) -> list[_Line]:
    """Words of one height make a line; a wide gap parts the two columns of a head or of a signature."""
    found: list[_Line] = []
    for word in sorted(words, key=lambda each: (round(each["bottom"] / _NEAR), each["x0"])):
        last = found[-1] if found else None
        if last is not None and abs(last.bottom - word["bottom"]) <= _NEAR and -_NEAR < word["x0"] - last.right < 40:
            last.text, last.right = f"{last.text} {word['text']}", word["x1"]
        else:
            found.append(
                _Line(word["text"], word["x0"], word["x1"], word["top"], word["bottom"], word["x1"] - word["x0"])
            )
    return found


def _goes_on(text: str, below: str) -> bool:
    """Whether a sentence that a page broke goes on."""
    return text[-1:] not in ".:;!?" and not starts_afresh(below)


def _same_paragraph(above: _Line, line: _Line, left: float, right: float) -> bool:
    """Whether a line belongs to the one above: that one is full, this one is not indented, no space parts them."""
    height = above.bottom - above.top
    full = above.right + 0.25 * height + line.first >= right - 1
    indented = line.left > left + _HANGING and line.left > above.left + _HANGING
    near = line.top - above.bottom < 0.8 * height
    return near and full and not indented and line.text[:1] not in "-–+*•"


def _rows(table: Any, marks: list[Word], page: int, number: int) -> Iterator[Block]:
    edges = _edges(table)
    above: dict[int, str] = {}
    for position, row in enumerate(table.rows, start=1):
        inside = [mark for mark in marks if _inside(mark, row.bbox)]
        made = tuple(_row_cells(row, inside, edges, above))
        if any(cell.text for cell in made):
            yield Row(made, Place(page=page, table=number, row=position), "\t".join(cell.text for cell in made))


def _edges(table: Any) -> list[float]:
    """Where the table's columns begin and end."""
    found: list[float] = []
    for at in sorted({edge for cell in table.cells for edge in (cell[0], cell[2])}):
        if not found or at - found[-1] > _NEAR:
            found.append(at)
    return found


def _row_cells(row: Any, marks: list[Word], edges: list[float], above: dict[int, str]) -> Iterator[Cell]:
    """The cells of a row by grid column; where none begins, one merged from above or from the left reaches in."""
    at = 0
    for box in [box for box in row.cells if box is not None]:
        start, end = _column(box[0], edges), max(_column(box[2], edges), _column(box[0], edges) + 1)
        yield from (Cell("", gap, gap + 1, above.get(gap, "")) for gap in range(at, start))
        text = clean(_cell_text(_words([mark for mark in marks if _inside(mark, box)]), box))
        above.update(dict.fromkeys(range(start, end), text))
        yield Cell(text, start, end)
        at = end
    yield from (Cell("", gap, gap + 1, above.get(gap, "")) for gap in range(at, len(edges) - 1))


def _column(at: float, edges: list[float]) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - at))


def _cell_text(words: list[Word], box: tuple[float, float, float, float]) -> str:
    """The lines of a cell: a line that had room for the next one's first word was ended on purpose."""
    lines = _cell_lines(words)
    margin = min((line[0]["x0"] for line in lines), default=box[0]) - box[0]
    room = box[2] - margin
    text = " ".join(word["text"] for word in lines[0]) if lines else ""
    for upper, lower in pairwise(lines):
        text += _between(upper, lower[0], room) + " ".join(word["text"] for word in lower)
    return text


def _between(upper: list[Word], below: Word, room: float) -> str:
    """What stood between two lines of a cell: a line's end, a space, or nothing where a word was cut."""
    height, last = below["bottom"] - below["top"], upper[-1]
    if last["x1"] + 0.25 * height + below["x1"] - below["x0"] < room - 1:
        return "\n"
    fills = len(upper) == 1 and last["x1"] > room - 0.7 * height
    is_cut = _CUT_BEHIND.search(last["text"]) or _CLOSES.match(below["text"])
    return "" if is_cut or (fills and _is_one_word(last["text"], below["text"])) else " "


def _is_one_word(upper: str, below: str) -> bool:
    """Whether a word too long for its column was cut: "226/202|5", "KN|ST", "B|áo"."""
    end, start = _LAST_RUN.search(upper), below[:1]
    if end is None or len(upper) < FEWEST_CUT:
        return False
    if end[0].isdigit() or end[0].isupper():
        return start.isdigit() if end[0].isdigit() else start.isupper() or len(end[0]) == 1
    whole = _VOWEL.search(fold(end[0])) and _VOWEL.search(fold(below))
    return start.islower() and not whole


def _cell_lines(words: list[Word]) -> list[list[Word]]:
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each["bottom"], each["x0"])):
        if lines and abs(lines[-1][-1]["bottom"] - word["bottom"]) <= _NEAR:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda each: each["x0"]) for line in lines]
