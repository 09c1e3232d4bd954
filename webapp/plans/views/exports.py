"""Lists of plans as spreadsheets: the plans, the tasks of one, as far as the page's filter leaves them."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list, send_sheet
from webapp.documents.rendering.sheets import Cell, Sheet
from webapp.identity import signed_in_person
from webapp.organisation.fields import searched_for
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.buckets import status_of
from webapp.plans.models import PlanState
from webapp.plans.queries.plans import PlanLine, list_plans
from webapp.plans.queries.tasks import GroupLines, TaskLine
from webapp.plans.views.plans import OCCURRENCE_NAMES, STATE_NAMES, asked_state, find_plan, task_filter
from webapp.plans.views.yearly import all_tasks
from webapp.runtime import now
from webapp.security import requires

TASK_COLUMNS = (
    ("STT", 7), ("Nội dung nhiệm vụ", 50), ("Đơn vị chủ trì", 24), ("Đơn vị phối hợp", 24), ("Người thực hiện", 20),
    ("Thời gian thực hiện", 20), ("Hạn", 12), ("Sản phẩm", 28), ("Trạng thái", 18), ("Đánh giá", 20),
    ("Ngày hoàn thành", 12),
)  # fmt: skip
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
        subtitle=f"{'Kế hoạch số ' + plan.number + ': ' if plan.number else ''}{plan.title}; "
        f"số liệu đến ngày {local_date(now()):%d/%m/%Y}",
        headers=tuple(name for name, _ in TASK_COLUMNS), widths=tuple(width for _, width in TASK_COLUMNS),
        rows=tuple(rows), name="Nhiệm vụ",
    )  # fmt: skip
    return send_sheet(sheet, f"Nhiệm vụ {plan.number or plan.title}")


def _group(group: GroupLines) -> Iterator[tuple[Cell, ...]]:
    yield (f"{group.numeral}. {group.title}" if group.numeral else group.title,)
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
        "Danh sách kế hoạch", PLAN_COLUMNS, map(_plan, of_all_pages(page)), about=STATE_NAMES[state].lower()
    )


def _plan(line: PlanLine) -> tuple[Cell, ...]:
    counts = line.buckets
    stand = (counts.done, counts.pending, counts.overdue) if counts else (None, None, None)
    return (line.number or "", line.title, line.focal_unit, line.tasks, *stand)
