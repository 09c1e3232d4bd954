"""From the rows of the task tables to tasks: headings opened, page-broken rows joined, nothing lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from webapp.plans.reading.blocks import Paragraph, Place
from webapp.plans.reading.columns import Column
from webapp.plans.reading.drafts import Draft, texts_of
from webapp.plans.reading.furniture import (
    is_annex_title,
    is_attached_note,
    is_closing,
    is_last_sentence,
    is_note,
    is_total,
)
from webapp.plans.reading.headings import (
    Heading,
    Numbering,
    heading_from,
    heading_in,
    opens_group_by_wording,
)
from webapp.plans.reading.ordinals import BULLETS, figures, marks_row, read_ordinal
from webapp.plans.reading.outlines import Outline
from webapp.plans.reading.readings import GroupReading, TaskReading, Unread
from webapp.plans.reading.tables import BodyRow, Event
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import starts_like_unit
from webapp.plans.reading.wording import is_shouted, one_line, shorten, starts_afresh

_GOES_ON = re.compile(r"(?:[,:(–-]|\b(?:và|của|các|cho|với|về|trong|theo|tại|số))$", re.IGNORECASE)
_LEAD_LABEL = re.compile(r"^(?:(?:cơ quan|đơn vị)\s+)?chủ trì\s*:\s*", re.IGNORECASE)
_STRAY: Final = "Đoạn văn nằm giữa bảng, chưa ghép được vào nhiệm vụ nào."
_NO_MORE: Final = "Ô số thứ tự không kèm nội dung nào."
_BODY: Final = frozenset({Column.LEAD, Column.COORDINATORS, Column.UNITS, Column.TIMING, Column.PRODUCT, Column.NOTE})


@dataclass(slots=True)
class Assembly:
    """What pass two gives."""

    tasks: list[TaskReading] = field(default_factory=list)
    groups: list[GroupReading] = field(default_factory=list)
    prose: list[Paragraph] = field(default_factory=list)
    passed_over: list[Unread] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def assemble(events: list[Event]) -> Assembly:
    """Read tasks and groups out of rows and the paragraphs between them."""
    headings = _headings(events)
    kinds = list(dict.fromkeys(heading.numbering for heading in headings.values()))
    assembler = _Assembler(headings, Outline(kinds))
    for at, event in enumerate(events):
        if isinstance(event, BodyRow):
            assembler.row(at, event)
        else:
            assembler.paragraph(at, event)
    return assembler.finish()


def _headings(events: list[Event]) -> dict[int, Heading]:
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
    return dict(sorted(found.items()))


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
    if row.spare or _is_total_row(row) or is_note(lone or ""):
        return None
    if lone is not None:
        return _lone_heading(row, lone, after)
    titles = {cell.text for cell in row.row.cells if cell.text} - {label}
    heading = heading_from(label, next(iter(titles))) if len(titles) == 1 else None
    if heading is not None and heading.numbering is not Numbering.NUMBER:
        return heading
    if label.islower() and len(titles) == 1 and _next_figures(after)[-1:] == (1,):
        return heading_from(label.upper(), titles.pop())
    if len(titles) <= 1 and row.text(Column.CONTENT) and not row.filled() & _BODY:
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


class _Assembler:
    """The walk of pass two."""

    def __init__(self, headings: dict[int, Heading], outline: Outline) -> None:
        self.headings = headings
        self.outline = outline
        self.draft: Draft | None = None
        self.title_open = False  # the last row was a heading, whose title may go on
        self.outside = False  # past the table's end, among prose
        self.stray = False  # behind a paragraph between rows that belongs to none of them
        self.pending: list[tuple[Heading, Paragraph]] = []  # headings between tables, until a row follows
        self.result = Assembly()

    def finish(self) -> Assembly:
        self._close()
        self.result.groups = self.outline.groups
        return self.result

    def paragraph(self, at: int, paragraph: Paragraph) -> None:
        text = paragraph.text
        if heading := self.headings.get(at):
            self.pending.append((heading, paragraph))
            self.outside = heading.numbering in (Numbering.ROMAN, Numbering.LETTER)
            if not self.outside:
                return
        elif paragraph.adjacent and self.draft is not None and not self._is_past_rows and _continues_cell(text):
            self._append(paragraph)
            return
        self.outside = self.outside or _leaves_table(text)
        if self.outside:
            self.result.prose.append(paragraph)
        else:
            self.result.unread.append(Unread(text=paragraph.raw, reason=_STRAY, place=paragraph.place))
            self.stray = True
            if self.draft is not None and not starts_afresh(text):
                words = f"“{shorten(text)}” ở {paragraph.place}"
                self.draft.warnings.append(
                    f"Đoạn {words} có thể thuộc nhiệm vụ này nhưng chưa ghép được; cần kiểm tra."
                )

    def _append(self, paragraph: Paragraph) -> None:
        """A line right below a row, in mid-sentence: the rest of its last cell."""
        assert self.draft is not None
        parts = [parts for column, parts in self.draft.parts.items() if parts]
        if parts:
            parts[-1][-1] += "\n" + paragraph.text
        self.draft.warnings.append(f"Đã ghép {paragraph.place} vào ô cuối của dòng trên; cần kiểm tra.")

    @property
    def _is_past_rows(self) -> bool:
        return self.outside or self.stray

    def row(self, at: int, row: BodyRow) -> None:
        lone, noted = row.lone() or "", self.stray
        self.outside = self.stray = False
        for pending, paragraph in self.pending:
            self._open(pending, paragraph.place, paragraph.raw)
        self.pending = []
        if self._extends_title(row):
            self.outline.extend_title(lone)
            self._pass_over(row.row.raw, row.place, "Phần tiếp của tiêu đề.")
        elif heading := self.headings.get(at):
            self._open(heading, row.place, row.row.raw)
            self._report_more(row, heading)
        elif is_note(lone) or (noted and lone[:1] in ("*", "-", "–", "+")):
            self.stray = True
            self.result.unread.append(Unread(text=row.row.raw, reason="Ghi chú của bảng.", place=row.place))
        elif _is_total_row(row):
            self.result.unread.append(Unread(text=row.row.raw, reason="Dòng cộng của bảng.", place=row.place))
        else:
            self._task_row(row)

    def _extends_title(self, row: BodyRow) -> bool:
        """Whether a lone text below a heading is the rest of its title."""
        lone = row.lone()
        if not self.title_open or lone is None or row.text(Column.ORDINAL) not in ("", lone):
            return False
        if marks_row(lone):
            return row.text(Column.CONTENT) == lone and not row.text(Column.ORDINAL)
        heading = heading_in(lone)
        return heading is None or heading.numbering is Numbering.NONE

    def _open(self, heading: Heading, place: Place, raw: str) -> None:
        self._close()
        self.title_open = True
        if not self.outline.open(heading, place):
            self._pass_over(raw, place, "Tiêu đề lặp lại.")
        elif not self.outline.last_is_group:
            self._pass_over(raw, place, "Tiêu đề phần hoặc mục.")

    def _pass_over(self, raw: str, place: Place, reason: str) -> None:
        self.result.passed_over.append(Unread(text=raw, reason=reason, place=place))

    def _report_more(self, row: BodyRow, heading: Heading) -> None:
        texts = [row.text(column) for column in sorted(_BODY)] + [text for _, text in row.extra]
        more = [text for text in texts if text and one_line(text) != heading.title]
        if row.lone() is None and row.text(Column.CONTENT) and more:
            reason = f"Ô khác trên dòng tiêu đề nhóm “{heading.title[:80]}”."
            self.result.unread.append(Unread(text=" | ".join(more), reason=reason, place=row.place))

    def _task_row(self, row: BodyRow) -> None:
        texts = texts_of(row)
        if _is_stray_mark(row):
            self.result.unread.append(Unread(text=row.row.raw.strip(), reason=_NO_MORE, place=row.place))
            return
        if self.draft is not None and row.row.raw == self.draft.rows[-1].row.raw and texts.get(Column.CONTENT):
            self._pass_over(row.row.raw, row.place, "Dòng lặp lại y nguyên.")
            return
        self.title_open = False
        if self.draft is None or self._starts_task(row, texts, self.draft):
            self._start(row, texts)
        else:
            self._continue(row, texts, self.draft)
        if row.text(Column.ORDINAL) and not texts.get(Column.ORDINAL) and self.draft is not None:
            written = shorten(row.text(Column.ORDINAL))
            self.draft.warnings.append(f"Ô STT ở {row.place} ghi “{written}”; đã đọc vào nội dung, cần kiểm tra.")

    def _start(self, row: BodyRow, texts: dict[Column, str]) -> None:
        self._close()
        outline = self.outline
        outline.leave_parent(texts.get(Column.ORDINAL, ""), self.result.tasks[-1].ordinal if self.result.tasks else "")
        number = texts.get(Column.ORDINAL, "") or row.above.get(Column.ORDINAL, "")
        self.draft = Draft(number, outline.group, outline.current, outline.section, row.columns)
        self.draft.add(row, texts)
        self.draft.inherit(row)
        if not texts.get(Column.ORDINAL):
            self.draft.warnings.append(
                f"{self.draft.where} không có STT; đã đọc thành một nhiệm vụ riêng, "
                "cần kiểm tra có phải phần tiếp của dòng trên không."
            )

    def _continue(self, row: BodyRow, texts: dict[Column, str], draft: Draft) -> None:
        mark = texts.get(Column.ORDINAL, "")
        if mark in BULLETS and mark:
            texts[Column.CONTENT] = f"{mark} {texts.get(Column.CONTENT, '')}".strip()
        elif mark and read_ordinal(mark) != read_ordinal(draft.ordinal_text):
            texts[Column.CONTENT] = f"{mark} {texts.get(Column.CONTENT, '')}".strip()
            draft.warnings.append(f"Đã ghép ý “{mark}” ở {row.place} vào nội dung nhiệm vụ này; cần kiểm tra.")
        elif mark:
            draft.warnings.append(f"STT {mark} lặp lại ở {row.place}; đã đọc là phần tiếp của dòng trên.")
        draft.add(row, texts)

    def _starts_task(self, row: BodyRow, texts: dict[Column, str], draft: Draft) -> bool:
        number = texts.get(Column.ORDINAL, "")
        if row.above.get(Column.ORDINAL):
            return bool(texts.get(Column.CONTENT) and texts.get(Column.LEAD))
        if not number:
            return _looks_whole(texts, draft)
        bare = not any(texts.get(column) for column in _BODY)
        content = texts.get(Column.CONTENT, "")
        if number in BULLETS:
            return not bare and bool(texts.get(Column.LEAD))
        if read_ordinal(number) == read_ordinal(draft.ordinal_text):
            return bool(texts.get(Column.LEAD)) and starts_afresh(content)
        if not (bare and draft.text(Column.LEAD)):
            return True
        is_item = not figures(read_ordinal(number)) and number[:1].islower()
        return not (is_item or _is_in_text(figures(read_ordinal(number)), figures(draft.ordinal_text), content))

    def _close(self) -> None:
        if self.draft is not None:
            before = self.result.tasks[-1] if self.result.tasks else None
            self.result.tasks.append(self.draft.finish(before))
            self.draft = None


def _is_stray_mark(row: BodyRow) -> bool:
    """Whether a row is nothing but a letter in the column of numbers: mostly a speck that was read as one."""
    mark = row.text(Column.ORDINAL)
    return row.lone() == mark and not row.spare and mark not in BULLETS and not figures(read_ordinal(mark))


def _is_in_text(number: tuple[int, ...], above: tuple[int, ...], content: str) -> bool:
    """Whether a number alone with some words is no task's: "25 triển khai" below 10.5 is the rest of a date."""
    if not number or not above or number[-1] == above[-1] + 1:
        return False
    return len(number) < len(above) or (bool(content) and not starts_afresh(content))


