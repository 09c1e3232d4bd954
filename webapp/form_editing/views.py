"""The form editor's pages: the list of a draft's forms, one form with the field that is being changed."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import orjson
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import NotFound, Rejected
from forms.definition import MAX_SUBMIT, InvalidForm
from forms.fields import FieldType
from webapp.database import db
from webapp.execution import execute
from webapp.form_editing.blueprint import bp
from webapp.form_editing.conditions import TESTS
from webapp.form_editing.details import FORMATS, WIDTHS, apply, parts_of, values_of
from webapp.form_editing.shapes import KINDS, NOT_IN_A_LIST, PALETTE, NotThere, Path, Shape, named, path_of, written
from webapp.form_editing.subjects import (
    FormChanged,
    Subject,
    deployed_forms,
    find_subject,
    in_words,
    list_forms,
    require_sound,
    the_draft,
)
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt, faults_of
from webapp.organisation.fields import Form, Text
from webapp.procedures.drafts import PutDraftForm
from webapp.security import runs

BASE = "/quy-trinh/<key>/bieu-mau/<form_id>"


SETTINGS = "truong"
"""The place on the page where the chosen field is set."""


class NewForm(Form):
    """A form to begin with."""

    title = Text("Đặt tên cho biểu mẫu.", most=120)
    form_id = Text("Đặt mã cho biểu mẫu, ví dụ: xem_bao_cao.", most=60)


class HeadForm(Form):
    """What is said of the form as a whole."""

    title = Text("Đặt tên cho biểu mẫu.", most=120)
    submit = Text(most=MAX_SUBMIT)


# --- the forms of a draft ---


@bp.get("/quy-trinh/<key>/bieu-mau")
@runs(PutDraftForm)
def index(key: str) -> ResponseReturnValue:
    """The forms that a draft may use."""
    return _index(key, {}, {})


@bp.post("/quy-trinh/<key>/bieu-mau")
@runs(PutDraftForm)
def create(key: str) -> ResponseReturnValue:
    """Begin a form."""
    answer, errors = attempt(lambda: _create(key))
    return answer if answer is not None else (_index(key, request.form, errors), REFUSED)


def _create(key: str) -> ResponseReturnValue:
    """Raises ValidationError, NotFound."""
    values = NewForm().load(request.form)
    form_id, read = values["form_id"], db.session()
    draft = the_draft(read, signed_in_person(), key)
    if not _is_key(form_id):
        raise ValidationError("Mã gồm chữ thường không dấu, số và dấu gạch dưới, bắt đầu bằng chữ.", "form_id")
    if any(form.form_id == form_id for form in list_forms(read, draft)):
        raise ValidationError("Đã có biểu mẫu mang mã này.", "form_id")
    first = {"type": "textarea", "id": "field_y_kien", "key": "y_kien", "label": "Ý kiến"}
    raw = {"type": "default", "schemaVersion": 18, "id": form_id, "title": values["title"], "components": [first]}
    execute(PutDraftForm(key=key, form_id=form_id, source=orjson.dumps(raw, option=orjson.OPT_INDENT_2)))
    return redirect(url_for("form_editing.edit", key=key, form_id=form_id, truong="0", _anchor=SETTINGS))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isidentifier() and text == text.lower() and text[0].isalpha() and "__" not in text


def _index(key: str, values: Mapping[str, str], errors: Errors) -> str:
    read = db.session()
    draft = the_draft(read, signed_in_person(), key)
    return render_template(
        "form_editing/index.html", draft=draft, forms=list_forms(read, draft), values=values, errors=errors
    )


# --- one form ---


@bp.get(BASE)
@runs(PutDraftForm)
def edit(key: str, form_id: str) -> ResponseReturnValue:
    """Its outline, the chosen field's settings, and how staff will see it."""
    subject = _subject(key, form_id)
    chosen = request.args.get("truong", "")
    return _page(subject, path_of(chosen) if chosen else None, None, ())


@bp.post(f"{BASE}/ten")
@runs(PutDraftForm)
def rename(key: str, form_id: str) -> ResponseReturnValue:
    """Give the form another title, or its button another word."""
    subject = _subject(key, form_id)
    try:
        head = HeadForm().load(request.form)
    except ValidationError as invalid:
        return _page(subject, None, None, tuple(chain(*faults_of(invalid).values()))), REFUSED
    return _changed(subject, None, lambda shape: shape.name(head["title"], head["submit"]))


@bp.post(f"{BASE}/truong")
@runs(PutDraftForm)
def add(key: str, form_id: str) -> ResponseReturnValue:
    """Put a new field into the form, or into one of its groups and tables."""
    subject, inside = _subject(key, form_id), request.form.get("inside", "")
    holder = path_of(inside) if inside else ()
    kind = request.form.get("kind", "")
    if kind not in PALETTE or (holder and _is_list(subject, holder) and kind in NOT_IN_A_LIST):
        return _page(subject, None, None, (NotThere.message,)), REFUSED
    placed: list[Path] = []
    return _changed(subject, lambda: placed[0], lambda shape: placed.append(shape.add(kind, holder)), at=SETTINGS)


