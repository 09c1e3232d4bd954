"""The form editor's pages: the list of a draft's forms, one form with the field that is being changed."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import orjson
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import NotFound, Rejected
from forms.definition import InvalidForm
from forms.fields import FieldType
from webapp.database import db
from webapp.execution import execute
from webapp.form_editing.blueprint import bp
from webapp.form_editing.conditions import TESTS
from webapp.form_editing.details import FORMATS, WIDTHS, parts_of, values_of
from webapp.form_editing.shapes import KINDS, NOT_IN_A_LIST, PALETTE, NotThere, Path, Shape, named, path_of, written
from webapp.form_editing.subjects import (
    FieldGone,
    Subject,
    deployed_forms,
    find_subject,
    in_words,
    list_forms,
    require_sound,
    the_draft,
)
from webapp.form_editing.typed import UNTOUCHED, Settings, Typed, head_along, settings_along
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt, faults_of
from webapp.organisation.fields import Form, Text
from webapp.procedures.drafts import FormChanged, PutDraftForm
from webapp.security import runs

BASE = "/quy-trinh/<key>/bieu-mau/<form_id>"


SETTINGS = "truong"
"""The place on the page where the chosen field is set."""


class NewForm(Form):
    """A form to begin with."""

    title = Text("Đặt tên cho biểu mẫu.", most=120)
    form_id = Text("Đặt mã cho biểu mẫu, ví dụ: xem_bao_cao.", most=60)


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
    source = orjson.dumps(raw, option=orjson.OPT_INDENT_2)
    execute(PutDraftForm(key=key, form_id=form_id, source=source, made_from=b""))
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
    chosen = request.args.get("truong", "")
    return _page(_subject(key, form_id), path_of(chosen) if chosen else None)


@bp.post(f"{BASE}/ten")
@runs(PutDraftForm)
def rename(key: str, form_id: str) -> ResponseReturnValue:
    """Give the form another title, or its button another word."""
    typed = Typed(settings=settings_along(request.form), head=request.form)
    return _changed(_subject(key, form_id), typed, typed.put_into)


@bp.post(f"{BASE}/truong")
@runs(PutDraftForm)
def add(key: str, form_id: str) -> ResponseReturnValue:
    """Put a new field into the form, or into one of its groups and tables."""
    inside, kind = request.form.get("inside", ""), request.form.get("kind", "")
    holder, typed, placed = path_of(inside) if inside else Path(), _along(), Path()

    def write(shape: Shape) -> None:
        nonlocal placed
        if kind not in PALETTE or (holder and shape.kind_at(holder) is FieldType.LIST and kind in NOT_IN_A_LIST):
            raise NotThere
        typed.put_into(shape)
        placed = shape.add(kind, holder)

    return _changed(_subject(key, form_id), typed, write, lambda _: (placed, SETTINGS))


@bp.post(f"{BASE}/truong/<path>")
@runs(PutDraftForm)
def change(key: str, form_id: str, path: str) -> ResponseReturnValue:
    """Change one field's settings."""
    typed = Typed(settings=Settings(path, request.form.to_dict()), head=head_along(request.form))
    return _changed(_subject(key, form_id), typed, typed.put_into)


@bp.post(f"{BASE}/truong-da-bo")
@runs(PutDraftForm)
def restore(key: str, form_id: str) -> ResponseReturnValue:
    """Add a field that somebody took out meanwhile, with what it held and what was typed for it."""
    gone, placed = Settings("", request.form.to_dict()), Path()
    head = Typed(head=head_along(request.form))

    def write(shape: Shape) -> None:
        nonlocal placed
        head.put_into(shape)
        placed = shape.add(gone.kind, ())
        if gone.inside:
            shape.component(placed)["components"] = gone.inside
        gone.put_into(shape, placed)

    typed = Typed(settings=gone, head=head.head)
    return _changed(_subject(key, form_id), typed, write, lambda _: (placed, SETTINGS), said="Đã thêm lại trường.")


@bp.post(f"{BASE}/truong/<path>/chuyen")
@runs(PutDraftForm)
def move(key: str, form_id: str, path: str) -> ResponseReturnValue:
    """Up or down among its neighbours, or to where it was dragged."""
    placed, typed = path_of(path), _along()
    up, to = request.form.get("by") == "len", request.form.get("to", "")

    def write(shape: Shape) -> None:
        nonlocal placed
        typed.put_into(shape)
        placed = shape.put(placed, path_of(to)) if to else shape.move(placed, -1 if up else 1)

    return _changed(_subject(key, form_id), typed, write, lambda shape: (placed, _at_hand(shape, placed, up=up)))


def _at_hand(shape: Shape, place: Path, *, up: bool) -> str:
    """Where the focus goes on from: the button just pressed, at the end of the way the other one, else the name."""
    row = next(row for row in shape.outline() if row.path == written(place))
    if row.is_first and row.is_last:
        return f"ten-{row.path}"
    return f"len-{row.path}" if row.is_last or (up and not row.is_first) else f"xuong-{row.path}"


