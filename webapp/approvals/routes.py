"""Duyệt và ký: the queue of those who sign."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import NotYourDesk, Rejected, UserTaskNotOpen
from forms.definition import FormRefused
from forms.fields import FormContext
from forms.formdata import FormData, parse_form_data
from webapp.approvals.queries import CONTENT_SHOWN, MOST_CARDS, Card, card_of, waiting
from webapp.cases.queries import find_case
from webapp.cycles.records import ContentChanged
from webapp.cycles.report_data import leader_signing, report_document, signer_as
from webapp.database import db
from webapp.documents.attachments import files_of_case
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.forms_view import build_form
from webapp.identity import ROLE_NAMES, signed_in_person
from webapp.inbox.left_over import FORM_CHANGED, left_over
from webapp.inbox.pages import SIGNING_RECORDS, STEP_PAGES
from webapp.inbox.selections import done_meanwhile
from webapp.inbox.sent import where_next
from webapp.inbox.steps import find_step
from webapp.inbox.typed import Typed, Unsent, unsent_of
from webapp.inbox.views.bulk import LIST, list_chosen_in
from webapp.inbox.views.ended import show_ended, show_taken
from webapp.inbox.views.steps import require_sight
from webapp.organisation.models import Role
from webapp.permissions import Permission
from webapp.presentation import moment
from webapp.runtime import now, runtime
from webapp.security import requires

bp = Blueprint("approvals", __name__)

for _records in SIGNING_RECORDS:
    STEP_PAGES[_records] = lambda task, _cycle: url_for("approvals.show", task_id=task)

OPENED = "opened_reports"
"""In the session: what the person has opened, by step and content; only that may be approved with others at once."""
UNSEEN = "unseen"
"""Stands for the content of a page that did not say what it showed; it is no content's hash."""
SHORT = 12
"""Characters that tell steps, and contents, apart: a session's cookie holds 4 kB, and all that wait may be opened."""


@bp.get("/duyet-ky")
@requires(Permission.SIGN)
def index() -> ResponseReturnValue:
    """The cover cards that wait."""
    cards = waiting(db.session(), runtime(), signed_in_person(), local_date(now()))
    ready = {card.task_id for card in cards if card.batch and _is_opened(card) and not card.is_half_done}
    return render_template("approvals/index.html", cards=cards, ready=ready)


@bp.get("/duyet-ky.xlsx")
@requires(Permission.SIGN)
def sheet() -> ResponseReturnValue:
    """The same queue as a spreadsheet."""
    person = signed_in_person()
    cards = waiting(db.session(), runtime(), person, local_date(now()))
    return send_list("Văn bản chờ duyệt và ký", COLUMNS, map(_cells, cards), about=person.name)


COLUMNS = (
    ("Bước", 22), ("Kỳ báo cáo", 22), ("Kế hoạch", 54), ("Nơi nhận", 30), ("Hạn của bước", 18),
    ("Hạn gửi thành phố", 14), ("Kết quả nhiệm vụ", 44), ("Đơn vị chưa báo cáo", 40), ("Đã ký", 40),
)  # fmt: skip


def _cells(card: Card) -> tuple[Cell, ...]:
    counts = "; ".join(f"{status.label}: {count}" for status, count in card.buckets.items() if count)
    marks = "; ".join(f"{mark.what}: {mark.who}" for mark in card.marks if not mark.is_void)
    return (
        card.step, card.cycle_name, " · ".join(filter(None, (card.plan_number, card.plan_title))), card.recipient,
        moment(card.due_at), card.submit_by, counts, "; ".join(card.missing), marks,
    )  # fmt: skip


def _opened() -> dict[str, str]:
    found: dict[str, str] = session.get(OPENED, {})
    return found


@bp.get("/duyet-ky/<uuid:task_id>")
@requires(Permission.SIGN)
def show(task_id: UUID) -> ResponseReturnValue:
    """One card with its document beside it."""
    card = _find(task_id)
    return _page(card, None, {}) if card is not None else _elsewhere(task_id, None)


def _find(task_id: UUID) -> Card | None:
    return card_of(db.session(), runtime(), signed_in_person(), task_id, local_date(now()))


def _card(task_id: UUID) -> Card:
    """Raises UserTaskNotOpen for what does not (any more) wait for the person."""
    card = _find(task_id)
    if card is None:
        raise UserTaskNotOpen
    return card


def _elsewhere(task_id: UUID, data: FormData | None) -> ResponseReturnValue:
    """What does not (any more) wait for the person: who decided it, or has it, and what they had typed themselves.

    Raises NotFound, PermissionDenied, UserTaskNotOpen.
    """
    read, person = db.session(), signed_in_person()
    step = find_step(read, person, task_id)
    require_sight(read, person, step)
    if not step.is_open:
        return show_ended(read, step, data)
    if step.is_of(person):
        raise UserTaskNotOpen
    return show_taken(read, step, data)


