"""Báo cáo của đơn vị as spreadsheets: the cycles that ask one's units, and all rows of a unit in one of them."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.command import EnginePermission
from webapp.cycles.blueprint import bp
from webapp.cycles.boards import ENTRY_NAMES
from webapp.cycles.models import EntryState
from webapp.cycles.unit_pages import UnitCycle, UnitRow, unit_cycles
from webapp.cycles.unit_reports import read_report
from webapp.database import db
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import signed_in_person
from webapp.inbox.views.lists import AWAITS_HEAD
from webapp.permissions import Permission
from webapp.plans.models import Stage
from webapp.security import requires

CYCLE_COLUMNS = (
    ("Kỳ", 26), ("Kế hoạch", 44), ("Đơn vị", 34), ("Còn phải gửi", 10), ("Chờ kiểm tra", 10), ("Đã nhận", 10),
    ("Không báo cáo", 10), ("Gửi chậm nhất hết ngày", 14),
)  # fmt: skip
ROW_COLUMNS = (
    ("Nhiệm vụ", 10), ("Nội dung", 50), ("Sản phẩm", 26), ("Người thực hiện", 22),
    ("Gửi báo cáo đến hết", 14), ("Hạn nhiệm vụ", 14), ("Trạng thái", 18), ("Kết quả đã báo", 56), ("Ngày gửi", 12),
)  # fmt: skip


@bp.get("/bao-cao-don-vi.xlsx")
@requires(EnginePermission.WORK)
def unit_reports_sheet() -> ResponseReturnValue:
    """The cycles that ask the person's units."""
    return send_list(
        "Các kỳ báo cáo của đơn vị", CYCLE_COLUMNS, map(_cycle, unit_cycles(db.session(), signed_in_person()))
    )


def _cycle(one: UnitCycle) -> tuple[Cell, ...]:
    return one.name, one.plan, one.unit, one.awaited, one.sent, one.taken, one.missing, one.report_by


@bp.get("/bao-cao-don-vi/<uuid:cycle_id>/<uuid:unit_id>.xlsx")
@requires(EnginePermission.WORK, Permission.SEE_ALL_CASES)
def unit_report_sheet(cycle_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """All rows of a unit in a cycle, with what was reported. Raises NotFound, PermissionDenied."""
    report = read_report(cycle_id, unit_id)
    about = f"{report.unit}, {report.cycle_name}, {report.plan}"
    return send_list("Báo cáo của đơn vị", ROW_COLUMNS, map(_row, report.rows), about=about)


def _row(one: UnitRow) -> tuple[Cell, ...]:
    said, sent = "", None
    is_written = one.row is not None and one.row.stage == Stage.UNIT_REPORT
    awaits_head = is_written and one.entry_state is not EntryState.MISSING
    if one.answer is not None:
        said, sent = str(one.answer.raw.get("result") or one.answer.raw.get("reason") or ""), local_date(one.answer.at)
    elif one.row is not None and awaits_head:
        said = one.row.gist
    state = "Quá hạn" if one.is_late else AWAITS_HEAD if awaits_head else ENTRY_NAMES[one.entry_state]
    officer = one.officer or "Chưa giao người"
    return one.label, one.content, one.product, officer, one.send_by, one.due_on, state, said, sent
