"""The diagram editor: its page, and what it asks of the server while somebody draws."""

from contextlib import closing
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Rejected
from engine.registry import SERVICES
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.incoming import uuid_in
from webapp.organisation.unit_codes import units_to_name
from webapp.procedures import words
from webapp.procedures.blueprint import bp
from webapp.procedures.catalogue_queries import catalogue
from webapp.procedures.checks import check_draft
from webapp.procedures.draft_queries import Draft, find_draft, form_choices, forms_at_hand, own_forms, presence
from webapp.procedures.drafts import DiscardDraft, DraftChanged, DraftGone, OpenDraft, SaveDraft, SeeDraft
from webapp.runtime import now
from webapp.security import CONTENT_SECURITY_POLICY, runs

POLICY = CONTENT_SECURITY_POLICY.replace("style-src 'self';", "style-src 'self'; style-src-attr 'unsafe-inline';")
"""bpmn-js writes some of its icons and overlays as markup with style attributes; scripts stay as strict as ever."""


@bp.post("/quy-trinh/<key>/ban-nhap")
@runs(OpenDraft)
def open_draft(key: str) -> ResponseReturnValue:
    """Begin to change a procedure, or go on."""
    execute(OpenDraft(key=key))
    return redirect(url_for("procedures.edit", key=key))


@bp.get("/quy-trinh/<key>/sua")
@runs(SaveDraft)
def edit(key: str) -> ResponseReturnValue:
    """The editor."""
    answer = Response(render_template("procedures/editor.html", draft=the_draft(key)))
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@bp.get("/quy-trinh/<key>/ban-nhap.json")
@runs(SaveDraft)
def draft_content(key: str) -> ResponseReturnValue:
    """The drawing, and what may be chosen for its properties."""
    draft = the_draft(key)
    own = own_forms(db.session(), draft.id)
    content = {
        "draft": str(draft.id), "version": draft.version, "saved_at": draft.saved_at.isoformat(),
        "source": draft.source.decode("utf-8", "replace"),
        "forms": form_choices(forms_at_hand(db.session(), draft.id), own),
        **words.desk_names(units_to_name(db.session(), signed_in_person().tenant_id)), "dates": words.DATES,
        "stages": words.STAGES, "messages": words.MESSAGES, "records": words.records_to_choose(),
        "procedures": _others(key),
        "services": {name: words.SERVICES.get(name, name) for name in sorted(SERVICES)},
    }  # fmt: skip
    return Response(orjson.dumps(content), mimetype="application/json")  # In this order, which jsonify would not keep.


def _others(key: str) -> dict[str, str]:
    """Procedures that a step may call."""
    in_force = catalogue(db.session(), signed_in_person().tenant_id)
    return {one.key: one.name for one in in_force if one.current is not None and one.key != key}


@bp.get("/quy-trinh/<key>/ban-nhap.bpmn")
@runs(SaveDraft)
def draft_source(key: str) -> ResponseReturnValue:
    """The drawing as a file."""
    draft = the_draft(key)
    answer = Response(draft.source, mimetype="application/xml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{draft.key}.bpmn")
    return answer


@bp.post("/quy-trinh/<key>/ban-nhap/luu")
@runs(SaveDraft)
def save_draft(key: str) -> ResponseReturnValue:
    """Keep what was drawn; tells of whoever saved in between. Raises DraftGone."""
    command = SaveDraft(
        key=key, version=_version(), source=_sent_source(), force=request.form.get("force") == "1",
        draft_id=draft_open(),
    )  # fmt: skip
    try:
        version = execute(command)
    except DraftChanged as refused:
        return jsonify(message=str(refused), **_state(the_draft(key))), HTTPStatus.CONFLICT
    return jsonify(version=version, saved_at=now().isoformat())


@bp.post("/quy-trinh/<key>/ban-nhap/kiem-tra")
@runs(SaveDraft)
def check(key: str) -> ResponseReturnValue:
    """What is wrong with a drawing, saved or not."""
    draft = the_draft(key)
    forms = forms_at_hand(db.session(), draft.id)
    findings = check_draft(db.session(), signed_in_person().tenant_id, _sent_source(), forms, key)
    return jsonify(findings=[asdict(finding) for finding in findings])


@bp.post("/quy-trinh/<key>/ban-nhap/co-mat")
@runs(SeeDraft)
def see_draft(key: str) -> ResponseReturnValue:
    """Somebody has the draft open; who else has? Raises DraftGone."""
    execute(SeeDraft(key=key, draft_id=draft_open()))
    return jsonify(_state(the_draft(key)))


@bp.post("/quy-trinh/<key>/ban-nhap/bo")
@runs(DiscardDraft)
def discard_draft(key: str) -> ResponseReturnValue:
    """Give a draft up; it stays among the replaced ones. Raises DraftGone."""
    execute(DiscardDraft(key=key, draft_id=draft_open()))
    flash("Đã bỏ bản nháp. Bản đó vẫn nằm trong danh sách bản nháp cũ.", "success")
    return redirect(url_for("procedures.index"))


def the_draft(key: str) -> Draft:
    """Raises DraftGone."""
    draft = find_draft(db.session(), signed_in_person().tenant_id, key)
    if draft is None:
        raise DraftGone
    return draft


def draft_open() -> UUID | None:
    """The draft that the page was made from, as it says."""
    return uuid_in(request.form.get("draft", ""))


def _state(draft: Draft) -> dict[str, Any]:
    seen = presence(db.session(), draft.id, signed_in_person().id, now())
    return {
        "version": seen.version, "saved_by": seen.saved_by, "saved_at": seen.saved_at.isoformat(),
        "others": list(seen.others),
    }  # fmt: skip


def _sent_source() -> bytes:
    """Raises Rejected."""
    file = request.files.get("source")
    if file is None:
        raise Rejected("Chưa gửi sơ đồ.")
    with closing(file):
        sent: bytes = file.read()
    return sent


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
