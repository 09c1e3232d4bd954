"""Procedures of a ward: what each is for, its versions, its draft."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import InstanceState, ProcessDefinition, ProcessInstance
from webapp.organisation.models import Person
from webapp.procedures.models import ProcedureDraft
from webapp.procedures.sources import UnreadableDiagram, describe

NOBODY = "Hệ thống"


@dataclass(frozen=True, slots=True)
class Version:
    """One deployed version of a procedure."""

    definition_id: UUID
    key: str
    name: str
    version: int
    reason: str
    deployed_at: datetime
    deployed_by: str
    running: int  # cases on it now


@dataclass(frozen=True, slots=True)
class DraftSeen:
    """A draft as the catalogue tells of it."""

    key: str
    name: str
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure with the version in force, and the draft of the next."""

    key: str
    name: str
    purpose: str
    current: Version | None
    running: int  # on all versions
    draft: DraftSeen | None


_RUNNING = (
    sa.select(ProcessInstance.definition_id, sa.func.count().label("count"))
    .where(
        ProcessInstance.tenant_id == sa.bindparam("tenant_id"),
        ProcessInstance.state.in_((InstanceState.ACTIVE, InstanceState.SUSPENDED)),
    )
    .group_by(ProcessInstance.definition_id)
    .subquery()
)
_VERSIONS = (
    sa.select(
        ProcessDefinition.id, ProcessDefinition.key, ProcessDefinition.name, ProcessDefinition.version,
        ProcessDefinition.reason, ProcessDefinition.deployed_at, Person.name, _RUNNING.c.count,
    )
    .outerjoin(Person, Person.id == ProcessDefinition.deployed_by)
    .outerjoin(_RUNNING, _RUNNING.c.definition_id == ProcessDefinition.id)
    .where(ProcessDefinition.tenant_id == sa.bindparam("tenant_id"))
    .order_by(ProcessDefinition.name, ProcessDefinition.key, ProcessDefinition.version.desc())
)  # fmt: skip


def versions(read: Session, tenant_id: UUID, key: str | None = None) -> list[Version]:
    """Deployed versions, by procedure, newest first; of one procedure where a key is given."""
    statement = _VERSIONS if key is None else _VERSIONS.where(ProcessDefinition.key == key)
    rows = read.execute(statement, {"tenant_id": tenant_id})
    return [
        Version(id_, key_, name, number, reason, at, by or NOBODY, running or 0)
        for id_, key_, name, number, reason, at, by, running in rows
    ]


def catalogue(read: Session, tenant_id: UUID) -> list[Procedure]:
    """Every procedure, by name; those that are only drafts last."""
    by_key: dict[str, list[Version]] = {}
    for version in versions(read, tenant_id):
        by_key.setdefault(version.key, []).append(version)
    purposes = _purposes(read, (found[0].definition_id for found in by_key.values()))
    drafts = {draft.key: draft for draft in _drafts(read, tenant_id)}
    deployed = [
        Procedure(key, all_[0].name, purposes[key], all_[0], sum(v.running for v in all_), drafts.pop(key, None))
        for key, all_ in by_key.items()
    ]
    return deployed + [Procedure(draft.key, draft.name, "", None, 0, draft) for draft in drafts.values()]


def _purposes(read: Session, definition_ids: Iterable[UUID]) -> dict[str, str]:
    rows = read.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.source).where(ProcessDefinition.id.in_(list(definition_ids)))
    )
    return {key: purpose_of(source) for key, source in rows}


def purpose_of(source: bytes) -> str:
    """What a drawing says it is for; nothing where it cannot be read."""
    try:
        return describe(source).purpose
    except UnreadableDiagram:
        return ""


def _drafts(read: Session, tenant_id: UUID) -> list[DraftSeen]:
    rows = read.execute(
        sa.select(ProcedureDraft.key, ProcedureDraft.name, Person.name, ProcedureDraft.saved_at)
        .outerjoin(Person, Person.id == ProcedureDraft.saved_by)
        .where(ProcedureDraft.tenant_id == tenant_id)
        .order_by(ProcedureDraft.name)
    )
    return [DraftSeen(key, name, saver or NOBODY, at) for key, name, saver, at in rows]
