"""Who may see a cycle and its reports, and who drafts them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Actor
from engine.errors import NotFound, PermissionDenied
from engine.models import OPEN_STEP, UserTask
from webapp.cases.access import is_mine, may_see_case, units_of
from webapp.cycles.models import ConsolidatedReport, ReportingCycle
from webapp.identity import CurrentPerson
from webapp.permissions import Permission
from webapp.plans.models import Plan


def require_cycle(read: Session, person: CurrentPerson, cycle_id: UUID) -> ReportingCycle:
    """A cycle that the person may see: as a case, or as one of the people of its plan's focal unit.

    Raises NotFound, PermissionDenied.
    """
    row = read.execute(
        sa.select(ReportingCycle, Plan.focal_unit_id)
        .join(Plan, Plan.id == ReportingCycle.plan_id)
        .where(ReportingCycle.id == cycle_id, ReportingCycle.tenant_id == person.tenant_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    cycle, focal_unit_id = row
    if str(focal_unit_id) not in units_of(person) and not may_see_case(read, person, cycle_id):
        raise PermissionDenied("Kỳ báo cáo này không thuộc đơn vị của bạn.")
    found: ReportingCycle = cycle
    return found


def may_draft(read: Session, actor: Actor, cycle_id: UUID) -> bool:
    """Whether somebody drafts the cycle's report: by their role, or with its step in hand, whoever gave it to them."""
    if actor.may(Permission.RUN_CYCLES):
        return True
    steps = sa.select(UserTask.desk, UserTask.assignee_id).where(
        UserTask.instance_id == cycle_id, UserTask.state == OPEN_STEP
    )
    return any(is_mine(actor, desk, assignee_id) for desk, assignee_id in read.execute(steps))


def require_report(read: Session, person: CurrentPerson, report_id: UUID) -> ConsolidatedReport:
    """A version of a report that the person may see. Raises NotFound, PermissionDenied."""
    report = read.get(ConsolidatedReport, report_id)
    if report is None:
        raise NotFound
    require_cycle(read, person, report.cycle_id)
    return report