@bp.post(f"{BASE}/truong/<path>")
@runs(PutDraftForm)
def change(key: str, form_id: str, path: str) -> ResponseReturnValue:
    """Change one field's settings."""
    subject, place = _subject(key, form_id), path_of(path)
    typed = request.form.to_dict()

    def write(shape: Shape) -> None:
        apply(shape.component(place), shape.kind_at(place), typed, shape.choices(but=path))

    return _changed(subject, lambda: place, write, typed=typed, said="Đã lưu trường.")


@bp.post(f"{BASE}/truong/<path>/chuyen")
@runs(PutDraftForm)
def move(key: str, form_id: str, path: str) -> ResponseReturnValue:
    """Up or down among its neighbours, or to where it was dragged."""
    subject, placed = _subject(key, form_id), [path_of(path)]
    up, to = request.form.get("by") == "len", request.form.get("to", "")

    def write(shape: Shape) -> None:
        placed.append(shape.put(placed[0], path_of(to)) if to else shape.move(placed[0], -1 if up else 1))

    return _changed(subject, lambda: placed[-1], write, at="len-{}" if up else "xuong-{}")


@bp.post(f"{BASE}/truong/<path>/bo")
@runs(PutDraftForm)
def remove(key: str, form_id: str, path: str) -> ResponseReturnValue:
    """Take a field out, where no condition needs it."""
    subject, place = _subject(key, form_id), path_of(path)
    return _changed(subject, None, lambda shape: shape.remove(place), said="Đã bỏ trường.")


@bp.get(f"{BASE}/tep.form")
@runs(PutDraftForm)
def download(key: str, form_id: str) -> ResponseReturnValue:
    """The form as a file."""
    answer = Response(_subject(key, form_id).source, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{form_id}.form")
    return answer


# --- all changes ---


def _subject(key: str, form_id: str) -> Subject:
    return find_subject(db.session(), signed_in_person(), key, form_id)


def _is_list(subject: Subject, path: Path) -> bool:
    return Shape(subject.source).kind_at(path) is FieldType.LIST


def _changed(
    subject: Subject,
    then: Callable[[], Path] | None,
    write: Callable[[Shape], Any],
    *,
    typed: Mapping[str, str] | None = None,
    said: str = "",
    at: str | None = None,
) -> ResponseReturnValue:
    """Change the form and keep it, if it is sound afterwards; else the page again, with what was typed.

    `then` says which field to show next, `at` where on the page the focus goes: {} stands for that field's place.
    """
    shape, faults = Shape(subject.source), []
    try:
        if request.form.get("version") != subject.version:
            raise FormChanged
        write(shape)
        after = shape.to_bytes()
        require_sound(subject.source, after)
        execute(PutDraftForm(key=subject.draft.key, form_id=subject.form_id, source=after))
    except InvalidForm as invalid:
        faults = [in_words(fault) for fault in invalid.faults]
    except NotFound:
        raise
    except Rejected as refusal:
        faults = [str(refusal)]
    if faults:
        again = _subject(subject.draft.key, subject.form_id)
        place = then() if then and typed is not None else None
        return _page(again, place, typed, tuple(faults)), REFUSED
    if said:
        flash(said, "success")
    chosen = written(then()) if then else None
    anchor, key = at.format(chosen) if at else None, subject.draft.key
    return redirect(url_for("form_editing.edit", key=key, form_id=subject.form_id, truong=chosen, _anchor=anchor))


def _page(subject: Subject, path: Path | None, typed: Mapping[str, str] | None, faults: tuple[str, ...]) -> str:
    shape = Shape(subject.source)
    rows = shape.outline()
    chosen = None if path is None else next((row for row in rows if row.path == written(path)), None)
    raw = shape.component(path) if path is not None and chosen is not None else {}
    kind = FieldType(chosen.kind) if chosen and chosen.kind in KINDS else None
    others = [row for row in rows if row.key and row is not chosen]
    choices = shape.choices(but=chosen.path if chosen else "")
    stored = values_of(raw, choices) if kind else {}
    offered = dict.fromkeys(label for options in choices.values() for label in options.values())
    return render_template(
        "form_editing/edit.html",
        subject=subject, title=shape.raw.get("title") or subject.form_id, submit=shape.submit, rows=rows, chosen=chosen,
        values=stored if typed is None else typed, parts=parts_of(kind) if kind else (),
        kinds=list(PALETTE.items()), list_kinds=[(k, n) for k, n in PALETTE.items() if k not in NOT_IN_A_LIST],
        others=named(others), tests=list(TESTS.items()), widths=list(WIDTHS.items()), formats=list(FORMATS.items()),
        offered=list(offered), faults=faults,
        deployed=deployed_forms(db.session(), signed_in_person().tenant_id, subject.draft.key, subject.form_id),
    )  # fmt: skip
