"""What surrounds a form while it is filled in: the data of its case, the lists to choose from, the files."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.spiff import Walk
from forms.definition import FormDefinition
from forms.fields import Attachment, FormContext
from webapp.cases.queries import Instance
from webapp.cycles.models import REPORT_CODE
from webapp.documents.numbering import next_number
from webapp.identity import CurrentPerson
from webapp.inbox.options import Place, options_for
from webapp.runtime import now

V = TypeVar("V")

NEXT_NUMBER = "next_number"
"""What a field starts from that asks for the next number of the register."""


class Late(Mapping[str, V]):
    """What is read once somebody looks: most forms that are sent name no file and choose from no list."""

    def __init__(self, read: Callable[[], Mapping[str, V]]) -> None:
        self._read = read

    @cached_property
    def _known(self) -> Mapping[str, V]:
        return self._read()

    def __getitem__(self, name: str) -> V:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def form_context(
    read: Session,
    person: CurrentPerson,
    case: Instance,
    form: FormDefinition,
    *,
    unit_id: UUID | None,
    attachments: Mapping[str, Attachment],
) -> FormContext:
    """The context of one form of a case; `unit_id` is that of the desk whose step it is."""
    place = Place(person.tenant_id, case.id, unit_id, case.parties)
    names = names_for(case, form, now())
    if f"={NEXT_NUMBER}" in [field.default for field in form.fields]:
        names[NEXT_NUMBER] = next_number(read, person.tenant_id, REPORT_CODE, local_date(now()).year)
    return FormContext(names=names, options=Late(lambda: options_for(read, form, place)), attachments=attachments)


def names_for(case: Instance, form: FormDefinition, at: datetime) -> dict[str, object]:
    """What the form's conditions may name. The case's data is read only for a form that names it."""
    names: dict[str, object] = {**case.dates, "today": local_date(at), "now": at}
    roots = {name.partition(".")[0] for name in form.outside_names}
    return {**instance_data(case), **names} if roots - names.keys() else names


def instance_data(case: Instance) -> dict[str, object]:
    """What the process knows: how the case began, and per step what was entered."""
    return Walk.data_in(case.saved_state) if case.saved_state is not None else {}
