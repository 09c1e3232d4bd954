"""What was entered in a case, to read: each submission by the version of the form it was entered in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from engine.models import Submission
from forms.cleaning import is_many
from forms.definition import FormDefinition
from forms.fields import FROM_CONTEXT, Attachment, Field, FieldType, FormContext, Option
from webapp.answers_view import AnswersView, build_answers
from webapp.database import connection_of, rows_of
from webapp.documents.attachments import ENTERED_FOR
from webapp.inbox.options import OPTIONS, Place
from webapp.incoming import uuid_in
from webapp.indicators.models import Indicator
from webapp.organisation.models import Person, Unit
from webapp.runtime import runtime

DECISION, REASON, RETURN = "decision", "reason", "return"
"""Fields of the forms with which somebody judges (docs/procedures.md), and the judgement that sends back."""

_s: Any = Submission.__table__


@dataclass(frozen=True, slots=True)
class Entered:
    """One submission as it is stored."""

    id: UUID
    user_task_id: UUID  # or the message subscription
    element_id: str
    form_id: str
    who: str
    actor_id: UUID | None
    on_behalf_of: str | None
    at: datetime
    answers: Mapping[str, Any]
    definition_id: UUID  # the version by which it was entered; the case may have moved to another since


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission as pages show it."""

    id: UUID
    element_id: str
    step: str
    who: str
    on_behalf_of: str | None
    at: datetime
    decision: str  # as the form words it; empty where nothing was decided
    returns: bool
    reason: str
    answers: AnswersView


SUBMISSIONS = (
    sa.select(
        *(_s.c[n] for n in (
            "id", "user_task_id", "element_id", "form_id", "actor_id", "on_behalf_of", "submitted_at", "data",
            "definition_id",
        )),
        Person.name.label("who"),
    )
    .outerjoin(Person, Person.id == _s.c.actor_id)
    .where(_s.c.instance_id == sa.bindparam("instance_id"))
    .order_by(_s.c.submitted_at.desc(), _s.c.id.desc())
    .limit(sa.bindparam("most"))
)  # fmt: skip


def submissions_of(read: Session, instance_id: UUID, most: int = 100) -> list[Entered]:
    """The case's newest submissions, newest first; its access has been checked."""
    rows = rows_of(read, SUBMISSIONS, {"instance_id": instance_id, "most": most})
    return [
        Entered(
            r.id, r.user_task_id, r.element_id, r.form_id, r.who or "Hệ thống", r.actor_id, r.on_behalf_of,
            r.submitted_at, orjson.loads(r.data), r.definition_id,
        )
        for r in rows
    ]  # fmt: skip


def shown_submissions(
    read: Session, place: Place, entered: Sequence[Entered], files: Mapping[str, Attachment]
) -> list[SubmissionView]:
    """Ready for the page, with the names of people, units and files in place of their ids."""
    connection = connection_of(read)
    forms = [runtime().form(one.definition_id, one.form_id, connection) for one in entered]
    context = reading_context(
        read, place, [(form, one.answers) for form, one in zip(forms, entered, strict=True)], files
    )
    steps = [runtime().definition(one.definition_id, connection).title_of(one.element_id) for one in entered]
    return [_shown(one, form, step, context) for one, form, step in zip(entered, forms, steps, strict=True)]


def show_answers(
    read: Session, place: Place, form: FormDefinition, answers: Mapping[str, Any], files: Mapping[str, Attachment]
) -> AnswersView:
    """One set of stored answers, ready for the page."""
    return build_answers(form, answers, reading_context(read, place, [(form, answers)], files), _file_url)


def _shown(one: Entered, form: FormDefinition, step: str, context: FormContext) -> SubmissionView:
    return SubmissionView(
        id=one.id, element_id=one.element_id, step=step, who=one.who, on_behalf_of=one.on_behalf_of, at=one.at,
        decision=decision_label(form, one.answers), returns=one.answers.get(DECISION) == RETURN,
        reason=str(one.answers.get(REASON) or ""), answers=_with_scan(one, form, context),
    )  # fmt: skip


