"""Who may see a case."""

from collections.abc import Collection, Mapping, Set
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Actor, EnginePermission
from engine.desks import sender_desks
from engine.errors import NotFound, NotYourDesk
from engine.models import Draft, MessageSubscription, ProcessInstance, UserTask, UserTaskState
from webapp.database import rows_of
from webapp.identity import CurrentPerson
from webapp.organisation.models import Committee, Role
from webapp.permissions import Permission
from webapp.plans.models import Contribution, Plan, PlanTaskUnit, TaskOccurrence, UnitPart
from webapp.runtime import runtime

OPEN_TO = ("lead", "second_lead", "coordinator", "focal")
"""Parties whose people see the case; the office and the leaders see all."""

_user_tasks: Any = UserTask.__table__


def may_see_case(read: Session, person: CurrentPerson, instance_id: UUID) -> bool:
    """Whether the person may see a case of which only the id is known; not one that does not exist."""
    parties = read.scalar(
        sa.select(ProcessInstance.parties).where(
            ProcessInstance.id == instance_id, ProcessInstance.tenant_id == person.tenant_id
        )
    )
    return parties is not None and may_see(read, person, instance_id, orjson.loads(parties))


def may_see(read: Session, person: CurrentPerson, instance_id: UUID, parties: Mapping[str, str]) -> bool:
    """Those who see all; people of its leads and coordinators; whoever holds or held a step, typed into one, or may
    send a message.
    """
    if person.may(Permission.SEE_ALL_CASES) or _seen(read, person, {instance_id: parties}):
        return True
    return _may_send(read, person, instance_id, parties)


def seen_among(read: Session, person: CurrentPerson, instance_ids: Collection[UUID]) -> Set[UUID]:
    """Which of these cases the person may see, for pages that lead to them; those not that they could only send a
    message to.
    """
    if not instance_ids:
        return frozenset()
    query = sa.select(ProcessInstance.id, ProcessInstance.parties).where(
        ProcessInstance.id.in_(instance_ids), ProcessInstance.tenant_id == person.tenant_id
    )
    cases = {row.id: row.parties for row in read.execute(query)}
    if person.may(Permission.SEE_ALL_CASES):
        return cases.keys()
    return _seen(read, person, {id: orjson.loads(parties) for id, parties in cases.items()})


def _seen(read: Session, person: CurrentPerson, cases: Mapping[UUID, Mapping[str, str]]) -> Set[UUID]:
    """Those open to the person's units, and those in which they hold or held a step, or typed into one."""
    units = units_of(person)
    seen = {id for id, parties in cases.items() if any(parties.get(party) in units for party in OPEN_TO)}
    rest = cases.keys() - seen
    if rest:
        found = (_with_steps(person, rest), _with_drafts(person, rest), *_coordinated(units, rest))
        seen |= set(read.scalars(sa.union_all(*found)))
    return seen


def _may_send(read: Session, person: CurrentPerson, instance_id: UUID, parties: Mapping[str, str]) -> bool:
    connection = read.connection()
    awaited = (
        sa.select(ProcessInstance.definition_id, MessageSubscription.element_id)
        .join(MessageSubscription, MessageSubscription.instance_id == ProcessInstance.id)
        .where(ProcessInstance.id == instance_id)
    )
    elements = [
        runtime().definition(version, connection).elements[element] for version, element in connection.execute(awaited)
    ]
    return any(person.desks & sender_desks(connection, person.tenant_id, each, parties) for each in elements)


def units_of(person: CurrentPerson) -> frozenset[str]:
    """The units the person works in, those that these came from, and those where they stand in for somebody."""
    stood_in = (desk.partition("@")[2] for desk in person.stood_in_desks)
    return frozenset((*(str(desk.unit_id) for desk in person.held), *map(str, person.former_units), *stood_in))


def sees_all(person: CurrentPerson) -> bool:
    """Whether nothing of the ward is hidden from the person."""
    return person.may(Permission.SEE_ALL_CASES)


def is_of_focal_unit(read: Session, person: CurrentPerson) -> bool:
    """Whether one of the person's units is the ward's focal unit, or that of some plan."""
    units = unit_values(person)
    ((is_focal,),) = rows_of(read, _is_focal(len(units)), {"tenant_id": person.tenant_id, **units})
    return bool(is_focal)


def unit_values(person: CurrentPerson) -> dict[str, UUID]:
    """The person's units as `focal_unit_among` takes them."""
    return {f"unit_{n}": UUID(unit) for n, unit in enumerate(sorted(units_of(person)))}


