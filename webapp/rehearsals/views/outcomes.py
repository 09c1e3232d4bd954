"""Chạy lại: kept rehearsals and ended cases on the draft."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from engine.errors import Rejected
from engine.spiff import Definition, InvalidDefinition
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.procedures.draft_queries import in_force
from webapp.procedures.sources import names_in
from webapp.rehearsals.beginning import asked_of
from webapp.rehearsals.blueprint import bp
from webapp.rehearsals.commands import KeepAnew
from webapp.rehearsals.past import ended_cases, replay
from webapp.rehearsals.queries import Subject, called_by, find_rehearsal, kept_rehearsals, subject
from webapp.rehearsals.running import Outcome, run_again
from webapp.rehearsals.stage import play
from webapp.runtime import runtime
from webapp.security import requires, runs

CASES_AT_ONCE = 5
"""Ended cases that one answer plays: about a second's work."""


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
        names |= _called_names(asked_of(found.bundle, called_by(found, read, tenant_id)).definition)
    return names


def _called_names(definition: Definition) -> dict[str, str]:
    return {element_id: definition.title_of(element_id) for element_id in definition.elements}
