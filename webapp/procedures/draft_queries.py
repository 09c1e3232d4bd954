"""Drafts as pages and the editor show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import DeployedForm, ProcessDefinition
from forms.definition import FormDefinition, InvalidForm
from forms.fields import Field
from webapp.organisation.models import Person
from webapp.procedures.bundles import shipped_forms
from webapp.procedures.models import ProcedureDraft, ProcedureDraftEditor, ProcedureDraftForm, ReplacedDraft

PRESENT_FOR = timedelta(seconds=45)
"""Whoever has not been heard of for this long has closed the page."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft without its forms."""

    id: UUID
    key: str
    name: str
    source: bytes
    version: int
    base_id: UUID | None
    base_version: int | None
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """Who else has a draft open, and who saved it last."""

    version: int
    saved_by: str
    saved_at: datetime
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A drawing that gave way to another one."""

    id: UUID
    saved_by: str
    saved_at: datetime
    replaced_by: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class InForce:
    """The version that new cases take."""

    id: UUID
    version: int
    name: str
    source: bytes
    forms: Mapping[str, bytes]


def find_draft(read: Session, tenant_id: UUID, key: str) -> Draft | None:
    row = read.execute(
        sa.select(ProcedureDraft, Person.name, ProcessDefinition.version)
        .outerjoin(Person, Person.id == ProcedureDraft.saved_by)
        .outerjoin(ProcessDefinition, ProcessDefinition.id == ProcedureDraft.base_id)
        .where(ProcedureDraft.tenant_id == tenant_id, ProcedureDraft.key == key)
    ).first()
    if row is None:
        return None
    d, saver, base = row
    return Draft(d.id, d.key, d.name, d.source, d.version, d.base_id, base, saver or "Hệ thống", d.saved_at)


def presence(read: Session, draft_id: UUID, but: UUID, now: datetime) -> Presence:
    """As the actor sees it."""
    others = read.scalars(
        sa.select(Person.name)
        .join(ProcedureDraftEditor, ProcedureDraftEditor.person_id == Person.id)
        .where(
            ProcedureDraftEditor.draft_id == draft_id, Person.id != but,
            ProcedureDraftEditor.seen_at > now - PRESENT_FOR,
        )
        .order_by(Person.name)
    ).all()  # fmt: skip
    draft, saver = read.execute(
        sa.select(ProcedureDraft, Person.name)
        .outerjoin(Person, Person.id == ProcedureDraft.saved_by)
        .where(ProcedureDraft.id == draft_id)
    ).one()
    return Presence(draft.version, saver or "Hệ thống", draft.saved_at, tuple(others))


def own_forms(read: Session, draft_id: UUID) -> dict[str, bytes]:
    """The forms that the draft brings along."""
    rows = read.scalars(sa.select(ProcedureDraftForm).where(ProcedureDraftForm.draft_id == draft_id))
    return {row.form_id: row.source for row in rows}


def forms_at_hand(read: Session, draft_id: UUID) -> dict[str, bytes]:
    """The forms that a draft may name: its own, then those that ship with the product."""
    return {**shipped_forms(), **own_forms(read, draft_id)}


def in_force(read: Session, tenant_id: UUID, key: str) -> InForce | None:
    row = read.scalar(
        sa.select(ProcessDefinition)
        .where(ProcessDefinition.tenant_id == tenant_id, ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    )
    return None if row is None else InForce(row.id, row.version, row.name, row.source, forms_of(read, row.id))


def forms_of(read: Session, definition_id: UUID) -> dict[str, bytes]:
    """The forms of a deployed version, without those of the processes it calls."""
    rows = read.scalars(
        sa.select(DeployedForm).where(DeployedForm.definition_id == definition_id).order_by(DeployedForm.form_id)
    )
    return {row.form_id: row.source for row in rows if ":" not in row.form_id}


def replaced_drafts(read: Session, tenant_id: UUID, key: str) -> list[Replaced]:
    """Newest first."""
    saver, replacer = sa.orm.aliased(Person), sa.orm.aliased(Person)
    rows = read.execute(
        sa.select(ReplacedDraft, saver.name, replacer.name)
        .outerjoin(saver, saver.id == ReplacedDraft.saved_by)
        .outerjoin(replacer, replacer.id == ReplacedDraft.replaced_by)
        .where(ReplacedDraft.tenant_id == tenant_id, ReplacedDraft.key == key)
        .order_by(ReplacedDraft.replaced_at.desc(), ReplacedDraft.id.desc())
    )
    return [Replaced(r.id, a or "Hệ thống", r.saved_at, b or "Hệ thống", r.replaced_at) for r, a, b in rows]


def replaced_content(read: Session, tenant_id: UUID, replaced_id: UUID) -> tuple[bytes, dict[str, bytes]] | None:
    """The drawing and the forms of a replaced draft."""
    row = read.get(ReplacedDraft, replaced_id)
    if row is None or row.tenant_id != tenant_id:
        return None
    return row.source, {form_id: text.encode() for form_id, text in orjson.loads(row.forms).items()}


def form_choices(forms: Mapping[str, bytes], own: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Each form with the fields that conditions may use, the draft's own first."""
    described = [_form_choice(form_id, source, form_id in own) for form_id, source in forms.items()]
    return sorted(described, key=lambda form: (not form["own"], form["title"]))


def _form_choice(form_id: str, source: bytes, is_own: bool) -> dict[str, Any]:
    try:
        definition = FormDefinition.parse(source)
    except InvalidForm:
        return {"id": form_id, "title": form_id, "own": is_own, "fields": []}
    fields = [_field_choice(field) for field in definition.fields if field.variable]
    return {"id": form_id, "title": definition.title or form_id, "own": is_own, "fields": fields}


def _field_choice(field: Field) -> dict[str, Any]:
    options = [{"value": option.value, "label": option.label} for option in field.options]
    return {"key": field.key, "label": field.label or field.key, "type": field.type.value, "options": options}
