"""Cycles as spreadsheets: the list of them, and one with everything that is asked in it."""

from collections.abc import Iterator
from uuid import UUID

from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.boards import ENTRY_NAMES, focal_units
from webapp.cycles.models import CycleState, EntryState
from webapp.cycles.queries import Board, Cell, CycleRow, board, cycles_of
from webapp.database import db
from webapp.documents.exporting import MOST_ROWS, send_list
from webapp.documents.rendering.sheets import Cell as SheetCell
from webapp.identity import signed_in_person
from webapp.inbox.queries import due_words
from webapp.permissions import Permission
from webapp.security import requires

STATE_NAMES = {
    CycleState.OPENING: "Đang mở kỳ", CycleState.COLLECTING: "Đang nhận báo cáo",
    CycleState.CONSOLIDATING: "Đang tổng hợp", CycleState.SIGNING: "Đang trình ký",
    CycleState.SIGNED: "Đã duyệt, chờ cấp số", CycleState.DISPATCHED: "Đã phát hành",
    CycleState.SENT: "Đã gửi thành phố", CycleState.RECEIVED: "Thành phố đã nhận",
    CycleState.RETURNED: "Thành phố trả lại", CycleState.CLOSED: "Đã kết thúc",
}  # fmt: skip
CYCLE_COLUMNS = (
    ("Kỳ", 26), ("Kế hoạch", 54), ("Trạng thái", 22), ("Được hỏi", 10), ("Đã nhận", 10), ("Không báo cáo", 10),
    ("Hạn của đơn vị", 14), ("Hạn gửi thành phố", 14),
)  # fmt: skip
BOARD_COLUMNS = (
    ("Nhiệm vụ", 10), ("Nội dung", 56), ("Người thực hiện", 24), ("Trạng thái", 20), ("Ngày gửi lần đầu", 14),
    ("Quá hạn", 10), ("Ghi chú", 44),
)  # fmt: skip


@bp.get("/ky-bao-cao.xlsx")
@requires(Permission.SEE_CASES)
def cycles_sheet() -> ResponseReturnValue:
    """The list of cycles. Raises PermissionDenied."""
    person = signed_in_person()
    rows = cycles_of(db.session(), person.tenant_id, focal_units=focal_units(), most=MOST_ROWS + 1)
    return send_list("Các kỳ báo cáo", CYCLE_COLUMNS, map(_cycle, rows))


def _cycle(row: CycleRow) -> tuple[SheetCell, ...]:
    plan = " · ".join(filter(None, (row.plan_number, row.plan_title)))
    counts = row.asked, row.taken, row.missing
    return row.name, plan, STATE_NAMES[row.state], *counts, row.report_by, row.submit_by


@bp.get("/ky-bao-cao/<uuid:cycle_id>/theo-doi.xlsx")
@requires(Permission.SEE_CASES)
def board_sheet(cycle_id: UUID) -> ResponseReturnValue:
    """Who has sent, who is late, who was returned. Raises NotFound, PermissionDenied."""
    read, person = db.session(), signed_in_person()
    cycle = require_cycle(read, person, cycle_id)
    found = board(read, person, cycle, due_words(read, person.tenant_id))
    about = f"{found.cycle.name}, {found.cycle.plan_number or found.cycle.plan_title}"
    return send_list("Theo dõi kỳ báo cáo", BOARD_COLUMNS, _rows(found), about=about)


def _rows(found: Board) -> Iterator[tuple[SheetCell, ...]]:
    for unit in found.units:
        yield (f"{unit.name}: đã nhận {unit.count(EntryState.TAKEN)}/{unit.asked}",)
        yield from map(_cell, unit.cells)


def _cell(cell: Cell) -> tuple[SheetCell, ...]:
    sent = local_date(cell.first_sent_at) if cell.first_sent_at else None
    late = f"Bổ sung cho kỳ {cell.supplements}" if cell.supplements else ""
    why = {EntryState.MISSING: cell.missing_reason, EntryState.RETURNED: cell.return_reason}
    note = why.get(cell.state) or late
    officer = cell.officer or "Chưa giao người"
    return cell.task, cell.content, officer, ENTRY_NAMES[cell.state], sent, "Quá hạn" if cell.is_late else "", note
