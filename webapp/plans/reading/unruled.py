"""Tables of a PDF that are drawn without rules: what stands apart on a line is laid out in columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from webapp.plans.reading.aligned import read_aligned
from webapp.plans.reading.blocks import Block, Place, Row

_NEAR: Final = 3.0  # points within which words stand on one line
_APART: Final = 0.7  # of the letters' height: a wider gap parts two cells, a narrower one two words
_BLANK: Final = 0.8  # of the letters' height: more than that between two lines is a blank one
_NARROWEST: Final = 1.5  # points for which one column of text may stand


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together on a line of a page."""

    page: int
    text: str
    left: float
    right: float
    top: float
    bottom: float


def pieces_of(words: Iterable[dict[str, Any]], page: int) -> list[Piece]:
    """A page's words as pieces, line by line from its top."""
    found: list[Piece] = []
    for word in sorted(words, key=lambda each: (round(each["bottom"] / _NEAR), each["x0"])):
        last = found[-1] if found else None
        height = word["bottom"] - word["top"]
        beside = last is not None and abs(last.bottom - word["bottom"]) <= _NEAR
        if last is not None and beside and -_NEAR < word["x0"] - last.right < _APART * height:
            found[-1] = replace(last, text=f"{last.text} {word['text']}", right=word["x1"])
        else:
            found.append(Piece(page, word["text"], word["x0"], word["x1"], word["top"], word["bottom"]))
    return found


def read_unruled(pieces: list[Piece]) -> list[Block]:
    """All blocks from the page on where such a table begins; nothing where no header of one is known."""
    lines = list(_lines(pieces, _pitch(pieces)))
    pages = [line.page for line in lines]
    found = read_aligned([line.text for line in lines], [line.reach for line in lines])
    blocks = [replace(block, place=_place(block, pages)) for block in found or ()]
    first = next((block.place.page for block in blocks if isinstance(block, Row)), None)
    return [block for block in blocks if first is not None and block.place.page >= first]


def _place(block: Block, pages: list[int]) -> Place:
    page = pages[block.place.line - 1]
    number = block.place.line - pages.index(page)
    is_row = isinstance(block, Row)
    return Place(page=page, table=1, row=number) if is_row else Place(page=page, paragraph=number)


def _pitch(pieces: list[Piece]) -> float:
    """Points for each letter so that every piece ends before the next one on its line begins."""
    fitting = (
        (right.left - left.left) / (len(left.text) + 2)
        for left, right in pairwise(pieces)
        if _on_one_line(left, right) and right.left > left.left
    )
    return max(_NARROWEST, min(fitting, default=_NARROWEST))


def _on_one_line(left: Piece, right: Piece) -> bool:
    return left.page == right.page and abs(left.bottom - right.bottom) <= _NEAR


@dataclass(frozen=True, slots=True)
class _Line:
    page: int
    text: str
    reach: int  # where it ends on its page, in columns


def _lines(pieces: list[Piece], pitch: float) -> Iterator[_Line]:
    """The lines of text; pages and paragraphs are parted by a blank one."""
    text, above = "", None
    for piece in pieces:
        if above is not None and not _on_one_line(above, piece):
            yield _Line(above.page, text, round(above.right / pitch))
            if above.page != piece.page or piece.top - above.bottom > _BLANK * (piece.bottom - piece.top):
                yield _Line(piece.page, "", 0)
            text = ""
        at = round(piece.left / pitch)
        text = f"{text.ljust(max(at, len(text) + 2 if text else 0))}{piece.text}"
        above = piece
    if above is not None:
        yield _Line(above.page, text, round(above.right / pitch))
