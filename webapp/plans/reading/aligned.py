"""Text whose columns are aligned with spaces, as extraction with layout leaves it: wrapped cells, no tabs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Final

from webapp.plans.reading.blocks import Block, Cell, Paragraph, Place, Row
from webapp.plans.reading.columns import LONGEST_HEADING, column_of, is_of_heading_words
from webapp.plans.reading.furniture import is_closing, is_page_number
from webapp.plans.reading.headings import heading_in
from webapp.plans.reading.ordinals import BULLETS, marks_row
from webapp.plans.reading.wording import clean, fold, is_shouted

FEWEST_COLUMNS: Final = 3
MOST_HEADER_LINES: Final = 4
FEWEST_STARTS: Final = 2  # pieces below a heading that show where its column begins
SHIFT: Final = 3  # characters by which a line's columns may be shifted
_SEGMENT = re.compile(r"\S+(?: \S+)*")
_WORD = re.compile(r"\S+")
_NUMBER_COLUMN = re.compile(r"^\s*(?:STT|Stt|TT|Số TT|S\s?TT)\b")
_NUMBER = re.compile(r"^(?P<before>\s*)Số(?=\s{2}|$) ?")
_OF_ROWS = re.compile(r"^\s*TT(?=\s{2}|$)")
_BARE: Final = frozenset({"don vi", "co quan"})  # half a heading: "chủ trì" or "phối hợp" follows
_CUT_BEHIND = re.compile(r"/$|\w-$")  # "Chương trình/" and "KH-" go on without a space
_TO_NUMBER = re.compile(r"[-–]\s*\d")  # the end of a span: "2026 – 2030"
_GROUP = re.compile(r"^\s*(?P<label>(?:[IVX]{1,6}|[A-H])\s*[.)]?)\s+(?P<title>\S+(?: \S+)*)\s*$")


@dataclass(slots=True)
class _Line:
    number: int
    raw: str
    cells: dict[int, str]  # by column
    wide: str = ""  # text that crosses columns


def read_aligned(lines: list[str], reach: Sequence[int] = ()) -> list[Block] | None:
    """The blocks of such a text; None when no header of aligned headings stands in it.

    `reach` says how far each line reaches on its page, where that is farther than its letters do.
    """
    lines = _with_whole_numbers(lines)
    reach = reach or [len(line.rstrip()) for line in lines]
    headers = [at for at, line in enumerate(lines) if _is_header(lines[at : at + MOST_HEADER_LINES])]
    if not headers:
        return None
    blocks: list[Block] = [*_prose(lines[: headers[0]], 1)]
    starts: list[int] = []
    for first, end in zip(headers, [*headers[1:], len(lines)], strict=True):
        last = next((at for at in range(first, end) if is_closing(lines[at].strip())), end)
        size = _header_size(lines[first:last])
        starts = _columns(lines[first:last], size) or starts
        if len(starts) < FEWEST_COLUMNS:
            return None
        blocks.extend(_table(lines[first:last], reach[first:last], first + 1, starts, size))
        blocks.extend(_prose(lines[last:end], last + 1))
    return blocks


def _with_whole_numbers(lines: list[str]) -> list[str]:
    """The lines with "Số" above "TT", as a narrow column wraps it, in one word on one line."""
    whole = list(lines)
    for at, (upper, lower) in enumerate(pairwise(lines)):
        if _NUMBER.match(upper) and _OF_ROWS.match(lower):
            whole[at] = _NUMBER.sub(lambda found: found["before"] + "STT", upper)
            whole[at + 1] = _OF_ROWS.sub(lambda found: " " * len(found[0]), lower)
    return whole


def _is_header(lines: list[str]) -> bool:
    """Whether a header begins: a number column named so, and known headings beside it."""
    if not _NUMBER_COLUMN.match(lines[0]):
        return False
    texts = [found[0] for found in _SEGMENT.finditer(_NUMBER_COLUMN.sub(" ", lines[0]))]
    if not texts or max(map(len, texts)) > LONGEST_HEADING:
        return False
    return len({column_of(text) for text in texts} - {None}) >= FEWEST_COLUMNS - 1


def _header_size(lines: list[str]) -> int:
    """How many lines the headings are wrapped over: those of nothing but words that headings are made of."""
    more = takewhile(lambda line: line.strip() and is_of_heading_words(line), lines[1:MOST_HEADER_LINES])
    return 1 + sum(1 for _ in more)


def _prose(lines: list[str], first: int) -> Iterator[Block]:
    for number, line in enumerate(lines, start=first):
        if text := clean(line):
            blank = number == first or not lines[number - first - 1].strip()
            yield Paragraph(text, Place(line=number), line.strip(), adjacent=not blank)


def _columns(lines: list[str], size: int) -> list[int]:
    """Where the columns begin: below each heading, where most pieces begin that wide gaps part.

    Extraction shifts a line's columns by a letter or two, so neighbours count together. Two headings with a single
    space between them are parted where pieces begin below the second.
    """
    body = [line for line in lines[size:] if not _GROUP.match(line) and not is_page_number(line.strip())]
    begun = Counter(found.start() for line in body for found in _SEGMENT.finditer(line))
    often = max(FEWEST_STARTS, len(body) // 8)
    begun.update(dict.fromkeys(_behind_blanks(lines), often))
    heads = _known(_heads(lines[0], lambda at: _near(begun, at) >= often), lines[:size])
    starts, left = [0], heads[0][1]
    for first, end in heads[1:]:
        best = max(range(left + 1, max(end, left + 2)), key=lambda at: (_near(begun, at), begun[at], -abs(at - first)))
        starts.append(best if _near(begun, best) >= often else first)
        left = end
    return starts


def _behind_blanks(lines: list[str]) -> list[int]:
    """Where words begin behind what every line of cells leaves blank."""
    body = [line for line in lines if not _GROUP.match(line) and not is_page_number(line.strip())]
    filled = {at for line in body for at, char in enumerate(line) if not char.isspace()}
    return [at for at in filled if at - 1 not in filled]


def _known(heads: list[tuple[int, int]], header: list[str]) -> list[tuple[int, int]]:
    """The headings: pieces that say nothing known by themselves are joined with those that follow."""
    known: list[tuple[int, int]] = []
    open_at: int | None = None
    for at, (start, end) in enumerate(heads):
        start = start if open_at is None else open_at
        following = heads[at + 1][0] if at + 1 < len(heads) else 10_000
        below = " ".join(line[max(start - SHIFT, 0) : following - 1].strip() for line in header[1:])
        words = f"{header[0][start:end]} {below}"
        if at + 1 < len(heads) and (column_of(words) is None or (fold(words) in _BARE and following - end == 1)):
            open_at = start
        else:
            open_at = None
            known.append((start, end))
    return known


def _near(begun: Counter[int], at: int) -> int:
    return begun[at - 1] + begun[at] + begun[at + 1]


def _heads(header: str, is_start: Callable[[int], bool]) -> list[tuple[int, int]]:
    """Where each heading of the header's first line begins and ends."""
    heads: list[tuple[int, int]] = []
    number = _NUMBER_COLUMN.match(header)
    for word in _WORD.finditer(header):
        in_number = number is not None and word.end() <= number.end()
        apart = not heads or word.start() - heads[-1][1] > 1 or heads[-1][1] == (number.end() if number else -1)
        if (in_number and heads) or not (apart or (is_start(word.start()) and not in_number)):
            heads[-1] = (heads[-1][0], word.end())
        else:
            heads.append(word.span())
    return heads


