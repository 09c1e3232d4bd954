"""A plan beside the one that it replaces, as its page shows them."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.plans.comparing import CONTENT, Fate, Pair, lead_of, worded
from webapp.plans.issuing import leads_of
from webapp.plans.models import Plan, PlanState
from webapp.plans.pairing import pairs_of
from webapp.plans.places import place_of
from webapp.plans.succession import Cases, cases_to_pass_on, ending


@dataclass(frozen=True, slots=True)
class ComparedTask:
    fate: Fate
    before_id: UUID | None
    after_id: UUID | None
    before: str  # its place in the earlier plan
    after: str
    content: str
    lead: str
    changes: tuple[tuple[str, str, str], ...]
    ends: int  # running cases that end with the earlier plan

    @property
    def wording(self) -> list[tuple[str, str]]:
        """The content with what was changed in it."""
        told = next((change for change in self.changes if change[0] == CONTENT), (CONTENT, self.content, self.content))
        return list(worded(*told[1:]))

    @property
    def beside_wording(self) -> list[tuple[str, str, str]]:
        """What else was changed."""
        return [change for change in self.changes if change[0] != CONTENT]


@dataclass(frozen=True, slots=True)
class Comparison:
    tasks: tuple[ComparedTask, ...]

    def of(self, fate: str) -> tuple[ComparedTask, ...]:
        """Those with one fate."""
        return tuple(task for task in self.tasks if task.fate == fate)


def compare_plans(read: Session, before: UUID, after: UUID) -> Comparison:
    """Both plans of the tenant, as the caller has checked."""
    cases = cases_to_pass_on(read, before)
    pairs = pairs_of(read, before, after)
    return Comparison(tuple(_task(pair, _ends(pair, cases)) for pair in pairs))


def _ends(pair: Pair, cases: Cases) -> int:
    """How many running cases end; of a task whose lead is still to be chosen that is not known."""
    is_known = pair.after is None or leads_of(pair.after)
    return len(ending(pair, cases)) if is_known else 0


def _task(pair: Pair, ends: int) -> ComparedTask:
    shown = pair.after or pair.before
    assert shown is not None
    return ComparedTask(
        pair.fate, pair.before.id if pair.before else None, pair.after.id if pair.after else None,
        place_of(pair.before) if pair.before else "", place_of(pair.after) if pair.after else "",
        shown.content, lead_of(shown), pair.changes, ends,
    )  # fmt: skip


def replaceable_plans(read: Session, tenant_id: UUID, plan_id: UUID) -> list[tuple[UUID, str]]:
    """Plans in force, the newest first."""
    rows = read.execute(
        sa.select(Plan.id, Plan.number, Plan.title)
        .where(Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, Plan.id != plan_id)
        .order_by(Plan.id.desc())
        .limit(200)
    )
    return [(id, " ".join(filter(None, (number, title)))[:160]) for id, number, title in rows]
