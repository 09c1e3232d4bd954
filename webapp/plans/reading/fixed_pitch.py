"""Text that was extracted at a fixed pitch: every word where it stands on its page, wide gaps between all of them.

How wide its letters are says which of the gaps is a space between two words, and which one parts two cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from webapp.plans.reading.columns import is_of_heading_words
from webapp.plans.reading.wording import fold, is_shouted

FEWEST_GAPS: Final = 60
MOST_NARROW: Final = 0.3  # of the gaps: more single spaces than that, and the text is laid out as usual
_NEAR: Final = 15  # lines by which the size of the letters is told
_SPACE: Final = 250  # thousandths of the letters' size, as below
_APART: Final = 850
_APART_IN_TITLE: Final = 2500  # bold capitals are wider
_MAYBE_APART: Final = 350  # where cells begin on other lines too
OFTEN: Final = 3  # lines on which they do
_FAR: Final = 60  # lines up and down
_NEAR_COLUMN: Final = 3  # columns of text within which beginnings are of one cell
MOST_CROSSED: Final = 3  # beginnings inside a piece that is no row's

# Widths of the letters of the typeface that official documents are written in.
_WIDTHS: Final = {
    **dict.fromkeys("ijltIf()[]/.,;:!|'", 300), **dict.fromkeys("acezsr-–", 420), **dict.fromkeys("mM%W—…", 820),
    **dict.fromkeys("ABCDGHKNOQRUVXYw&ĐT", 690), **dict.fromkeys("EFLPSZ", 580),
}  # fmt: skip
_USUAL: Final = 500
_WORD = re.compile(r"\S+")

Words = list[tuple[int, str]]  # where each begins, and the word


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The lines with single spaces inside cells, and how far each reaches on its page."""

    lines: list[str]
    reach: list[int]


def laid_out(lines: list[str]) -> LaidOut | None:
    """Such a text as extraction with layout gives it; None for any other."""
    words = [[(found.start(), found[0]) for found in _WORD.finditer(line)] for line in lines]
    gaps = [at - before - len(word) for line in words for (before, word), (at, _) in pairwise(line)]
    if len(gaps) < FEWEST_GAPS or sum(gap == 1 for gap in gaps) > MOST_NARROW * len(gaps):
        return None
    sizes = [*_sizes(words)]
    sure = [[*_pieces(line, size, frozenset())] for line, size in zip(words, sizes, strict=True)]
    pieces = [
        one if _crosses(one, line, begins) else [*_pieces(line, size, begins)]
        for one, line, size, begins in zip(sure, words, sizes, _beginnings(sure), strict=True)
    ]
    scale = _scale(pieces)
    reach = [round(len(line.rstrip()) * scale) for line in lines]
    return LaidOut([_written(line, scale) for line in pieces], reach)


def _sizes(words: list[Words]) -> Iterator[float]:
    """For each line, how many columns a letter's size takes thereabouts."""
    found = [[(at - before) / (_width(word) + _SPACE) for (before, word), (at, _) in pairwise(line)] for line in words]
    usual = median(size for line in found for size in line)
    for at in range(len(words)):
        near = [size for line in found[max(at - _NEAR, 0) : at + _NEAR + 1] for size in line]
        yield min(median(near), usual * 1.2) if near else usual


def _width(word: str) -> int:
    return sum(_WIDTHS.get(letter, _WIDTHS.get(_plain(letter), _USUAL)) for letter in word)


def _plain(letter: str) -> str:
    plain = fold(letter)
    return plain.upper() if letter.isupper() else plain


def _beginnings(sure: list[Words]) -> Iterator[frozenset[int]]:
    """For each line, where cells of the lines around it begin behind wide gaps."""
    starts = [[at for at, _ in line[1:]] for line in sure]
    for first in range(len(starts)):
        begun = Counter(at for line in starts[max(first - _FAR, 0) : first + _FAR + 1] for at in line)
        yield frozenset(at for at in begun if begun[at - 1] + begun[at] + begun[at + 1] >= OFTEN)


def _crosses(sure: Words, line: Words, begins: frozenset[int]) -> bool:
    """Whether a line is one text across several columns, as titles of groups are."""
    if len(sure) != 1:
        return False
    inside = sorted(at for at in begins if line[0][0] < at < line[-1][0])
    return sum(at - before > _NEAR_COLUMN for before, at in pairwise([line[0][0], *inside])) >= MOST_CROSSED


def _pieces(line: Words, size: float, begins: frozenset[int]) -> Iterator[tuple[int, str]]:
    """A line's words as pieces: parted by wide gaps, and by narrower ones where cells begin."""
    start, text, end = 0, "", 0.0
    apart = _APART_IN_TITLE if _is_title(line) else _APART
    for at, word in line:
        if text and at - end <= (_MAYBE_APART if at in begins else apart) * size:
            text = f"{text} {word}"
        else:
            if text:
                yield start, text
            start, text = at, word
        end = at + _width(word) * size
    if text:
        yield start, text


def _is_title(line: Words) -> bool:
    text = " ".join(word for _, word in line)
    return is_shouted(text) and not is_of_heading_words(text)


def _scale(pieces: list[Words]) -> float:
    """By how much columns may be narrowed so that each piece ends before the next one on its line begins."""
    needed = (
        (len(text) + 2) / (at - before) for line in pieces for (before, text), (at, _) in pairwise(line) if at > before
    )
    return min(max(needed, default=1.0), 1.0)


def _written(line: Words, scale: float) -> str:
    text = ""
    for at, piece in line:
        text = f"{text.ljust(max(round(at * scale), len(text) + 2 if text else 0))}{piece}"
    return text
