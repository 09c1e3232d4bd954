"""What people tell a case beside its steps: more time asked for, a difficulty raised, a document that has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.messages import SubmitMessage
from engine.errors import Kind, NobodyWaits, NotYourDesk, Rejected
from engine.models import MessageSubscription, Submission
from forms.definition import FormDefinition, FormRefused
from forms.fields import FormContext
from forms.formdata import FormData, parse_form_data
from webapp.cases.actions import may_send
from webapp.cases.queries import Case, find_case
from webapp.cases.submissions import SubmissionView, shown_submissions, submissions_of
from webapp.database import connection_of, db
from webapp.documents.attachments import StoredFile, files_of_case, usable
from webapp.execution import execute
from webapp.forms_view import build_form
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.contexts import form_context
from webapp.inbox.dues import Due
from webapp.inbox.left_over import FORM_CHANGED, left_over
from webapp.inbox.options import Place
from webapp.inbox.pages import own_page
from webapp.inbox.queries import due_words
from webapp.inbox.surroundings import MOST_EARLIER
from webapp.inbox.typed import Typed
from webapp.inbox.views.bulk import LIST, in_list, list_chosen_in
from webapp.runtime import runtime
from webapp.security import runs

Errors = Mapping[str, list[str]]
WAIT = "cho"
"""The subscription that the page was made for: what is sent twice answers one waiting only once."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the person may send to a case."""

    case: Case
    due: Due | None  # the case's own last day, which the message may be about
    element_id: str
    subscription_id: UUID
    form_id: str
    form: FormDefinition
    context: FormContext
    earlier: Sequence[SubmissionView]  # what was entered in the case: it may be what the message is about


@bp.get("/ho-so/<uuid:instance_id>/gui/<element_id>")
@runs(SubmitMessage)
def message(instance_id: UUID, element_id: str) -> ResponseReturnValue:
    """The message's form. Raises NotFound, NobodyWaits, NotYourDesk."""
    person, read = signed_in_person(), db.session()
    found = _message(read, person, find_case(read, person, instance_id), element_id)
    definition = runtime().definition(found.case.definition_id, read.connection())
    page = own_page(definition, element_id, found.subscription_id, instance_id)
    return redirect(in_list(page)) if page is not None else _page(found, None, {})


@bp.post("/ho-so/<uuid:instance_id>/gui/<element_id>")
@runs(SubmitMessage)
def send(instance_id: UUID, element_id: str) -> ResponseReturnValue:
    """Send it. Raises NotFound, NobodyWaits, NotYourDesk."""
    person, read = signed_in_person(), db.session()
    case = find_case(read, person, instance_id)
    wait = request.form.get(WAIT, "", type=str)
    if (title := _sent_before(read, person, case, wait)) is not None:
        return _sent(case, title)
    found = _message(read, person, case, element_id)
    data = request.form.to_dict(flat=False)
    if _left_over(found, data):
        return _page(found, data, {"": [FORM_CHANGED]}), 422
    try:
        answers = found.form.load(parse_form_data(found.form, data), found.context)
        execute(
            SubmitMessage(
                instance_id=case.id, element_id=element_id, answers=answers, subscription_id=found.subscription_id
            )
        )
    except FormRefused as refused:
        return _page(found, data, refused.errors), 422
    except Rejected as refusal:
        if refusal.kind is not Kind.INVALID:
            raise
        return _page(found, data, {"": [str(refusal)]}), 422
    return _sent(case, found.form.title)


def _sent(case: Case, title: str) -> ResponseReturnValue:
    flash(f"Đã ghi nhận: {title}.", "success")
    return redirect(_back(case))


def _back(case: Case) -> str:
    """The list from which the message was opened, else the case."""
    return list_chosen_in() if LIST in request.args else _home(case)


def _home(case: Case) -> str:
    """Where people know the case from: a cycle has a page of its own, a contribution stands in the lead's case."""
    if case.cycle_name:
        return url_for("cycles.show", cycle_id=case.id)
    return url_for("cases.show", instance_id=case.task.occurrence_id if case.task else case.id)


def _message(read: Session, person: CurrentPerson, case: Case, element_id: str) -> Message:
    """Raises NobodyWaits, NotYourDesk."""
    connection = read.connection()
    element = runtime().definition(case.definition_id, connection).elements.get(element_id)
    subscription_id = read.scalar(
        sa.select(MessageSubscription.id).where(
            MessageSubscription.instance_id == case.id, MessageSubscription.element_id == element_id
        )
    )
    if element is None or subscription_id is None or not case.is_running:
        raise NobodyWaits
    if not may_send(read, person, element, case.parties):
        raise NotYourDesk
    form_id = element.properties["form"]
    form = runtime().form(case.definition_id, form_id, connection)
    files = files_of_case(read, person.tenant_id, case.id)
    fresh = usable(files, subscription_id)
    context = form_context(read, person, case, form, unit_id=person.unit_id, attachments=fresh)
    due = due_words(read, person.tenant_id).of_last_day(case.dates.get("deadline"))
    earlier = _earlier(read, person, case, files)
    return Message(case, due, element_id, subscription_id, form_id, form, context, earlier)


def _earlier(read: Session, person: CurrentPerson, case: Case, files: Sequence[StoredFile]) -> Sequence[SubmissionView]:
    place = Place(person.tenant_id, case.id, None, case.parties)
    return shown_submissions(
        read, place, submissions_of(read, case.id, MOST_EARLIER), {str(file.id): file.for_form() for file in files}
    )


def _sent_before(read: Session, person: CurrentPerson, case: Case, token: str) -> str | None:
    """What this page has sent already, by a first click."""
    try:
        subscription_id = UUID(token)
    except ValueError:
        return None
    query = sa.select(Submission.definition_id, Submission.form_id).where(
        Submission.instance_id == case.id, Submission.user_task_id == subscription_id, Submission.actor_id == person.id
    )
    sent = read.execute(query).first()
    return runtime().form(sent.definition_id, sent.form_id, connection_of(read)).title if sent is not None else None


def _left_over(found: Message, data: FormData) -> list[Typed]:
    """What was typed into fields that the form had when its page was opened."""
    typed = {name: values for name, values in data.items() if name != WAIT}
    tenant_id = signed_in_person().tenant_id
    return left_over(db.session(), tenant_id, found, found.form, typed, found.context.attachments)


def _page(found: Message, data: FormData | None, errors: Errors) -> str:
    values = parse_form_data(found.form, data) if data is not None else None
    upload_url = url_for("documents.upload", viec=found.subscription_id)
    view = build_form(found.form, context=found.context, values=values, errors=errors, upload_url=upload_url)
    return render_template(
        "inbox/message.html",
        message=found,
        case=found.case,
        view=view,
        typed=_left_over(found, data or {}),
        wait_field=WAIT,
        home=_home(found.case),
        back=_back(found.case),
        loc=request.args.get(LIST),
    )
