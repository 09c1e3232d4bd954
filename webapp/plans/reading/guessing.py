"""A table whose header was lost: its columns told by what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from webapp.plans.reading.blocks import Block, Row
from webapp.plans.reading.columns import Column, Header, HeaderCell
from webapp.plans.reading.ordinals import read_ordinal
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import starts_like_unit

NARROWEST: Final = 4
FEWEST_ROWS: Final = 3
MOST_OF: Final = 0.6


def guess_header(blocks: tuple[Block, ...]) -> Header | None:
    """The columns of the rows of the commonest width; None unless number, content and lead can be told."""
    rows = [block for block in blocks if isinstance(block, Row) and len(block.cells) >= NARROWEST]
    if len(rows) < FEWEST_ROWS:
        return None
    width = Counter(len(row.cells) for row in rows).most_common(1)[0][0]
    columns = [[row.cells[at].text for row in rows if len(row.cells) == width] for at in range(width)]
    named = _named(columns)
    if not {Column.ORDINAL, Column.CONTENT, Column.LEAD} <= set(named):
        return None
    return tuple(HeaderCell(column, "", at, at + 1) for at, column in enumerate(named))


def _named(columns: list[list[str]]) -> list[Column]:
    named: dict[int, Column] = {}
    _take(named, columns, Column.ORDINAL, lambda text: bool(read_ordinal(text)))
    _take(named, columns, Column.TIMING, lambda text: read_timing(text).kind not in ("unknown", "none"))
    _take(named, columns, Column.LEAD, starts_like_unit)
    _take(named, columns, Column.COORDINATORS, starts_like_unit)
    left = sorted(set(range(len(columns))) - set(named), key=lambda at: -sum(map(len, columns[at])))
    for at, column in zip(left, (Column.CONTENT, Column.PRODUCT, Column.NOTE), strict=False):
        named[at] = column
    return [named.get(at, Column.OTHER) for at in range(len(columns))]


def _take(named: dict[int, Column], columns: list[list[str]], column: Column, fits: Callable[[str], bool]) -> None:
    for at, texts in enumerate(columns):
        filled = [text for text in texts if text]
        short = [text for text in filled if len(text) <= 200 and fits(text)]
        if at not in named and len(filled) >= 2 and len(short) >= MOST_OF * len(filled):
            named[at] = column
            return
