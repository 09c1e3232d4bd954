"""Which rows and paragraphs of the tables of tasks are headings of their groups, told by what stands below them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from webapp.plans.reading.blocks import Paragraph
from webapp.plans.reading.columns import Column
from webapp.plans.reading.drafts import texts_of
from webapp.plans.reading.furniture import is_annex_title, is_closing, is_note, is_total
from webapp.plans.reading.headings import Heading, Numbering, heading_from, heading_in, opens_group_by_wording
from webapp.plans.reading.ordinals import figures, read_ordinal
from webapp.plans.reading.tables import BodyRow, Event
from webapp.plans.reading.wording import one_line, starts_afresh

FEWEST_TITLES: Final = 2
LONGEST_TITLE: Final = 120  # characters
_MARKED = re.compile(r"^(?:\*\*.*\*\*|#+ .*|<b>.*</b>|<strong>.*</strong>)$", re.IGNORECASE)
BODY: Final = frozenset({Column.LEAD, Column.COORDINATORS, Column.UNITS, Column.TIMING, Column.PRODUCT, Column.NOTE})


def find_headings(events: list[Event]) -> dict[int, Heading]:
    """The headings among the events, by position."""
    found: dict[int, Heading] = {}
    after: BodyRow | None = None  # the next row of a table
    inside = False  # that row follows at once, in the same table
    for at in range(len(events) - 1, -1, -1):
        event = events[at]
        if isinstance(event, BodyRow):
            heading = _row_heading(event, after)
            inside = event.place.line > 0 and not event.opens_page
            if heading is not None or event.lone() is None or event.text(Column.ORDINAL):
                after = event  # The rest of a cell that a page cut says nothing of what is numbered below.
        else:
            heading, inside = _paragraph_heading(event, after, inside=inside), False
        if heading is not None:
            found[at] = heading
    found = {**(found or _plain_titles(events)), **_marked_titles(events), **dict(_numerals_alone(events))}
    return dict(sorted(found.items()))


def _numerals_alone(events: list[Event]) -> Iterator[tuple[int, Heading]]:
    """The numerals whose titles stand in the next row alone, where a page break cut them off."""
    for at, (above, below) in enumerate(pairwise(events)):
        if not (isinstance(above, BodyRow) and isinstance(below, BodyRow)) or above.spare:
            continue
        label, title = above.text(Column.ORDINAL), below.text(Column.CONTENT)
        heading = heading_from(label, title) if above.lone() == label and below.lone() == title else None
        if heading and heading.numbering is Numbering.ROMAN and opens_group_by_wording(title):
            yield at, replace(heading, title="")


def _marked_titles(events: list[Event]) -> dict[int, Heading]:
    """The lines between rows that stand in bold, or are marked as titles, as "**Về hạ tầng**" is."""
    return {at: heading for at, line, heading in _titles(events) if _MARKED.match(line.raw)}


def _plain_titles(events: list[Event]) -> dict[int, Heading]:
    """Lines between the rows of a plan whose titles have neither number nor capitals: the first row has one above."""
    titles = {at: heading for at, _, heading in _titles(events)}
    rows = [at for at, event in enumerate(events) if isinstance(event, BodyRow)]
    several = FEWEST_TITLES <= len(titles) <= len(rows) / 2
    return titles if several and rows[0] - 1 in titles else {}


def _titles(events: list[Event]) -> Iterator[tuple[int, Paragraph, Heading]]:
    """The lines right above rows with a number that read as titles without one."""
    for at, (line, below) in enumerate(pairwise(events)):
        if not (isinstance(line, Paragraph) and isinstance(below, BodyRow)) or below.opens_page:
            continue
        is_text = is_note(line.text) or is_annex_title(line.text) or is_closing(line.text) or _is_sentence(line.text)
        heading = None if is_text else _plain_heading(line.text)
        if heading is not None and read_ordinal(texts_of(below).get(Column.ORDINAL, "")):
            yield at, line, heading


def _is_sentence(text: str) -> bool:
    return len(text) > LONGEST_TITLE or text.endswith((".", ",", ";", ":"))


def _paragraph_heading(paragraph: Paragraph, after: BodyRow | None, *, inside: bool) -> Heading | None:
    """A heading that stands above a table, or that lost its empty cells.

    Titles of annexes are in capitals too, so capitals alone make a heading only inside a table.
    """
    heading = heading_in(paragraph.text)
    if heading is None or after is None or is_annex_title(paragraph.text) or is_closing(paragraph.text):
        return None
    if heading.numbering is Numbering.NUMBER:
        return _number_heading(heading.label, heading.title, after)
    return heading if heading.numbering is not Numbering.NONE or inside else None


def _row_heading(row: BodyRow, after: BodyRow | None) -> Heading | None:
    lone, label = row.lone(), row.text(Column.ORDINAL)
    if row.spare or is_total_row(row) or is_note(lone or ""):
        return None
    if lone is not None:
        return _lone_heading(row, lone, after)
    titles = {cell.text for cell in row.row.cells if cell.text} - {label}
    heading = heading_from(label, next(iter(titles))) if len(titles) == 1 else None
    if heading is not None and heading.numbering is not Numbering.NUMBER:
        return heading
    if label.islower() and len(titles) == 1 and _next_figures(after)[-1:] == (1,):
        return heading_from(label.upper(), titles.pop())
    if len(titles) <= 1 and row.text(Column.CONTENT) and not row.filled() & BODY:
        return _number_heading(label, row.text(Column.CONTENT), after)
    return _heading_with_more(row, label, after)


def _lone_heading(row: BodyRow, text: str, after: BodyRow | None) -> Heading | None:
    """A heading in one piece; only a row's whole width, or the column of texts, holds one without a number."""
    heading = heading_in(text)
    whole, in_content = _spans_row(row), row.text(Column.CONTENT) == text
    if heading is None:
        return _plain_heading(text) if whole else None
    if not (whole or in_content or (heading.label and row.row.cells[0].text)):
        return None
    if heading.numbering is Numbering.NUMBER and not whole:
        return _number_heading(heading.label, heading.title, after)
    return heading


