"""The administration's journal: the ward's own events of which there are sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.events import decode
from engine.models import Event, ProcessDefinition
from webapp.organisation.journal import SENTENCES, Names, sentences
from webapp.organisation.models import Person, Unit

PAGE = 50
TOLD = tuple(fact.name for fact in SENTENCES)


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did at once."""

    at: datetime
    who: str
    what: Sequence[str]


@dataclass(frozen=True, slots=True)
class Journal:
    """A page of it; `after` begins the next one."""

    entries: Sequence[Entry]
    after: int | None


def journal(read: Session, tenant_id: UUID, after: int | None) -> Journal:
    """A page of entries, newest first."""
    query = sa.select(Event).where(Event.stream == tenant_id, Event.type.in_(TOLD))
    if after is not None:
        query = query.where(Event.sequence < after)
    found = read.scalars(query.order_by(Event.sequence.desc()).limit(PAGE + 1)).all()
    names = _names(read, tenant_id)
    entries = [
        Entry(event.at, names.person(event.actor_id) if event.actor_id else "Hệ thống", told)
        for event in found[:PAGE]
        if (told := sentences(decode(event.data), names))
    ]
    return Journal(entries, found[PAGE - 1].sequence if len(found) > PAGE else None)


def _names(read: Session, tenant_id: UUID) -> Names:
    def of(id: Any, name: Any, tenant: Any) -> dict[str, str]:
        return {str(row[0]): row[1] for row in read.execute(sa.select(id, name).where(tenant == tenant_id))}

    return Names(
        of(Person.id, Person.name, Person.tenant_id), of(Unit.id, Unit.short_name, Unit.tenant_id),
        of(ProcessDefinition.id, ProcessDefinition.name, ProcessDefinition.tenant_id),
    )  # fmt: skip
