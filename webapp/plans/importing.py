"""Importing a plan: what was read of its file becomes a draft, for a person to check."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.ids import uuid7
from engine.transaction import Transaction
from forms.notation import read_date
from webapp.documents.attachments import keep_file
from webapp.organisation.models import Committee
from webapp.permissions import Permission
from webapp.plans.assigning import assignment_of, put_units
from webapp.plans.facts import PlanImported
from webapp.plans.issuing import earliest_day
from webapp.plans.learning import Learned, learned_of
from webapp.plans.matching import UnitMatcher, matcher_of
from webapp.plans.models import Plan, PlanState, PlanTask, ReceivedPlan, TaskGroup
from webapp.plans.reading import (
    DocumentReference,
    GroupReading,
    PlanReading,
    Repair,
    TaskReading,
    UnitNames,
    read_coordinators,
    read_leads,
)
from webapp.plans.timing import later_reports, report_days, schedule_of

NO_GROUP = "Nhiệm vụ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan(Command):
    """Make a draft of a plan's reading: every row, with the units that its names mean."""

    permission = Permission.MANAGE_PLANS

    reading: PlanReading
    file_name: str
    file_id: UUID  # attachment: what was read
    received_id: UUID | None = None  # where the file was read in the background


@handles(ImportPlan)
def import_plan(command: ImportPlan, tx: Transaction) -> UUID:
    """Return the plan's id; of a file read twice in the background there is one draft."""
    received = tx.session.get(ReceivedPlan, command.received_id) if command.received_id else None
    if received is not None and received.plan_id is not None:
        return received.plan_id
    plan = _new_plan(command, tx)
    tx.session.add(plan)
    groups, tasks = _rows(command.reading)
    add_rows(tx, plan, groups, tasks, command.reading)
    if received is not None:
        received.plan_id = plan.id
    keep_file(tx, command.file_id)
    tx.record(PlanImported(plan.id, command.file_name, len(tasks)))
    return plan.id


def add_rows(
    tx: Transaction, plan: Plan, read: tuple[GroupReading, ...], tasks: tuple[TaskReading, ...], reading: PlanReading
) -> list[PlanTask]:
    """Make rows of what was read, in groups behind those that the plan has."""
    matcher, this_year = matcher_of(tx.session, tx.tenant_id), earliest_day(plan, local_date(tx.now)).year
    asked = report_days(duty.to_json() for duty in reading.head.reporting_duties)
    present = [task.position for group in plan.groups for task in group.tasks]
    learned, first = learned_of(tx), max(present, default=-1) + 1
    groups = _groups(plan, read, tasks)
    made = []
    for position, row in enumerate(tasks, first):
        task = _task(plan, row, position, matcher, this_year)
        task.warnings = _json([*orjson.loads(task.warnings), *later_reports(row.timing, asked)])
        task.repairs = _json(repair.to_json() for repair in _repairs(row, learned))
        groups[row.group_index].tasks.append(task)
        made.append(task)
    return made


def _rows(reading: PlanReading) -> tuple[tuple[GroupReading, ...], tuple[TaskReading, ...]]:
    """The appendix; where there is none, what the body offers: each row says that it needs a decision."""
    return (reading.groups, reading.tasks) if reading.tasks else (reading.offer.groups, reading.offer.tasks)


def _new_plan(command: ImportPlan, tx: Transaction) -> Plan:
    head = command.reading.head
    committee = tx.session.get(Committee, tx.tenant_id)
    return Plan(
        id=uuid7(), tenant_id=tx.tenant_id, state=PlanState.DRAFT, number=head.number,
        issued_on=read_date(head.date or ""), issuer=head.issuer or (committee.name if committee else ""),
        title=head.title or head.appendix_title or PurePath(command.file_name).stem,
        focal_unit_id=committee.focal_unit_id if committee else None, file_name=command.file_name,
        reading=orjson.dumps(command.reading.to_json()).decode(), source_file_id=command.file_id,
        created_by=tx.actor.id, created_at=tx.now, replaces_id=_replaced(tx, head.replaces),
    )  # fmt: skip


