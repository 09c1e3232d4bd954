"""Steps of many cases on one page, each with its own form: read in a few queries, whatever their number."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, Submission, UserTask
from engine.separation import last_doers
from forms.definition import FormDefinition
from forms.fields import CHOICES, Field, FieldType, FormContext
from forms.formdata import FormData, parse_form_data
from webapp.answers_view import AnswersView
from webapp.cases.submissions import DECISION, Entered, SubmissionView, show_answers, shown_submissions
from webapp.cycles.drafting import said
from webapp.cycles.unit_answers import by_id, files_of_cases
from webapp.documents.attachments import StoredFile, usable
from webapp.forms_view import Errors, FormView, build_form, typed
from webapp.identity import CurrentPerson
from webapp.inbox.contexts import form_context
from webapp.inbox.dues import Due
from webapp.inbox.options import Place
from webapp.inbox.pages import records_of
from webapp.inbox.queries import due_words
from webapp.inbox.steps import STEPS, StepOfCase, definition_of, form_of, step_of
from webapp.inbox.surroundings import drafted_answers, starting_answers
from webapp.organisation.models import Person
from webapp.plans.models import Stage
from webapp.runtime import runtime

REPORT = "report"
"""What the drawing says of the step whose submission is the unit's report."""


PREFIX = "v[0-9a-f]{12}-"
"""What the names of a step's fields begin with on a page with several."""


def prefix_of(step_id: UUID) -> str:
    """What stands before the names of its fields."""
    return f"v{step_id.hex[-12:]}-"


@dataclass(frozen=True, slots=True)
class LastYearReport:
    """What the same unit reported on the same task a year before."""

    year: int
    raw: Mapping[str, Any]
    view: AnswersView


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """An open step of a case with its form."""

    step: StepOfCase
    form: FormDefinition
    context: FormContext
    due: Due
    stage: Stage | None
    is_report: bool  # its submission is the unit's report
    is_mine: bool
    is_barred: bool  # the person did one of the steps that this one must be separate from
    start: Mapping[str, Any] | None  # what was entered in its form before
    came: SubmissionView | None  # what was entered in the moment in which the step came
    report: SubmissionView | None  # the case's newest report
    gist: str  # what it says
    last_year: LastYearReport | None
    files: Mapping[str, StoredFile]

    @property
    def id(self) -> UUID:
        """The user task's."""
        return self.step.id

    @property
    def instance_id(self) -> UUID:
        """The case's."""
        return self.step.case.id

    @property
    def prefix(self) -> str:
        """What stands before the names of its fields."""
        return prefix_of(self.id)

    @property
    def decides(self) -> bool:
        """Whether its form asks for a decision."""
        return any(field.key == DECISION for field in self.form.fields)

    @property
    def returned(self) -> SubmissionView | None:
        """Why it came back, if it did."""
        return self.came if self.came is not None and self.came.returns else None

    def part(self, data: FormData) -> dict[str, list[str]]:
        """What of a page's fields is this row's, under the names that its own page would have."""
        mine = (name for name in data if name.startswith(self.prefix))
        return {name.removeprefix(self.prefix): list(data[name]) for name in mine}

    def answers(self, data: FormData | None) -> Mapping[str, object] | None:
        """What stands in the form: as posted, else as drafted, else as entered before."""
        if data is not None and (posted := self.part(data)):
            return parse_form_data(self.form, posted)
        return drafted_answers(self.form, self.step.draft, self.context) if self.step.draft else self.start

    def view(self, data: FormData | None, errors: Errors | None = None) -> FormView:
        """The form for the page."""
        return build_form(
            self.form, context=self.context, values=self.answers(data), errors=errors, prefix=self.prefix,
            upload_url=url_for("documents.upload", viec=self.id),
        )  # fmt: skip

    def load(self, data: FormData) -> dict[str, Any]:
        """The answers. Raises FormRefused."""
        return self.form.load(parse_form_data(self.form, self.part(data)), self.context)

    def is_touched(self, data: FormData) -> bool:
        """Whether something else was posted than the form began with before anybody typed."""
        return self._differs(data, self.form.fields)

    def is_decided(self, data: FormData) -> bool:
        """Whether it was decided otherwise than its form began: what a decision that was taken back hides is none."""
        return self._differs(data, self.form.shown(parse_form_data(self.form, self.part(data)), self.context))

    def _differs(self, data: FormData, fields: Iterable[Field]) -> bool:
        part = self.part(data)
        start = self.start if self.start is not None else self.form.beginning(self.context)
        posted = parse_form_data(self.form, part)
        changed = (_plain(field, posted.get(field.key)) != _plain(field, start.get(field.key)) for field in fields)
        return bool(part) and any(changed)


def _plain(field: Field, answer: object) -> object:
    """An answer in a shape in which what is stored and what is posted are alike."""
    if field.type is FieldType.LIST:
        rows = [row for row in answer if isinstance(row, Mapping)] if isinstance(answer, list | tuple) else []
        cells = (tuple(_plain(column, row.get(column.key)) for column in field.components) for row in rows)
        return tuple(row for row in cells if any(row))
    if field.type is FieldType.CHECKBOX:
        return answer is True or answer in ("on", "true", "1")
    if field.type in CHOICES or field.type is FieldType.FILEPICKER:
        given = answer if isinstance(answer, list | tuple) else [answer]
        return tuple(item for item in given if item)
    return typed(field, answer).replace("\r\n", "\n").strip()


