"""Chuyển hồ sơ đang chạy sang bản này: which place becomes which, a try on all cases, then the move itself."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.passages import read_version
from engine.errors import NotFound
from engine.spiff.versions import Version as Drawn
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.fields import Form, Text
from webapp.presentation import moment
from webapp.procedures import migration_jobs, migration_queries
from webapp.procedures.blueprint import bp
from webapp.procedures.heat_queries import Waiting, waiting_now
from webapp.procedures.migration import PlanMove, StartMove, StopMove
from webapp.procedures.migration_models import Outcome
from webapp.procedures.migration_queries import Move, Row, Version
from webapp.runtime import now, runtime
from webapp.security import runs

__all__ = ["migration_jobs"]

LISTED = {
    Outcome.CANNOT: "Không chuyển được", Outcome.FAILED: "Chưa chuyển được", Outcome.DUE_CHANGES: "Đổi hạn",
    Outcome.MOVES: "Chuyển được", Outcome.MOVED: "Đã chuyển", Outcome.UNKNOWN: "Chưa xét",
}  # fmt: skip
"""What an administrator has to look at comes first."""


class ReasonForm(Form):
    """Why the cases move."""

    reason = Text("Chưa nhập lý do chuyển hồ sơ.", most=500)


@bp.get("/quy-trinh/<uuid:definition_id>/chuyen-ho-so")
@runs(PlanMove)
def plan_move(definition_id: UUID) -> ResponseReturnValue:
    """Which version's cases, and which place becomes which."""
    return _plan(definition_id, None, {})


@bp.post("/quy-trinh/<uuid:definition_id>/chuyen-ho-so")
@runs(PlanMove)
def try_move(definition_id: UUID) -> ResponseReturnValue:
    """Try the mapping on all running cases."""
    chosen = {name.removeprefix("cho."): to for name, to in request.form.items() if name.startswith("cho.") and to}

    def work() -> ResponseReturnValue:
        from_id = _uuid(request.form.get("tu"))
        move_id = execute(PlanMove(from_id=from_id, to_id=definition_id, mapping=chosen))
        return redirect(url_for("procedures.move", move_id=move_id))

    answer, errors = attempt(work)
    return answer or (_plan(definition_id, chosen, errors), REFUSED)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound from None


def _plan(definition_id: UUID, chosen: dict[str, str] | None, errors: Errors) -> str:
    new = _version(definition_id)
    others = _others(new)
    asked = request.values.get("tu")
    old = next((one for one in others if str(one.id) == asked), others[0] if others else None)
    if old is None:
        return render_template("procedures/move_nothing.html", new=new)
    earlier = request.args.get("theo")
    if chosen is None and earlier:
        move = _move(_uuid(earlier))
        chosen = dict(move.mapping) if (move.from_id, move.to_id) == (old.id, new.id) else None
    waiting = waiting_now(db.session(), signed_in_person().tenant_id, old.id, now())
    rows = migration_queries.rows_of(drawn(old), drawn(new), chosen, waiting)
    return render_template(
        "procedures/move_plan.html", old=old, new=new, others=others, rows=rows, errors=errors,
        here=counts_of(waiting), there=_counts_there(rows),
    )  # fmt: skip


def _others(new: Version) -> list[Version]:
    others = migration_queries.versions_with_cases(db.session(), signed_in_person().tenant_id, new.key)
    return [one for one in others if one.id != new.id]


def counts_of(waiting: dict[str, Waiting]) -> dict[str, dict[str, Any]]:
    """The numbers on a diagram."""
    shown: Counter[str] = Counter()
    for element_id, at in waiting.items():
        shown[element_id.partition(":")[0]] += at.cases  # In a called process: shown where that is called.
    most = max(shown.values(), default=0)
    return {
        id: {"text": str(cases), "label": f"{cases} hồ sơ đang chờ", "level": level(cases, most)}
        for id, cases in shown.items()
    }


