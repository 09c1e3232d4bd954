"""The pages of the quick settings: all steps at a glance, one step's settings, an approver more or less."""

import re
from collections.abc import Callable
from typing import Any

import orjson
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import Kind, Rejected
from engine.spiff import UNIT
from webapp.database import db
from webapp.execution import execute
from webapp.form_editing.subjects import the_draft
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, WHOLE_FORM, Errors, attempt
from webapp.organisation.fields import Form, Text
from webapp.organisation.unit_codes import units_to_name
from webapp.procedures import words
from webapp.procedures.draft_queries import Draft, form_choices, forms_at_hand, own_forms
from webapp.procedures.drafts import OpenDraft, PutDraftForm, SaveDraft
from webapp.quick_settings.blueprint import bp
from webapp.quick_settings.drawings import CannotChange, Drawing, Step
from webapp.quick_settings.levels import Level, recipients_to_choose, rows_of, typed_rows, written
from webapp.security import runs

BASE = "/quy-trinh/<key>/thiet-lap-nhanh"
WORKING_DAYS = re.compile(r"working_days\((\d{1,3})\)")


class StepForm(Form):
    """A step's settings, but for its table of reminders."""

    name = Text("Đặt tên cho bước.", most=120)
    role = Text()
    party = Text()
    form = Text("Chọn biểu mẫu cho bước.")
    clock = Text()
    due_kind = Text()
    days = Text(most=3)
    due = Text(most=1000)


class ApproverForm(Form):
    name = Text("Đặt tên cho bước, ví dụ: Phó Chủ tịch xem báo cáo.", most=120)
    role = Text("Chọn vai của người duyệt.")
    party = Text("Chọn đơn vị của người duyệt.")
    may_return = Text()


@bp.post(f"{BASE}/mo")
@runs(OpenDraft)
def begin(key: str) -> ResponseReturnValue:
    """Go to the settings of the draft, begun where there is none."""
    execute(OpenDraft(key=key))
    return redirect(url_for("quick_settings.index", key=key))


@bp.get(BASE)
@runs(SaveDraft)
def index(key: str) -> ResponseReturnValue:
    """All steps of the draft with what may be set."""
    draft = _draft(key)
    try:
        steps, table = Drawing(draft.source).steps(), Drawing(draft.source).reminders
    except CannotChange as refusal:
        steps, table = [], ""
        flash(str(refusal), "error")
    titles = {form["id"]: form["title"] for form in _forms(draft)}
    return render_template(
        "quick_settings/index.html",
        draft=draft, steps=steps, table=table, titles=titles, words=words, units=_units(), in_days=_in_days,
    )  # fmt: skip


def _in_days(due: str) -> str:
    """How many working days a due expression gives, "" for one that is more than that."""
    counted = WORKING_DAYS.fullmatch(due.strip())
    return counted[1] if counted else ""


@bp.route(f"{BASE}/<element_id>", methods=["GET", "POST"])
@runs(SaveDraft)
def step(key: str, element_id: str) -> ResponseReturnValue:
    """One step's settings."""
    draft = _draft(key)
    found = Drawing(draft.source).step(element_id)
    if request.method != "POST":
        return _step_page(draft, found, _values_of(found), {})
    answer, errors = attempt(lambda: _change(draft, found))
    return answer if answer is not None else (_step_page(draft, found, request.form, errors), REFUSED)


def _change(draft: Draft, found: Step) -> ResponseReturnValue:
    """Raises ValidationError, Rejected."""
    _require_seen(draft)
    values, reminders = StepForm().load(request.form), _typed_table()
    properties = {
        "assignee": _desk(values), "form": values["form"], "due": _due(values), "reminders": reminders,
        "clock": "case" if values["clock"] else "",
    }  # fmt: skip
    return _save(
        draft, lambda drawing: drawing.change(found.element_id, values["name"], properties), "Đã lưu thiết lập."
    )


