"""Lists of plans as spreadsheets: the plans, the tasks of one as far as the page's filter leaves them, its year."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list, send_sheet
from webapp.documents.rendering.sheets import Cell, Paper, Sheet
from webapp.identity import signed_in_person
from webapp.organisation.fields import searched_for
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.buckets import status_of
from webapp.plans.models import PLAN_STATE_NAMES, PlanState
from webapp.plans.places import group_name
from webapp.plans.queries.comparing import ComparedTask, compare_plans
from webapp.plans.queries.plans import PlanFacts, PlanLine, list_plans
from webapp.plans.queries.tasks import GroupLines, TaskLine
from webapp.plans.queries.yearly import YearGroup, YearRow
from webapp.plans.replacing import ReplacePlan
from webapp.plans.views.plans import OCCURRENCE_NAMES, asked_state, find_plan, task_filter
from webapp.plans.views.yearly import all_tasks, year_asked_of
from webapp.runtime import now
from webapp.security import requires, runs

TASK_COLUMNS = (
    ("STT", 7), ("Nội dung nhiệm vụ", 50), ("Đơn vị chủ trì", 24), ("Đơn vị phối hợp", 24), ("Người thực hiện", 20),
    ("Thời gian thực hiện", 20), ("Hạn", 12), ("Sản phẩm", 28), ("Trạng thái", 18), ("Đánh giá", 20),
    ("Ngày hoàn thành", 12),
)  # fmt: skip
YEAR_COLUMNS = (
    ("STT", 7), ("Nội dung nhiệm vụ", 50), ("Sản phẩm", 28), ("Đơn vị chủ trì", 24), ("Người thực hiện", 20),
    *((f"Tháng {month}", 8) for month in range(1, 13)),
)  # fmt: skip
COMPARED_COLUMNS = (
    ("Số ở kế hoạch cũ", 10), ("Số ở kế hoạch mới", 10), ("Nội dung nhiệm vụ", 56), ("Đơn vị chủ trì", 24),
    ("Thay đổi", 56),
)  # fmt: skip
FATES = {"changed": "Thay đổi", "new": "Mới", "gone": "Bị bỏ", "same": "Giữ nguyên"}
PLAN_COLUMNS = (
    ("Số, ký hiệu", 18), ("Tên kế hoạch", 60), ("Đầu mối", 20), ("Nhiệm vụ", 10), ("Đã xong", 10),
    ("Còn hạn", 10), ("Quá hạn", 10),
)  # fmt: skip


@bp.get("/ke-hoach/<uuid:plan_id>/nhiem-vu.xlsx")
@requires(Permission.SEE_CASES)
def tasks_sheet(plan_id: UUID) -> ResponseReturnValue:
    """The tasks that the page's filter leaves."""
    plan = find_plan(signed_in_person(), plan_id)
    wanted = task_filter(plan)
    rows = [row for group in all_tasks(plan, wanted) for row in _group(group)]
    sheet = Sheet(
        title=f"Danh mục nhiệm vụ năm {wanted.year}" if wanted.year else "Danh mục nhiệm vụ",
        subtitle=about_plan(plan),
        headers=tuple(name for name, _ in TASK_COLUMNS), widths=tuple(width for _, width in TASK_COLUMNS),
        rows=tuple(rows), name="Nhiệm vụ",
    )  # fmt: skip
    return send_sheet(sheet, f"Nhiệm vụ {plan.number or plan.title}")


def about_plan(plan: PlanFacts) -> str:
    """Which plan a sheet is of, and when it was made."""
    named = f"Kế hoạch số {plan.number}: {plan.title}" if plan.number else plan.title
    return f"{named}; số liệu đến ngày {local_date(now()):%d/%m/%Y}"


def numbered(group: GroupLines | YearGroup) -> str:
    """The title of a group with its numeral."""
    return group_name(group.numeral, group.title)


def _group(group: GroupLines) -> Iterator[tuple[Cell, ...]]:
    yield (numbered(group),)
    for task in group.tasks:
        yield from _cells(task)


