"""Text whose columns are aligned with spaces, as extraction with layout leaves it: wrapped cells, no tabs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from webapp.plans.reading.aligned_headers import FEWEST_COLUMNS, Head, find_headers, heads_of
from webapp.plans.reading.aligned_titles import SEGMENT, SHIFT, crosses, is_in_middle, is_left_of_texts, is_merged
from webapp.plans.reading.blocks import Block, Cell, Paragraph, Place, Row, cells_of
from webapp.plans.reading.centred import Text, first_lines, is_centred
from webapp.plans.reading.columns import Column, column_of, is_column_numbering
from webapp.plans.reading.fitting import FARTHEST, Line, cells_in, fit, fit_all, is_doubtful, line_of, pairs_in
from webapp.plans.reading.furniture import is_annex_title, is_closing, is_page_number
from webapp.plans.reading.headings import heading_in
from webapp.plans.reading.ordinals import BULLETS, figures, marks_row, read_ordinal
from webapp.plans.reading.ticks import period_in
from webapp.plans.reading.units import starts_like_unit
from webapp.plans.reading.unnumbered import INDENT, openings, with_numbers_column
from webapp.plans.reading.wording import clean, is_shouted, starts_afresh

FEWEST_STARTS: Final = 2  # pieces below a heading that show where its column begins
FEWEST_IN_COLUMNS: Final = 8  # one line of so many has a wide gap
_EMPTY: Final = {
    Column.CONTENT: 3.0, Column.LEAD: 3.0, Column.UNITS: 3.0, Column.COORDINATORS: 1.0, Column.NOTE: 0.3,
    Column.OTHER: 0.3,
}  # fmt: skip
_EMPTY_TICK: Final = 0.1
_CUT: Final = "có ô bắt đầu ở giữa câu; cần kiểm tra các dòng liền kề"
_SENTENCES: Final = (Column.CONTENT, Column.LEAD, Column.COORDINATORS, Column.PRODUCT)
_DOUBT: Final = "có các ô chỉ cách nhau một dấu cách; cần kiểm tra chữ ở mép các ô"
_GLUED = re.compile(r"^(\s{0,3}\d{1,3}(?:\.\d{1,3})*\.?)(?=(\D))")  # a number and the text right beside it
_GAP = re.compile(r"\s{2,}")
_WORD = re.compile(r"\S+")
_CUT_BEHIND = re.compile(r"/$|\w-$")  # "Chương trình/" and "KH-" go on without a space
_TO_NUMBER = re.compile(r"[-–]\s*\d")  # the end of a span: "2026 – 2030"
_CLOSES = re.compile(r"[-–+*•]|[^\W\d]{1,3}\.|\(|Nơi nhận|Lưu", re.IGNORECASE)
_IN_NUMERAL = re.compile(r"[IVX]{1,3}$")  # the rest of a numeral that its column was too narrow for
_GROUP = re.compile(r"^\s*(?P<label>(?:[IVX]{1,6}|[A-H])\s*[.)]?)\s+(?P<title>\S+(?: \S+)*)\s*$")
_NUMBERED_TITLE = re.compile(r"^\s*(?P<label>\d{1,2}\.?)\s(?P<title>\S+(?: \S+)*)\s*$")  # above rows 1.1, 1.2


@dataclass(slots=True)
class _Line:
    number: int
    raw: str
    mark: str  # what stands in the column of numbers
    wide: str = ""  # text that crosses columns
    opens: bool | None = None  # whether a row begins, where its number does not tell


def read_aligned(lines: list[str], reach: Sequence[int] = ()) -> list[Block] | None:
    """The blocks of such a text; None when no header of aligned headings stands in it.

    `reach` says how far each line reaches on its page, where that is farther than its letters do.
    """
    reach = reach or [len(line.rstrip()) for line in lines]
    headers = find_headers(lines)
    if not headers:
        return None
    blocks: list[Block] = [*_prose(lines[: headers[0][0]], 1)]
    pairs = pairs_in(lines[: headers[0][0]])
    for (first, size), end in zip(headers, [*(at for at, _ in headers[1:]), len(lines)], strict=True):
        last = next((at for at in range(first + size, end) if _leaves(lines[at].strip())), end)
        rows = _rows_of(lines[first:last], reach[first:last], first + 1, size, pairs)
        if rows is None:
            return None
        blocks.extend(rows)
        blocks.extend(_prose(lines[last:end], last + 1))
    return blocks


def _rows_of(
    lines: list[str], reach: Sequence[int], first: int, size: int, pairs: Counter[tuple[str, str]]
) -> list[Block] | None:
    """The blocks of a table, None where no columns are left; without numbers it is given an empty column of them."""
    filled = [line for line in lines if line.strip()]
    if FEWEST_IN_COLUMNS * sum(bool(_GAP.search(line.strip())) for line in filled) < len(filled):
        return None
    is_numbered = column_of(heads_of(lines[:size])[0].text) is Column.ORDINAL
    if is_numbered:
        lines = [*lines[:size], *(_GLUED.sub(_unglued, line) for line in lines[size:])]
    else:
        lines, reach = with_numbers_column(lines, size), [end + INDENT for end in reach]
    heads, starts = _columns(lines, size)
    if len(starts) - (not is_numbered) < FEWEST_COLUMNS:
        return None
    blocks = _table(lines, reach, first, heads, starts, size, pairs + pairs_in(lines[size:], starts[2] - FARTHEST))
    return [*blocks] if is_numbered else [_without_number(block) for block in blocks]


def _unglued(found: re.Match[str]) -> str:
    return f"{found[1]} " if found[2].isupper() or found[2] == "“" else found[1]


def _without_number(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return block
    cells = tuple(replace(cell, start=max(cell.start - 1, 0), end=cell.end - 1) for cell in block.cells if cell.end > 1)
    raw = "\n".join(line[INDENT:] for line in block.raw.split("\n"))
    return replace(block, cells=cells, raw=raw)


def _leaves(text: str) -> bool:
    """Whether a line ends the table above it: recipients, a signature, the title of the next annex.

    "Ủy ban nhân dân" alone on a line may be a cell's; above a signature it stands in capitals.
    """
    closes = is_closing(text) and (text.isupper() or bool(_CLOSES.match(text)))
    return closes or (is_annex_title(text) and text.isupper())


def _prose(lines: list[str], first: int) -> Iterator[Block]:
    for number, line in enumerate(lines, start=first):
        if text := clean(line):
            blank = number == first or not lines[number - first - 1].strip()
            yield Paragraph(text, Place(line=number), line.strip(), adjacent=not blank)


def _columns(lines: list[str], size: int) -> tuple[list[Head], list[int]]:
    """The headings, and where the columns begin: below each heading, where most pieces begin that wide gaps part.

    Extraction shifts a line's columns by a letter or two, so neighbours count together. Two headings with a single
    space between them are parted where pieces begin below the second.
    """
    body = [line for line in lines[size:] if not _GROUP.match(line) and not is_page_number(line.strip())]
    begun = Counter(found.start() for line in body for found in SEGMENT.finditer(line))
    often = max(FEWEST_STARTS, len(body) // 8)
    begun.update(dict.fromkeys(_behind_blanks(lines), often))
    heads = heads_of(lines[:size], lambda at: _near(begun, at) >= often)
    return heads, fit_all([_placed(line, heads) for line in body], [head.start for head in heads], _emptiness(heads))


def _emptiness(heads: list[Head]) -> list[float]:
    """What speaks against an empty cell of each column: most against a task without content or lead."""
    return [
        _EMPTY_TICK if period_in(head.text) else _EMPTY.get(column_of(head.text) or Column.OTHER, 1.5) for head in heads
    ]


def _placed(line: str, heads: list[Head]) -> Line:
    first = _WORD.search(line)
    numbered = first is not None and first.end() < heads[1].start and marks_row(first[0])
    return line_of(line, int(numbered))


def _behind_blanks(lines: list[str]) -> list[int]:
    """Where words begin behind what every line of cells leaves blank."""
    body = [line for line in lines if not _GROUP.match(line) and not is_page_number(line.strip())]
    filled = {at for line in body for at, char in enumerate(line) if not char.isspace()}
    return [at for at in filled if at - 1 not in filled]


def _near(begun: Counter[int], at: int) -> int:
    return begun[at - 1] + begun[at] + begun[at + 1]


def _table(
    lines: list[str],
    reach: Sequence[int],
    first: int,
    heads: list[Head],
    starts: list[int],
    size: int,
    pairs: Counter[tuple[str, str]],
) -> Iterator[Block]:
    texts = [head.text for head in heads]
    yield Row(cells_of(texts), Place(line=first), "\n".join(lines[:size]))
    body = _indented(lines[size:], starts) if column_of(texts[0]) is Column.ORDINAL else lines[size:]
    numbered = enumerate(zip(body, reach[size:], strict=True), start=first + size)
    expected, empty = [0, *(head.start for head in heads[1:])], _emptiness(heads)
    columns = [column_of(text) for text in texts]
    depth, width = _depth_of_rows(body, starts), max(map(len, body), default=0)
    made = _with_whole_titles([_line(line, number, starts, end, depth, width) for number, (line, end) in numbered])
    _tell_openings(made, starts, columns)
    for part in _by_blanks(made):
        for joined in _rows(part, starts):
            if isinstance(joined, list):
                numbers = (len(line.mark.split()) if _is_numbered(line) else 0 for line in joined)
                read = [line_of(line.raw, each, pairs) for line, each in zip(joined, numbers, strict=True)]
                expected = fit(read, expected, starts, empty)
                yield _row(joined, read, expected, columns)
            else:
                yield joined


def _tell_openings(lines: list[_Line], starts: list[int], columns: list[Column | None]) -> None:
    """Say where rows begin when numbers do not: there are none, or they stand beside the middle of their rows."""
    if not any(marks_row(line.mark) for line in lines):
        if Column.CONTENT not in columns:  # A table of targets: a row begins where a name does.
            for line in lines:
                name = cells_in(line_of(line.raw), starts)[1]
                line.opens = bool(name) and starts_afresh(name)
            return
        for line, opens in zip(lines, openings([line.raw for line in lines], starts, columns), strict=True):
            line.opens = opens
        return
    filled = [line for line in lines if line.raw.strip()]
    at = columns.index(Column.CONTENT) if Column.CONTENT in columns else 1
    texts = [_text_of(line, starts, at) for line in filled]
    if is_centred(texts):
        begins = first_lines(texts)
        for position, line in enumerate(filled):
            line.opens = bool(line.wide) or position in begins


def _text_of(line: _Line, starts: list[int], content: int) -> Text:
    parts = bool(line.wide or (is_page_number(line.raw.strip()) and not line.mark))
    is_numbered = not parts and _is_numbered(line)
    cells = cells_in(line_of(line.raw, len(line.mark.split()) if is_numbered else 0), starts)
    return Text(is_numbered, "" if parts else clean(cells[content]), parts)


def _indented(lines: list[str], starts: list[int]) -> list[str]:
    """The lines with those moved to their column again that a page gave at its edge, since it held no other column."""
    alone = [_stands_at_edge(line, starts) for line in lines]
    near = (alone[max(at - 1, 0) : at + 2] for at in range(len(lines)))
    return [
        " " * starts[1] + line.lstrip("\f") if sum(some) > 1 and some[0 if len(some) < 3 else 1] else line
        for line, some in zip(lines, near, strict=True)
    ]


def _stands_at_edge(line: str, starts: list[int]) -> bool:
    pieces = [*SEGMENT.finditer(line)]
    if len(pieces) != 1 or pieces[0].start() > 1 or pieces[0].end() > starts[2] - starts[1] + SHIFT:
        return False
    text = pieces[0][0]
    return not (read_ordinal(text) or _GROUP.match(line) or is_shouted(text) or is_page_number(text))


def _depth_of_rows(lines: list[str], starts: list[int]) -> int:
    """How deep rows are numbered, 2 for 1.1: a line numbered so is a row's, however far it goes without a gap."""
    parted = (line for line in lines if len(SEGMENT.findall(line)) > 1)
    first = (words[0] for line in parted if (words := [*_WORD.finditer(line)]) and words[0].start() < starts[1])
    return max((len(figures(read_ordinal(word[0]))) for word in first if read_ordinal(word[0])), default=0)