@lru_cache(maxsize=64)
def _is_focal(count: int) -> Any:
    return sa.select(focal_unit_among(count))


def focal_unit_among(count: int) -> Any:
    """Whether one of so many units is one through which the ward's reports go."""
    if not count:
        return sa.false()
    units = [sa.bindparam(f"unit_{n}", type_=sa.Uuid()) for n in range(count)]
    of_ward, of_plan = (
        sa.exists().where(table.tenant_id == sa.bindparam("tenant_id"), table.focal_unit_id.in_(units))
        for table in (Committee, Plan)
    )
    return of_ward | of_plan


def is_mine(person: CurrentPerson | Actor, desk: str, assignee_id: UUID | None) -> bool:
    """Whether the person may do a step: it is theirs, or waits for anybody at one of their desks."""
    if assignee_id is not None:
        return assignee_id == person.id or assignee_id in person.stands_for
    return desk in person.desks


def may_fill_in(person: CurrentPerson | Actor, desk: str, assignee_id: UUID | None) -> bool:
    """Whether a step is theirs, or would be by sending it: heads send with their unit's report what nobody has yet."""
    heads = f"{Role.HEAD}@{desk.partition('@')[2]}" in person.desks
    return is_mine(person, desk, assignee_id) or (assignee_id is None and heads)


def _with_steps(person: CurrentPerson, cases: Set[UUID]) -> Any:
    mine = (person.id, *person.stands_for)
    desks = _answered_for({*(desk.key for desk in person.held), *person.stood_in_desks})
    at_hand = sa.or_(
        _user_tasks.c.assignee_id.in_(mine), _user_tasks.c.completed_by.in_(mine), _user_tasks.c.desk.in_(desks)
    )
    return sa.select(_user_tasks.c.instance_id).where(_user_tasks.c.instance_id.in_(cases), at_hand)


def _answered_for(desks: Set[str]) -> Set[str]:
    """A person's desks; of a unit that they head all its desks, whose delays they are told of."""
    parts = (desk.partition("@") for desk in desks)
    return desks | {f"{role}@{unit}" for own, _, unit in parts if own == Role.HEAD for role in Role}


def _with_drafts(person: CurrentPerson, cases: Set[UUID]) -> Any:
    """Their draft stays to be read, wherever the step has gone."""
    drafts = sa.select(UserTask.instance_id).join(Draft, Draft.user_task_id == UserTask.id)
    return drafts.where(UserTask.instance_id.in_(cases), Draft.person_id == person.id)


def _coordinated(units: frozenset[str], cases: Set[UUID]) -> tuple[Any, Any]:
    """Those whose coordinator the plan names, and those to which one was asked by hand."""
    ids = [UUID(unit) for unit in units]
    named = (
        sa.select(TaskOccurrence.id)
        .join(PlanTaskUnit, PlanTaskUnit.plan_task_id == TaskOccurrence.plan_task_id)
        .where(TaskOccurrence.id.in_(cases), PlanTaskUnit.unit_id.in_(ids), PlanTaskUnit.part == UnitPart.COORDINATOR)
    )
    asked = sa.select(Contribution.occurrence_id).where(
        Contribution.occurrence_id.in_(cases), Contribution.unit_id.in_(ids)
    )
    return named, asked


def place_of_step(read: Session, person: CurrentPerson, step_id: UUID) -> UUID:
    """The case of an open step that the person may fill in, or of a message it waits for.

    Raises NotFound, NotYourDesk.
    """
    step = read.execute(
        sa.select(_user_tasks.c.instance_id, _user_tasks.c.desk, _user_tasks.c.assignee_id, _user_tasks.c.state).where(
            _user_tasks.c.id == step_id, _user_tasks.c.tenant_id == person.tenant_id
        )
    ).one_or_none()
    if step is None:
        return _place_of_message(read, person, step_id)
    for_others = person.may(EnginePermission.ENTER_FOR_OTHERS)
    if not for_others and not may_fill_in(person, step.desk, step.assignee_id):
        raise NotYourDesk
    if step.state is not UserTaskState.OPEN:
        raise NotFound("Bước này đã xong nên không thêm tệp được nữa.")
    found: UUID = step.instance_id
    return found


def _place_of_message(read: Session, person: CurrentPerson, subscription_id: UUID) -> UUID:
    instance_id = read.scalar(
        sa.select(MessageSubscription.instance_id).where(
            MessageSubscription.id == subscription_id, MessageSubscription.tenant_id == person.tenant_id
        )
    )
    if instance_id is None or not may_see_case(read, person, instance_id):
        raise NotFound
    return instance_id
