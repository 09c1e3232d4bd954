"""The forms of a rehearsal: the real ones, but that no file needs to be attached."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from engine.calendar import local_date
from forms.definition import FormDefinition
from forms.fields import Field, FieldType, FormContext
from webapp.inbox.options import Place, options_for
from webapp.rehearsals.acts import Bundle, Setting
from webapp.rehearsals.stage import Played

NO_FILES = "Trong buổi diễn tập không cần đính kèm tệp."


def form_at(bundle: Bundle, form_id: str) -> FormDefinition:
    """A form of the bundle as it is rehearsed. Raises InvalidForm."""
    form = FormDefinition.parse(bundle.forms[form_id])
    return replace(form, components=tuple(_without_duty(field) for field in form.components))


def _without_duty(field: Field) -> Field:
    if field.type is FieldType.FILEPICKER:
        return replace(field, required=False, required_when=None, help=NO_FILES, accept="")
    return replace(field, components=tuple(map(_without_duty, field.components)))


def context_at(
    read: Session, tenant_id: UUID, form: FormDefinition, setting: Setting, played: Played, unit: str | None
) -> FormContext:
    """What surrounds the form: the case's data, and the lists of the ward."""
    nowhere = uuid5(tenant_id, "rehearsal")  # No row is about it.
    place = Place(tenant_id, played.instance_id or nowhere, UUID(unit) if unit else None, setting.parties)
    names: Mapping[str, object] = {
        **played.data, **setting.dates, "today": local_date(played.now), "now": played.now
    }  # fmt: skip
    return FormContext(names=dict(names), options=options_for(read, form, place))
