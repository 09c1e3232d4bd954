"""Text files: lines are paragraphs, lines with tabs or bars are rows of a table, and so are those of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from webapp.plans.reading.aligned import read_aligned
from webapp.plans.reading.barred import cells_between_bars, is_barred, is_grid_rule, whole_rows
from webapp.plans.reading.blocks import Block, Paragraph, Place, PlanUnreadable, Row, Source, cells_of
from webapp.plans.reading.cell_lines import lines_apart
from webapp.plans.reading.columns import read_header
from webapp.plans.reading.fixed_pitch import laid_out
from webapp.plans.reading.marked_up import parted_at_tables, rows_of_table
from webapp.plans.reading.wording import clean
from webapp.plans.reading.wrapped import unbroken_lines

# Real plans have hundreds of lines; beyond these bounds reading would take many seconds.
MOST_CHARACTERS: Final = 5_000_000
MOST_LINES: Final = 20_000
LONGEST_LINE: Final = 100_000  # characters
MOST_CELLS: Final = 100  # of a line

_NO_PLAN_IS_SO_LONG: Final = (
    "Tệp có quá nhiều dòng hoặc có dòng quá dài, không giống một kế hoạch. Hãy kiểm tra lại tệp."
)
_ALIGNED: Final = "Bảng trong tệp chỉ xếp cột bằng khoảng trắng; đã đọc cột theo vị trí, cần kiểm tra từng dòng."
_CELL_LINES: Final = (
    "Bảng trong tệp mất khung, mỗi ô một dòng; đã xếp lại thành hàng theo STT và số cột, cần kiểm tra từng dòng."
)
_RULE = re.compile(r"^[\s|:\-–—_=.*]+$")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> str | None:
    """The text of a file in UTF-8 or UTF-16; None when the bytes are neither, or no text at all."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _BINARY.search(text) else text


def read_text(text: str) -> Source:
    """The blocks of a text file.

    Raises PlanUnreadable when there are more lines, or longer ones, than any plan has.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if len(text) > MOST_CHARACTERS or len(lines) > MOST_LINES or max(map(len, lines)) > LONGEST_LINE:
        raise PlanUnreadable(_NO_PLAN_IS_SO_LONG)
    if max(line.count("\t") for line in lines) > MOST_CELLS:
        raise PlanUnreadable("Tệp có dòng quá nhiều cột, không giống một kế hoạch. Hãy kiểm tra lại tệp.")
    pieces = [*parted_at_tables(text)]
    if len(pieces) == 1 and not any("\t" in line.strip() or is_barred(line) for line in lines):
        laid = laid_out(lines)
        lines, reach = (laid.lines, laid.reach) if laid else (lines, ())
        if aligned := read_aligned(lines, reach):
            return Source("txt", tuple(unbroken_lines(aligned, lines)), (_ALIGNED,))
        pieces = [("\n".join(lines), 1, False)]
    blocks = [
        block
        for piece, first, is_table in pieces
        for block in (rows_of_table(piece, first) if is_table else _blocks(piece.split("\n"), first))
    ]
    if any(isinstance(block, Row) and read_header(block, None, None) for block in blocks):
        return Source("txt", tuple(unbroken_lines(blocks, lines)))
    return _of_cell_lines(lines) or Source("txt", tuple(unbroken_lines(blocks, lines)))


def _of_cell_lines(lines: list[str]) -> Source | None:
    """A text with a line for each cell of its tables; None for any other."""
    pieces = [*lines_apart(lines, 1)]
    if len(pieces) == 1:
        return None
    blocks: list[Block] = []
    for prose, first, table in pieces:
        blocks.extend([*_blocks(prose, first), *(table.rows if table else ())])
    return Source("txt", tuple(unbroken_lines(blocks, lines)), (_CELL_LINES,))


def _blocks(lines: list[str], first: int) -> Iterator[Block]:
    blocks: list[Block] = []
    last = first - 2
    for number, line in enumerate(lines, start=first):
        block = _block(line, number, adjacent=last == number - 1)
        if block is not None:
            blocks.append(block)
            last = number
    rules = [number for number, line in enumerate(lines, start=first) if is_grid_rule(line)]
    return whole_rows(blocks, rules) if rules else iter(blocks)


def _block(line: str, number: int, *, adjacent: bool) -> Block | None:
    if _RULE.match(line) or is_grid_rule(line) or not line.strip():
        return None
    adjacent = adjacent and "\f" not in line
    place = Place(line=number)
    texts = _cell_texts(line)
    if len(texts) == 1:
        text = clean(line).lstrip("#").strip()
        return Paragraph(text, place, line.strip(), adjacent) if text else None
    return Row(cells_of(texts), place, line, adjacent) if any(texts) else None


def _cell_texts(line: str) -> list[str]:
    if "\t" in line:
        return [clean(cell) for cell in line.split("\t")]
    if is_barred(line):
        return cells_between_bars(line)
    return [line]
