"""A case that goes on where another was closed has that one's files too: the same bytes, in rows of its own."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid5

import orjson
import sqlalchemy as sa

from engine.models import Submission
from engine.transaction import Transaction
from forms.definition import FormDefinition
from forms.fields import Field, FieldType
from webapp.documents.attachments import named_files
from webapp.documents.models import Attachment, AttachmentState

OWN = ("tenant_id", "media_type", "size", "sha256", "uploaded_by", "created_at")
"""What a file keeps, wherever it is carried."""


def carried_id(file_id: str, case_id: UUID) -> UUID:
    """Under which id a case has the file of another: always the same, so that answers name it without a look."""
    return uuid5(case_id, file_id)


def carry_files(tx: Transaction, submission_id: UUID, case_id: UUID) -> None:
    """Give a case for good the files that another one's submission names."""
    for file in _named_in(tx, submission_id, case_id):
        kept = {"state": file.state, "submission_id": file.submission_id, "name": file.name}
        tx.session.add(_carried_file(file, case_id, **kept))


def offer_files(tx: Transaction, submission_id: UUID, case_id: UUID, user_task_id: UUID, origin: str) -> None:
    """Give them to a step's draft, with their origin in their names."""
    for file in _named_in(tx, submission_id, case_id):
        name = PurePath(file.name)
        named = f"{name.stem} ({origin.replace('/', '-')}){name.suffix}"
        offered = {"state": AttachmentState.DRAFT, "user_task_id": user_task_id, "name": named}
        tx.session.add(_carried_file(file, case_id, **offered))


def _named_in(tx: Transaction, submission_id: UUID, case_id: UUID) -> list[Attachment]:
    """The files of a submission that the case does not have yet."""
    submission = tx.session.get_one(Submission, submission_id)
    form = tx.library.form(submission.definition_id, submission.form_id, tx.connection)
    named = sa.select(Attachment).where(
        Attachment.id.in_(named_files(form, orjson.loads(submission.data))), Attachment.tenant_id == tx.tenant_id,
        Attachment.state == AttachmentState.PERMANENT,
    )  # fmt: skip
    files = tx.session.scalars(named).all()
    return [file for file in files if tx.session.get(Attachment, carried_id(str(file.id), case_id)) is None]


def _carried_file(file: Attachment, case_id: UUID, **rest: Any) -> Attachment:
    own = {name: getattr(file, name) for name in OWN}
    return Attachment(id=carried_id(str(file.id), case_id), instance_id=case_id, **own, **rest)


def carried_answers(form: FormDefinition, answers: Mapping[str, Any], case_id: UUID) -> dict[str, Any]:
    """The same answers in the case to which the files were carried."""
    return {field.key: _carried(field, answers[field.key], case_id) for field in form.fields if field.key in answers}


def _carried(field: Field, answer: Any, case_id: UUID) -> Any:
    if field.type is FieldType.FILEPICKER:
        return [str(carried_id(str(id), case_id)) for id in answer or ()]
    if field.type is not FieldType.LIST:
        return answer
    columns = {column.key: column for column in field.components}
    return [
        {key: _carried(columns[key], cell, case_id) for key, cell in row.items() if key in columns} for row in answer
    ]
