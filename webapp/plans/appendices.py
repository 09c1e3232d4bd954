"""An appendix that comes later than its plan: attached, held against what the body offered, merged as a person says.

A draft takes the rows in. Of a plan that is issued it makes a draft that will replace it, so its cases go on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, handles
from engine.errors import Kind, NotFound, Rejected
from engine.events import Fact, fact
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.documents.attachments import keep_file
from webapp.documents.rendering.content import roman
from webapp.indicators.models import Indicator
from webapp.permissions import Permission
from webapp.plans.assigning import put_units
from webapp.plans.drafts import NotBeingDrafted, draft_plan
from webapp.plans.facts import PlanRevised
from webapp.plans.importing import add_rows
from webapp.plans.issuing import find_plan, leads_of
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, ReceivedPlan, TaskGroup
from webapp.plans.places import place_of
from webapp.plans.reading import PlanReading
from webapp.plans.revising import dismiss, recorded
from webapp.plans.undoing import forget_changes

KEEP, DROP = "keep", "drop"
BESIDE = "Nhiệm vụ ngoài phụ lục"
MARK = "appendix"
"""Of a row's source: the file that it came with, later than the plan."""


@fact
@dataclass(frozen=True, slots=True)
class AppendixAttached(Fact):
    plan_id: UUID
    draft_id: UUID  # the plan itself, or the draft that will replace it
    file_name: str
    rows: int


@fact
@dataclass(frozen=True, slots=True)
class AppendixMerged(Fact):
    plan_id: UUID
    joined: int  # rows of the body that are one with a row of the appendix
    kept: int
    dropped: int


class NoAppendix(Rejected):
    message = "Tệp này không có bảng phụ lục nhiệm vụ nào đọc được. Hãy chọn tệp phụ lục của kế hoạch."


class AppendixTwice(Rejected):
    kind = Kind.CONFLICT


class TakenTwice(Rejected):
    message = "Mỗi dòng phụ lục chỉ nối với một dòng: hồ sơ đang chạy chỉ đi tiếp dưới một nhiệm vụ. Hãy chọn lại."


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachAppendix(Command):
    """Take the rows of an appendix in beside those that the plan's body offered."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    reading: PlanReading
    file_name: str
    file_id: UUID
    digest: str  # of the file: the same is not attached twice
    received_id: UUID | None = None  # where the file was read in the background


@handles(AttachAppendix)
def attach_appendix(command: AttachAppendix, tx: Transaction) -> UUID:
    """Return the draft in which it is merged. Raises NotFound, NotBeingDrafted, NoAppendix, AppendixTwice."""
    received = tx.session.get(ReceivedPlan, command.received_id) if command.received_id else None
    if received is not None and received.plan_id is not None:
        return received.plan_id
    plan = find_plan(tx, command.plan_id)
    reading = command.reading
    if not reading.tasks:
        raise NoAppendix
    if plan.state in (PlanState.CONFIRMED, PlanState.CLOSED):
        raise NotBeingDrafted
    draft = plan if plan.state is PlanState.DRAFT else _replacing(tx, plan)
    if any(_mark(task).get("digest") == command.digest for task in _rows(draft)):
        raise AppendixTwice("Tệp này đã được kèm vào kế hoạch.")
    mark = {MARK: {"file": command.file_name, "digest": command.digest}}
    forget_changes(tx, draft.id)
    for task in add_rows(tx, draft, reading.groups, reading.tasks, reading):
        task.source = orjson.dumps(orjson.loads(task.source) | mark).decode()
    _add_unread(draft, reading)
    keep_file(tx, command.file_id)
    if received is not None:
        received.plan_id = draft.id
    tx.record(AppendixAttached(plan.id, draft.id, command.file_name, len(reading.tasks)))
    return draft.id


def _mark(task: PlanTask) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(task.source).get(MARK, {})
    return found


def _rows(plan: Plan) -> list[PlanTask]:
    return [task for group in plan.groups for task in group.tasks]


def _add_unread(draft: Plan, reading: PlanReading) -> None:
    """What was not understood of the appendix stands beside what was not understood of the plan."""
    kept, told = orjson.loads(draft.reading), reading.to_json()
    kept["unread"] = [*kept.get("unread", ()), *told.get("unread", ())]
    draft.reading = orjson.dumps(kept).decode()


COPIED = (
    "number", "issued_on", "issuer", "title", "focal_unit_id", "report_by", "report_by_source", "submit_by",
    "submit_by_source", "file_name", "reading", "source_file_id", "signed_file_id",
)  # fmt: skip
COPIED_OF_TASK = (
    "tenant_id", "ordinal", "content", "lead_text", "coordinators_text", "timing_text", "product_text", "note",
    "due_on", "is_recurring", "until_year", "is_conditional", "blocked_until", "source", "position",
)  # fmt: skip


def _replacing(tx: Transaction, plan: Plan) -> Plan:
    """A draft with the same head and rows, under each of which the case of the old row will go on."""
    others = sa.select(Plan.id).where(
        Plan.replaces_id == plan.id, Plan.state.in_((PlanState.DRAFT, PlanState.CONFIRMED))
    )
    if tx.session.scalar(others.limit(1)) is not None:
        raise AppendixTwice("Kế hoạch đã có một bản nháp thay thế. Hãy kèm phụ lục vào bản nháp đó, hoặc bỏ nó trước.")
    draft = Plan(
        id=uuid7(), tenant_id=plan.tenant_id, state=PlanState.DRAFT, replaces_id=plan.id, created_by=tx.actor.id,
        created_at=tx.now, **{name: getattr(plan, name) for name in COPIED},
    )  # fmt: skip
    for group in plan.groups:
        copy = TaskGroup(id=uuid7(), numeral=group.numeral, title=group.title, position=group.position)
        copy.tasks.extend(_copy(draft, task) for task in group.tasks if task.state is PlanTaskState.ISSUED)
        draft.groups.append(copy)
    tx.session.add(draft)
    tx.session.flush()
    return draft


def _copy(draft: Plan, task: PlanTask) -> PlanTask:
    copied = {name: getattr(task, name) for name in COPIED_OF_TASK}
    row = PlanTask(id=uuid7(), plan_id=draft.id, continues_id=task.id, **copied)
    put_units(row, [(unit.part, unit.unit_id) for unit in task.units])
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAppendix(Command):
    """Say of each row that the body offered what becomes of it: one with a row of the appendix, kept, or left out."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    decisions: Mapping[UUID, str]  # of rows of the body: a row of the appendix, "keep", "drop"


