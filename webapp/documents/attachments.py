"""The files of a case: which a form may name, when they become permanent, and how those nobody sent go."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from engine.clock import wall_clock
from engine.errors import NotFound
from engine.facts import MessageDelivered, UserTaskCompleted
from engine.models import Draft, Submission
from engine.runtime import Runtime
from engine.transaction import Transaction, subscribes
from forms.definition import FormDefinition
from forms.fields import Attachment as FormAttachment
from forms.fields import FieldType
from webapp.cycles.models import ConsolidatedReport
from webapp.database import rows_of
from webapp.documents.media_types import kind_of
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.storage import FileStore
from webapp.organisation.models import Person
from webapp.settings import Settings

ENTERED_FOR = "on_behalf_scan"
"""The answer that holds the scan where somebody enters a form in the name of another; no form has such a field."""
ORPHAN_AFTER = timedelta(days=30)
_FRESH = timedelta(days=1)
"""Bytes written lately may be about to get a row of their own."""
_AT_ONCE = 200

_attachments: Any = Attachment.__table__


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment as pages show it."""

    id: UUID
    name: str
    size: int  # bytes
    media_type: str
    sha256: str
    state: AttachmentState
    uploaded_by: str
    created_at: datetime
    user_task_id: UUID | None
    signed: str | None = None  # the number of the report that it is the signed scan of

    @property
    def kind(self) -> str:
        """Which icon stands for it."""
        return kind_of(self.name)

    def for_form(self) -> FormAttachment:
        """As a form's context names it."""
        return FormAttachment(str(self.id), self.name, self.size, self.media_type)


def file_store() -> FileStore:
    """The running application's files folder."""
    settings: Settings = current_app.config["SETTINGS"]
    return FileStore(settings.data_dir / "files")


def store_bytes(tenant_id: UUID, content: bytes) -> str:
    """Keep an upload's bytes before its row is written; return their hash."""
    return file_store().save(tenant_id, content)


FILES_OF_CASE = (
    sa.select(
        *(_attachments.c[n] for n in ("id", "name", "size", "media_type", "sha256", "state")),
        Person.name.label("uploaded_by"), _attachments.c.created_at, _attachments.c.user_task_id,
        ConsolidatedReport.document_code,
    )
    .outerjoin(Person, Person.id == _attachments.c.uploaded_by)
    .outerjoin(
        ConsolidatedReport,
        (ConsolidatedReport.cycle_id == _attachments.c.instance_id)
        & (ConsolidatedReport.signed_file_id == _attachments.c.id),
    )
    .where(
        _attachments.c.instance_id == sa.bindparam("instance_id"),
        _attachments.c.tenant_id == sa.bindparam("tenant_id"),
    )
    .order_by(_attachments.c.created_at, _attachments.c.id)
    .limit(500)
)  # fmt: skip


def files_of_case(read: Session, tenant_id: UUID, instance_id: UUID) -> list[StoredFile]:
    """The case's files, drafts too, oldest first."""
    rows = rows_of(read, FILES_OF_CASE, {"tenant_id": tenant_id, "instance_id": instance_id})
    return [
        StoredFile(r.id, r.name, r.size, r.media_type, r.sha256, r.state, r.uploaded_by or "Hệ thống", r.created_at,
                   r.user_task_id, r.document_code)
        for r in rows
    ]  # fmt: skip


def usable(files: Iterable[StoredFile], user_task_id: UUID) -> dict[str, FormAttachment]:
    """The files that a step's form may name: those uploaded for the step, and what the case has for good.

    Whoever uploaded: a draft follows its step when that is handed over.
    """
    return {
        str(file.id): file.for_form()
        for file in files
        if file.state is AttachmentState.PERMANENT or file.user_task_id == user_task_id
    }


# --- sent ---


@subscribes(UserTaskCompleted)
def keep_files_of_step(completed: UserTaskCompleted, tx: Transaction) -> None:
    """The files that a step's answers name are permanent from now on."""
    form = tx.form(tx.definition.steps[completed.element_id].form)
    named = named_files(form, tx.answers(completed.submission_id))
    if named:
        _keep(tx, named, completed.user_task_id, completed.submission_id)


@subscribes(MessageDelivered)
def keep_files_of_message(delivered: MessageDelivered, tx: Transaction) -> None:
    """The same for a message that a person sent with a form."""
    assert tx.instance is not None
    form_id = tx.definition.elements[delivered.element_id].properties.get("form")
    if not form_id or tx.actor.is_system:
        return
    named = named_files(tx.form(form_id), delivered.payload)
    submission = tx.connection.execute(
        sa.select(Submission.id, Submission.user_task_id).where(
            Submission.instance_id == tx.instance.id, Submission.element_id == delivered.element_id,
            Submission.submitted_at == tx.now,
        )
    ).first()  # fmt: skip
    if named and submission is not None:
        _keep(tx, named, submission.user_task_id, submission.id)


