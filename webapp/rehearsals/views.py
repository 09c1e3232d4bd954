"""The pages of a rehearsal: begin it, act in it, look at who would hear what, keep it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.command import EnginePermission
from engine.commands.deployments import CalledVersions, versions_called
from engine.errors import NotFound, Rejected
from engine.spiff import Definition, InvalidDefinition
from forms.definition import FormDefinition, FormRefused
from forms.formdata import FormData, parse_form_data
from webapp.database import db
from webapp.execution import execute
from webapp.forms_view import build_form
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt, faults_of
from webapp.organisation.fields import Form, Text
from webapp.procedures.draft_queries import in_force
from webapp.procedures.sources import names_in
from webapp.rehearsals.acts import Act, ActKind
from webapp.rehearsals.answering import context_at, form_at
from webapp.rehearsals.beginning import Asked, asked_of, read_setting, usual_values
from webapp.rehearsals.blueprint import bp
from webapp.rehearsals.commands import (
    ActInRehearsal,
    BeginRehearsal,
    DropRehearsal,
    GoBackInRehearsal,
    KeepAnew,
    KeepRehearsal,
)
from webapp.rehearsals.past import ended_cases, replay
from webapp.rehearsals.queries import (
    Kept,
    Subject,
    find_rehearsal,
    kept_rehearsals,
    list_rehearsals,
    names_of_people,
    subject,
    units_to_choose,
    usual_parties,
)
from webapp.rehearsals.running import Outcome, run_again
from webapp.rehearsals.showing import Choice, Ward, acts_done, ahead_in_words, choices, jumps, sent_in_words
from webapp.rehearsals.stage import Played, play
from webapp.runtime import now, runtime
from webapp.security import requires, runs

FURTHEST = timedelta(days=5 * 365)
"""How far one wait may lead."""
CASES_AT_ONCE = 5
"""Ended cases that one answer plays: about a second's work."""


class NameForm(Form):
    """What a kept rehearsal is called."""

    name = Text("Đặt tên cho bài thử, ví dụ: “Trả lại một lần rồi duyệt”.", most=120)


# --- beginning ---


@bp.get("/quy-trinh/<key>/dien-tap")
@requires(EnginePermission.DEPLOY)
def index(key: str) -> ResponseReturnValue:
    """The rehearsals of a procedure."""
    person, read = signed_in_person(), db.session()
    found = subject(read, person.tenant_id, key)
    rehearsals = list_rehearsals(read, person.tenant_id, key)
    return render_template("rehearsals/index.html", subject=found, rehearsals=rehearsals)


@bp.route("/quy-trinh/<key>/dien-tap/moi", methods=["GET", "POST"])
@runs(BeginRehearsal)
def begin(key: str) -> ResponseReturnValue:
    """Say how the case begins; then it begins."""
    person, read = signed_in_person(), db.session()
    found = subject(read, person.tenant_id, key)
    try:
        asked = asked_of(found.bundle, _called(found))
    except InvalidDefinition as invalid:
        return render_template("rehearsals/invalid.html", subject=found, findings=invalid.findings), REFUSED
    if request.method == "GET":
        usual = usual_values(asked, usual_parties(read, person.tenant_id), now(), _calendar(read))
        return _beginning(found, asked, usual, {})
    typed = request.form.to_dict()
    answer, errors = attempt(lambda: _begin(found, asked, typed))
    return answer if answer is not None else (_beginning(found, asked, typed, errors), REFUSED)


def _called(found: Subject) -> CalledVersions:
    """What the drawing calls, as it is in force in the ward."""
    return versions_called(db.session().connection(), signed_in_person().tenant_id, found.bundle.source)


def _begin(found: Subject, asked: Asked, typed: Mapping[str, str]) -> ResponseReturnValue:
    """Raises ValidationError, Rejected where the case cannot begin so."""
    setting, tenant_id = read_setting(asked, typed, now()), signed_in_person().tenant_id
    played = play(db.session().connection(), tenant_id, found.bundle, setting, [])
    if played.fault:
        raise Rejected(f"Hồ sơ không bắt đầu được như vậy: {played.fault}")
    begun = execute(BeginRehearsal(key=found.key, name=found.name, bundle=found.bundle, setting=setting))
    return redirect(url_for("rehearsals.show", rehearsal_id=begun))


def _beginning(found: Subject, asked: Asked, values: Mapping[str, str], errors: Errors) -> str:
    units = units_to_choose(db.session(), signed_in_person().tenant_id)
    return render_template(
        "rehearsals/begin.html", subject=found, asked=asked, units=units, values=values, errors=errors
    )


def _calendar(read: Session) -> Calendar:
    return runtime().calendar(signed_in_person().tenant_id, read.connection())


# --- other versions ---


@bp.get("/quy-trinh/<key>/dien-tap/chay-lai")
@requires(EnginePermission.DEPLOY)
def run_all(key: str) -> ResponseReturnValue:
    """The kept ones on the draft, and how many ended cases may be played on it."""
    found = subject(db.session(), signed_in_person().tenant_id, key)
    kept, outcomes = _kept_again(found)
    return render_template(
        "rehearsals/outcomes.html", subject=found, outcomes=outcomes, names=_names(found), kept=kept,
        ended=len(ended_cases(db.session(), signed_in_person().tenant_id, key)), step=CASES_AT_ONCE,
    )  # fmt: skip


