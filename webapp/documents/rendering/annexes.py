"""The tables that go with a consolidated report: the summary by bucket, the results, and who is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from forms.notation import shown_number
from webapp.documents.rendering.consolidated import (
    BESIDE,
    BUCKETS,
    ConsolidatedData,
    Contribution,
    ContributionState,
    GroupResult,
    IndicatorResult,
    IndicatorStanding,
    MissingUnit,
    TaskResult,
    count_by_status,
)
from webapp.documents.rendering.content import Appendix, Table
from webapp.documents.rendering.sheets import Cell, Sheet
from webapp.indicators.standing import UNANSWERED

_SUMMARY_HEADERS = (
    "Nhóm",
    "Nội dung",
    "Tổng số",
    "Hoàn thành đúng hạn",
    "Hoàn thành chậm",
    "Chưa xong, trong hạn",
    "Quá hạn",
    "Không phát sinh, chờ, hủy",
)
_SHEET_COLUMNS = (
    ("STT", 6),
    ("Nội dung nhiệm vụ", 48),
    ("Đơn vị chủ trì", 22),
    ("Đơn vị phối hợp", 22),
    ("Thời hạn", 12),
    ("Tình trạng", 18),
    ("Ngày hoàn thành", 12),
    ("Kết quả thực hiện", 48),
    ("Chỉ tiêu", 28),
    ("Sản phẩm", 22),
    ("Khó khăn, vướng mắc", 28),
)


CONTRIBUTION_WORDS = {
    ContributionState.RESULT: "đã gửi", ContributionState.NOTHING_AROSE: "không phát sinh",
    ContributionState.NOT_OUR_DUTY: "không thuộc nhiệm vụ của đơn vị", ContributionState.ABSENT: "chưa gửi",
}  # fmt: skip


def short_date(day: date | None) -> str:
    """A date for a table's cell; empty where there is none."""
    return f"{day:%d/%m/%Y}" if day else ""


def summary_table(data: ConsolidatedData) -> Table:
    """Groups by bucket, with a total."""
    rows = [_summary_row(group.numeral, group.title, [group]) for group in data.groups]
    return Table(
        _SUMMARY_HEADERS,
        (*rows, _summary_row("", "Tổng cộng", data.groups)),
        (17, 42, 14, 19, 19, 19, 14, 21),
        centred=(0, 2, 3, 4, 5, 6, 7),
    )


def _summary_row(numeral: str, title: str, groups: Sequence[GroupResult]) -> tuple[str, ...]:
    counts = count_by_status(groups)
    beside = sum(counts[status] for status in BESIDE)
    return (numeral, title, str(counts.total()), *(str(counts[bucket]) for bucket in BUCKETS), str(beside))


def result_annex(data: ConsolidatedData) -> Appendix:
    """Every task with its standing: what the report tells at length, at a glance."""
    rows: list[tuple[str, ...]] = []
    for group in data.groups:
        rows += [(group.name,), *map(_result_row, group.tasks)]
    headers = ("STT", "Nội dung nhiệm vụ", "Đơn vị chủ trì", "Thời hạn", "Tình trạng", "Sản phẩm, chỉ tiêu")
    table = Table(headers, tuple(rows), (13, 86, 44, 25, 33, 56), centred=(0, 3))
    return Appendix(f"Biểu tổng hợp kết quả thực hiện nhiệm vụ {data.period.label}", (table,), landscape=True)


def _result_row(task: TaskResult) -> tuple[str, ...]:
    lead = f"{task.lead_unit}\n(tự báo cáo)" if task.self_reported else task.lead_unit
    standing = f"{task.status.label}\n({short_date(task.completed_on)})" if task.completed_on else task.status.label
    reached = [*task.deliverables, *map(measured, task.indicators)]
    return (task.ordinal, task.content, lead, short_date(task.due), standing, "\n".join(reached))


def measured(indicator: IndicatorResult) -> str:
    """An indicator in a table's cell."""
    value = " ".join(filter(None, (indicator.value, indicator.unit))) or "chưa có số liệu"
    target = f" (mục tiêu {indicator.target})" if indicator.target else ""
    return f"{indicator.name}: {value}{target}"


def indicator_table(data: ConsolidatedData) -> Table:
    """The plan's indicators: what was wanted, what was reached."""
    headers = ("STT", "Chỉ tiêu", "Mục tiêu", "Kết quả", "Đánh giá", "Đơn vị chịu trách nhiệm")
    rows = tuple(_indicator_row(number, one) for number, one in enumerate(data.indicators, start=1))
    return Table(headers, rows, (12, 56, 30, 25, 25, 27), centred=(0,))


