"""A case that goes on where another was closed has that one's files too: the same bytes, in rows of its own."""

from collections.abc import Mapping
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

OWN = ("tenant_id", "submission_id", "state", "name", "media_type", "size", "sha256", "uploaded_by", "created_at")
"""What a file keeps, wherever it is carried."""


def carried_id(file_id: str, case_id: UUID) -> UUID:
    """Under which id a case has the file of another: always the same, so that answers name it without a look."""
    return uuid5(case_id, file_id)


def carry_files(tx: Transaction, submission_id: UUID, case_id: UUID) -> None:
    """Give a case the files that another one's submission names."""
    submission = tx.session.get_one(Submission, submission_id)
    answers: dict[str, Any] = orjson.loads(submission.data)
    form = tx.library.form(submission.definition_id, submission.form_id, tx.connection)
    named = sa.select(Attachment).where(
        Attachment.id.in_(named_files(form, answers)), Attachment.tenant_id == tx.tenant_id,
        Attachment.state == AttachmentState.PERMANENT,
    )  # fmt: skip
    for file in tx.session.scalars(named).all():
        own = {name: getattr(file, name) for name in OWN}
        tx.session.add(Attachment(id=carried_id(str(file.id), case_id), instance_id=case_id, **own))


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
