"""Text files: lines are paragraphs, lines with tabs (or bars) are rows of a table."""

from __future__ import annotations

import re
from typing import Final

from webapp.plans.reading.aligned import read_aligned
from webapp.plans.reading.blocks import Block, Paragraph, Place, PlanUnreadable, Row, Source, cells_of
from webapp.plans.reading.fixed_pitch import laid_out
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
_BARS = re.compile(r"^\s*\|.*\|.*\|\s*$")
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
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(text) > MOST_CHARACTERS or len(lines) > MOST_LINES or max(map(len, lines)) > LONGEST_LINE:
        raise PlanUnreadable(_NO_PLAN_IS_SO_LONG)
    if max(line.count("\t") for line in lines) > MOST_CELLS:
        raise PlanUnreadable("Tệp có dòng quá nhiều cột, không giống một kế hoạch. Hãy kiểm tra lại tệp.")
    if not any("\t" in line.strip() or _BARS.match(line) for line in lines):
        laid = laid_out(lines)
        lines, reach = (laid.lines, laid.reach) if laid else (lines, ())
        if aligned := read_aligned(lines, reach):
            return Source("txt", tuple(unbroken_lines(aligned, lines)), (_ALIGNED,))
    blocks: list[Block] = []
    last = -1
    for number, line in enumerate(lines, start=1):
        block = _block(line, number, adjacent=last == number - 1)
        if block is not None:
            blocks.append(block)
            last = number
    return Source("txt", tuple(unbroken_lines(blocks, lines)))


def _block(line: str, number: int, *, adjacent: bool) -> Block | None:
    if _RULE.match(line) or not line.strip():
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
    if _BARS.match(line):
        return [clean(cell) for cell in line.strip().strip("|").split("|")]
    return [line]