def _continues_cell(text: str) -> bool:
    return not _leaves_table(text) and not is_total(text) and (not starts_afresh(text) or text[0] in "-–+*•(")


def _is_total_row(row: BodyRow) -> bool:
    """Whether a row adds up the table; a task that is so worded has a number or a lead."""
    named = [row.text(Column.ORDINAL), row.text(Column.CONTENT), row.lone() or ""]
    return not row.text(Column.LEAD) and not read_ordinal(named[0]) and any(map(is_total, named))


def _leaves_table(text: str) -> bool:
    return (
        is_closing(text)
        or is_last_sentence(text)
        or is_annex_title(text)
        or is_attached_note(text)
        or is_shouted(text)
        or heading_in(text) is not None
    )


def _looks_whole(texts: dict[Column, str], draft: Draft) -> bool:
    """Whether a row without a number is a task that lacks one, rather than the rest of the task before.

    Every cell opens afresh, and the task before is complete already; else it is a row that a page break cut.
    """
    content, timing = texts.get(Column.CONTENT, ""), texts.get(Column.TIMING, "")
    lead = texts.get(Column.LEAD) or _LEAD_LABEL.sub("", texts.get(Column.UNITS, ""))
    if not (content and lead and starts_afresh(content) and starts_like_unit(lead) and lead[0].isupper()):
        return False
    if Column.ORDINAL not in draft.columns:
        return True
    timings = (timing, draft.text(Column.TIMING))
    if Column.TIMING in draft.columns and not all(map(_is_whole_timing, timings)):
        return False
    before = [draft.text(column) for column in (Column.CONTENT, Column.LEAD, Column.TIMING) if column in draft.columns]
    if not all(before) or any(_GOES_ON.search(text) for text in before):
        return False
    # A text may end with ";" where another of a list follows; names of units and times go on after it.
    return not any(text.endswith(";") for text in before[1:])


def _is_whole_timing(text: str) -> bool:
    return starts_afresh(text) and read_timing(text).kind not in ("unknown", "none")
