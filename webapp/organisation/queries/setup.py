"""What an administrator must still do before the ward can work: computed, never ticked off by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, ProcessDefinition, UserTask
from webapp.identity import desk_name
from webapp.organisation.models import Membership, Person, Role, Unit, UnitKind
from webapp.organisation.queries.units import CommitteeRow, UnitRow, find_committee, list_units
from webapp.plans.models import Plan


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to do, whether it is done, and where."""

    title: str
    is_done: bool
    text: str  # how it stands, and what to do
    endpoint: str
    link: str
    is_optional: bool = False


def setup_steps(read: Session, tenant_id: UUID, *, year: int, has_mail: bool) -> list[SetupStep]:
    """The checklist in the order in which it is best done."""
    committee = find_committee(read, tenant_id)
    assert committee is not None, "a tenant is set up with its committee"
    units = list_units(read, tenant_id, active_only=True)
    roles = _holders(read, tenant_id)
    return [
        *_unit_steps(committee, units),
        *_people_steps(committee, units, roles),
        *_empty_desks_step(read, tenant_id, roles),
        _calendar_step(committee, year),
        _mail_step(has_mail),
        _procedure_step(read, tenant_id),
        _plan_step(read, tenant_id),
    ]


def _unit_steps(committee: CommitteeRow, units: list[UnitRow]) -> Iterator[SetupStep]:
    working = [unit for unit in units if unit.kind is not UnitKind.COMMITTEE and not unit.is_outside]
    yield SetupStep(
        "Khai các đơn vị", bool(working),
        f"Đã có {len(working)} đơn vị." if working else "Chưa có đơn vị nào.",
        "organisation.units", "Đơn vị",
    )  # fmt: skip
    missing = [
        name
        for name, unit_id in (
            ("đơn vị đầu mối tổng hợp", committee.focal_unit_id),
            ("văn phòng", committee.office_unit_id),
            ("đơn vị của lãnh đạo UBND", committee.committee_unit_id),
        )
        if unit_id is None
    ]
    yield SetupStep(
        "Chọn đơn vị đầu mối, văn phòng, lãnh đạo", not missing,
        f"Chưa chọn {_listed(missing)}." if missing else "Đã chọn đủ.",
        "organisation.committee", "Thông tin UBND",
    )  # fmt: skip


def _people_steps(
    committee: CommitteeRow, units: list[UnitRow], roles: dict[tuple[UUID, Role], int]
) -> Iterator[SetupStep]:
    def at_committee(role: Role) -> int:
        return roles.get((committee.committee_unit_id, role), 0) if committee.committee_unit_id else 0

    leaders = [
        name for name, role in (("Chủ tịch", Role.CHAIR), ("Phó Chủ tịch", Role.VICE_CHAIR)) if not at_committee(role)
    ]
    yield _people_step("Khai lãnh đạo UBND", leaders)
    yield _heads_step([unit for unit in units if unit.kind is not UnitKind.COMMITTEE])
    focal = roles.get((committee.focal_unit_id, Role.FOCAL), 0) if committee.focal_unit_id else 0
    yield _people_step("Khai cán bộ tổng hợp của đơn vị đầu mối", [] if focal else ["cán bộ tổng hợp"])
    office = [
        name
        for name, role in (("người ký tắt của Văn phòng", Role.OFFICE), ("văn thư", Role.CLERK))
        if not at_committee(role)
    ]
    yield _people_step("Khai người ký tắt và văn thư", office, "Thêm vai trò Văn phòng, Văn thư ở Lãnh đạo UBND.")


def _heads_step(working: list[UnitRow]) -> SetupStep:
    headless = [unit.short_name for unit in working if not unit.heads]
    text = f"Chưa có trưởng đơn vị: {_listed(headless)}." if headless else "Đơn vị nào cũng đã có."
    return SetupStep(
        "Mỗi đơn vị có người đứng đầu", bool(working) and not headless,
        text if working else "Khai các đơn vị trước.", "organisation.people", "Người dùng",
    )  # fmt: skip


