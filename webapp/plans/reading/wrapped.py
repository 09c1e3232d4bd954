"""Prose whose lines were broken at the width of a page: joined to paragraphs again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from webapp.plans.reading.blocks import Block, Paragraph
from webapp.plans.reading.furniture import is_closing, is_page_number

FEWEST_BROKEN: Final = 2  # lines that go on in mid-sentence, by which a text is known to be broken
NARROWEST: Final = 40  # characters
WIDEST: Final = 200
_FULL: Final = 0.82  # of the width: letters are not all equally wide
_INDENT: Final = 2  # characters that open a paragraph

_GAP = re.compile(r"\S\s{3,}\S")  # between two columns of a head or of a signature
_OPENS = re.compile(
    r"^(?:Căn cứ|Thực hiện|[-–+*•]\s|[-–+*•](?=\w)|(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,6}|[A-HĐa-zđ])\s*[.)](?:\s|$))"
)
_CUT_BEHIND = re.compile(r"[\w)]/$|\w-$")  # "Chương trình/" and "KH-" go on without a space
_ENDS = (".", ":", ";", "!", "?")


def unbroken_lines(blocks: Sequence[Block], lines: Sequence[str]) -> list[Block]:
    """The blocks of a text, its lines joined where the width of a page broke a paragraph."""
    width = _width(blocks, lines)
    if not width:
        return [*blocks]
    made: list[Block] = []
    for block in blocks:
        last = made[-1] if made else None
        if isinstance(block, Paragraph) and isinstance(last, Paragraph) and block.adjacent:
            above, line = (lines[at] for at in (block.place.line - 2, block.place.line - 1))
            if _is_rest(above, line, width):
                made[-1] = replace(last, text=_together(last.text, block.text), raw=f"{last.raw}\n{block.raw}")
                continue
        made.append(block)
    return made


def _width(blocks: Sequence[Block], lines: Sequence[str]) -> int:
    """How wide the text is; 0 for one whose lines are paragraphs."""
    pairs = [
        len(lines[upper.place.line - 1].strip())
        for upper, lower in pairwise(blocks)
        if isinstance(upper, Paragraph) and isinstance(lower, Paragraph) and lower.adjacent and _goes_on(upper, lower)
    ]
    widths = sorted(each for each in pairs if each >= NARROWEST)
    if len(widths) < FEWEST_BROKEN or widths[len(widths) // 2] > WIDEST:
        return 0
    return widths[len(widths) * 3 // 4]


def _goes_on(upper: Paragraph, lower: Paragraph) -> bool:
    return not upper.text.endswith(_ENDS) and lower.text[:1].islower()


def _is_rest(above: str, line: str, width: int) -> bool:
    """Whether a line goes on with the paragraph of the one above."""
    upper, lower = above.strip(), line.strip()
    stands_alone = is_page_number(upper) or is_page_number(lower) or is_closing(lower) or _OPENS.match(lower)
    if stands_alone or _GAP.search(upper) or _GAP.search(lower) or upper.isupper() != lower.isupper():
        return False
    if lower[0].islower() and not upper.endswith(_ENDS):
        return True
    is_full = len(upper) + 1 + len(lower.split()[0]) >= _FULL * width
    return is_full and _indent(line) <= _indent(above) + _INDENT


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _together(above: str, text: str) -> str:
    return f"{above}{'' if _CUT_BEHIND.search(above) else ' '}{text}"
