"""Quy trình: all procedures, and the page of one with its versions, forms and old drafts."""

from uuid import UUID

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from engine.errors import NotFound
from forms.definition import FormDefinition, InvalidForm
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.organisation.unit_codes import units_to_name
from webapp.permissions import Permission
from webapp.procedures import words
from webapp.procedures.archives import pack
from webapp.procedures.blueprint import bp
from webapp.procedures.catalogue_queries import Version, catalogue, purpose_of, versions
from webapp.procedures.draft_queries import find_draft, forms_of, replaced_content, replaced_drafts
from webapp.procedures.drafts import ImportDraft
from webapp.procedures.migration_queries import newest_moves
from webapp.procedures.queries import drawing
from webapp.security import requires, runs

IMMUTABLE = "private, max-age=31536000, immutable"


@bp.get("/quy-trinh")
@requires(Permission.SEE_ALL_CASES)
def index() -> ResponseReturnValue:
    """The procedures in force."""
    procedures = catalogue(db.session(), signed_in_person().tenant_id)
    return render_template("procedures/index.html", procedures=procedures, may_deploy=_may_deploy())


@bp.get("/quy-trinh/<key>")
@requires(Permission.SEE_ALL_CASES)
def show(key: str) -> ResponseReturnValue:
    """One procedure; `?ban=2` shows an earlier version's drawing and forms."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    all_, draft = versions(read, tenant_id, key), find_draft(read, tenant_id, key)
    if not all_ and draft is None:
        raise NotFound
    chosen = _chosen(all_)
    source = (drawing(read, tenant_id, chosen.definition_id) if chosen else draft and draft.source) or b""
    return render_template(
        "procedures/show.html", key=key, versions=all_, chosen=chosen, draft=draft, purpose=purpose_of(source),
        forms=_titles(forms_of(read, chosen.definition_id)) if chosen else {}, may_deploy=_may_deploy(),
        replaced=replaced_drafts(read, tenant_id, key) if _may_deploy() else [],
        moves=newest_moves(read, tenant_id, key) if _may_deploy() else [],
        name=chosen.name if chosen else draft.name if draft else key,
    )  # fmt: skip


def _chosen(all_: list[Version]) -> Version | None:
    wanted = request.args.get("ban", "")
    return next((version for version in all_ if str(version.version) == wanted), all_[0] if all_ else None)


def _titles(forms: dict[str, bytes]) -> dict[str, str]:
    return {form_id: _title(form_id, source) for form_id, source in forms.items()}


def _title(form_id: str, source: bytes) -> str:
    try:
        return FormDefinition.parse(source).title or form_id
    except InvalidForm:
        return form_id


def _may_deploy() -> bool:
    return signed_in_person().may(EnginePermission.DEPLOY)


@bp.get("/quy-trinh/<uuid:definition_id>/so-do.xml")
@requires(Permission.SEE_CASES)
def source(definition_id: UUID) -> ResponseReturnValue:
    """A version's diagram. It never changes, so a browser keeps it, for whoever is signed in."""
    response = Response(_drawing(definition_id), mimetype="application/xml")
    response.headers["Cache-Control"] = IMMUTABLE
    response.vary.add("Cookie")
    return response


@bp.get("/quy-trinh/bo-phan.json")
@requires(Permission.SEE_CASES)
def desk_names() -> ResponseReturnValue:
    """What desks and recipients are called on a drawing."""
    names = words.desk_names(units_to_name(db.session(), signed_in_person().tenant_id))
    response = jsonify(names)
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


@bp.get("/quy-trinh/<uuid:definition_id>/goi.zip")
@requires(Permission.SEE_ALL_CASES)
def archive(definition_id: UUID) -> ResponseReturnValue:
    """A version with its forms, for another ward."""
    version = next(v for v in _versions_of(definition_id) if v.definition_id == definition_id)
    packed = pack(_drawing(definition_id), forms_of(db.session(), definition_id), f"Phiên bản {version.version}")
    return _file(packed, "application/zip", f"{version.key}-v{version.version}.zip")


@bp.get("/quy-trinh/<uuid:definition_id>/tep.bpmn")
@requires(Permission.SEE_ALL_CASES)
def diagram_file(definition_id: UUID) -> ResponseReturnValue:
    """A version's diagram as a file."""
    version = next(v for v in _versions_of(definition_id) if v.definition_id == definition_id)
    return _file(_drawing(definition_id), "application/xml", f"{version.key}-v{version.version}.bpmn")


@bp.get("/quy-trinh/<uuid:definition_id>/tep-bieu-mau/<form_id>.form")
@requires(Permission.SEE_ALL_CASES)
def form_file(definition_id: UUID, form_id: str) -> ResponseReturnValue:
    """A form of a version as a file."""
    _drawing(definition_id)  # Of this ward, or not found.
    found = forms_of(db.session(), definition_id).get(form_id)
    if found is None:
        raise NotFound
    return _file(found, "application/json", f"{form_id}.form")


@bp.get("/quy-trinh/ban-nhap-cu/<uuid:replaced_id>.zip")
@runs(ImportDraft)
def replaced_archive(replaced_id: UUID) -> ResponseReturnValue:
    """A draft that gave way, with its forms."""
    found = replaced_content(db.session(), signed_in_person().tenant_id, replaced_id)
    if found is None:
        raise NotFound
    return _file(pack(*found, "Bản nháp cũ"), "application/zip", f"ban-nhap-{replaced_id}.zip")


def _versions_of(definition_id: UUID) -> list[Version]:
    _drawing(definition_id)
    return versions(db.session(), signed_in_person().tenant_id)


def _drawing(definition_id: UUID) -> bytes:
    """Raises NotFound, for another ward's too."""
    found = drawing(db.session(), signed_in_person().tenant_id, definition_id)
    if found is None:
        raise NotFound
    return found


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
