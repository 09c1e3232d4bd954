"""Triển khai: what a draft changes, why, and that new cases take it."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import NotFound
from engine.spiff import Finding, forms_named
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.incoming import whole_number
from webapp.organisation.attempts import REFUSED, WHOLE_FORM, Errors, attempt
from webapp.organisation.fields import Form, Text
from webapp.organisation.unit_codes import units_to_name
from webapp.procedures.blueprint import bp
from webapp.procedures.checks import check_draft
from webapp.procedures.deploying import DeployDraft, RestoreVersion
from webapp.procedures.differences import Difference, differences
from webapp.procedures.draft_queries import Draft, InForce, forms_at_hand, forms_of, in_force
from webapp.procedures.editor import draft_open, the_draft
from webapp.procedures.form_differences import form_differences
from webapp.procedures.migration_queries import find_version
from webapp.rehearsals.acts import Bundle
from webapp.rehearsals.queries import subject
from webapp.rehearsals.running import going_other_ways
from webapp.security import runs

DESPITE = "Vẫn triển khai dù có bài thử đi khác"
SHOWN_FIRST = ("added", "removed", "changed", "moved")


class ReasonForm(Form):
    """Why a version comes into force."""

    reason = Text("Chưa nhập lý do triển khai.", most=500)


@bp.get("/quy-trinh/<key>/trien-khai")
@runs(DeployDraft)
def deployment(key: str) -> ResponseReturnValue:
    """What would change."""
    return _page(key, {})


@bp.post("/quy-trinh/<key>/trien-khai")
@runs(DeployDraft)
def deploy(key: str) -> ResponseReturnValue:
    """Put it into force."""

    def work() -> ResponseReturnValue:
        values = ReasonForm().load(request.form)
        draft = the_draft(key)
        if any(finding.severity == "error" for finding in _findings(draft)):
            raise ValidationError(
                {WHOLE_FORM: ["Sơ đồ còn lỗi nên chưa triển khai được. Sửa các lỗi nêu bên dưới trước."]}
            )
        if "despite" not in request.form:
            _require_same_ways(key)
        version = whole_number(request.form.get("version"))
        execute(DeployDraft(key=key, version=version or 0, reason=values["reason"], draft_id=draft_open()))
        flash(
            f"Đã triển khai “{draft.name}”. Hồ sơ mới đi theo phiên bản này; hồ sơ đang chạy giữ phiên bản cũ.",
            "success",
        )
        return redirect(url_for("procedures.show", key=key))

    answer, errors = attempt(work)
    return answer or (_page(key, errors), REFUSED)


@bp.post("/quy-trinh/<uuid:definition_id>/dung-lai")
@runs(RestoreVersion)
def restore_version(definition_id: UUID) -> ResponseReturnValue:
    """An earlier version comes back."""
    version = find_version(db.session(), signed_in_person().tenant_id, definition_id)
    if version is None:
        raise NotFound
    page = redirect(url_for("procedures.show", key=version.key))

    def work() -> ResponseReturnValue:
        values = ReasonForm().load(request.form)
        restored = execute(RestoreVersion(definition_id=definition_id, reason=values["reason"]))
        flash("Đã đưa phiên bản cũ trở lại áp dụng, thành một phiên bản mới.", "success")
        _warn_of_other_ways(restored)
        return page

    answer, errors = attempt(work)
    if answer is None:
        flash(" ".join(message for messages in errors.values() for message in messages), "error")
    return answer or page


def _require_same_ways(key: str) -> None:
    """Raises ValidationError where a kept rehearsal goes another way, so that nobody finds that out afterwards."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    others = going_other_ways(read, tenant_id, key, subject(read, tenant_id, key).bundle)
    if others:
        raise ValidationError(f"{others} Nếu đúng là muốn vậy, đánh dấu “{DESPITE}”.", "despite")


def _warn_of_other_ways(definition_id: UUID) -> None:
    """Who goes back is in a hurry: told, not kept from it."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    version = find_version(read, tenant_id, definition_id)
    if version is not None:
        bundle = Bundle(version.source, forms_of(read, definition_id))
        others = going_other_ways(read, tenant_id, version.key, bundle)
        if others:
            flash(others, "warning")


def _findings(draft: Draft) -> list[Finding]:
    forms = forms_at_hand(db.session(), draft.id)
    return check_draft(db.session(), signed_in_person().tenant_id, draft.source, forms, draft.key)


def _page(key: str, errors: Errors) -> str:
    draft = the_draft(key)
    base = in_force(db.session(), signed_in_person().tenant_id, key)
    found = _differences(draft, base)
    return render_template(
        "procedures/deployment.html", draft=draft, base=base, findings=_findings(draft), errors=errors,
        values=request.form, despite=DESPITE, changes=found, marks={d.element_id: d.kind for d in found},
        moved_on=base is not None and base.id != draft.base_id,
    )  # fmt: skip


def _differences(draft: Draft, base: InForce | None) -> Sequence[Difference]:
    """The drawing's first, then the forms that it names."""
    if base is None:
        return []
    at_hand = forms_at_hand(db.session(), draft.id)
    named = {form_id: at_hand[form_id] for form_id in forms_named(draft.source) if form_id in at_hand}
    units = units_to_name(db.session(), signed_in_person().tenant_id)
    found = [*differences(base.source, draft.source, units, base.forms, at_hand), *form_differences(base.forms, named)]
    return sorted(found, key=lambda difference: SHOWN_FIRST.index(difference.kind))