@bp.post(f"{BASE}/truong/<path>/bo")
@runs(PutDraftForm)
def remove(key: str, form_id: str, path: str) -> ResponseReturnValue:
    """Take a field out, where no condition needs it."""
    place, typed = path_of(path), Typed(head=head_along(request.form))

    def write(shape: Shape) -> None:
        typed.put_into(shape)
        shape.remove(place)

    return _changed(_subject(key, form_id), typed, write, said="Đã bỏ trường.")


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


def _along() -> Typed:
    """What was typed elsewhere on the page than in the form that was sent."""
    return Typed(settings=settings_along(request.form), head=head_along(request.form))


Next = tuple[Path | None, str | None]
"""Which field is shown next, and where on the page the focus goes."""


def _changed(
    subject: Subject,
    typed: Typed,
    write: Callable[[Shape], None],
    then: Callable[[Shape], Next] | None = None,
    *,
    said: str = "",
) -> ResponseReturnValue:
    """Change the form and keep it, if it is sound afterwards; else the page again, with what was typed."""
    shape, faults = Shape(subject.source), []
    place = typed.place_in(shape)
    try:
        if request.form.get("version") != subject.version:
            raise FormChanged
        write(shape)
        after = shape.to_bytes()
        require_sound(subject.source, after)
        execute(PutDraftForm(key=subject.draft.key, form_id=subject.form_id, source=after, made_from=subject.source))
    except FormChanged:
        faults = [str(_conflict(_subject(subject.draft.key, subject.form_id), typed))]
    except InvalidForm as invalid:
        faults = [in_words(fault) for fault in invalid.faults]
    except ValidationError as invalid:
        faults = list(chain(*faults_of(invalid).values()))
    except NotFound:
        raise
    except Rejected as refusal:
        faults = [str(refusal)]
    if faults:
        return _page(_subject(subject.draft.key, subject.form_id), None, typed, faults), REFUSED
    if said or typed.settings:
        flash(said or "Đã lưu trường.", "success")
    return _on_to(subject, *(then(shape) if then else _following(place)))


def _following(place: Path | None) -> Next:
    """What is shown after saving: the field whose link was followed, else the same as before."""
    chosen = request.form.get("then", "")
    return (path_of(chosen), SETTINGS) if chosen else (place, None)


def _conflict(subject: Subject, typed: Typed) -> Rejected:
    if typed.settings is None or typed.place_in(Shape(subject.source)) is not None:
        return FormChanged()
    saver = subject.draft.saved_by
    return FieldGone(typed.settings.values.get("label", ""), saver if saver != signed_in_person().name else "")


def _on_to(subject: Subject, place: Path | None, anchor: str | None) -> ResponseReturnValue:
    chosen, key = written(place) if place else None, subject.draft.key
    return redirect(url_for("form_editing.edit", key=key, form_id=subject.form_id, truong=chosen, _anchor=anchor))


def _page(subject: Subject, path: Path | None, typed: Typed = UNTOUCHED, faults: Sequence[str] = ()) -> str:
    """`typed` is what could not be kept; its field is shown where it stands now, or as one that is gone."""
    shape = Shape(subject.source)
    rows, marks = shape.outline(), shape.marks()
    path = path or typed.place_in(shape)
    chosen = None if path is None else next((row for row in rows if row.path == written(path)), None)
    gone = typed.settings if typed.settings and chosen is None else None
    raw = shape.component(path) if path is not None and chosen is not None else {}
    kind = gone.kind if gone else FieldType(chosen.kind) if chosen and chosen.kind in KINDS else None
    others = [row for row in rows if row.key and row is not chosen]
    choices = shape.choices(but=chosen.path if chosen else "")
    inside = orjson.dumps(raw["components"]).decode() if raw.get("components") else ""
    stored = {**values_of(raw, choices), "inside": inside} if kind else {}
    offered = dict.fromkeys(label for options in choices.values() for label in options.values())
    return render_template(
        "form_editing/edit.html",
        subject=subject, title=shape.raw.get("title") or subject.form_id, rows=rows, chosen=chosen, gone=gone,
        head=typed.head or {"title": shape.raw.get("title") or subject.form_id, "submit": shape.submit}, typed=typed,
        values=typed.settings.values if typed.settings else stored, parts=parts_of(kind) if kind else (), kind=kind,
        kind_name=KINDS[kind] if kind else "", mark=marks[chosen.path] if chosen else "",
        kinds=list(PALETTE.items()), list_kinds=[(k, n) for k, n in PALETTE.items() if k not in NOT_IN_A_LIST],
        others=named(others), tests=list(TESTS.items()), widths=list(WIDTHS.items()), formats=list(FORMATS.items()),
        offered=list(offered), faults=faults,
        deployed=deployed_forms(db.session(), signed_in_person().tenant_id, subject.draft.key, subject.form_id),
    )  # fmt: skip
