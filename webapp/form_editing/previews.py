"""Forms as staff will see them: a draft's in the frames of the editor, those of a deployed version on a page."""

from uuid import UUID, uuid5

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from forms.definition import FormDefinition, InvalidForm
from forms.fields import FormContext, Option
from webapp.database import db
from webapp.form_editing.blueprint import bp
from webapp.form_editing.subjects import find_subject
from webapp.forms_view import build_form
from webapp.identity import signed_in_person
from webapp.inbox.options import Place, options_for
from webapp.permissions import Permission
from webapp.procedures.draft_queries import forms_of
from webapp.procedures.drafts import PutDraftForm
from webapp.procedures.migration_queries import Version, find_version
from webapp.security import requires, runs

INDICATOR = Option("example", "Chỉ tiêu của nhiệm vụ (ví dụ)")
"""A case offers its own; no case is looked at here."""


@bp.get("/quy-trinh/<key>/bieu-mau/<form_id>/xem")
@runs(PutDraftForm)
def preview(key: str, form_id: str) -> ResponseReturnValue:
    """A form of a draft."""
    return _as_seen(find_subject(db.session(), signed_in_person(), key, form_id).source)


@bp.get("/quy-trinh/<uuid:definition_id>/xem-bieu-mau/<form_id>")
@requires(Permission.SEE_ALL_CASES)
def preview_deployed(definition_id: UUID, form_id: str) -> ResponseReturnValue:
    """A form of a version, whether in force or earlier."""
    read = db.session()
    version = find_version(read, signed_in_person().tenant_id, definition_id)
    source = forms_of(read, definition_id).get(form_id)
    if version is None or source is None:
        raise NotFound
    return _as_seen(source, version)


def _as_seen(source: bytes, version: Version | None = None) -> str:
    person = signed_in_person()
    try:
        form = FormDefinition.parse(source)
    except InvalidForm as invalid:
        return render_template("form_editing/preview.html", view=None, faults=invalid.faults, version=version)
    nowhere = uuid5(person.tenant_id, "preview")  # No row is about it.
    options = options_for(db.session(), form, Place(person.tenant_id, nowhere, person.unit_id, {}))
    options["indicator"] = options.get("indicator") or [INDICATOR]
    view = build_form(form, context=FormContext(options=options))
    return render_template("form_editing/preview.html", view=view, faults=(), version=version)