def named_files(form: FormDefinition, answers: Mapping[str, Any]) -> list[UUID]:
    """The ids in the answers' file fields, those in rows too, and of the scan of what was entered for another."""
    found = list(_ids(answers.get(ENTERED_FOR)))
    for field in form.fields:
        if field.type is FieldType.FILEPICKER:
            found += _ids(answers.get(field.key))
        elif field.components:
            columns = [column.key for column in field.components if column.type is FieldType.FILEPICKER]
            rows = answers.get(field.key) or () if columns else ()
            found += [id for row in rows for key in columns for id in _ids(row.get(key))]
    return found


def _ids(answer: object) -> Iterable[UUID]:
    return (UUID(str(id)) for id in answer) if isinstance(answer, list | tuple) else ()


def _keep(tx: Transaction, ids: Sequence[UUID], user_task_id: UUID, submission_id: UUID) -> None:
    """Only what was uploaded for this step; what is permanent already keeps the submission it came with."""
    assert tx.instance is not None
    tx.connection.execute(
        sa.update(_attachments)
        .where(
            _attachments.c.id.in_(ids), _attachments.c.tenant_id == tx.tenant_id,
            _attachments.c.user_task_id == user_task_id, _attachments.c.state == AttachmentState.DRAFT,
        )
        .values(state=AttachmentState.PERMANENT, submission_id=submission_id, instance_id=tx.instance.id)
    )  # fmt: skip


def keep_file(tx: Transaction, attachment_id: UUID) -> None:
    """Make an upload of the actor's permanent, for commands whose forms are not of a procedure.

    What was uploaded for a case stays there. Raises NotFound.
    """
    own = _attachments.c.uploaded_by == tx.actor.id, _attachments.c.tenant_id == tx.tenant_id
    for_no_case = _attachments.c.instance_id.is_(None), _attachments.c.user_task_id.is_(None)
    kept = tx.connection.execute(
        sa.update(_attachments)
        .where(_attachments.c.id == attachment_id, *own, *for_no_case)
        .values(state=AttachmentState.PERMANENT)
    )
    if kept.rowcount != 1:
        raise NotFound("Tệp đã chọn không dùng được ở đây. Hãy tải tệp lên lại.")


# --- never sent ---


def remove_orphans(runtime: Runtime, now: datetime, limit: int = 200) -> int:
    """Remove uploads that nobody has sent for 30 days and no step's draft may name, with their bytes; return how many.

    1. Delete the rows: from then on no form can name them.
    2. Delete bytes that no row names any more, unless they were written again lately.
    A crash in between leaves bytes without a row, which the next sweep finds.
    """
    in_draft = sa.exists().where(Draft.user_task_id == _attachments.c.user_task_id)
    is_old = _attachments.c.state == AttachmentState.DRAFT, _attachments.c.created_at < now - ORPHAN_AFTER
    old = sa.select(_attachments.c.id).where(*is_old, ~in_draft).limit(limit)
    with runtime.reading() as connection:
        found = connection.scalars(old).all()
    if not found:
        return 0
    gone = (
        sa.delete(_attachments)
        .where(_attachments.c.id.in_(found), _attachments.c.state == AttachmentState.DRAFT, ~in_draft)
        .returning(_attachments.c.tenant_id, _attachments.c.sha256)
    )
    with runtime.writing() as connection:
        removed = connection.execute(gone).all()
    sweep(runtime, set(map(tuple, removed)))
    return len(removed)


def sweep_files(runtime: Runtime) -> int:
    """Remove all bytes that no row names: their process died between the two; return how many files went."""
    found = file_store().older_than(_not_fresh())
    return sum(sweep(runtime, part) for part in iter(lambda: list(islice(found, _AT_ONCE)), []))


def sweep(runtime: Runtime, files: Collection[tuple[UUID, str]]) -> int:
    """Of some files by tenant and name, remove those that no row names; return how many went.

    A row comes soon after its bytes were written, also those that lay there already: what is fresh is left alone. By
    the wall clock, as the times of files are.
    """
    keys = sa.tuple_(_attachments.c.tenant_id, _attachments.c.sha256)
    with runtime.reading() as connection:
        named = sa.select(_attachments.c.tenant_id, _attachments.c.sha256).where(keys.in_(list(files)))
        kept = set(map(tuple, connection.execute(named)))
    store, since = file_store(), _not_fresh()
    return sum(store.remove(tenant_id, name, since) for tenant_id, name in set(files) - kept)


def _not_fresh() -> float:
    return (wall_clock() - _FRESH).timestamp()
