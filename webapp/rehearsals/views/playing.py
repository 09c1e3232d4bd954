"""The page of one rehearsal: act in it, look at who would hear what, keep it."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.command import EnginePermission
from engine.errors import NotFound, Rejected
from forms.definition import FormDefinition, FormRefused
from forms.formdata import FormData, parse_form_data
from webapp.database import db
from webapp.execution import execute
from webapp.forms_view import build_form
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, faults_of
from webapp.organisation.fields import Form, Text
from webapp.rehearsals.acts import Act, ActKind
from webapp.rehearsals.answering import context_at, form_at
from webapp.rehearsals.blueprint import bp
from webapp.rehearsals.commands import ActInRehearsal, DropRehearsal, GoBackInRehearsal, KeepRehearsal
from webapp.rehearsals.queries import Kept, find_rehearsal, names_of_people, units_to_choose
from webapp.rehearsals.showing import Choice, Ward, acts_done, ahead_in_words, choices, jumps, sent_in_words
from webapp.rehearsals.stage import Played, play
from webapp.runtime import runtime
from webapp.security import requires, runs

FURTHEST = timedelta(days=5 * 365)
"""How far one wait may lead."""


class NameForm(Form):
    """What a kept rehearsal is called."""

    name = Text("Đặt tên cho bài thử, ví dụ: “Trả lại một lần rồi duyệt”.", most=120)


@bp.get("/dien-tap/<uuid:rehearsal_id>")
@requires(EnginePermission.DEPLOY)
def show(rehearsal_id: UUID) -> ResponseReturnValue:
    """Where it stands, with the form of what was chosen, or of the first step that waits."""
    kept, played = _played(rehearsal_id)
    return _page(kept, played, request.args.get("viec", ""), None, {})


@bp.get("/dien-tap/<uuid:rehearsal_id>/so-do.xml")
@requires(EnginePermission.DEPLOY)
def source(rehearsal_id: UUID) -> ResponseReturnValue:
    """Its drawing."""
    kept = find_rehearsal(db.session(), signed_in_person().tenant_id, rehearsal_id)
    return Response(kept.bundle.source, mimetype="application/xml")


@bp.post("/dien-tap/<uuid:rehearsal_id>")
@runs(ActInRehearsal)
def act(rehearsal_id: UUID) -> ResponseReturnValue:
    """Do one thing: it is played first, and kept only where it could be done."""
    kept, played = _played(rehearsal_id)
    data = request.form.to_dict(flat=False)
    chosen = _chosen(played, request.form.get("element", ""), request.form.get("kind", ""))
    if chosen is None:
        flash("Việc này không còn chờ nữa.", "warning")
        return _back(rehearsal_id)
    try:
        done = Act(
            kind=chosen.kind, at=played.now, element_id=chosen.element_id, answers=_answers(kept, played, chosen, data),
            actor_id=request.form.get("actor", None, type=UUID),
        )  # fmt: skip
        _keep_if_possible(kept, done)
    except FormRefused as refused:
        return _page(kept, played, chosen.element_id, data, refused.errors), REFUSED
    except Rejected as refusal:
        return _page(kept, played, chosen.element_id, data, {"": [str(refusal)]}), HTTPStatus.CONFLICT
    return _back(rehearsal_id)


@bp.post("/dien-tap/<uuid:rehearsal_id>/cho")
@runs(ActInRehearsal)
def wait(rehearsal_id: UUID) -> ResponseReturnValue:
    """Let time pass."""
    kept, played = _played(rehearsal_id)
    until = _instant(request.form.get("until", ""))
    if until is None or not played.now <= until <= played.now + FURTHEST:
        fault = "Chọn một mốc thời gian sau lúc này, trong vòng 5 năm."
        return _page(kept, played, "", None, {"": [fault]}), REFUSED
    _keep_if_possible(kept, Act(kind=ActKind.WAIT, at=until))
    return _back(rehearsal_id)


@bp.post("/dien-tap/<uuid:rehearsal_id>/lui")
@runs(GoBackInRehearsal)
def go_back(rehearsal_id: UUID) -> ResponseReturnValue:
    """Leave out what was done from some act on."""
    keep = request.form.get("keep", 0, type=int)
    execute(GoBackInRehearsal(rehearsal_id=rehearsal_id, keep=keep))
    return _back(rehearsal_id)


@bp.post("/dien-tap/<uuid:rehearsal_id>/giu")
@runs(KeepRehearsal)
def keep_as_test(rehearsal_id: UUID) -> ResponseReturnValue:
    """Make it a test that is run again at each deployment."""
    kept, played = _played(rehearsal_id)
    try:
        name = NameForm().load(request.form)["name"]
    except ValidationError as error:
        return _page(kept, played, "", None, {}, faults_of(error)), REFUSED
    execute(KeepRehearsal(rehearsal_id=rehearsal_id, name=name, trail=played.trail))
    flash("Đã giữ làm bài thử. Bài này chạy lại mỗi khi triển khai bản mới của quy trình.", "success")
    return redirect(url_for("rehearsals.index", key=kept.key))


@bp.post("/dien-tap/<uuid:rehearsal_id>/bo")
@runs(DropRehearsal)
def drop(rehearsal_id: UUID) -> ResponseReturnValue:
    """Forget it."""
    kept = find_rehearsal(db.session(), signed_in_person().tenant_id, rehearsal_id)
    execute(DropRehearsal(rehearsal_id=rehearsal_id))
    flash("Đã bỏ buổi diễn tập.", "success")
    return redirect(url_for("rehearsals.index", key=kept.key))


def _back(rehearsal_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("rehearsals.show", rehearsal_id=rehearsal_id))


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _played(rehearsal_id: UUID) -> tuple[Kept, Played]:
    tenant_id, read = signed_in_person().tenant_id, db.session()
    kept = find_rehearsal(read, tenant_id, rehearsal_id)
    return kept, play(read.connection(), tenant_id, kept.bundle, kept.setting, kept.acts)


def _keep_if_possible(kept: Kept, done: Act) -> None:
    """Raises Rejected where the act cannot be done."""
    acts = [*kept.acts, done]
    tried = play(db.session().connection(), signed_in_person().tenant_id, kept.bundle, kept.setting, acts)
    if tried.fault:
        raise Rejected(f"Không làm được: {tried.fault}")
    execute(ActInRehearsal(rehearsal_id=kept.id, after=len(kept.acts), act=done))


def _chosen(played: Played, element_id: str, kind: str = "") -> Choice | None:
    """What was asked for; the first thing that waits for a person where nothing was."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    possible = choices(played, Ward(read, {}, names_of_people(read, tenant_id)))
    if not element_id:
        return next((one for one in possible if one.kind is ActKind.COMPLETE), next(iter(possible), None))
    return next((one for one in possible if one.element_id == element_id and kind in ("", one.kind)), None)


