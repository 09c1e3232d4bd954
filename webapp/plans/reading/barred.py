"""Rows whose cells bars part: "| a | b |", "a | b", and grids of rules where a row takes several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from webapp.plans.reading.blocks import Block, Cell, Paragraph, Row, cells_of
from webapp.plans.reading.ordinals import BULLETS
from webapp.plans.reading.wording import clean

FEWEST_BARS: Final = 2  # of a line that neither begins nor ends with one
_OUTER = re.compile(r"^\s*\|.*\|.*\|\s*$")
_INNER = re.compile(r"(?<!\S)\|(?!\S)")
_BAR = re.compile(r"(?<!\\)\|")
_GRID = re.compile(r"^\s*\+(?:[-=:]+\+)+\s*$")


def is_barred(line: str) -> bool:
    return "|" in line and bool(_OUTER.match(line) or len(_INNER.findall(line)) >= FEWEST_BARS)


def is_grid_rule(line: str) -> bool:
    """Whether a line is "+----+----+", which stands between the rows of a grid."""
    return bool(_GRID.match(line))


def cells_between_bars(line: str) -> list[str]:
    line = line.strip()
    if _OUTER.match(line):
        line = line[1:-1]
    return [clean(cell.replace("\\|", "|")) for cell in _BAR.split(line)]


def whole_rows(blocks: list[Block], rules: list[int]) -> Iterator[Block]:
    """The blocks with the lines of each row of a grid put together; `rules` are the lines that part its rows."""
    row: Row | None = None
    for block in blocks:
        if isinstance(block, Paragraph) or not _stands_in_grid(block, rules):
            yield from filter(None, [row, block])
            row = None
        elif row is not None and len(row.cells) == len(block.cells) and not _parted(row, block, rules):
            texts = [_together(*texts) for texts in zip(row.cells, block.cells, strict=True)]
            row = replace(row, cells=cells_of(texts), raw=f"{row.raw}\n{block.raw}")
        else:
            yield from filter(None, [row])
            row = block
    yield from filter(None, [row])


def _stands_in_grid(row: Row, rules: list[int]) -> bool:
    return bool(rules) and rules[0] < row.place.line < rules[-1]


def _parted(row: Row, below: Row, rules: list[int]) -> bool:
    return any(row.place.line < rule < below.place.line for rule in rules)


def _together(upper: Cell, lower: Cell) -> str:
    return f"{upper.text}{chr(10) if lower.text[:1] in BULLETS else ' '}{lower.text}".strip()
