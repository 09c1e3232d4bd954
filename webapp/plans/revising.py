"""Correcting a draft: row by row, a whole group of units at once, what the reading proposed."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from engine.command import Command, handles
from engine.errors import Rejected
from engine.transaction import Transaction
from webapp.permissions import Permission
from webapp.plans.assigning import assignment_of, put_units
from webapp.plans.drafts import (
    EDITED,
    RowChanged,
    changes_between,
    draft_plan,
    draft_task,
    fingerprint,
    names_of_units,
    require_units,
    values_of,
)
from webapp.plans.facts import PlanRevised
from webapp.plans.issuing import leads_of
from webapp.plans.learning import forget, learn
from webapp.plans.learning_names import learn_names
from webapp.plans.matching import matcher_of
from webapp.plans.models import PlanTask, PlanTaskState, UnitPart
from webapp.plans.places import place_of
from webapp.plans.reading import read_coordinators, read_leads
from webapp.plans.reading.wording import shorten
from webapp.plans.undoing import undoable

COLUMNS = {"leads": "lead_text", "coordinators": "coordinators_text"}
"""Fields of a reading that a row keeps under another name."""


@contextmanager
def recorded(tx: Transaction, task: PlanTask) -> Iterator[None]:
    """Record what changes in a row meanwhile, old and new; nothing where nothing did."""
    names = names_of_units(tx)
    before, state = values_of(task, names), task.state
    yield
    changes = changes_between(before, values_of(task, names))
    if task.state is not state:
        changes["state"] = f"{state} → {task.state}" + (f": {task.state_note}" if task.state_note else "")
    if changes:
        tx.record(PlanRevised(task.plan_id, task.id, changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseTask(Command):
    """Correct one row of a draft. Whoever saves a row has looked at it: the reading's warnings go."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    seen: str | None = None  # fingerprint of the row that was corrected; None: whatever it is
    content: str
    timing_text: str = ""
    due_on: date | None = None
    is_recurring: bool = False
    until_year: int | None = None
    is_conditional: bool = False
    blocked_until: str | None = None
    product_text: str = ""
    note: str = ""
    leads: tuple[UUID, ...] = ()
    second_lead: UUID | None = None
    coordinators: tuple[UUID, ...] = ()