def _spans_row(row: BodyRow) -> bool:
    """Whether a row's one text stands for the row: in the column of numbers, over several columns, or in each cell."""
    filled = row.row.filled
    wide = filled[0].end - filled[0].start >= 3
    return bool(row.text(Column.ORDINAL)) or wide or len(filled) > 1


def _plain_heading(text: str) -> Heading | None:
    """A title without number or capitals."""
    alone = len(text.split()) >= 2 and starts_afresh(text) and text[0] not in "-–+*•"
    return Heading(Numbering.NONE, 0, "", one_line(text)) if alone else None


def _number_heading(label: str, title: str, after: BodyRow | None) -> Heading | None:
    """An arabic number heads a group only where the rows below it are numbered as its children."""
    own = figures(read_ordinal(label))
    if not own or after is None:
        return None
    below = read_ordinal(texts_of(after).get(Column.ORDINAL, ""))
    child = figures(below)
    is_parent = child[:-1] == own or below in ("a", "A") or (len(own) == 1 and child == (1,))
    by_wording = len(own) == 1 and child not in ((own[0] + 1,), ()) and opens_group_by_wording(title)
    if not (is_parent or by_wording):
        return None
    numbering = Numbering.NUMBER if len(own) == 1 else Numbering.DOTTED
    return Heading(numbering, own[0], read_ordinal(label), one_line(title))


def _heading_with_more(row: BodyRow, label: str, after: BodyRow | None) -> Heading | None:
    """A numeral and a title with something in another cell too: a heading where arabic numbers follow."""
    content = row.text(Column.CONTENT)
    heading = heading_from(label, content) if content else None
    if heading is None or heading.numbering is not Numbering.ROMAN:
        return None
    below = _next_figures(after)
    return heading if below and (below[-1] == 1 or not row.text(Column.LEAD)) else None


def _next_figures(after: BodyRow | None) -> tuple[int, ...]:
    return figures(read_ordinal(texts_of(after).get(Column.ORDINAL, ""))) if after else ()


def is_total_row(row: BodyRow) -> bool:
    """Whether a row adds up the table; a task that is so worded has a number or a lead."""
    named = [row.text(Column.ORDINAL), row.text(Column.CONTENT), row.lone() or ""]
    return not row.text(Column.LEAD) and not read_ordinal(named[0]) and any(map(is_total, named))
