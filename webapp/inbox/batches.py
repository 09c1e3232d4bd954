"""Several steps answered with one form: the form once, and for each step only whom it goes to."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import ProcessInstance
from forms.definition import FormDefinition, FormRefused
from forms.expressions import to_json_ast
from forms.fields import Field, FieldType, FormContext, Option
from forms.formdata import FormData, parse_form_data
from webapp.cases.queries import CASE_COLUMNS, Case, case_of, joined_to_case
from webapp.forms_view import ErrorLink, FieldView, FormView, OptionView, build_form
from webapp.identity import CurrentPerson
from webapp.inbox.contexts import names_for
from webapp.inbox.options import Place, options_for, people_of_unit
from webapp.inbox.pages import has_own_page
from webapp.inbox.proposals import Officers, last_officers, proposed_among
from webapp.inbox.selections import Chosen
from webapp.runtime import now, runtime

Answers = dict[str, object]
Errors = dict[str, list[str]]
PEOPLE = "person"
"""The list of those who may be given the work; it differs from unit to unit."""

_instances: Any = ProcessInstance.__table__


@dataclass(frozen=True, slots=True)
class Batch:
    """Steps of one element, answered together."""

    form: FormDefinition
    steps: tuple[Chosen, ...]
    cases: Mapping[UUID, Case]
    lists: Mapping[str, Sequence[Option]]  # that its form names
    people: Mapping[UUID, Sequence[Option]]  # who may be chosen, by unit
    officers: Officers

    @property
    def name(self) -> str:
        """The step's name."""
        return self.steps[0].step

    @property
    def prefix(self) -> str:
        """Before the names of its fields; the same however many of its steps are left."""
        return f"{self.steps[0].element_id}-{self.steps[0].definition_id.hex[-8:]}-"

    @property
    def person_fields(self) -> list[Field]:
        """The fields that each step answers for itself."""
        return [field for field in self.form.fields if field.type is FieldType.PERSON]

    @property
    def choices(self) -> list[tuple[Field, Chosen]]:
        """Each of those fields for each step."""
        return [(field, step) for field in self.person_fields for step in self.steps]

    @property
    def common(self) -> FormDefinition:
        """What all steps answer alike."""
        return replace(self.form, components=tuple(_without_people(self.form.components)))


def _without_people(components: Iterable[Field]) -> Iterator[Field]:
    for component in components:
        if component.type is FieldType.GROUP:
            yield replace(component, components=tuple(_without_people(component.components)))
        elif component.type is not FieldType.PERSON:
            yield component


def make_batches(read: Session, person: CurrentPerson, steps: Sequence[Chosen]) -> tuple[list[Batch], list[Chosen]]:
    """The batches that the chosen steps make, and those that must be opened one by one."""
    groups: dict[tuple[UUID, str], list[Chosen]] = {}
    single = []
    for step in steps:
        if _fits(read, person, step):
            groups.setdefault((step.definition_id, step.element_id), []).append(step)
        else:
            single.append(step)
    return [_batch(read, person, group) for group in groups.values()], single


def _fits(read: Session, person: CurrentPerson, step: Chosen) -> bool:
    definition = runtime().definition(step.definition_id, read.connection())
    in_batch = definition.steps[step.element_id].batch and not has_own_page(definition, step.element_id)
    return in_batch and step.is_open and step.is_of(person)


def _batch(read: Session, person: CurrentPerson, steps: Sequence[Chosen]) -> Batch:
    form = runtime().form(steps[0].definition_id, steps[0].form_id, read.connection())
    units = {step.unit_id for step in steps}
    query = sa.select(*CASE_COLUMNS).select_from(joined_to_case(_instances))
    cases = read.execute(query.where(_instances.c.id.in_([step.instance_id for step in steps])))
    asks_people = any(field.type is FieldType.PERSON for field in form.fields)
    asked = [(step.plan_task_id, step.unit_id) for step in steps] if asks_people else []
    return Batch(
        form=form,
        steps=tuple(steps),
        cases={row.case_id: case_of(row) for row in cases},
        lists=options_for(read, form, Place(person.tenant_id, steps[0].instance_id, None, {})),
        people={u: people_of_unit(read, Place(person.tenant_id, u, u, {})) for u in units} if asks_people else {},
        officers=last_officers(read, person.tenant_id, asked),
    )