def _line(raw: str, number: int, starts: list[int], end: int, depth: int, width: int) -> _Line:
    """A line with what stands in the column of numbers; one that crosses the columns stays whole."""
    words = [*_WORD.finditer(raw)]
    ordinal = read_ordinal(words[0][0]) if words else ""
    is_row = bool(ordinal) and len(figures(ordinal)) == depth
    is_title = 0 < len(figures(ordinal)) < depth and is_merged(raw, words, starts)
    is_title = is_title or is_in_middle(raw, starts, width)
    is_wide = bool(words) and bool(_GROUP.match(raw) or is_title or (not is_row and crosses(raw, words, starts, end)))
    return _Line(number, raw, "" if is_wide else _mark(words, starts[1]), raw.strip() if is_wide else "")


def _mark(words: list[re.Match[str]], end: int) -> str:
    """What stands in the column of numbers, which is narrow and may run up to the next."""
    if words and words[0].start() <= end // 2 and marks_row(words[0][0]):
        return words[0][0]
    return " ".join(word[0] for word in words if word.start() < end - 1)


def _with_whole_titles(lines: list[_Line]) -> list[_Line]:
    """The lines with a group's title in capitals that goes on below put together again."""
    whole: list[_Line] = []
    for line in lines:
        text, above = line.raw.strip(), whole[-1] if whole else None
        alone = not line.wide and len(SEGMENT.findall(text)) == 1 and not marks_row(line.mark)
        goes_on = alone and text.isupper()
        if above is not None and goes_on and above.wide and is_shouted(above.wide):
            whole[-1] = _Line(above.number, f"{above.raw.rstrip()} {text}", "", f"{above.wide} {text}")
        elif above is not None and above.wide and _IN_NUMERAL.match(text) and (broken := _GROUP.match(above.raw)):
            raw = f"{broken['label'].strip()}{text} {broken['title']}"
            whole[-1] = _Line(above.number, raw, "", raw)
        else:
            whole.append(line)
    return whole