def _cells(task: TaskLine) -> Iterator[tuple[Cell, ...]]:
    said = task.ordinal, task.content
    coordinators = "; ".join(task.coordinators)
    for shown in task.cases:
        case = shown.line
        yield (
            *said, "; ".join(filter(None, (case.lead, case.second_lead))), coordinators, case.officer,
            task.timing_text, case.due_on, task.product_text, OCCURRENCE_NAMES[case.state],
            status_of(case, local_date(now())).label, case.completed_on,
        )  # fmt: skip
    if not task.cases:
        lead = "; ".join(task.leads)
        yield (*said, lead, coordinators, "", task.timing_text, None, task.product_text, task.state_note, "", None)


@bp.get("/ke-hoach.xlsx")
@requires(Permission.SEE_CASES)
def plans_sheet() -> ResponseReturnValue:
    """The plans of one state with how far they are."""
    read, person, words = db.session(), signed_in_person(), searched_for()
    state = asked_state() or PlanState.ISSUED

    def page(after: UUID | None) -> tuple[Iterable[PlanLine], UUID | None]:
        found = list_plans(read, person.tenant_id, state, local_date(now()), after, words)
        return found.rows, found.after

    return send_list(
        "Danh sách kế hoạch", PLAN_COLUMNS, map(_plan, of_all_pages(page)), about=PLAN_STATE_NAMES[state].lower()
    )


def _plan(line: PlanLine) -> tuple[Cell, ...]:
    counts = line.buckets
    stand = (counts.done, counts.pending, counts.overdue) if counts else (None, None, None)
    return (line.number or "", line.title, line.focal_unit, line.tasks, *stand)


@bp.get("/ke-hoach/<uuid:plan_id>/lich.xlsx")
@requires(Permission.SEE_CASES)
def year_sheet(plan_id: UUID) -> ResponseReturnValue:
    """Each task month by month: a cross where work goes on, the day where it ends."""
    plan = find_plan(signed_in_person(), plan_id)
    year, groups = year_asked_of(plan)
    rows = [row for group in groups for row in ((numbered(group),), *map(_year, group.rows))]
    sheet = Sheet(
        title=f"Lịch năm {year}", subtitle=about_plan(plan), headers=tuple(name for name, _ in YEAR_COLUMNS),
        widths=tuple(width for _, width in YEAR_COLUMNS), rows=tuple(rows), name="Lịch năm", paper=Paper.A3,
    )  # fmt: skip
    return send_sheet(sheet, f"Lịch năm {year} {plan.number or plan.title}")


def _year(row: YearRow) -> tuple[Cell, ...]:
    months = (f"{month.due:%d/%m}" if month.due else "x" if month.active else "" for month in row.months)
    return row.ordinal, row.content, row.product, row.lead, row.officer, *months


@bp.get("/ke-hoach/<uuid:plan_id>/so-sanh.xlsx")
@runs(ReplacePlan)
def comparison_sheet(plan_id: UUID) -> ResponseReturnValue:
    """What is new, gone and changed beside the plan that it replaces. Raises NotFound."""
    person = signed_in_person()
    plan = find_plan(person, plan_id)
    if plan.replaces_id is None:
        raise NotFound
    old = find_plan(person, plan.replaces_id)
    found = compare_plans(db.session(), old.id, plan.id)
    rows = (row for fate in FATES for row in _fate(fate, found.of(fate)))
    about = f"{plan.number or plan.title} thay {old.number or old.title}"
    return send_list("So với kế hoạch được thay", COMPARED_COLUMNS, rows, about=about)


def _fate(fate: str, tasks: Sequence[ComparedTask]) -> Iterator[tuple[Cell, ...]]:
    if tasks:
        yield (f"{FATES[fate]}: {len(tasks)} nhiệm vụ",)
    for task in tasks:
        changes = (f"{what}: {before or 'trống'} → {after or 'trống'}" for what, before, after in task.changes)
        yield task.before, task.after, task.content, task.lead, "; ".join(changes)