def _table(lines: list[str], reach: Sequence[int], first: int, starts: list[int], size: int) -> Iterator[Block]:
    numbered = enumerate(zip(lines, reach, strict=True), start=first)
    read = [_line(line, number, starts, end) for number, (line, end) in numbered]
    yield _row([_line(line, first, starts) for line in lines[:size]], starts)
    for block in _by_blanks(_with_whole_titles(read[size:])):
        yield from _rows(block, starts)


def _line(raw: str, number: int, starts: list[int], end_of_line: int | None = None) -> _Line:
    """A line's words by the column that they begin in; with its end, one that crosses the columns stays whole."""
    words = [*_WORD.finditer(raw)]
    if end_of_line is not None and words and (_GROUP.match(raw) or _crosses(raw, words, starts, end_of_line)):
        return _Line(number, raw, {}, wide=raw.strip())
    cells: dict[int, str] = {}
    at, end = 0, 0
    for word in words:
        reach = SHIFT if word.start() - end > 1 else 1
        at = max([at, *(column for column, start in enumerate(starts) if start <= word.start() + reach)])
        cells[at] = f"{cells[at]} {word[0]}" if at in cells else word[0]
        end = word.end()
    return _Line(number, raw, cells)


def _with_whole_titles(lines: list[_Line]) -> list[_Line]:
    """The lines with a group's title in capitals that goes on below put together again."""
    whole: list[_Line] = []
    for line in lines:
        text, above = line.raw.strip(), whole[-1] if whole else None
        alone = not line.wide and len(_SEGMENT.findall(text)) == 1 and not marks_row(line.cells.get(0, ""))
        goes_on = alone and text.isupper()
        if above is not None and goes_on and above.wide and is_shouted(above.wide):
            whole[-1] = _Line(above.number, f"{above.raw.rstrip()} {text}", {}, wide=f"{above.wide} {text}")
        else:
            whole.append(line)
    return whole


