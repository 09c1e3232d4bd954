"""Units and special days as spreadsheets."""

from datetime import date
from uuid import UUID

from flask.typing import ResponseReturnValue

from webapp.database import db
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import signed_in_person
from webapp.organisation.blueprint import bp
from webapp.organisation.labels import UNIT_KINDS
from webapp.organisation.queries.calendar_days import SpecialDay, special_days
from webapp.organisation.queries.units import UnitRow, find_committee, list_units, parts_of
from webapp.organisation.views.calendar_days import asked_year
from webapp.permissions import Permission
from webapp.presentation import weekday
from webapp.security import requires
from webapp.unit_changes.queries import successors_of

UNIT_COLUMNS = (
    ("Tên đơn vị", 44), ("Tên viết tắt", 18), ("Tên gọi khác", 40), ("Loại", 30), ("Vai trong quy trình", 28),
    ("Số người", 10), ("Tình trạng", 34),
)  # fmt: skip
DAY_COLUMNS = (("Ngày", 12), ("Thứ", 12), ("Áp dụng", 12), ("Lịch có sẵn", 34), ("Thay đổi của phường", 44))


@bp.get("/don-vi.xlsx")
@requires(Permission.ADMINISTER)
def units_sheet() -> ResponseReturnValue:
    """The ward's units in their order, former ones last."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    committee, successors = find_committee(read, tenant_id), successors_of(read, tenant_id)

    def cells(unit: UnitRow) -> tuple[Cell, ...]:
        names = unit.name, unit.short_name, "; ".join(unit.aliases), UNIT_KINDS[unit.kind]
        return *names, "; ".join(parts_of(unit, committee)), unit.people, _standing(unit, successors)

    return send_list("Danh sách đơn vị", UNIT_COLUMNS, map(cells, list_units(read, tenant_id)))


def _standing(unit: UnitRow, successors: dict[UUID, str]) -> str:
    if unit.ended_on:
        return f"Từ {unit.ended_on:%d/%m/%Y} là {successors.get(unit.id, 'đơn vị khác')}"
    if not unit.is_active:
        return "Đã ngừng"
    return "Ngoài phường, nhập thay" if unit.is_outside else "Đang dùng"


@bp.get("/lich-lam-viec.xlsx")
@requires(Permission.ADMINISTER)
def calendar_sheet() -> ResponseReturnValue:
    """The special days of a year."""
    year = asked_year()
    days = special_days(db.session(), signed_in_person().tenant_id, year)
    return send_list("Ngày nghỉ và ngày làm bù", DAY_COLUMNS, map(_day, days), about=f"năm {year}")


def _day(special: SpecialDay) -> tuple[date, str, str, str, str]:
    shipped = special.shipped_name or ("Làm việc" if special.shipped_working else "Nghỉ cuối tuần")
    counts = "Làm việc" if special.working else "Nghỉ"
    return special.day, weekday(special.day), counts, shipped, special.note or ""
