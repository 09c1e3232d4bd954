"""What was typed into fields that a step's form no longer has: its case was moved while the page was open."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import DeployedForm, ProcessDefinition
from forms.definition import FormDefinition
from forms.formdata import FormData
from webapp.inbox.drafts import NOT_TYPED
from webapp.inbox.options import Place
from webapp.inbox.steps import Step
from webapp.inbox.typed import Files, Typed, typed_in

MOST_FORMS = 40
FORM_CHANGED = (
    "Biểu mẫu của bước này vừa được đổi nên chưa gửi. Có ô bạn đã nhập nay không còn: chép lại nếu cần, rồi gửi."
)


def left_over(
    read: Session, tenant_id: UUID, step: Step, form: FormDefinition, data: FormData, files: Files
) -> list[Typed]:
    """Under the names that its fields had; nothing where all that was typed has a field."""
    keys = {field.key for field in form.fields}
    gone = {name: values for name, values in data.items() if name.partition("-")[0] not in keys | NOT_TYPED}
    if not any(value.strip() for values in gone.values() for value in values):
        return []
    place = Place(tenant_id, step.case.id, None, step.case.parties)
    found = (typed_in(read, place, before, gone, files) for before in _other_forms(read, tenant_id, step))
    return next((typed for typed in found if typed), [])


def _other_forms(read: Session, tenant_id: UUID, step: Step) -> Iterator[FormDefinition]:
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