def level(cases: int, most: int) -> int:
    """Which of four colours a number gets beside the largest; none for none."""
    return min(4, 1 + 4 * cases // (most + 1)) if cases else 0


def _counts_there(rows: list[Row]) -> dict[str, dict[str, Any]]:
    there: dict[str, int] = {}
    for row in rows:
        if row.chosen and row.waiting:
            there[row.chosen] = there.get(row.chosen, 0) + row.waiting
    return counts_of({id: Waiting(count) for id, count in there.items()})


# ── a move ──


@bp.get("/quy-trinh/chuyen-ho-so/<uuid:move_id>")
@runs(StartMove)
def move(move_id: UUID) -> ResponseReturnValue:
    """How far it is, and what is known of each case."""
    return _show(move_id, {})


@bp.get("/quy-trinh/chuyen-ho-so/<uuid:move_id>/tien-do")
@runs(StartMove)
def move_progress(move_id: UUID) -> ResponseReturnValue:
    """The numbers alone, asked for again and again while jobs are at work."""
    move = _move(move_id)
    answer = Response(
        render_template("procedures/_move_progress.html", move=move, goes_on=_goes_on(move), listed=LISTED)
    )
    if not move.is_working:
        answer.headers["HX-Refresh"] = "true"  # What can be done now is on the page.
    return answer


@bp.post("/quy-trinh/chuyen-ho-so/<uuid:move_id>/chuyen")
@runs(StartMove)
def start_move(move_id: UUID) -> ResponseReturnValue:
    """Move the cases, or try again those that stayed."""

    def work() -> ResponseReturnValue:
        values = ReasonForm().load(request.form)
        execute(StartMove(move_id=move_id, reason=values["reason"]))
        flash("Đang chuyển hồ sơ. Bạn có thể rời trang này, việc chuyển vẫn tiếp tục.", "success")
        return redirect(url_for("procedures.move", move_id=move_id))

    answer, errors = attempt(work)
    return answer or (_show(move_id, errors), REFUSED)


@bp.post("/quy-trinh/chuyen-ho-so/<uuid:move_id>/dung")
@runs(StopMove)
def stop_move(move_id: UUID) -> ResponseReturnValue:
    """Leave the rest where they are."""
    execute(StopMove(move_id=move_id))
    flash("Đã dừng. Hồ sơ chưa chuyển vẫn chạy theo bản cũ.", "success")
    return redirect(url_for("procedures.move", move_id=move_id))


def _show(move_id: UUID, errors: Errors) -> str:
    move = _move(move_id)
    old, new = _version(move.from_id), _version(move.to_id)
    chosen = _outcome(move)
    after = request.args.get("sau")
    cases = migration_queries.cases_of(db.session(), move_id, chosen, _uuid(after) if after else None)
    more = len(cases) > migration_queries.PAGE
    cases = cases[: migration_queries.PAGE]
    return render_template(
        "procedures/move.html", move=move, old=old, new=new, errors=errors, listed=LISTED, chosen=chosen, cases=cases,
        goes_on=_goes_on(move), names=_names(old, new), reason=request.form.get("reason", move.reason), first=not after,
        next_url=url_for(".move", move_id=move_id, ket_qua=chosen, sau=cases[-1].instance_id) if more else None,
    )  # fmt: skip


def _goes_on(move: Move) -> str:
    """When a move that stands still goes on, in words; empty while it is at work."""
    at = migration_queries.goes_on_at(db.session(), signed_in_person().tenant_id, move, now())
    if at is None:
        return ""
    wait = at - now()
    if wait < timedelta(seconds=1):
        return "ngay khi tới lượt"
    return f"sau {wait.seconds} giây nữa" if wait < timedelta(minutes=2) else f"lúc {moment(at)}"


def _outcome(move: Move) -> Outcome:
    """The list that was asked for; else the first that has anything."""
    asked = next((one for one in LISTED if one == request.args.get("ket_qua")), None)
    return asked or next((one for one in LISTED if move.counts.get(one)), Outcome.MOVES)


def _names(old: Version, new: Version) -> dict[str, str]:
    """What the places of both versions are called."""
    return {id: place.name for one in (new, old) for id, place in drawn(one).places().items()}


def drawn(version: Version) -> Drawn:
    """The version with what it calls."""
    return read_version(runtime(), db.session().connection(), signed_in_person().tenant_id, version)


def _move(move_id: UUID) -> Move:
    found = migration_queries.find_move(db.session(), signed_in_person().tenant_id, move_id)
    if found is None:
        raise NotFound
    return found


def _version(definition_id: UUID) -> Version:
    found = migration_queries.find_version(db.session(), signed_in_person().tenant_id, definition_id)
    if found is None:
        raise NotFound
    return found