def _opens(line: _Line) -> bool:
    """Whether a row of its own begins."""
    return _is_numbered(line) if line.opens is None else line.opens


def _is_numbered(line: _Line) -> bool:
    """Whether a number stands in the first column, or a heading crosses the columns."""
    return bool(line.wide) or marks_row(line.mark) or heading_in(line.mark) is not None


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


def _rows(lines: list[_Line], starts: list[int]) -> Iterator[Block | list[_Line]]:
    """The lines of a row; page numbers between them, and text that crosses the columns, stand alone."""
    joined: list[_Line] = []
    for line in lines:
        alone = is_page_number(line.raw.strip()) and not line.mark
        numbering = _numbering(line)
        if not (line.wide or alone or numbering):
            joined.append(line)
            continue
        if joined:
            yield joined
        joined = []
        yield Row(cells_of(numbering), Place(line=line.number), line.raw) if numbering else _wide(line, starts)
    if joined:
        yield joined


def _wide(line: _Line, starts: list[int]) -> Block:
    text, place = clean(line.raw), Place(line=line.number)
    if group := _GROUP.match(line.raw) or _NUMBERED_TITLE.match(line.raw):
        return Row((Cell(group["label"].strip(), 0, 1), Cell(clean(group["title"]), 1, len(starts))), place, line.raw)
    is_title = text.isupper() or is_left_of_texts([*_WORD.finditer(line.raw)], starts)
    if line.wide and (heading_in(text) is not None or is_title):
        return Row((Cell(text, 0, len(starts)),), place, line.raw)
    return Paragraph(text, place, line.raw.strip())


