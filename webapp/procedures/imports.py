"""Tạo quy trình: from an empty diagram, a shipped one, a file or an archive; and a form into a draft."""

import re
from collections.abc import Mapping
from contextlib import closing

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage

from engine.errors import Rejected
from forms.definition import FormDefinition, InvalidForm
from webapp.execution import execute
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.procedures.archives import MAX_ARCHIVE, MAX_FORM, Bundle, unpack
from webapp.procedures.blueprint import bp
from webapp.procedures.bundles import SHIPPED, shipped_diagram
from webapp.procedures.drafts import ImportDraft, PutDraftForm
from webapp.procedures.sources import describe, empty_diagram, rekeyed
from webapp.security import runs

FORM_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")


@bp.get("/quy-trinh-moi")
@runs(ImportDraft)
def new() -> ResponseReturnValue:
    """From what to begin."""
    return _page({}, {})


@bp.post("/quy-trinh-moi")
@runs(ImportDraft)
def create() -> ResponseReturnValue:
    """Make the draft, then open it."""

    def work() -> ResponseReturnValue:
        bundle = _STARTS.get(request.form.get("start", ""), _from_file)()
        key = execute(ImportDraft(source=bundle.source, forms=bundle.forms, replace=request.form.get("replace") == "1"))
        return redirect(url_for("procedures.edit", key=key))

    answer, errors = attempt(work)
    return answer or (_page(request.form, errors), REFUSED)


@bp.post("/quy-trinh/<key>/ban-nhap/bieu-mau")
@runs(PutDraftForm)
def put_form(key: str) -> ResponseReturnValue:
    """Add a form's file to a draft, or put it in the place of one."""
    try:
        title = _put_form(key)
    except Rejected as refused:
        flash(str(refused), "error")
    else:
        flash(f"Đã thêm biểu mẫu “{title}” vào bản nháp.", "success")
    return redirect(url_for("procedures.show", key=key))


def _put_form(key: str) -> str:
    """Return the form's title. Raises Rejected."""
    content, name = _uploaded("form", MAX_FORM, "Biểu mẫu quá lớn: nhiều nhất 512 kB.")
    form_id = name.removesuffix(".form")
    if not FORM_ID.fullmatch(form_id):
        raise Rejected("Tên tệp biểu mẫu gồm chữ thường không dấu, số, gạch dưới, ví dụ: y_kien_pct.form.")
    try:
        title = FormDefinition.parse(content).title or form_id
    except InvalidForm as fault:
        raise Rejected(f"Biểu mẫu có lỗi: {fault}") from fault
    execute(PutDraftForm(key=key, form_id=form_id, source=content))
    return title


def _from_nothing() -> Bundle:
    name = request.form.get("name", "").strip()[:200]
    if not name:
        raise ValidationError({"name": ["Chưa nhập tên quy trình."]})
    return Bundle(empty_diagram(request.form.get("key", "").strip(), name), {})


def _from_shipped() -> Bundle:
    shipped = request.form.get("shipped", "")
    if shipped not in SHIPPED:
        raise ValidationError({"shipped": ["Chọn một quy trình có sẵn."]})
    source = shipped_diagram(shipped)
    key = request.form.get("key", "").strip()
    if key and key != shipped:
        source = rekeyed(source, key, request.form.get("name", "").strip()[:200])
    return Bundle(source, {})


def _from_file() -> Bundle:
    content, name = _uploaded("file", MAX_ARCHIVE, "Tệp quá lớn: sơ đồ nhiều nhất 4 MB, gói nhiều nhất 10 MB.")
    bundle = unpack(content) if content[:2] == b"PK" or name.endswith(".zip") else Bundle(content, {})
    _require_readable(bundle.forms)
    key = request.form.get("key", "").strip()
    if key and key != describe(bundle.source).key:
        return Bundle(rekeyed(bundle.source, key, request.form.get("name", "").strip()[:200]), bundle.forms)
    return bundle


_STARTS = {"empty": _from_nothing, "shipped": _from_shipped, "file": _from_file}


def _require_readable(forms: Mapping[str, bytes]) -> None:
    """What cannot be a form is refused at once; a form with faults is told by the check."""
    for form_id, source in forms.items():
        if not FORM_ID.fullmatch(form_id):
            raise Rejected("Gói có biểu mẫu mang tên không hợp lệ.")
        try:
            source.decode()
        except UnicodeDecodeError:
            raise Rejected(f"Biểu mẫu “{form_id}” trong gói không phải văn bản.") from None


def _uploaded(field: str, most: int, too_large: str) -> tuple[bytes, str]:
    file: FileStorage | None = request.files.get(field)
    if file is None or not file.filename:
        raise Rejected("Chưa chọn tệp.")
    with closing(file):
        content = file.stream.read(most + 1)
    if len(content) > most:
        raise Rejected(too_large)
    return content, file.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]


def _page(values: Mapping[str, str], errors: Errors) -> str:
    shipped = [(key, describe(shipped_diagram(key)).name) for key in SHIPPED]
    return render_template(
        "procedures/new.html", values=values, errors=errors, shipped=shipped, 

    )  # fmt: skip