def _replaced(tx: Transaction, named: Iterable[DocumentReference]) -> UUID | None:
    """The plan in force that the text says it replaces; a person decides where that is not exactly one."""
    dated = [
        (Plan.number == one.number) & (Plan.issued_on == read_date(one.date) if one.date else sa.true())
        for one in named
    ]
    found = sa.select(Plan.id).where(
        Plan.tenant_id == tx.tenant_id, Plan.state == PlanState.ISSUED, sa.or_(sa.false(), *dated)
    )
    ids = tx.session.scalars(found.limit(2)).all()
    return ids[0] if len(ids) == 1 else None


def _groups(plan: Plan, read: tuple[GroupReading, ...], tasks: tuple[TaskReading, ...]) -> dict[int | None, TaskGroup]:
    """The plan's groups by their place; rows outside any have one of their own, ahead of the others."""
    groups: dict[int | None, TaskGroup] = {}
    first = max((group.position for group in plan.groups), default=-1) + 1
    if not read or any(task.group_index is None for task in tasks):
        groups[None] = TaskGroup(id=uuid7(), numeral="", title=NO_GROUP, position=first)
    for index, group in enumerate(read):
        groups[index] = TaskGroup(id=uuid7(), numeral=group.group, title=group.title, position=first + index + 1)
    plan.groups.extend(groups.values())
    return groups


def _task(plan: Plan, reading: TaskReading, position: int, matcher: UnitMatcher, this_year: int) -> PlanTask:
    assignment = assignment_of(reading.leads, reading.coordinators, matcher)
    schedule = schedule_of(reading.timing, this_year)
    task = PlanTask(
        id=uuid7(), tenant_id=plan.tenant_id, plan_id=plan.id, position=position, ordinal=reading.ordinal,
        content=reading.content, product_text=reading.product_text, note=reading.note,
        lead_text=_as_written(reading.source.lead_text, reading.leads, read_leads(reading.source.lead_text)),
        coordinators_text=_as_written(
            reading.source.coordinators_text, reading.coordinators,
            read_coordinators(reading.source.coordinators_text),
        ),
        timing_text=reading.timing_text, due_on=schedule.due_on, is_recurring=schedule.is_recurring,
        until_year=schedule.until_year, is_conditional=reading.is_conditional, blocked_until=reading.blocked_until,
        warnings=_json((*_warnings(reading, matcher), *assignment.warnings)),
        source=orjson.dumps(_source(reading)).decode(),
    )  # fmt: skip
    put_units(task, assignment.parts)
    return task


def _repairs(reading: TaskReading, learned: Learned) -> Iterable[Repair]:
    """What the reading proposes, and what people of the ward have put right before."""
    texts = {
        "content": reading.content, "product_text": reading.product_text, "timing_text": reading.timing_text,
        "note": reading.note,
    }  # fmt: skip
    return dict.fromkeys([*reading.repairs, *_new(learned.proposals(texts), reading.repairs)])


def _new(proposed: Iterable[Repair], known: Iterable[Repair]) -> list[Repair]:
    told = {(repair.field, repair.before.lower()) for repair in known}
    return [repair for repair in proposed if (repair.field, repair.before.lower()) not in told]


def _as_written(text: str, names: tuple[str, ...], again: UnitNames) -> str:
    """A cell's text; where its line breaks parted names that one line would join, the names themselves."""
    return text if again.names == names else "; ".join(names)


def _warnings(reading: TaskReading, matcher: UnitMatcher) -> Iterable[str]:
    """What the reading warns of, but for what a draft says by itself as long as it holds, that a lead is missing, and
    for names left whole that the ward's own names cut."""
    settled = {
        *read_leads("; ".join([*reading.vague_leads, *_cut(reading.leads, matcher)])).warnings,
        *read_coordinators("; ".join(_cut(reading.coordinators, matcher))).warnings,
    }
    return (warning for warning in reading.warnings if warning not in settled and not _of_no_lead(warning))


def _cut(names: Iterable[str], matcher: UnitMatcher) -> list[str]:
    return [name for name in names if len(matcher.cut(name)) > 1]


def _of_no_lead(warning: str) -> bool:
    return "chưa có đơn vị chủ trì" in warning


def _source(reading: TaskReading) -> dict[str, Any]:
    extra = [{"column": column, "text": text} for column, text in reading.extra]
    return {**reading.source.to_json(), "section": reading.section, "extra": extra}


def _json(values: Iterable[Any]) -> str:
    return orjson.dumps(list(values)).decode()