def _people_step(title: str, missing: list[str], how: str = "") -> SetupStep:
    text = f"Chưa có {_listed(missing)}. {how}".rstrip() if missing else "Đã có đủ."
    return SetupStep(title, not missing, text, "organisation.people", "Người dùng")


def _empty_desks_step(read: Session, tenant_id: UUID, roles: dict[tuple[UUID, Role], int]) -> Iterator[SetupStep]:
    """Steps that wait where nobody sits are on nobody's list; a unit's head gives out what waits for its staff."""
    waiting = (
        sa.select(UserTask.desk, sa.func.count())
        .where(UserTask.tenant_id == tenant_id, UserTask.state == OPEN_STEP, UserTask.assignee_id.is_(None))
        .group_by(UserTask.desk)
    )
    taken = {f"{role}@{unit}" for unit, held in roles for role in {held, Role.STAFF if held is Role.HEAD else held}}
    empty = {desk: count for desk, count in read.execute(waiting) if desk not in taken}
    if empty:
        names = read.execute(sa.select(Unit.id, Unit.short_name).where(Unit.tenant_id == tenant_id))
        units = {str(unit_id): name for unit_id, name in names}
        desks = _listed(sorted(desk_name(desk, units) for desk in empty), "vai khác")
        yield SetupStep(
            "Việc nào đang chờ cũng có người làm", False,
            f"{sum(empty.values())} việc đang chờ ở vai chưa ai giữ: {desks}. Phân người giữ vai ấy. Đơn vị không có "
            "vai ấy thì đổi người làm của bước trong quy trình, rồi chuyển hồ sơ sang bản mới.",
            "organisation.people", "Người dùng",
        )  # fmt: skip


def _calendar_step(committee: CommitteeRow, year: int) -> SetupStep:
    is_done = (committee.calendar_reviewed_year or 0) >= year
    text = (
        f"Đã xem lịch năm {year}."
        if is_done
        else f"Đối chiếu ngày nghỉ, ngày làm bù năm {year} với thông báo của cơ quan, sửa nếu khác, rồi bấm “Đã xem”."
    )
    return SetupStep("Xem lịch làm việc của năm", is_done, text, "organisation.calendar", "Lịch làm việc")


def _mail_step(has_mail: bool) -> SetupStep:
    text = (
        "Thư nhắc việc được gửi qua máy chủ thư đã khai."
        if has_mail
        else "Chưa khai máy chủ thư (biến SMTP_URL). Thông báo chỉ hiện trong phần mềm."
    )
    return SetupStep("Gửi thư điện tử", has_mail, text, "organisation.setup", "", is_optional=True)


def _procedure_step(read: Session, tenant_id: UUID) -> SetupStep:
    keys = sa.select(sa.func.count(ProcessDefinition.key.distinct())).where(ProcessDefinition.tenant_id == tenant_id)
    count = read.scalar(keys) or 0
    text = f"Đang áp dụng {count} quy trình." if count else "Chưa có quy trình nào được áp dụng."
    return SetupStep("Áp dụng quy trình", count > 0, text, "procedures.index", "Quy trình")


def _plan_step(read: Session, tenant_id: UUID) -> SetupStep:
    has_plan = read.scalar(sa.select(Plan.id).where(Plan.tenant_id == tenant_id).limit(1)) is not None
    text = "Đã có kế hoạch." if has_plan else "Cán bộ tổng hợp của đơn vị đầu mối nhập tệp kế hoạch đầu tiên."
    return SetupStep("Nhập kế hoạch đầu tiên", has_plan, text, "plans.index", "Kế hoạch")


def _holders(read: Session, tenant_id: UUID) -> dict[tuple[UUID, Role], int]:
    query = (
        sa.select(Membership.unit_id, Membership.role, sa.func.count())
        .join(Person, Person.id == Membership.person_id)
        .where(Person.tenant_id == tenant_id, Person.is_active)
        .group_by(Membership.unit_id, Membership.role)
    )
    return {(unit_id, role): count for unit_id, role, count in read.execute(query)}


def _listed(names: list[str], others: str = "đơn vị khác") -> str:
    shown = names if len(names) <= 5 else [*names[:5], f"và {len(names) - 5} {others}"]
    return ", ".join(shown)
