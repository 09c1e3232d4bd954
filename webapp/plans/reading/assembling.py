"""From the rows of the task tables to tasks: headings opened, page-broken rows joined, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from webapp.plans.reading.blocks import Paragraph, Place
from webapp.plans.reading.columns import Column
from webapp.plans.reading.drafts import Draft, texts_of
from webapp.plans.reading.furniture import (
    is_annex_name,
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
    heading_in,
)
from webapp.plans.reading.ordinals import BULLETS, figures, marks_row, read_ordinal
from webapp.plans.reading.outlines import Outline
from webapp.plans.reading.readings import GroupReading, TaskReading, Unread
from webapp.plans.reading.row_headings import BODY, find_headings, is_total_row
from webapp.plans.reading.tables import BodyRow, Event
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import starts_like_unit
from webapp.plans.reading.wording import fold, is_shouted, one_line, shorten, starts_afresh

_END_OF_SPAN = re.compile(r"[-–]\s*\d")
_GOES_ON = re.compile(r"(?:[,:(–-]|\b(?:và|của|các|cho|với|về|trong|theo|tại|số))$", re.IGNORECASE)
_LEAD_LABEL = re.compile(r"^(?:(?:cơ quan|đơn vị)\s+)?chủ trì\s*:\s*", re.IGNORECASE)
_STRAY: Final = "Đoạn văn nằm giữa bảng, chưa ghép được vào nhiệm vụ nào."
_NO_MORE: Final = "Ô số thứ tự không kèm nội dung nào."


@dataclass(slots=True)
class Assembly:
    """What pass two gives."""

    tasks: list[TaskReading] = field(default_factory=list)
    groups: list[GroupReading] = field(default_factory=list)
    prose: list[Paragraph] = field(default_factory=list)
    passed_over: list[Unread] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def assemble(events: list[Event], above: Iterable[Paragraph] = ()) -> Assembly:
    """Read tasks and groups out of rows and the paragraphs between them; `above` stands before the first table."""
    headings = find_headings(events)
    kinds = list(dict.fromkeys(heading.numbering for heading in headings.values()))
    annexes = {fold(line.text) for line in above if is_annex_name(line.text)}
    assembler = _Assembler(headings, Outline(kinds), annexes)
    for at, event in enumerate(events):
        if isinstance(event, BodyRow):
            assembler.row(at, event)
        else:
            assembler.paragraph(at, event)
    return assembler.finish()


class _Assembler:
    """The walk of pass two."""

    def __init__(self, headings: dict[int, Heading], outline: Outline, annexes: set[str]) -> None:
        self.headings = headings
        self.outline = outline
        self.annexes = annexes  # whose names were met: on a later page they are only repeated
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
        if annex := self._other_annex(text):
            self._close()
            self.annexes.add(annex)
            self.outline.leave()
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

    def _other_annex(self, text: str) -> str:
        """The name of an annex that is met for the first time; one without a number is that of the whole."""
        name = fold(text) if is_annex_name(text) else ""
        return name if name not in self.annexes and name != "phu luc" else ""

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
        elif is_total_row(row):
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
        texts = [row.text(column) for column in sorted(BODY)] + [text for _, text in row.extra]
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
        bare = not any(texts.get(column) for column in BODY)
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
    """Whether a cell holds a time, not only the end of a span: "– 2030"."""
    return starts_afresh(text) and not _END_OF_SPAN.match(text) and read_timing(text).kind not in ("unknown", "none")
