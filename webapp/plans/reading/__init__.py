"""Reading a plan's file: bytes in, a reading out, for a person to check. Pure functions; nothing is stored here."""

from __future__ import annotations

from typing import Final

from webapp.plans.reading.apart import read_file_apart
from webapp.plans.reading.assembling import Assembly, assemble
from webapp.plans.reading.blocks import Paragraph, Place, PlanUnreadable, Source
from webapp.plans.reading.bodies import Duty, not_in_tasks, read_body
from webapp.plans.reading.columns import Column, column_of
from webapp.plans.reading.deliverables import Deliverable
from webapp.plans.reading.files import LARGEST_FILE, Progress, read_file
from webapp.plans.reading.furniture import is_annex_name, is_attached_note, is_closing
from webapp.plans.reading.headings import heading_in
from webapp.plans.reading.heads import looks_like_plan, read_head, title_at
from webapp.plans.reading.numbers import with_number_warnings
from webapp.plans.reading.offering import offer_of
from webapp.plans.reading.readings import (
    DocumentReference,
    GroupReading,
    Offer,
    Phase,
    PlanHead,
    PlanReading,
    Repair,
    ReportingDuty,
    TaskReading,
    TaskSource,
    Timing,
    Unread,
)
from webapp.plans.reading.tables import TableReading, read_tables
from webapp.plans.reading.targets import Indicator
from webapp.plans.reading.units import UnitNames, read_coordinators, read_leads
from webapp.plans.reading.wording import fold

__all__ = [
    "LARGEST_FILE",
    "Deliverable",
    "DocumentReference",
    "Duty",
    "GroupReading",
    "Indicator",
    "Offer",
    "Phase",
    "Place",
    "PlanHead",
    "PlanReading",
    "PlanUnreadable",
    "Repair",
    "ReportingDuty",
    "TaskReading",
    "TaskSource",
    "Timing",
    "UnitNames",
    "Unread",
    "read_coordinators",
    "read_leads",
    "read_plan",
    "read_plan_apart",
]

_NOT_A_PLAN = (
    "Không thấy kế hoạch trong tệp: không có bảng nhiệm vụ (STT, nội dung, đơn vị chủ trì…) "
    "và không có dòng “KẾ HOẠCH”. "
    "Hãy chọn đúng tệp kế hoạch hoặc phụ lục."
)
_NO_TABLE = (
    "Tệp không có phụ lục nhiệm vụ dạng bảng; chưa đọc được nhiệm vụ nào. "
    "Hãy bổ sung phụ lục, hoặc nhập nhiệm vụ bằng tay."
)
_FROM_BODY = (
    "Tệp không có phụ lục nhiệm vụ dạng bảng. Các dòng dưới đây lấy từ phần thân kế hoạch: "
    "xem từng dòng, giữ làm nhiệm vụ hoặc bỏ; có phụ lục thì nhập tệp ấy."
)
_LEFT_IN_ANNEX = "Dòng trong phụ lục chưa đọc được vào bảng nào; nếu là bảng, hãy dùng tệp Word, Excel hoặc PDF gốc."
_NAMED_ANNEX = "Kế hoạch nhắc đến phụ lục nhưng tệp không có phụ lục kèm theo. Hãy tải lên cả phụ lục."


LONGEST_TITLE: Final = 6  # lines of the title of an annex


def read_plan(name: str, data: bytes) -> PlanReading:
    """Read a plan, or the appendix of one, from a .txt, .docx, .xlsx or .pdf file; `name` is only used for its ending.

    Raises PlanUnreadable, with a sentence for the person who chose the file.
    """
    return _read(read_file(name, data))


def read_plan_apart(name: str, data: bytes, progress: Progress = lambda done, of: None) -> PlanReading:
    """The same, the file opened in a bounded process of its own: for files that anybody may send to a server.

    Raises PlanUnreadable.
    """
    return _read(read_file_apart(name, data, progress))


def _read(source: Source) -> PlanReading:
    tables = read_tables(source.blocks)
    assembly = assemble(tables.events, tables.prose)
    prose = [*tables.prose, *assembly.prose]
    if not tables.has_header and not assembly.tasks and not looks_like_plan(prose):
        raise PlanUnreadable(_NOT_A_PLAN)
    body, tasks = read_body(prose[title_at(prose) or 0 :]), with_number_warnings(assembly.tasks)
    offer = Offer() if tasks else offer_of(body)
    of_tasks = [indicator for task in tasks for indicator in task.indicators]
    return PlanReading(
        file_kind=source.kind,
        head=read_head(prose),
        groups=tuple(assembly.groups),
        tasks=tasks,
        unread=(
            *_absent_annex(assembly, prose),
            *_by_place(tables.unread, assembly.unread, _left_in_annex(prose)),
            *_footnotes(source),
        ),
        passed_over=tuple(_by_place(tables.passed_over, assembly.passed_over)),
        warnings=(*source.warnings, *_plan_warnings(tables, assembly, offer)),
        indicators=(*not_in_tasks(body.indicators, of_tasks), *tables.indicators),
        duties=body.duties,
        offer=offer,
    )


def _absent_annex(assembly: Assembly, prose: list[Paragraph]) -> list[Unread]:
    """One entry where no task was read, at the place where the text speaks of an appendix."""
    if assembly.tasks:
        return []
    named = next((line for line in reversed(prose) if "phu luc" in fold(line.text)), None)
    if named is None:
        return [Unread(text="", reason=_NO_TABLE)]
    return [Unread(text=named.text, reason=_NAMED_ANNEX, place=named.place)]


def _left_in_annex(prose: list[Paragraph]) -> list[Unread]:
    """The lines of an annex that are neither its title nor in a table: a table, perhaps, whose columns were lost."""
    found: list[Unread] = []
    inside, title = False, 0  # how many lines the title has, while it may go on
    for line in prose:
        if is_annex_name(line.text) or is_closing(line.text):
            inside = is_annex_name(line.text)
            title = int(inside)
        elif inside:
            goes_on = 0 < title < LONGEST_TITLE and line.adjacent and not _opens_header(line.text)
            title = title + 1 if goes_on or is_attached_note(line.text) else 0
            if not title and heading_in(line.text) is None:
                found.append(Unread(text=line.raw, reason=_LEFT_IN_ANNEX, place=line.place))
    return found


def _opens_header(text: str) -> bool:
    return column_of(text.split()[0]) is Column.ORDINAL


def _footnotes(source: Source) -> list[Unread]:
    return [Unread(text=text, reason="Chú thích cuối trang.") for text in source.footnotes]


def _by_place(*found: list[Unread]) -> list[Unread]:
    everything = [piece for pieces in found for piece in pieces]
    return sorted(everything, key=lambda piece: piece.place.order if piece.place else ())


def _plan_warnings(tables: TableReading, assembly: Assembly, offer: Offer) -> list[str]:
    warnings = []
    if not assembly.tasks:
        warnings.append(_FROM_BODY if offer.tasks else _NO_TABLE)
    if tables.is_guessed:
        warnings.append("Không thấy dòng tiêu đề của bảng; đã đoán các cột theo nội dung, cần kiểm tra từng cột.")
    labels = [group.group for group in assembly.groups]
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    warnings.extend(f"Số nhóm {label} dùng cho nhiều nhóm." for label in repeated)
    if assembly.tasks and not labels:
        warnings.append("Phụ lục không chia nhóm.")
    return warnings
