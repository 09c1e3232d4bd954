"""What was typed into fields, or columns of tables, that a step's form no longer has: its case was moved meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import DeployedForm, ProcessDefinition
from forms.definition import FormDefinition
from forms.fields import Field
from forms.formdata import FormData
from webapp.cases.queries import Instance
from webapp.inbox.drafts import NOT_TYPED
from webapp.inbox.options import Place
from webapp.inbox.typed import Files, Typed, typed_in

MOST_FORMS = 40
FORM_CHANGED = (
    "Biểu mẫu của bước này vừa được đổi nên chưa gửi. Có ô bạn đã nhập nay không còn: chép lại nếu cần, rồi gửi."
)


class FilledIn(Protocol):
    """A step, or a message to a case."""

    @property
    def case(self) -> Instance: ...
    @property
    def form_id(self) -> str: ...


def left_over(
    read: Session, tenant_id: UUID, step: FilledIn, form: FormDefinition, data: FormData, files: Files
) -> list[Typed]:
    """Under the names that its fields had, of tables the whole rows; nothing where all that was typed has a field."""
    fields = {field.key: field for field in form.fields}
    gone = {name: values for name, values in data.items() if not _has_place(fields, name)}
    if not any(value.strip() for values in gone.values() for value in values):
        return []
    place = Place(tenant_id, step.case.id, None, step.case.parties)
    before = (one for one in _other_forms(read, tenant_id, step) if typed_in(read, place, one, gone, files))
    had = next(before, None)
    return typed_in(read, place, had, {**gone, **_rows_of(gone, data)}, files) if had is not None else []


def _has_place(fields: Mapping[str, Field], name: str) -> bool:
    """Whether a posted name is that of a field, or `rows-0-result` that of a column of one."""
    key, _, in_field = name.partition("-")
    if key in NOT_TYPED:
        return True
    column = in_field.partition("-")[2]
    return key in fields and (not column or any(one.key == column for one in fields[key].components))


def _rows_of(cells: FormData, data: FormData) -> dict[str, Sequence[str]]:
    """What else stands in the rows of these cells, so that one sees which rows they are."""
    rows = {name.rpartition("-")[0] for name in cells if "-" in name}
    return {name: values for name, values in data.items() if name.rpartition("-")[0] in rows}


def _other_forms(read: Session, tenant_id: UUID, step: FilledIn) -> Iterator[FormDefinition]:
    """Those of the procedure's other versions: the step's own first, the newest before older ones."""
    version = ProcessDefinition
    query = (
        sa.select(DeployedForm.source)
        .join(version, version.id == DeployedForm.definition_id)
        .where(version.tenant_id == tenant_id, version.key == step.case.key, version.id != step.case.definition_id)
        .order_by((DeployedForm.form_id == step.form_id).desc(), version.version.desc())
        .limit(MOST_FORMS)
    )
    return map(FormDefinition.parse, read.scalars(query))
