"""Who may be meant in the lead column where nobody is chosen yet: ticked beforehand, for a person to agree."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Unit
from webapp.plans.matching import UnitMatcher, matcher_of
from webapp.plans.models import LearnedName, Plan, PlanTask, PlanTaskUnit, UnitPart
from webapp.plans.queries.drafts import DraftView
from webapp.plans.reading import read_coordinators, read_leads

NEWEST = 50
"""Plans of the ward that are looked through for what was chosen before."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Units for a name in the lead column; `plan` is the one in which people chose them for the same name."""

    unit_ids: frozenset[UUID] = frozenset()
    plan: str = ""


def proposed_leads(read: Session, tenant_id: UUID, draft: DraftView) -> dict[str, Proposal]:
    """By the name: whom people chose for it last; else the units whose names are parts of it."""
    texts = {found.text for found in draft.open_leads}
    if not texts:
        return {}
    matcher, choices = matcher_of(read, tenant_id), {unit.id for unit in draft.units}
    named = {text: Proposal(frozenset(match.unit_id for match in matcher.named_in(text))) for text in texts}
    chosen = _chosen_before(read, tenant_id, draft.id, texts)
    found = named | chosen
    return {text: Proposal(one.unit_ids & choices, one.plan) for text, one in found.items() if one.unit_ids & choices}


@dataclass(frozen=True, slots=True)
class Remembered:
    """A name of the draft for which people of the ward chose a unit."""

    name: str
    unit_id: UUID
    unit: str
    times: int
    rows: int


def remembered_names(read: Session, tenant_id: UUID, plan_id: UUID) -> list[Remembered]:
    """Those that the draft's cells of units name."""
    cells = PlanTask.lead_text, PlanTask.coordinators_text
    in_cells = sa.or_(*(cell.contains(LearnedName.name) for cell in cells))
    rows = read.execute(
        sa.select(LearnedName.name, Unit.id, Unit.name, LearnedName.times, *cells)
        .join(Unit, Unit.id == LearnedName.unit_id)
        .join(PlanTask, in_cells)
        .where(LearnedName.tenant_id == tenant_id, PlanTask.plan_id == plan_id, Unit.is_active)
        .order_by(LearnedName.name, LearnedName.times.desc())
    ).all()
    matcher = matcher_of(read, tenant_id) if rows else UnitMatcher(())
    named = {texts: frozenset(names_in(matcher, *texts)) for texts in {(row[4], row[5]) for row in rows}}
    counted = Counter((row[0], row[1], row[2], row[3]) for row in rows if row[0] in named[row[4], row[5]])
    return [Remembered(*known, count) for known, count in counted.items()][:NEWEST]


def names_in(matcher: UnitMatcher, lead_text: str, coordinators_text: str) -> Iterator[str]:
    """The names in a row's cells of units, as they are matched."""
    for name in (*read_leads(lead_text).names, *read_coordinators(coordinators_text).names):
        yield from matcher.cut(name)


def _chosen_before(read: Session, tenant_id: UUID, plan_id: UUID, texts: Collection[str]) -> dict[str, Proposal]:
    """Whom the newest other plan with that name has as its leads, in the first row that has any."""
    newest = (
        sa.select(Plan.id, Plan.title)
        .where(Plan.tenant_id == tenant_id, Plan.id != plan_id)
        .order_by(Plan.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    rows = read.execute(
        sa.select(PlanTask.id, PlanTask.lead_text, newest.c.title, PlanTaskUnit.unit_id)
        .join(newest, newest.c.id == PlanTask.plan_id)
        .join(PlanTaskUnit, PlanTaskUnit.plan_task_id == PlanTask.id)
        .where(PlanTask.lead_text.in_(texts), PlanTaskUnit.part == UnitPart.LEAD)
        .order_by(PlanTask.plan_id.desc(), PlanTask.position)
    ).all()
    first = {row.lead_text: row for row in reversed(rows)}
    return {
        text: Proposal(frozenset(each.unit_id for each in rows if each.id == row.id), row.title)
        for text, row in first.items()
    }