@bp.get("/quy-trinh/<key>/dien-tap/bai-thu")
@requires(EnginePermission.DEPLOY)
def run_kept(key: str) -> ResponseReturnValue:
    """The kept ones on the draft, as a part of the page that deploys it."""
    return _kept_part(subject(db.session(), signed_in_person().tenant_id, key))


def _kept_part(found: Subject, note: str = "") -> str:
    _, outcomes = _kept_again(found)
    return render_template("rehearsals/_kept.html", outcomes=outcomes, names=_names(found), note=note)


@bp.post("/dien-tap/<uuid:rehearsal_id>/giu-theo-cach-moi")
@runs(KeepAnew)
def keep_anew(rehearsal_id: UUID) -> ResponseReturnValue:
    """The way that a kept one goes on the draft is right from now on."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    kept = find_rehearsal(read, tenant_id, rehearsal_id)
    found = subject(read, tenant_id, kept.key)
    played = play(read.connection(), tenant_id, found.bundle, kept.setting, kept.acts)
    if not played.trail:
        raise Rejected("Bài thử không bắt đầu được trên bản này. Hãy bỏ bài này và giữ một bài mới.")
    left_out = execute(KeepAnew(rehearsal_id=rehearsal_id, bundle=found.bundle, trail=played.trail))
    note = f"Từ nay “{kept.name}” phải đi như trên bản này."
    if left_out:
        note += (
            f" {left_out} việc cuối không làm được ở đây nên bài dừng trước đó; cần thử tiếp thì giữ thêm một bài mới."
        )
    if request.headers.get("HX-Request") == "true":
        return _kept_part(found, note)
    flash(note, "success")
    return redirect(url_for("rehearsals.run_all", key=kept.key))


def _kept_again(found: Subject) -> tuple[int, list[Outcome] | None]:
    """How many are kept, and what became of each on the draft."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    kept = kept_rehearsals(read, tenant_id, found.key)
    return len(kept), _outcomes(lambda: run_again(read.connection(), tenant_id, kept, found.bundle))


@bp.get("/quy-trinh/<key>/dien-tap/ho-so-cu")
@requires(EnginePermission.DEPLOY)
def run_past(key: str) -> ResponseReturnValue:
    """Some of the cases that ended, on the draft; the page asks for one part after the other."""
    person, read = signed_in_person(), db.session()
    first, before = (max(request.args.get(name, 0, type=int), 0) for name in ("tu", "nhu_cu"))
    found = subject(read, person.tenant_id, key)
    cases = ended_cases(read, person.tenant_id, key)
    part = cases[first : first + CASES_AT_ONCE]
    outcomes = _outcomes(lambda: replay(read, person.tenant_id, part, found.bundle))
    following = first + CASES_AT_ONCE if first + CASES_AT_ONCE < len(cases) else None
    return render_template(
        "rehearsals/past.html", subject=found, outcomes=outcomes, names=_names(found), following=following,
        done=first + len(part), total=len(cases), passed=before + sum(one.passed for one in outcomes or ()),
    )  # fmt: skip


def _outcomes(run: Callable[[], Iterator[Outcome]]) -> list[Outcome] | None:
    """None where the drawing has errors, so that nothing can be played on it."""
    try:
        return list(run())
    except Rejected:
        return None


def _names(found: Subject) -> dict[str, str]:
    """Element id → what it is called; what the draft has no more, as the version in force or a kept one calls it."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    names = {"end": "kết thúc"}
    for kept in kept_rehearsals(read, tenant_id, found.key):
        names |= names_in(kept.bundle.source)
    if (deployed := in_force(read, tenant_id, found.key)) is not None:
        names |= _called_names(runtime().definition(deployed.id, read.connection()))
    with suppress(InvalidDefinition):
        names |= _called_names(asked_of(found.bundle, _called(found)).definition)
    return names


def _called_names(definition: Definition) -> dict[str, str]:
    return {element_id: definition.title_of(element_id) for element_id in definition.elements}


# --- the rehearsal ---


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
        return _page(kept, played, "", None, {"": faults_of(error)["name"]}), REFUSED
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


# --- its forms ---


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


def _page(kept: Kept, played: Played, element_id: str, data: FormData | None, errors: Errors) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    ward = Ward(read, dict(units_to_choose(read, tenant_id)), names_of_people(read, tenant_id))
    chosen = _chosen(played, element_id) or _chosen(played, "")
    form = _form(kept, played, chosen)
    view = None
    if form is not None and chosen is not None:
        values = parse_form_data(form, data) if data is not None else None
        view = build_form(form, context=_context(kept, played, chosen, form), values=values, errors=errors)
    step = next((one for one in played.steps if chosen and one.element_id == chosen.element_id), None)
    return render_template(
        "rehearsals/show.html",
        kept=kept, played=played, choices=choices(played, ward), chosen=chosen, view=view, errors=errors,
        holders=ward.holders(step.desk) if step and step.assignee_id is None else [],
        jumps=jumps(played, _calendar(read)), done=acts_done(kept, played, ward),
        ahead=[ahead_in_words(timer, played, ward) for timer in played.timers],
        waiting=[one.element_id for one in choices(played, ward)], sent=sent_in_words(played),
    )  # fmt: skip
