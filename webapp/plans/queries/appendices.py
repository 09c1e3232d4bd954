"""What a plan's body offered beside the rows of the appendix that came later."""

from dataclasses import dataclass
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from webapp.plans.appendices import KEEP, MARK
from webapp.plans.comparing import compare, units_of
from webapp.plans.models import PlanTask, PlanTaskState, TaskGroup, UnitPart
from webapp.plans.places import place_of

SHORT = 110


@dataclass(frozen=True, slots=True)
class AppendixRow:
    id: UUID
    place: str
    content: str
    leads: str

    @property
    def label(self) -> str:
        """As lists name it."""
        text = self.content if len(self.content) <= SHORT else f"{self.content[: SHORT - 1]}…"
        return f"{self.place} {text}"


@dataclass(frozen=True, slots=True)
class OfferedRow:
    """A row of the body, and what is proposed for it."""

    id: UUID
    place: str
    content: str
    leads: str
    is_running: bool  # a case goes on under it
    proposed: str  # id of a row of the appendix, or what else becomes of it


@dataclass(frozen=True, slots=True)
class Merging:
    offered: tuple[OfferedRow, ...]
    rows: tuple[AppendixRow, ...]
    files: tuple[str, ...]


def merging_of(read: Session, plan_id: UUID, rest: str = KEEP) -> Merging:
    """Both kinds of rows of a draft; those most alike are proposed as one, the `rest` of those without a case so."""
    query = (
        sa.select(PlanTask)
        .where(PlanTask.plan_id == plan_id, PlanTask.state == PlanTaskState.DRAFT)
        .order_by(PlanTask.position)
        .options(selectinload(PlanTask.units), selectinload(PlanTask.group).load_only(TaskGroup.numeral))
    )
    tasks = list(read.scalars(query))
    marks = {task.id: orjson.loads(task.source).get(MARK) for task in tasks}
    own, added = [t for t in tasks if not marks[t.id]], [t for t in tasks if marks[t.id]]
    alike = {pair.before.id: str(pair.after.id) for pair in compare(own, added) if pair.before and pair.after}
    return Merging(
        tuple(
            OfferedRow(
                task.id, place_of(task), task.content, units_of(task, UnitPart.LEAD), task.continues_id is not None,
                alike.get(task.id, KEEP if task.continues_id else rest),
            )
            for task in own
        ),
        tuple(AppendixRow(t.id, place_of(t), t.content, units_of(t, UnitPart.LEAD)) for t in added),
        tuple(dict.fromkeys(marks[task.id]["file"] for task in added)),
    )  # fmt: skip