@handles(ReviseTask)
def revise_task(command: ReviseTask, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted, RowChanged, UnknownUnits, Rejected."""
    task = draft_task(tx, command.plan_task_id)
    if command.seen is not None and command.seen != fingerprint(task):
        raise RowChanged
    parts = _parts(command)
    require_units(tx, (unit_id for _, unit_id in parts))
    texts, given = _texts(task), [(row.part, row.unit_id) for row in task.units]
    with undoable(tx, task.plan_id, f"sửa nhiệm vụ {place_of(task)}", [task]) as change:
        with recorded(tx, task):
            for name in EDITED:
                setattr(task, name, getattr(command, name))
            put_units(task, parts)
        change.learned = learn(tx, texts, _texts(task))
        learn_names(tx, task, given, change)
        _drop_overtaken_repairs(task)
        dismiss(tx, task)


def _drop_overtaken_repairs(task: PlanTask) -> None:
    """Proposals for words that the texts no longer have: a person put them right."""
    texts, repairs = _texts(task), orjson.loads(task.repairs)
    left = [one for one in repairs if one["field"] not in texts or _word(one["from"]).search(texts[one["field"]])]
    task.repairs = orjson.dumps(left).decode()


def _word(text: str) -> re.Pattern[str]:
    """A text where it stands as whole words."""
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")


def _texts(task: PlanTask) -> dict[str, str]:
    """What a person may put right of what was misread."""
    return {name: getattr(task, name) for name in ("content", "product_text", "timing_text", "note")}


def _parts(command: ReviseTask) -> list[tuple[UnitPart, UUID]]:
    """Each unit once, by its first part; a second lead needs a first."""
    second = [command.second_lead] if command.second_lead else []
    if second and not command.leads:
        raise Rejected("Chọn đơn vị chủ trì trước khi chọn đơn vị cùng chủ trì.")
    if set(second) & set(command.leads):
        raise Rejected("Đơn vị cùng chủ trì phải khác đơn vị chủ trì.")
    taken = {*command.leads, *second}
    return [
        *((UnitPart.LEAD, unit_id) for unit_id in command.leads),
        *((UnitPart.SECOND_LEAD, unit_id) for unit_id in second),
        *((UnitPart.COORDINATOR, unit_id) for unit_id in command.coordinators if unit_id not in taken),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissWarnings(Command):
    """Somebody has looked at what the reading warned of in a row, and lets it stand."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID


@handles(DismissWarnings)
def dismiss_warnings(command: DismissWarnings, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted."""
    task = draft_task(tx, command.plan_task_id)
    with undoable(tx, task.plan_id, f"đã xem cảnh báo ở nhiệm vụ {place_of(task)}", [task]):
        dismiss(tx, task)


def dismiss(tx: Transaction, task: PlanTask) -> None:
    """Forget the warnings of a row, and record which they were."""
    warnings = orjson.loads(task.warnings)
    if warnings:
        task.warnings = "[]"
        tx.record(PlanRevised(task.plan_id, task.id, {"warnings": " ".join(warnings)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTaskState(Command):
    """Leave a row out, mark it as done before the import, or take it up again."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    state: PlanTaskState
    note: str = ""


@handles(SetTaskState)
def set_task_state(command: SetTaskState, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted, Rejected."""
    task = draft_task(tx, command.plan_task_id)
    if command.state is PlanTaskState.ISSUED:
        raise Rejected("Nhiệm vụ chỉ được giao khi giao việc cả kế hoạch.")
    if command.state is PlanTaskState.CANCELLED and not command.note.strip():
        raise Rejected("Chưa nhập lý do bỏ dòng này.")
    what = f"{STATES_SET[command.state]} {place_of(task)}"
    with undoable(tx, task.plan_id, what, [task]), recorded(tx, task):
        task.state, task.state_note = command.state, command.note.strip()


STATES_SET = {
    PlanTaskState.DRAFT: "lấy lại nhiệm vụ", PlanTaskState.CANCELLED: "bỏ nhiệm vụ",
    PlanTaskState.DONE_BEFORE: "đánh dấu đã xong nhiệm vụ",
}  # fmt: skip


# --- a group that is named as lead ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveLeads(Command):
    """Say once which units a name means as lead, for every row of a plan that names it and has no lead yet."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    lead_text: str
    unit_ids: tuple[UUID, ...]


@handles(ResolveLeads)
def resolve_leads(command: ResolveLeads, tx: Transaction) -> int:
    """Return how many rows got their leads. Raises NotFound, NotBeingDrafted, UnknownUnits, Rejected."""
    plan = draft_plan(tx, command.plan_id)
    if not command.unit_ids:
        raise Rejected("Chọn ít nhất một đơn vị chủ trì.")
    require_units(tx, command.unit_ids)
    rows = [
        task for task in tasks_of(tx, plan.id)
        if task.state is PlanTaskState.DRAFT and task.lead_text == command.lead_text and not leads_of(task)
    ]  # fmt: skip
    with undoable(tx, plan.id, f"chọn chủ trì cho {len(rows)} dòng ghi “{shorten(command.lead_text)}”", rows):
        for task in rows:
            with recorded(tx, task):
                _lead(task, command.unit_ids)
            doubted = f"“{command.lead_text}”"
            task.warnings = orjson.dumps([one for one in orjson.loads(task.warnings) if doubted not in one]).decode()
    return len(rows)


def _lead(task: PlanTask, unit_ids: Iterable[UUID]) -> None:
    leads = [(UnitPart.LEAD, unit_id) for unit_id in unit_ids]
    taken = {unit_id for _, unit_id in leads}
    put_units(task, [*leads, *((row.part, row.unit_id) for row in task.units if row.unit_id not in taken)])


def tasks_of(tx: Transaction, plan_id: UUID) -> list[PlanTask]:
    """The rows of a plan, in order."""
    query = sa.select(PlanTask).where(PlanTask.plan_id == plan_id).order_by(PlanTask.position)
    return list(tx.session.scalars(query.options(selectinload(PlanTask.units))))


# --- what the reading proposed ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRepairs(Command):
    """Accept or refuse a proposed repair: in one row, or in every row of the plan where the same is proposed."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    plan_task_id: UUID | None = None
    before: str
    after: str
    accept: bool


@handles(SettleRepairs)
def settle_repairs(command: SettleRepairs, tx: Transaction) -> int:
    """Return in how many rows. Raises NotFound, NotBeingDrafted."""
    plan = draft_plan(tx, command.plan_id)
    rows = [task for task in tasks_of(tx, plan.id) if command.plan_task_id in (None, task.id) and _meant(task, command)]
    what = f"{'sửa' if command.accept else 'giữ nguyên'} “{shorten(command.before)}” ở {len(rows)} dòng"
    with undoable(tx, plan.id, what, rows) as change:
        for task in rows:
            _settle(tx, task, command)
        if rows and not command.accept and (times := forget(tx, command.before, command.after)):
            change.forgotten = [(command.before, command.after, times)]
    return len(rows)


def _meant(task: PlanTask, command: SettleRepairs) -> list[dict[str, Any]]:
    """The proposals of a row that are settled."""
    repairs: list[dict[str, Any]] = orjson.loads(task.repairs)
    return [repair for repair in repairs if (repair["from"], repair["to"]) == (command.before, command.after)]


def _settle(tx: Transaction, task: PlanTask, command: SettleRepairs) -> None:
    meant = _meant(task, command)
    task.repairs = orjson.dumps([repair for repair in orjson.loads(task.repairs) if repair not in meant]).decode()
    if not command.accept:
        tx.record(PlanRevised(task.plan_id, task.id, {"refused": f"{command.before} → {command.after}"}))
        return
    with recorded(tx, task):
        for field in {repair["field"] for repair in meant}:
            _replace(tx, task, COLUMNS.get(field, field), command)


def _replace(tx: Transaction, task: PlanTask, column: str, command: SettleRepairs) -> None:
    """Replace whole words; a cell of units whose names now read otherwise is assigned anew where nobody is yet."""
    setattr(task, column, _word(command.before).sub(lambda _: command.after, getattr(task, column)))
    if column in COLUMNS.values():
        assign_open(tx, task)


def assign_open(tx: Transaction, task: PlanTask) -> None:
    """Give the parts that nobody has yet to whom the cells name."""
    leads, coordinators = read_leads(task.lead_text).names, read_coordinators(task.coordinators_text).names
    present = [(row.part, row.unit_id) for row in task.units]
    held, taken = {part for part, _ in present}, {unit_id for _, unit_id in present}
    found = assignment_of(leads, coordinators, matcher_of(tx.session, tx.tenant_id)).parts
    new = [(part, unit_id) for part, unit_id in found if part not in held and unit_id not in taken]
    put_units(task, sorted([*present, *new], key=lambda item: list(UnitPart).index(item[0])))
