"""Messages that people of a named unit may send to cases: others find theirs with the cases of their units."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.desks import units_by_code
from engine.models import InstanceState, MessageSubscription, ProcessDefinition, ProcessInstance
from engine.spiff import UNIT
from webapp.cases.queries import joined_to_task
from webapp.database import connection_of, rows_of
from webapp.identity import CurrentPerson
from webapp.organisation.models import Unit
from webapp.plans.models import Plan, PlanTask, TaskGroup
from webapp.runtime import runtime

PAGE = 50

_m: Any = MessageSubscription.__table__
_i: Any = ProcessInstance.__table__


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a version that people of a named unit send to."""

    definition_id: UUID
    element_id: str
    message: str
    desks: tuple[tuple[str, str], ...]  # role and the unit's code


@dataclass(frozen=True, slots=True)
class Sendable:
    """A case that waits for a message which the person may send."""

    instance_id: UUID
    element_id: str
    what: str
    title: str
    note: str  # plan, place in the appendix, lead


@dataclass(frozen=True, slots=True)
class SendablePage:
    rows: tuple[Sendable, ...]
    next_id: UUID | None


_events: dict[UUID, tuple[Event, ...]] = {}
"""By version. One never changes, so each is read once in a process."""


def events_of(read: Session, person: CurrentPerson) -> list[Event]:
    """The events of all versions that one of the person's desks sends to because its unit is named there."""
    tenant_id = {"tenant_id": person.tenant_id}
    versions = [row.id for row in rows_of(read, VERSIONS, tenant_id)]
    if unread := [id for id in versions if id not in _events]:
        _events.update({id: _read(read, id) for id in unread})
    named = [event for id in versions for event in _events[id]]
    units = units_by_code(connection_of(read), person.tenant_id) if named else {}
    return [event for event in named if any(f"{role}@{units.get(code)}" in person.desks for role, code in event.desks)]


VERSIONS = sa.select(ProcessDefinition.id).where(ProcessDefinition.tenant_id == sa.bindparam("tenant_id"))


def _read(read: Session, definition_id: UUID) -> tuple[Event, ...]:
    source = read.scalar(sa.select(ProcessDefinition.source).where(ProcessDefinition.id == definition_id)) or b""
    if UNIT.encode() not in source and b"callActivity" not in source:
        return ()
    elements = runtime().definition(definition_id, connection_of(read)).elements.values()
    found = (Event(definition_id, one.element_id, one.message or "", _named(one.properties)) for one in elements)
    return tuple(event for event in found if event.message and event.desks)


def _named(properties: Any) -> tuple[tuple[str, str], ...]:
    desks = (sender.split("@", 1) for sender in properties.get("senders", "").split() if f"@{UNIT}" in sender)
    return tuple((role, place.removeprefix(UNIT)) for role, place in desks)


def sendable_page(read: Session, person: CurrentPerson, after: UUID | None) -> SendablePage:
    """Cases that wait for such a message, in one order on all pages."""
    events = events_of(read, person)
    values: dict[str, Any] = {"tenant_id": person.tenant_id, **({"after": after} if after else {})}
    for n, event in enumerate(events):
        values |= {
            f"definition_{n}": event.definition_id,
            f"element_{n}": event.element_id,
            f"message_{n}": event.message,
        }
    rows = rows_of(read, _statement(len(events), after is not None), values) if events else []
    shown = tuple(_row(read, row) for row in rows[:PAGE])
    return SendablePage(shown, rows[PAGE - 1].id if len(rows) > PAGE else None)


def _row(read: Session, row: Any) -> Sendable:
    definition = runtime().definition(row.definition_id, connection_of(read))
    place = f"Nhóm {row.numeral}, việc {row.ordinal}" if row.numeral else ""
    note = " · ".join(filter(None, (row.number or row.plan_title, place, row.short_name)))
    return Sendable(
        row.instance_id, row.element_id, definition.title_of(row.element_id), row.content or row.title, note
    )


COLUMNS = (
    _m.c.id, _m.c.instance_id, _m.c.element_id, _i.c.definition_id, _i.c.title, PlanTask.content, PlanTask.ordinal,
    TaskGroup.numeral, Plan.number, Plan.title.label("plan_title"), Unit.short_name,
)  # fmt: skip


@lru_cache(maxsize=64)
def _statement(events: int, is_later: bool) -> Any:
    """Each branch reads the index of a message in its order and stops at a page; then they are merged."""
    branches: Sequence[Any] = [_branch(n, is_later) for n in range(events)]
    page = branches[0].subquery("page")
    if len(branches) > 1:
        merged = sa.union_all(*(sa.select(branch.subquery()) for branch in branches)).subquery()
        page = sa.select(merged).order_by(merged.c.id).limit(PAGE + 1).subquery("page")
    tables = joined_to_task(page.join(_m, _m.c.id == page.c.id).join(_i, _i.c.id == _m.c.instance_id))
    return sa.select(*COLUMNS).select_from(tables).order_by(_m.c.id)


def _branch(n: int, is_later: bool) -> Any:
    later = [_m.c.id > sa.bindparam("after", type_=_m.c.id.type)] if is_later else []
    return (
        sa.select(_m.c.id)
        .select_from(_m.join(_i, _i.c.id == _m.c.instance_id))
        .where(
            _m.c.tenant_id == sa.bindparam("tenant_id"), _m.c.message == sa.bindparam(f"message_{n}"),
            _m.c.element_id == sa.bindparam(f"element_{n}"), *later,
            _i.c.definition_id == sa.bindparam(f"definition_{n}"), _i.c.state == InstanceState.ACTIVE,
        )
        .order_by(_m.c.message, _m.c.id)
        .limit(PAGE + 1)
    )  # fmt: skip