# --- the page ---


def show_batch(batch: Batch, data: FormData | None, errors: Errors) -> FormView:
    """The form, with a choice of its own for each step where it asks for people."""
    values = parse_form_data(batch.common, data, batch.prefix) if data is not None else None
    at = now()
    context = FormContext(names={"today": local_date(at), "now": at}, options=batch.lists)
    own = {_name(field, step) for field, step in batch.choices}
    shared = {name: faults for name, faults in errors.items() if name not in own}
    view = build_form(batch.common, context=context, values=values, errors=shared, prefix=batch.prefix)
    choices = [_choice(batch, field, step, data, errors) for field, step in batch.choices]
    links = [ErrorLink(choice.id, fault) for choice in choices for fault in choice.errors]
    return replace(view, components=(*view.components, *choices), summary=(*view.summary, *links))


def _name(field: Field, step: Chosen) -> str:
    return f"{field.key}:{step.id}"


def _choice(batch: Batch, field: Field, step: Chosen, data: FormData | None, errors: Errors) -> FieldView:
    name = batch.prefix + _name(field, step)
    proposed = batch.officers.of(step.plan_task_id, step.unit_id)
    options = batch.people[step.unit_id] if field.options_name == PEOPLE else batch.lists[field.options_name]
    chosen = (data.get(name) or [""])[0] if data is not None else proposed_among(options, proposed)
    return FieldView(
        kind="select",
        name=name,
        id=f"field-{name}",
        label=f"{field.label}: {step.title}",
        help="" if data is not None or proposed is None else "Đề xuất người làm gần nhất.",
        errors=tuple(errors.get(_name(field, step), ())),
        hide_when=json.dumps(to_json_ast(field.hide), ensure_ascii=False) if field.hide else "",
        options=tuple(OptionView(f"{name}-{n}", o.value, o.label, o.value == chosen) for n, o in enumerate(options)),
    )


# --- the answers ---


def read_batch(read: Session, batch: Batch, data: FormData) -> tuple[dict[UUID, Answers], Errors]:
    """What each step answers; where one may not, what is wrong, by the names of the page."""
    answers: dict[UUID, Answers] = {}
    refused: dict[UUID, Errors] = {}
    raw = parse_form_data(batch.common, data, batch.prefix)
    for step in batch.steps:
        people = {f.key: (data.get(batch.prefix + _name(f, step)) or [""])[0] for f, s in batch.choices if s is step}
        try:
            answers[step.id] = batch.form.load({**raw, **people}, _context(batch, step))
        except FormRefused as refusal:
            refused[step.id] = refusal.errors
    return answers, _gathered(batch, refused)


def _context(batch: Batch, step: Chosen) -> FormContext:
    names = names_for(batch.cases[step.instance_id], batch.form, now())
    return FormContext(names=names, options={**batch.lists, PEOPLE: batch.people.get(step.unit_id, ())})


def _gathered(batch: Batch, refused: Mapping[UUID, Errors]) -> Errors:
    """A fault of all steps is said once; one of some says of which."""
    own = {field.key for field in batch.person_fields}
    errors: Errors = {}
    for step in batch.steps:
        for key, faults in refused.get(step.id, {}).items():
            common = len(refused) == len(batch.steps) > 1 or len(batch.steps) == 1
            words = faults if common or key in own else [f"{step.title}: {fault}" for fault in faults]
            known = errors.setdefault(f"{key}:{step.id}" if key in own else key, [])
            known += [fault for fault in words if fault not in known]
    return errors