def _indicator_row(number: int, one: IndicatorStanding) -> tuple[str, ...]:
    return (str(number), named(one), wanted(one), reached(one), one.state_name, one.owner or UNANSWERED)


def named(one: IndicatorStanding) -> str:
    """An indicator in a table's cell."""
    of = f" (trên {one.denominator})" if one.denominator else ""
    return f"{'Trong đó: ' if one.part_of else ''}{one.name}{of}"


def wanted(one: IndicatorStanding) -> str:
    """Its target with the period; the first figure where the plan names one."""
    target = f"{one.target} {one.period}" if one.target else "Không đặt mức"
    return target if one.baseline is None else f"{target}\n(năm đầu kỳ: {plain(one.baseline)})"


def reached(one: IndicatorStanding) -> str:
    """The ward's figure, with those of earlier years."""
    earlier = one.years if one.value is None else one.years[:-1]
    before = [f"{year.year}: {plain(year.value)}" for year in earlier]
    noted = filter(None, (one.allowance, *before))
    return "\n".join((one.reached or "Chưa có số liệu", *(f"({text})" for text in noted)))


def plain(value: float) -> str:
    """A figure as one reads it."""
    return shown_number(int(value) if float(value).is_integer() else value)


def missing_annex(data: ConsolidatedData) -> Appendix:
    """The units that owe a report, sent or not, each with its reason and the days on which it was reminded."""
    rows = tuple(_missing_row(number, one) for number, one in enumerate(data.missing, start=1))
    headers = ("STT", "Đơn vị", "Nhiệm vụ còn thiếu", "Lý do", "Ngày đôn đốc")
    table = Table(headers, rows, (13, 45, 30, 50, 27), centred=(0, 4))
    return Appendix("Danh sách đơn vị chưa có đủ báo cáo", (table,))


def _missing_row(number: int, missing: MissingUnit) -> tuple[str, ...]:
    reminded = "\n".join(map(short_date, missing.reminded_on)) or "Chưa đôn đốc"
    return (str(number), missing.unit, ", ".join(missing.tasks), missing.reason, reminded)


def appendix_sheet(data: ConsolidatedData) -> Sheet:
    """The results as a spreadsheet, with everything that a person at the city would copy on."""
    rows: list[tuple[Cell, ...]] = []
    for group in data.groups:
        rows.append((group.name,))
        rows += [_sheet_row(data, group, task) for task in group.tasks]
    if data.indicators:
        rows += [("Chỉ tiêu của kế hoạch",), *(_indicator_cells(n, one) for n, one in enumerate(data.indicators, 1))]
    return Sheet(
        title=f"Biểu tổng hợp kết quả thực hiện nhiệm vụ {data.period.label}",
        subtitle=f"{data.agency}: Kế hoạch số {data.plan.number}, số liệu chốt đến {short_date(data.period.cutoff)}",
        headers=tuple(header for header, _ in _SHEET_COLUMNS),
        widths=tuple(width for _, width in _SHEET_COLUMNS),
        rows=tuple(rows),
    )


def contributed(one: Contribution) -> str:
    """What a coordinating unit did, in a table's cell."""
    return f"{one.unit} (phối hợp): {one.text or CONTRIBUTION_WORDS[one.state]}"


def _indicator_cells(number: int, one: IndicatorStanding) -> tuple[Cell, ...]:
    return (
        str(number), named(one), one.owner or UNANSWERED, "", None, one.state_name, None, reached(one), wanted(one),
        "", "",
    )  # fmt: skip


def _sheet_row(data: ConsolidatedData, group: GroupResult, task: TaskResult) -> tuple[Cell, ...]:
    said = [*(one.text for one in task.statements), *map(contributed, task.contributions)]
    met = [one.text for one in data.difficulties if one.text and one.is_about(group, task)]
    return (
        task.ordinal,
        task.content,
        f"{task.lead_unit} (tự báo cáo)" if task.self_reported else task.lead_unit,
        "; ".join(task.coordinating_units),
        task.due,
        task.status.label,
        task.completed_on,
        "\n".join(said),
        "\n".join(map(measured, task.indicators)),
        "; ".join(task.deliverables),
        "\n".join(met),
    )