def _typed_table() -> str:
    """Raises ValidationError."""
    try:
        return written(typed_rows(request.form.to_dict(flat=False)))
    except ValueError as fault:
        raise ValidationError(str(fault), WHOLE_FORM) from fault


@bp.route(f"{BASE}/bang-nhac", methods=["GET", "POST"])
@runs(SaveDraft)
def table(key: str) -> ResponseReturnValue:
    """The reminders of all steps that run on the case's own deadline."""
    draft = _draft(key)
    if request.method != "POST":
        return _table_page(draft, {})

    def work() -> ResponseReturnValue:
        _require_seen(draft)
        reminders = _typed_table()
        return _save(draft, lambda drawing: drawing.set_reminders(reminders), "Đã lưu bảng nhắc chung.")

    answer, errors = attempt(work)
    return answer if answer is not None else (_table_page(draft, errors), REFUSED)


def _table_page(draft: Draft, errors: Errors) -> str:
    levels = _levels(Drawing(draft.source).reminders)
    return render_template(
        "quick_settings/table.html", draft=draft, levels=levels, errors=errors,
        recipients=recipients_to_choose(tuple(levels), _units()),
    )  # fmt: skip


def _levels(reminders: str) -> list[Level]:
    """The rows as they were sent, else as they stand in the drawing."""
    sent = request.form.to_dict(flat=False)
    try:
        return typed_rows(sent) if "amount" in sent else rows_of(reminders)
    except ValueError:
        return rows_of("")


def _desk(values: dict[str, str]) -> str:
    """Raises ValidationError for half a desk."""
    if bool(values["role"]) is not bool(values["party"]):
        raise ValidationError("Chọn cả vai và đơn vị, hoặc để trống cả hai để theo làn.", "role")
    return f"{values['role']}@{values['party']}" if values["role"] else ""


def _due(values: dict[str, str]) -> str:
    if values["due_kind"] == "days":
        if not values["days"].isdecimal() or not int(values["days"]):
            raise ValidationError("Ghi số ngày làm việc, ví dụ 2.", "days")
        return f"working_days({int(values['days'])})"
    return values["due"] if values["due_kind"] == "expression" else ""


@bp.post(f"{BASE}/<element_id>/them")
@runs(SaveDraft)
def add(key: str, element_id: str) -> ResponseReturnValue:
    """An approver more, behind a step."""
    draft = _draft(key)
    found = Drawing(draft.source).step(element_id)
    answer, errors = attempt(lambda: _add(draft, found))
    return (
        answer if answer is not None else (_step_page(draft, found, _values_of(found), errors, request.form), REFUSED)
    )


def _add(draft: Draft, found: Step) -> ResponseReturnValue:
    """Raises ValidationError, Rejected."""
    _require_seen(draft)
    values = ApproverForm().load(request.form)
    may_return, drawing = bool(values["may_return"]), Drawing(draft.source)
    made: list[str] = []

    def work(drawing: Drawing) -> None:
        desk = f"{values['role']}@{values['party']}"
        made.append(drawing.add_after(found.element_id, values["name"], desk, "", may_return=may_return))
        drawing.change(made[0], values["name"], {"form": made[0]})

    work(drawing)  # Tried before a form is made for it.
    execute(
        PutDraftForm(key=draft.key, form_id=made.pop(), source=_approval_form(values["name"], may_return=may_return))
    )
    return _save(_draft(draft.key), work, f"Đã thêm bước “{values['name']}” cùng biểu mẫu của bước đó.")


