"""The lead asks another unit to contribute; a vague group is never asked by itself."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import NotFound, NotYourDesk, Rejected
from engine.events import Fact, fact
from engine.transaction import Transaction
from webapp.organisation.models import Role, Unit
from webapp.plans.contributions import ask_contribution
from webapp.plans.models import Contribution, TaskOccurrence


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
