"""Changes to a draft that move rows: each brings the page anew, at the row that it was about."""

from collections.abc import Callable
from itertools import chain
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import Rejected
from webapp.execution import execute
from webapp.organisation.attempts import faults_of
from webapp.plans.blueprint import bp
from webapp.plans.joining import MergeTasks
from webapp.plans.ordering import ReorderTask
from webapp.plans.queries.drafts import LastChange
from webapp.plans.schemas import PlaceForm, UndoForm
from webapp.plans.undoing import RedoChange, UndoChange
from webapp.plans.views.preview import draft_of, row_address
from webapp.plans.views.revising import ROW
from webapp.security import runs

PRESSED = {-1: "len", 1: "xuong"}
"""The button of a row's menu to which the page returns: a row is moved on by pressing it again."""


@bp.post(f"{ROW}/gop")
@runs(MergeTasks)
def merge_tasks(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Join the row with the one above it."""

    def work() -> ResponseReturnValue:
        place = _place(plan_id, task_id)
        kept = execute(MergeTasks(plan_task_id=task_id))
        flash(f"Đã gộp dòng {place} vào dòng {_place(plan_id, kept)}.", "success")
        return redirect(row_address(plan_id, kept))

    return _moved(plan_id, task_id, work)


@bp.post(f"{ROW}/cho")
@runs(ReorderTask)
def reorder_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Put the row one up or down (`step`), or where its editor says."""

    def work() -> ResponseReturnValue:
        values = PlaceForm().load(request.form)
        execute(ReorderTask(plan_task_id=task_id, **values))
        return redirect(row_address(plan_id, task_id, PRESSED.get(values["step"])))

    return _moved(plan_id, task_id, work)


@bp.post("/ke-hoach/<uuid:plan_id>/hoan-tac")
@runs(UndoChange)
def undo_change(plan_id: UUID) -> ResponseReturnValue:
    """Take the last change back."""
    return _turned(plan_id, UndoChange, draft_of(plan_id).last_change, "Đã hoàn tác")


@bp.post("/ke-hoach/<uuid:plan_id>/lam-lai")
@runs(RedoChange)
def redo_change(plan_id: UUID) -> ResponseReturnValue:
    """Make the change again that was taken back last."""
    return _turned(plan_id, RedoChange, draft_of(plan_id).last_undone, "Đã làm lại")


def _turned(
    plan_id: UUID, command: type[UndoChange | RedoChange], change: LastChange | None, done: str
) -> ResponseReturnValue:
    def work() -> ResponseReturnValue:
        change_id = UndoForm().load(request.form)["change"]
        about = execute(command(plan_id=plan_id, change_id=change_id))
        flash(f"{done}: {change.what if change else ''}.", "success")
        return redirect(row_address(plan_id, about))

    return _moved(plan_id, None, work)


def _place(plan_id: UUID, task_id: UUID) -> str:
    return next((line.place for line in draft_of(plan_id).lines if line.id == task_id), "")


def _moved(plan_id: UUID, task_id: UUID | None, work: Callable[[], Any]) -> ResponseReturnValue:
    """What is refused is said above the page, which stays at the row."""
    draft_of(plan_id)
    try:
        answer: ResponseReturnValue = work()
    except (ValidationError, Rejected) as refusal:
        faults = [[str(refusal)]] if isinstance(refusal, Rejected) else faults_of(refusal).values()
        flash(" ".join(chain(*faults)), "error")
        return redirect(row_address(plan_id, task_id))
    return answer