def _crosses(raw: str, words: list[re.Match[str]], starts: list[int], end: int) -> bool:
    """Whether a line's one piece goes on beyond its column: that of the number only for a title in capitals."""
    if len(_SEGMENT.findall(raw)) != 1 or words[0].start() > starts[1]:
        return False
    title = words[0].start() + SHIFT < starts[1] and is_shouted(raw) and not marks_row(words[0][0])
    return end > starts[1 if title else 2] + SHIFT


def _opens(line: _Line) -> bool:
    """Whether a row of its own begins: a number stands in the first column, or a heading crosses the columns."""
    return bool(line.wide) or marks_row(line.cells.get(0, "")) or heading_in(line.cells.get(0, "")) is not None


def _by_blanks(lines: list[_Line]) -> Iterator[list[_Line]]:
    """The lines between blank ones; blank lines part rows only where no piece between them has two numbers."""
    pieces: list[list[_Line]] = [[]]
    for line in lines:
        if line.raw.strip():
            pieces[-1].append(line)
        elif pieces[-1]:
            pieces.append([])
    pieces = [piece for piece in pieces if piece]
    numbered = [sum(map(_opens, piece)) for piece in pieces]
    if max(numbered, default=0) <= 1 < sum(numbered):
        yield from pieces
        return
    yield from (part for piece in pieces for part in _at_numbers(piece))


def _at_numbers(lines: list[_Line]) -> Iterator[list[_Line]]:
    part: list[_Line] = []
    for line in lines:
        if part and _opens(line):
            yield part
            part = []
        part.append(line)
    if part:
        yield part


def _rows(lines: list[_Line], starts: list[int]) -> Iterator[Block]:
    """A row of joined lines; page numbers between them, and text that crosses the columns, stand alone."""
    joined: list[_Line] = []
    for line in lines:
        alone = is_page_number(line.raw.strip()) and 0 not in line.cells
        if not (line.wide or alone):
            joined.append(line)
            continue
        if joined:
            yield _row(joined, starts)
        joined = []
        yield _wide(line, starts)
    if joined:
        yield _row(joined, starts)


def _wide(line: _Line, starts: list[int]) -> Block:
    text, place = clean(line.raw), Place(line=line.number)
    if group := _GROUP.match(line.raw):
        return Row((Cell(group["label"], 0, 1), Cell(clean(group["title"]), 1, len(starts))), place, line.raw)
    if line.wide and heading_in(text) is not None:
        return Row((Cell(text, 0, len(starts)),), place, line.raw)
    return Paragraph(text, place, line.raw.strip())


def _row(lines: list[_Line], starts: list[int]) -> Row:
    texts = [""] * len(starts)
    for line in lines:
        for at, text in line.cells.items():
            is_item = text[:1] in BULLETS and not (texts[at][-1:].isdigit() and _TO_NUMBER.match(text))
            between = "\n" if is_item else "" if _CUT_BEHIND.search(texts[at]) else " "
            texts[at] = clean(f"{texts[at]}{between}{text}")
    cells = tuple(Cell(text, at, at + 1) for at, text in enumerate(texts))
    return Row(cells, Place(line=lines[0].number), "\n".join(line.raw for line in lines))