@handles(MergeAppendix)
def merge_appendix(command: MergeAppendix, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted, TakenTwice."""
    plan = draft_plan(tx, command.plan_id)
    forget_changes(tx, plan.id)
    rows = {task.id: task for task in _rows(plan) if task.state is PlanTaskState.DRAFT}
    own = {id: task for id, task in rows.items() if not _mark(task)}
    chosen = {id: _meant(rows, what) for id, what in command.decisions.items() if id in own}
    _require_once(own, chosen)
    beside = next((group for group in plan.groups if group.title == BESIDE), None) or _group_beside(plan)
    for id, what in chosen.items():
        _decide(tx, own[id], what, beside)
    counts = [isinstance(what, PlanTask) for what in chosen.values()]
    kept = sum(what == KEEP for what in chosen.values())
    tx.record(AppendixMerged(plan.id, sum(counts), kept, len(chosen) - sum(counts) - kept))


def _meant(rows: Mapping[UUID, PlanTask], what: str) -> PlanTask | str:
    """Raises NotFound."""
    if what in (KEEP, DROP):
        return what
    try:
        found = rows.get(UUID(what))
    except ValueError:
        raise NotFound from None
    if found is None or not _mark(found):
        raise NotFound
    return found


def _require_once(own: Mapping[UUID, PlanTask], chosen: Mapping[UUID, PlanTask | str]) -> None:
    """Raises TakenTwice."""
    carried = [what.id for id, what in chosen.items() if isinstance(what, PlanTask) and own[id].continues_id]
    if len(set(carried)) < len(carried):
        raise TakenTwice


def _group_beside(plan: Plan) -> TaskGroup:
    """Behind the groups of the appendix, whose numbering stays as it is."""
    of_appendix = [group for group in plan.groups if any(_mark(task) for task in group.tasks)]
    position = max((group.position for group in plan.groups), default=-1) + 1
    return TaskGroup(id=uuid7(), plan_id=plan.id, numeral=roman(len(of_appendix) + 1), title=BESIDE, position=position)


def _decide(tx: Transaction, task: PlanTask, what: PlanTask | str, beside: TaskGroup) -> None:
    """The row of the body steps back; what people had decided in it goes on where the appendix says nothing."""
    if isinstance(what, PlanTask):
        with recorded(tx, what):
            what.continues_id = task.continues_id or what.continues_id
            tx.session.execute(
                sa.update(Indicator).where(Indicator.plan_task_id == task.id).values(plan_task_id=what.id)
            )
            if not leads_of(what):
                put_units(what, _parts([*task.units, *what.units]))
    dismiss(tx, task)
    if what == KEEP:
        _move(tx, task, beside)
        return
    with recorded(tx, task):
        task.state = PlanTaskState.CANCELLED
        task.state_note = (
            f"Nhập vào {place_of(what)} của phụ lục" if isinstance(what, PlanTask) else "Không có trong phụ lục"
        )


def _move(tx: Transaction, task: PlanTask, beside: TaskGroup) -> None:
    """What the appendix doesn't have stands behind it, numbered on."""
    if task.group is beside:
        return
    tx.session.add(beside)
    tx.session.flush()
    tx.record(PlanRevised(task.plan_id, task.id, {"group": f"{place_of(task)} → {beside.numeral}"}))
    task.group, task.ordinal = beside, str(len(beside.tasks) + 1)
    last = sa.select(sa.func.max(PlanTask.position)).where(PlanTask.plan_id == task.plan_id)
    task.position = (tx.session.scalar(last) or 0) + 1


def _parts(units: Iterable[Any]) -> list[tuple[Any, UUID]]:
    """Each unit once, by its first part."""
    found: dict[UUID, Any] = {}
    for row in units:
        found.setdefault(row.unit_id, row.part)
    return [(part, unit_id) for unit_id, part in found.items()]
