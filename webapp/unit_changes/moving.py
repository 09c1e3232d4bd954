"""Running cases of a unit that others have the place of: each is moved by a command of its own."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.operations import CorrectVariable, NoSuchVariable, ReassignUserTask
from engine.commands.parties import ChangeParties, change_parties
from engine.errors import InstanceNotActive, Kind, Rejected, UserTaskNotOpen
from engine.models import OPEN_STEP, InstanceState, Job, JobState, ProcessInstance, UserTask
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.organisation.models import Committee, Membership, Role
from webapp.permissions import Permission
from webapp.plans.models import TaskOccurrence
from webapp.unit_changes.beginning import MOVE, BeginUnitChange
from webapp.unit_changes.destinations import Destinations, Subject, destinations_of, name_of_change, subjects_of
from webapp.unit_changes.facts import EntriesFollowed, UnitChangeDone
from webapp.unit_changes.following import entries_with
from webapp.unit_changes.models import ChangeState, UnitChange
from webapp.unit_changes.planning import BEGIN

RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)
Parties = Mapping[str, str]

_i: Any = ProcessInstance.__table__
_t: Any = UserTask.__table__


class CasesLeft(Rejected):
    """Some could not be moved yet: the job comes back, and in the end says so to an administrator."""

    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Moving:
    """A change whose cases move, read once."""

    id: UUID
    unit_id: UUID
    tenant_id: UUID
    actor_id: UUID | None
    reason: str
    where: Destinations
    office: str
    people: Mapping[UUID, frozenset[UUID]]  # by successor

    @property
    def actor(self) -> Actor:
        """Each case's event names who confirmed the change."""
        return Actor(id=self.actor_id, tenant_id=self.tenant_id, permissions=frozenset({EnginePermission.OPERATE}))


@performs(BEGIN, "bắt đầu thay đổi đơn vị")
def begin(job: JobCall, runtime: Runtime) -> None:
    """The day has come; whoever confirmed the change is who does it."""
    change_id = UUID(job.payload["change_id"])
    with runtime.reading() as connection:
        confirmed = sa.select(UnitChange.confirmed_by).where(UnitChange.id == change_id)
        actor_id = connection.scalar(confirmed)
    actor = Actor(id=actor_id, tenant_id=job.tenant_id, permissions=frozenset({Permission.ADMINISTER}))
    runtime.execute(BeginUnitChange(change_id=change_id), actor=actor, job_id=job.id)


@performs(MOVE, "chuyển hồ sơ sang đơn vị mới")
def move(job: JobCall, runtime: Runtime) -> None:
    """Move every case that is still at the unit; whoever takes the job over goes on where this one stopped.

    Raises CasesLeft where some could not be moved, or are about to begin.
    """
    change_id = UUID(job.payload["change_id"])
    moving = _read(runtime, change_id)
    failed = [id for id in _at_unit(runtime, moving) if not _move_case(runtime, moving, id)]
    if failed or _about_to_begin(runtime, moving):
        raise CasesLeft(f"Còn {len(failed) or 'một số'} hồ sơ chưa chuyển được sang đơn vị mới.")
    _free_what_stays(runtime, moving)
    runtime.execute(FinishUnitChange(change_id=change_id), actor=Actor.system(job.tenant_id), job_id=job.id)


def _read(runtime: Runtime, change_id: UUID) -> Moving:
    with runtime.reading() as connection, Session(connection) as session:
        change = session.get_one(UnitChange, change_id)
        committee = session.get_one(Committee, change.tenant_id)
        ids = [one.unit_id for one in change.successors]
        members = session.execute(
            sa.select(Membership.unit_id, Membership.person_id).where(Membership.unit_id.in_(ids))
        ).all()
        return Moving(
            change.id, change.unit_id, change.tenant_id, change.confirmed_by, name_of_change(change),
            destinations_of(session, change.id), str(committee.office_unit_id),
            {id: frozenset(row.person_id for row in members if row.unit_id == id) for id in ids},
        )  # fmt: skip


def waiting_at(unit_id: UUID, tenant_id: UUID) -> sa.ColumnElement[bool]:
    """Running cases with a part for the unit, or a step at one of its desks."""
    desks = [f"{role}@{unit_id}" for role in Role]
    at_desk = sa.exists().where(
        _t.c.tenant_id == tenant_id, _t.c.desk.in_(desks), _t.c.state == OPEN_STEP,
        _t.c.instance_id == _i.c.id,
    )  # fmt: skip
    of_unit = _i.c.parties.contains(f'"{unit_id}"', autoescape=True) | at_desk
    return sa.and_(_i.c.tenant_id == tenant_id, _i.c.state.in_(RUNNING), of_unit)