def _with_scan(one: Entered, form: FormDefinition, context: FormContext) -> AnswersView:
    """The answers, and behind them the scan of what was entered for somebody else."""
    view = build_answers(form, one.answers, context, _file_url)
    if not one.answers.get(ENTERED_FOR):
        return view
    scan = Field(type=FieldType.FILEPICKER, key=ENTERED_FOR, label="Bản chụp phiếu giấy", multiple=True)
    pages = FormDefinition(ENTERED_FOR, "", (scan,), "")
    return AnswersView((*view.answers, *build_answers(pages, one.answers, context, _file_url).answers))


def decision_label(form: FormDefinition, answers: Mapping[str, Any]) -> str:
    """How the form words what was decided; empty where it asks for no decision."""
    chosen = answers.get(DECISION)
    field = next((field for field in form.fields if field.key == DECISION), None)
    return next((o.label for o in field.options if o.value == chosen), "") if field else ""


def _file_url(id: str) -> str:
    return url_for("documents.download", attachment_id=id)


Filled = tuple[FormDefinition, Mapping[str, Any]]


def reading_context(
    read: Session, place: Place, filled: Iterable[Filled], files: Mapping[str, Attachment]
) -> FormContext:
    """Names for every id that the answers hold, also of people who have left since."""
    chosen = list(_chosen(filled))
    ids = {kind: {value for field, value in chosen if field.type is kind} for kind in FROM_CONTEXT}
    people = _names(read, place, Person, ids[FieldType.PERSON])
    units = _names(read, place, Unit, ids[FieldType.UNIT])
    measured = _names(read, place, Indicator, ids[FieldType.INDICATOR])
    options: dict[str, Sequence[Option]] = {}
    for field, _ in chosen:
        if field.type is FieldType.PERSON:
            options[field.options_name] = people
        elif field.type is FieldType.UNIT:
            options[field.options_name] = units
        elif field.type is FieldType.INDICATOR:
            options[field.options_name] = measured
        elif field.options_name in OPTIONS and field.options_name not in options:
            options[field.options_name] = OPTIONS[field.options_name](read, place)
    return FormContext(options=options, attachments=files)


def _chosen(filled: Iterable[Filled]) -> Iterator[tuple[Field, str]]:
    """Every choice out of a named list, with its field; those in rows too."""
    for form, answers in filled:
        for field in form.fields:
            yield from _choices(field, answers)
            if field.type is FieldType.LIST:
                for row in answers.get(field.key) or ():
                    for column in field.components:
                        yield from _choices(column, row)


def _choices(field: Field, answers: Mapping[str, Any]) -> Iterator[tuple[Field, str]]:
    answer = answers.get(field.key)
    if field.options_name and answer:
        yield from ((field, str(value)) for value in (answer if is_many(field) else [answer]))


def _names(
    read: Session, place: Place, table: type[Person] | type[Unit] | type[Indicator], ids: set[str]
) -> Sequence[Option]:
    known = [id for id in map(uuid_in, sorted(ids)) if id is not None]  # A draft may hold anything.
    if not known:
        return ()
    values = {"tenant_id": place.tenant_id, **{f"id_{n}": id for n, id in enumerate(known)}}
    return [Option(str(row.id), row.name) for row in rows_of(read, _named(table, len(known)), values)]


@lru_cache(maxsize=256)
def _named(table: type[Person] | type[Unit] | type[Indicator], count: int) -> Any:
    """The statement for so many ids; made once."""
    wanted = (sa.bindparam(f"id_{n}", type_=sa.Uuid()) for n in range(count))
    return sa.select(table.id, table.name).where(
        table.tenant_id == sa.bindparam("tenant_id"), table.id.in_(list(wanted))
    )
