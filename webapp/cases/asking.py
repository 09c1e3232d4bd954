"""The lead asks another unit to contribute; a vague group is never asked by itself."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, EnginePermission, handles
from engine.errors import NotFound, NotYourDesk, Rejected
from engine.events import Fact, fact
from engine.models import ProcessInstance
from engine.text import sentence
from engine.transaction import Transaction
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Role, Unit
from webapp.plans.contributions import ask_contribution
from webapp.plans.models import Contribution, PlanTask, TaskOccurrence


@fact
@dataclass(frozen=True, slots=True)
class ContributionAsked(Fact):
    instance_id: UUID
    contribution_id: UUID
    unit_id: UUID


class AlreadyAsked(Rejected):
    message = "Đơn vị này đã được hỏi."


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContribution(Command):
    """Ask a unit for its contribution to a case that one's own unit leads."""

    permission = EnginePermission.WORK

    instance_id: UUID
    unit_id: UUID


@handles(AskContribution)
def ask_unit(command: AskContribution, tx: Transaction) -> UUID:
    """Return the contribution's id. Raises NotFound, NotYourDesk, AlreadyAsked; Rejected once the report is sent."""
    case = tx.session.get(TaskOccurrence, command.instance_id)
    unit = tx.session.get(Unit, command.unit_id)
    if case is None or unit is None or {case.tenant_id, unit.tenant_id} != {tx.tenant_id} or not unit.is_active:
        raise NotFound
    if not tx.actor.desks & {f"{role}@{case.lead_unit_id}" for role in (Role.HEAD, Role.STAFF)}:
        raise NotYourDesk("Chỉ đơn vị chủ trì mới hỏi được đơn vị phối hợp.")
    if case.first_reported_at is not None or case.ended_at is not None:
        raise Rejected("Báo cáo đã gửi nên không hỏi thêm đơn vị phối hợp được nữa.")
    asked = sa.select(Contribution.id).where(Contribution.occurrence_id == case.id, Contribution.unit_id == unit.id)
    if unit.id == case.lead_unit_id or tx.session.scalar(asked) is not None:
        raise AlreadyAsked
    contribution = ask_contribution(tx, case, unit.id)
    tx.record(ContributionAsked(case.id, contribution.id, unit.id))
    return contribution.id


@fact
@dataclass(frozen=True, slots=True)
class ContributionReminded(Fact):
    contribution_id: UUID
    unit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindContribution(Command):
    """Remind a unit of the contribution that it owes to a case of one's own; once a day."""

    permission = EnginePermission.WORK

    contribution_id: UUID


@handles(RemindContribution)
def remind_unit(command: RemindContribution, tx: Transaction) -> UUID:
    """Return the case's id. Raises NotFound, NotYourDesk, Rejected."""
    owed = tx.session.get(Contribution, command.contribution_id)
    if owed is None or owed.tenant_id != tx.tenant_id:
        raise NotFound
    case = tx.session.get_one(TaskOccurrence, owed.occurrence_id)
    if not tx.actor.desks & {f"{role}@{case.lead_unit_id}" for role in (Role.HEAD, Role.STAFF)}:
        raise NotYourDesk("Chỉ đơn vị chủ trì mới nhắc được đơn vị phối hợp.")
    running = tx.session.get(ProcessInstance, owed.id)
    if owed.answered_at is not None or owed.outcome is not None or (running and running.ended_at):
        raise Rejected("Đơn vị đã trả lời, hoặc việc phối hợp đã kết thúc.")
    if owed.reminded_at is not None and local_date(owed.reminded_at) == local_date(tx.now):
        raise Rejected("Hôm nay đã nhắc đơn vị này rồi.")
    owed.reminded_at = tx.now
    due = f" Hạn: {owed.due_on:%d/%m/%Y}." if owed.due_on else ""
    notice = Notice(
        kind="reminder", about=f"contribution:{owed.id}:{local_date(tx.now)}",
        title="Đơn vị chủ trì nhắc gửi kết quả phối hợp",
        body=f"{sentence(tx.session.get_one(PlanTask, case.plan_task_id).content)}{due}", path=f"/ho-so/{owed.id}",
        instance_id=owed.id,
    )  # fmt: skip
    desks = (f"{role}@{owed.unit_id}" for role in (Role.STAFF, Role.HEAD))
    tell(tx, dict.fromkeys(person for desk in desks for person in people_at(tx.session, desk)), notice)
    tx.record(ContributionReminded(owed.id, owed.unit_id))
    return case.id