def _at_unit(runtime: Runtime, moving: Moving) -> list[UUID]:
    """The cases that have to move: not those that stay where a part of the unit goes on."""
    with runtime.reading() as connection:
        ids = connection.scalars(
            sa.select(_i.c.id).where(waiting_at(moving.unit_id, moving.tenant_id)).order_by(_i.c.id)
        ).all()
        subjects = subjects_of(connection, ids)
    return [id for id in ids if moving.where.of_case(id, subjects.get(id, Subject())) != moving.unit_id]


def _move_case(runtime: Runtime, moving: Moving, instance_id: UUID) -> bool:
    """Whether it is where it belongs now; one that has ended meanwhile is."""
    with runtime.reading() as connection:
        parties: Parties = orjson.loads(
            connection.execute(sa.select(_i.c.parties).where(_i.c.id == instance_id)).scalar_one()
        )
        subject = subjects_of(connection, [instance_id]).get(instance_id, Subject())
    to = moving.where.of_case(instance_id, subject)
    after = parties_after(parties, str(moving.unit_id), str(to), moving.office)
    change = MoveCaseToSuccessor(
        instance_id=instance_id, parties=after, people=moving.people[to], reason=moving.reason
    )  # fmt: skip
    try:
        for command in _corrections(instance_id, parties, after, moving.reason):
            with suppress(NoSuchVariable):
                runtime.execute(command, actor=moving.actor)
        runtime.execute(change, actor=moving.actor)
    except InstanceNotActive:
        return True
    except Rejected:
        return False  # The others move; an incident says what is wrong with this one.
    return True


def _free_what_stays(runtime: Runtime, moving: Moving) -> None:
    """Of a unit that goes on: the steps that people have in hand who went elsewhere without them."""
    stay = moving.people.get(moving.unit_id, frozenset())
    gone = frozenset().union(*moving.people.values()) - stay if moving.unit_id in moving.people else ()
    steps = sa.select(_t.c.id).where(
        _t.c.tenant_id == moving.tenant_id, _t.c.desk.in_([f"{role}@{moving.unit_id}" for role in Role]),
        _t.c.state == OPEN_STEP, _t.c.assignee_id.in_(gone),
    )  # fmt: skip
    with runtime.reading() as connection:
        held = connection.scalars(steps).all()
    for step_id in held:
        with suppress(UserTaskNotOpen, InstanceNotActive):  # Somebody did it meanwhile.
            command = ReassignUserTask(user_task_id=step_id, assignee_id=None, reason=moving.reason)
            runtime.execute(command, actor=moving.actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCaseToSuccessor(ChangeParties):
    """Put a successor in the unit's place in one case, and tell which rows of reporting cycles follow it."""

    optimistic = False  # Those rows are read in its transaction.


@handles(MoveCaseToSuccessor)
def move_case(command: MoveCaseToSuccessor, tx: Transaction) -> None:
    """Raises what ChangeParties raises."""
    change_parties(command, tx)
    lead, case = command.parties.get("lead"), tx.session.get(TaskOccurrence, command.instance_id)
    if case is None or lead is None or lead == str(case.lead_unit_id):
        return
    if entries := entries_with(tx, case.id):
        tx.record(EntriesFollowed(UUID(lead), tuple(str(entry.id) for entry in entries)))


def parties_after(parties: Parties, old: str, new: str, office: str) -> dict[str, str]:
    """The case's parties with one unit in another's place; nobody comes to supervise themselves."""
    after = {party: new if unit == old else unit for party, unit in parties.items()}
    if after.get("supervisor") is not None and after["supervisor"] == after.get("lead"):
        after["supervisor"] = office
    return after


def _corrections(instance_id: UUID, before: Parties, after: Parties, reason: str) -> Iterator[CorrectVariable]:
    """What the drawing knows of its units: whether the lead checks itself, and whether there is a second one."""
    for variable, party, value in (("case.self_report", "focal", True), ("case.second_lead", "second_lead", False)):
        is_one = after.get(party) is not None and after[party] == after.get("lead")
        if is_one and before[party] != before.get("lead"):
            yield CorrectVariable(instance_id=instance_id, variable=variable, value=value, reason=reason)


def _about_to_begin(runtime: Runtime, moving: Moving) -> bool:
    """Whether a case that names the unit waits to be started."""
    query = sa.select(Job.id).where(
        Job.tenant_id == moving.tenant_id, Job.kind == "engine.start", Job.state != JobState.DONE,
        Job.payload.contains(str(moving.unit_id), autoescape=True),
    )  # fmt: skip
    with runtime.reading() as connection:
        return connection.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishUnitChange(Command):
    """Every case has moved."""

    permission = EnginePermission.SYSTEM

    change_id: UUID


@handles(FinishUnitChange)
def finish_unit_change(command: FinishUnitChange, tx: Transaction) -> None:
    """Done twice, it is done once."""
    change = tx.session.get_one(UnitChange, command.change_id)
    if change.state is ChangeState.UNDER_WAY:
        change.state, change.ended_at = ChangeState.DONE, tx.now
        tx.record(UnitChangeDone(change.id, change.unit_id))