def _row(lines: list[_Line], read: list[Line], starts: list[int], columns: list[Column | None]) -> Row:
    texts = [""] * len(starts)
    for line in read:
        for at, text in enumerate(cells_in(line, starts)):
            texts[at] = _with(texts[at], text) if text else texts[at]
    raw = "\n".join(line.raw for line in lines)
    doubt = _DOUBT if is_doubtful(read, starts) else _CUT if _is_cut(texts, columns) else ""
    return Row(cells_of(texts), Place(line=lines[0].number), raw, doubt=doubt)


def _is_cut(texts: list[str], columns: list[Column | None]) -> bool:
    """Whether a cell of a numbered row begins in mid-sentence: it may be the rest of another."""
    cells = [text for text, column in zip(texts, columns, strict=True) if column in _SENTENCES]
    begun = (starts_afresh(text) or starts_like_unit(text) for text in cells if text)
    return marks_row(texts[0]) and not all(begun)


def _with(above: str, text: str) -> str:
    """A cell's next line below those before it."""
    is_item = text[:1] in BULLETS and not (above[-1:].isdigit() and _TO_NUMBER.match(text))
    between = "\n" if is_item else "" if _CUT_BEHIND.search(above) else " "
    return clean(f"{above}{between}{text}")


def _numbering(line: _Line) -> list[str]:
    """The marks of a line that only numbers the columns, "(1) (2) (3)"."""
    marks = line.raw.split()
    return marks if is_column_numbering(Row(cells_of(marks), Place(), line.raw)) else []