def _form(kept: Kept, played: Played, chosen: Choice | None) -> FormDefinition | None:
    if chosen is None or chosen.kind is ActKind.SERVICE:
        return None
    form_id = played.definition.elements[chosen.element_id].properties.get("form")
    if form_id is None:
        return None
    if form_id not in kept.bundle.forms:
        raise NotFound
    return form_at(kept.bundle, form_id)


def _context(kept: Kept, played: Played, chosen: Choice, form: FormDefinition) -> Any:
    desk = next((step.desk for step in played.steps if step.element_id == chosen.element_id), "")
    unit = desk.partition("@")[2] or None
    return context_at(db.session(), signed_in_person().tenant_id, form, kept.setting, played, unit)


def _answers(kept: Kept, played: Played, chosen: Choice, data: FormData) -> dict[str, Any]:
    """Raises FormRefused."""
    form = _form(kept, played, chosen)
    if form is None:
        return {}
    return form.load(parse_form_data(form, data), _context(kept, played, chosen, form))


def _page(
    kept: Kept, played: Played, element_id: str, data: FormData | None, errors: Errors, naming: Errors | None = None
) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    ward = Ward(read, dict(units_to_choose(read, tenant_id)), names_of_people(read, tenant_id))
    chosen = _chosen(played, element_id) or _chosen(played, "")
    form = _form(kept, played, chosen)
    view = None
    if form is not None and chosen is not None:
        values = parse_form_data(form, data) if data is not None else None
        view = build_form(form, context=_context(kept, played, chosen, form), values=values, errors=errors)
    step = next((one for one in played.steps if chosen and one.element_id == chosen.element_id), None)
    calendar = runtime().calendar(tenant_id, read.connection())
    return render_template(
        "rehearsals/show.html",
        kept=kept, played=played, choices=choices(played, ward), chosen=chosen, view=view, errors=errors,
        naming=naming or {},
        holders=ward.holders(step.desk) if step and step.assignee_id is None else [],
        jumps=jumps(played, calendar), done=acts_done(kept, played, ward),
        ahead=[ahead_in_words(timer, played, ward) for timer in played.timers],
        waiting=[one.element_id for one in choices(played, ward)], sent=sent_in_words(played),
    )  # fmt: skip