def _approval_form(title: str, *, may_return: bool) -> bytes:
    """An opinion; with a decision where the approver may return."""
    opinion: dict[str, Any] = {"type": "textarea", "id": "field_opinion", "key": "opinion", "label": "Ý kiến"}
    fields = [opinion]
    if may_return:
        choices = [{"label": "Đồng ý", "value": "approve"}, {"label": "Trả lại", "value": "return"}]
        decision = {
            "type": "radio", "id": "field_decision", "key": "decision", "label": "Quyết định", "values": choices,
            "validate": {"required": True}, "properties": {"variable": "true", "message": "Chưa chọn quyết định."},
        }  # fmt: skip
        opinion["validate"] = {"requiredWhen": 'decision == "return"'}
        opinion["properties"] = {"message": "Trả lại thì cần nêu lý do."}
        fields.insert(0, decision)
    form = {
        "type": "default", "schemaVersion": 18, "id": "duyet", "title": title,
        "properties": {"submit": "Gửi quyết định" if may_return else "Gửi ý kiến"}, "components": fields,
    }  # fmt: skip
    return orjson.dumps(form, option=orjson.OPT_INDENT_2)


@bp.post(f"{BASE}/<element_id>/bo")
@runs(SaveDraft)
def remove(key: str, element_id: str) -> ResponseReturnValue:
    """An approver less."""
    draft = _draft(key)
    found = Drawing(draft.source).step(element_id)

    def work() -> ResponseReturnValue:
        _require_seen(draft)
        return _save(draft, lambda drawing: drawing.remove(element_id), f"Đã bỏ bước “{found.name}”.")

    answer, errors = attempt(work)
    return answer if answer is not None else (_step_page(draft, found, _values_of(found), errors), REFUSED)


# --- the draft, and the page ---


def _draft(key: str) -> Draft:
    return the_draft(db.session(), signed_in_person(), key)


def _require_seen(draft: Draft) -> None:
    """Raises Changed where the page was made from an older draft."""
    if (request.form.get("draft"), request.form.get("version")) != (str(draft.id), str(draft.version)):
        raise Changed


def _save(draft: Draft, work: Callable[[Drawing], Any], said: str) -> ResponseReturnValue:
    """Raises Rejected where the drawing cannot be changed so, or somebody was quicker."""
    drawing = Drawing(draft.source)
    work(drawing)
    execute(SaveDraft(key=draft.key, version=draft.version, source=drawing.to_bytes()))
    flash(f"{said} Xem lại mọi thay đổi rồi triển khai.", "success")
    return redirect(url_for("quick_settings.index", key=draft.key))


class Changed(Rejected):
    """Another has saved the draft since the page was made."""

    kind = Kind.CONFLICT
    message = "Bản nháp vừa được sửa ở nơi khác. Những gì bạn nhập vẫn còn dưới đây; hãy xem lại rồi lưu lần nữa."


def _forms(draft: Draft) -> list[dict[str, Any]]:
    read = db.session()
    return form_choices(forms_at_hand(read, draft.id), own_forms(read, draft.id))


def _units() -> dict[str, str]:
    return units_to_name(db.session(), signed_in_person().tenant_id)


def _places() -> list[tuple[str, str]]:
    """Where a desk may be: at a party of the case, or at one unit of the ward."""
    return [*words.PARTIES.items(), *((f"{UNIT}{code}", f"Luôn là {name}") for code, name in _units().items())]


def _values_of(found: Step) -> dict[str, str]:
    role, _, party = found.assignee.partition("@")
    counted = WORKING_DAYS.fullmatch(found.due.strip())
    kind = "days" if counted else "expression" if found.due else "none"
    return {
        "name": found.name, "role": role, "party": party, "form": found.form, "due_kind": kind,
        "days": counted[1] if counted else "", "due": "" if counted else found.due,
        "clock": "on" if found.runs_on_case_clock else "",
    }  # fmt: skip


def _step_page(draft: Draft, found: Step, values: Any, errors: Errors, adding: Any = None) -> str:
    levels = _levels(found.reminders)
    return render_template(
        "quick_settings/step.html",
        draft=draft, step=found, values=values, errors=errors, levels=levels, adding=adding or {},
        recipients=recipients_to_choose(tuple(levels), _units()), roles=list(words.ROLES.items()),
        parties=_places(), forms=[(form["id"], form["title"]) for form in _forms(draft)], words=words, units=_units(),
    )  # fmt: skip