def _page(
    card: Card, raw: Mapping[str, object] | None, errors: Mapping[str, list[str]], refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    _remember_opened(card)
    form = runtime().form(card.definition_id, card.form_id, db.session().connection())
    if raw is None and card.draft is not None:
        raw = parse_form_data(form, card.draft)
    view = build_form(form, context=FormContext(), values=raw, errors=errors)
    document = report_document(db.session(), card.report_id, local_date(now()))
    person, typed = signed_in_person(), request.form.to_dict(flat=False) or card.draft or {}
    if card.is_approval and (role := leader_signing(db.session(), person.tenant_id, person.id)):
        document = replace(document, signer=signer_as(role, person.name))
    page = render_template(
        "approvals/show.html", card=card, form=view, document=document, refusal=refusal, instead_of=_instead_of(card),
        unsent=_unsent(card), typed=_left_over(card, typed), loc=request.args.get(LIST), list_url=_list_come_from(),
    )  # fmt: skip
    return page, status


def _unsent(card: Card) -> list[Unsent]:
    """What the person typed when the report was here before, and somebody else decided or took it back."""
    read, person = db.session(), signed_in_person()
    files = files_of_case(read, person.tenant_id, card.instance_id)
    case = find_case(read, person, card.instance_id)
    return unsent_of(read, person, case, {str(file.id): file.for_form() for file in files})


def _left_over(card: Card, data: FormData) -> list[Typed]:
    """What was typed into fields that the form had before the case moved to another version."""
    read, person = db.session(), signed_in_person()
    form = runtime().form(card.definition_id, card.form_id, read.connection())
    typed = {name: values for name, values in data.items() if name != CONTENT_SHOWN}
    return left_over(read, person.tenant_id, find_step(read, person, card.task_id), form, typed, {})


def _instead_of(card: Card) -> str:
    """The role of the absent approver for whom the person decides; of one's own step nothing."""
    person, connection = signed_in_person(), db.session().connection()
    role = runtime().definition(card.definition_id, connection).steps[card.element_id].assignee.partition("@")[0]
    own = person.acting is not None and person.acting.role == role
    stands_in = any(desk.partition("@")[0] == role for desk in person.stood_in_desks)
    return ROLE_NAMES[Role(role)] if stands_in and not own else ""


def _remember_opened(card: Card) -> None:
    key, content = _in_short(card)
    others = [item for item in _opened().items() if item[0] != key]
    session[OPENED] = dict([*others, (key, content)][-MOST_CARDS:])


def _in_short(card: Card) -> tuple[str, str]:
    """The step, by the end of its id, which is random; its content, by the beginning of its hash."""
    return card.task_id.hex[-SHORT:], card.content_hash[:SHORT]


def _is_opened(card: Card) -> bool:
    """Whether the person has opened exactly this content."""
    key, content = _in_short(card)
    return _opened().get(key) == content


@bp.post("/duyet-ky/<uuid:task_id>")
@requires(Permission.SIGN)
def decide(task_id: UUID) -> ResponseReturnValue:
    """Approve, or return with a reason to a chosen desk."""
    data = request.form.to_dict(flat=False)
    card = _find(task_id)
    if card is None:
        return _elsewhere(task_id, data)
    form = runtime().form(card.definition_id, card.form_id, db.session().connection())
    raw = parse_form_data(form, data)
    if _left_over(card, data):
        return _page(card, raw, {}, FORM_CHANGED, status=422)
    try:
        answers = form.load(raw, FormContext())
        _decide(card, answers, request.form.get(CONTENT_SHOWN, ""))
    except FormRefused as refused:
        return _page(card, raw, refused.errors, status=422)
    except ContentChanged as changed:
        return _page(_card(task_id), raw, {}, str(changed), status=409)
    except (UserTaskNotOpen, NotYourDesk):
        return _elsewhere(task_id, data)
    returned = answers.get("decision") == "return"
    said = f"Đã trả lại kèm lý do: {card.name}." if returned else f"Đã ghi nhận: {card.step} – {card.name}."
    flash(said + where_next(db.session(), task_id), "success")
    return redirect(_list_come_from())


def _list_come_from() -> str:
    """The cards; for whoever came from Hộp việc, its list as it was filtered."""
    return list_chosen_in() if LIST in request.args else url_for("approvals.index")


def _decide(card: Card, answers: Mapping[str, object], seen: str) -> None:
    """One record for one decision, on exactly the content that was seen."""
    command = CompleteUserTask(user_task_id=card.task_id, answers={**answers, CONTENT_SHOWN: seen or UNSEEN})
    execute(command)


@bp.post("/duyet-ky")
@requires(Permission.SIGN)
def approve_opened() -> ResponseReturnValue:
    """Approve several that were opened, each with a record of its own."""
    done, refused, gone = [], [], []
    for task_id in request.form.getlist("task", type=UUID):
        try:
            card = _card(task_id)
            if not card.batch or not _is_opened(card):
                raise Rejected(f"{card.name}: hãy mở xem văn bản trước khi duyệt.")
            if card.is_half_done:
                raise Rejected(f"{card.name}: bạn đang nhập dở, hãy mở ra để gửi.")
            _decide(card, {"decision": "approve"}, card.content_hash)
            done.append(card.name)
        except UserTaskNotOpen:
            gone.append(str(task_id))
        except Rejected as error:
            refused.append(str(error))
    if gone:
        refused += done_meanwhile(db.session(), signed_in_person(), gone) or [str(UserTaskNotOpen())]
    if done:
        flash(f"Đã duyệt {len(done)} văn bản: {'; '.join(done)}.", "success")
    for text in refused or ([] if done else ["Chưa chọn văn bản nào."]):
        flash(text, "warning")
    return redirect(url_for("approvals.index"))
