"""Who may see a cycle and its reports."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, PermissionDenied
from webapp.cases.access import units_of
from webapp.cycles.models import ConsolidatedReport, ReportingCycle
from webapp.identity import CurrentPerson
from webapp.permissions import Permission
from webapp.plans.models import Plan


def require_cycle(read: Session, person: CurrentPerson, cycle_id: UUID) -> ReportingCycle:
    """A cycle that the person may see: those who see everything, and the people of its focal unit.

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
    if not person.may(Permission.SEE_ALL_CASES) and str(focal_unit_id) not in units_of(person):
        raise PermissionDenied("Kỳ báo cáo này không thuộc đơn vị của bạn.")
    found: ReportingCycle = cycle
    return found


def require_report(read: Session, person: CurrentPerson, report_id: UUID) -> ConsolidatedReport:
    """A version of a report that the person may see. Raises NotFound, PermissionDenied."""
    report = read.get(ConsolidatedReport, report_id)
    if report is None:
        raise NotFound
    require_cycle(read, person, report.cycle_id)
    return report