NOT_REUSED = (FieldType.DATE, FieldType.NUMBER, FieldType.FILEPICKER)
"""What belongs to its year and is entered anew."""


def as_posted(row: StepRow, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Stored answers as the row's form would post them, without what belongs to their year."""
    posted: dict[str, list[str]] = {}
    for field in row.form.fields:
        if field.type is FieldType.LIST:
            for number, cells in enumerate(answers.get(field.key) or ()):
                for column in field.components:
                    posted[f"{row.prefix}{field.key}-{number}-{column.key}"] = _posted(column, cells.get(column.key))
        else:
            posted[row.prefix + field.key] = _posted(field, answers.get(field.key))
    return {name: values for name, values in posted.items() if values}


def _posted(field: Field, answer: object) -> list[str]:
    if field.type in NOT_REUSED:
        return []
    if field.type is FieldType.CHECKBOX:
        return ["on"] if answer is True else []
    if field.type in CHOICES:
        return [str(item) for item in (answer if isinstance(answer, list | tuple) else [answer]) if item]
    return [text] if (text := typed(field, answer)) else []


def step_rows(read: Session, person: CurrentPerson, *conditions: sa.ColumnElement[bool]) -> list[StepRow]:
    """The open steps that meet the conditions, with what their forms need."""
    query = STEPS.where(UserTask.state == OPEN_STEP, *conditions).order_by(UserTask.order_at, UserTask.id)
    found = read.execute(query, {"tenant_id": person.tenant_id, "person_id": person.id})
    steps = [step_of(row) for row in found]
    cases = {step.case.id for step in steps}
    before = {step.last_year.instance_id for step in steps if step.last_year is not None}
    files = files_of_cases(read, person.tenant_id, cases | before)
    entered = _submissions(read, cases)
    separate = {step.id: definition_of(read, step).steps[step.element_id].separate_from for step in steps}
    doers = last_doers(read.connection(), separate)
    return [_row(read, person, step, files, entered.get(step.case.id, ()), doers[step.id]) for step in steps]


def _submissions(read: Session, cases: Collection[UUID]) -> dict[UUID, list[Entered]]:
    """By case, newest first."""
    rows = read.execute(
        sa.select(Submission, Person.name)
        .outerjoin(Person, Person.id == Submission.actor_id)
        .where(Submission.instance_id.in_(cases))
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
    )
    found: dict[UUID, list[Entered]] = {}
    for one, name in rows:
        entered = Entered(
            one.id, one.user_task_id, one.element_id, one.form_id, name or "Hệ thống", one.actor_id,
            one.on_behalf_of, one.submitted_at, orjson.loads(one.data), one.definition_id,
        )  # fmt: skip
        found.setdefault(one.instance_id, []).append(entered)
    return found


Files = Mapping[UUID, Sequence[StoredFile]]


def _row(
    read: Session,
    person: CurrentPerson,
    step: StepOfCase,
    files: Files,
    entered: Sequence[Entered],
    doers: Container[UUID | None],
) -> StepRow:
    form, definition = form_of(read, step), definition_of(read, step)
    own = files.get(step.case.id, ())
    stage = definition.elements[step.element_id].properties.get("stage")
    came = next((one for one in entered if one.at == step.created_at), None)
    report = next((one for one in entered if records_of(definition, one.element_id) == REPORT), None)
    context = form_context(
        read, person, step.case, form, unit_id=step.unit_id, attachments=usable(own, step.id)
    )  # fmt: skip
    return StepRow(
        step=step, form=form, context=context, due=due_words(read, person.tenant_id).of(step.due_at),
        stage=Stage(stage) if stage else None, is_mine=step.is_of(person),
        is_barred=person.id in doers, files={str(file.id): file for file in own},
        is_report=records_of(definition, step.element_id) == REPORT,
        start=starting_answers(step, form, entered, context),
        came=_shown(read, person, step, came, own), report=_shown(read, person, step, report, own),
        last_year=_last_year(read, person, step, files), gist=said(report.answers) if report is not None else "",
    )  # fmt: skip


def _shown(
    read: Session, person: CurrentPerson, step: StepOfCase, one: Entered | None, files: Sequence[StoredFile]
) -> SubmissionView | None:
    if one is None:
        return None
    place = Place(person.tenant_id, step.case.id, step.unit_id, step.case.parties)
    return shown_submissions(read, place, [one], by_id(files))[0]


def _last_year(read: Session, person: CurrentPerson, step: StepOfCase, files: Files) -> LastYearReport | None:
    told = step.last_year
    if told is None:
        return None
    form = runtime().form(told.definition_id, told.form_id, read.connection())
    place, raw = Place(person.tenant_id, told.instance_id, step.unit_id, {}), orjson.loads(told.data)
    view = show_answers(read, place, form, raw, by_id(files.get(told.instance_id, ())))
    return LastYearReport(told.year, raw, view)
