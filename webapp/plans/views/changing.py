"""Điều chỉnh sau khi giao: one task, the documents that tasks wait for, the end of the plan."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import Command
from engine.errors import NotFound
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.fields import Day, Form, Identifier, Switch, Text
from webapp.plans.blueprint import bp
from webapp.plans.changing import CancelTask, MoveTask, PartTask, RecordAwaitedDocument
from webapp.plans.closing import ClosePlan, open_cycles, running_in
from webapp.plans.queries.changing import awaited_documents, find_issued_task
from webapp.plans.queries.drafts import unit_choices
from webapp.plans.schemas import LONGEST_CONTENT, units_in
from webapp.plans.views.plans import find_plan
from webapp.security import runs

TASK = "/ke-hoach/<uuid:plan_id>/dieu-chinh/<uuid:task_id>"


class MoveForm(Form):
    group_id = Identifier("Chọn nhóm.")
    ordinal = Text(most=20)
    reason = Text(most=1000)


class PartForm(Form):
    remaining = Text("Nhập nội dung còn lại của nhiệm vụ này.", most=LONGEST_CONTENT)
    content = Text("Nhập nội dung của phần mới.", most=LONGEST_CONTENT)
    ordinal = Text("Nhập số thứ tự của phần mới.", most=20)
    due_on = Day()
    reason = Text(most=1000)


class DocumentForm(Form):
    awaited = Text("Chọn văn bản.", most=4000)
    number = Text("Nhập số, ký hiệu của văn bản.", most=100)
    issued_on = Day("Nhập ngày văn bản.")


class CloseForm(Form):
    reason = Text(most=1000)
    cancel_running = Switch()


@bp.get(TASK)
@runs(MoveTask)
def change_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """What may be done to an issued task."""
    return _page(plan_id, task_id, {}, {})


def _page(plan_id: UUID, task_id: UUID, values: Mapping[str, str], errors: Errors) -> str:
    read, person = db.session(), signed_in_person()
    task = find_issued_task(read, person.tenant_id, plan_id, task_id)
    if task is None:
        raise NotFound
    start = {"remaining": task.content, "content": task.content, "ordinal": f"{task.ordinal}b"}
    return render_template(
        "plans/change.html",
        plan=find_plan(person, plan_id), task=task, values={**start, **values}, errors=errors,
        units=unit_choices(read, person.tenant_id), chosen=request.form.getlist("leads"),
    )  # fmt: skip


def _changed(plan_id: UUID, task_id: UUID, command: Command, done: str) -> ResponseReturnValue:
    execute(command)
    flash(done, "success")
    return redirect(url_for("plans.show", plan_id=plan_id))


@bp.post(f"{TASK}/chuyen-nhom")
@runs(MoveTask)
def move_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """To the end of another group."""

    def work() -> ResponseReturnValue:
        command = MoveTask(plan_task_id=task_id, **MoveForm().load(request.form))
        return _changed(plan_id, task_id, command, "Đã chuyển nhiệm vụ sang nhóm khác.")

    return _done(plan_id, task_id, *attempt(work))


@bp.post(f"{TASK}/tach")
@runs(PartTask)
def part_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Two tasks of one; the new part is issued at once."""

    def work() -> ResponseReturnValue:
        values = PartForm().load(request.form)
        command = PartTask(plan_task_id=task_id, leads=units_in(request.form, "leads"), **values)
        return _changed(plan_id, task_id, command, "Đã tách nhiệm vụ và giao phần mới.")

    return _done(plan_id, task_id, *attempt(work))


@bp.post(f"{TASK}/huy")
@runs(CancelTask)
def cancel_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """With its running cases."""

    def work() -> ResponseReturnValue:
        command = CancelTask(plan_task_id=task_id, reason=request.form.get("reason", "")[:1000])
        return _changed(plan_id, task_id, command, "Đã hủy nhiệm vụ; các việc đang chạy được đóng lại.")

    return _done(plan_id, task_id, *attempt(work))


def _done(plan_id: UUID, task_id: UUID, answer: ResponseReturnValue | None, errors: Errors) -> ResponseReturnValue:
    return answer if answer is not None else (_page(plan_id, task_id, request.form, errors), REFUSED)


# --- the plan as a whole ---


@bp.get("/ke-hoach/<uuid:plan_id>/dieu-chinh")
@runs(RecordAwaitedDocument)
def change_plan(plan_id: UUID) -> ResponseReturnValue:
    """Documents that tasks wait for; closing the plan."""
    return _plan_page(plan_id, {}, {})


def _plan_page(plan_id: UUID, values: Mapping[str, str], errors: Errors) -> str:
    plan, read = find_plan(signed_in_person(), plan_id), db.session()
    return render_template(
        "plans/change_plan.html",
        plan=plan, awaited=awaited_documents(read, plan_id), values=values, errors=errors,
        open_cycles=open_cycles(read, plan_id), running=len(running_in(read, plan_id)),
    )  # fmt: skip


@bp.post("/ke-hoach/<uuid:plan_id>/van-ban-cho")
@runs(RecordAwaitedDocument)
def record_document(plan_id: UUID) -> ResponseReturnValue:
    """The document has come: what waited for it begins."""

    def work() -> ResponseReturnValue:
        begun = execute(RecordAwaitedDocument(plan_id=plan_id, **DocumentForm().load(request.form)))
        flash(f"Đã ghi văn bản; {begun} việc bắt đầu, hạn tính từ hôm nay.", "success")
        return redirect(url_for("plans.show", plan_id=plan_id))

    answer, errors = attempt(work)
    return answer if answer is not None else (_plan_page(plan_id, request.form, errors), REFUSED)


@bp.post("/ke-hoach/<uuid:plan_id>/dong")
@runs(ClosePlan)
def close_plan(plan_id: UUID) -> ResponseReturnValue:
    """The plan has run its time."""

    def work() -> ResponseReturnValue:
        execute(ClosePlan(plan_id=plan_id, **CloseForm().load(request.form)))
        flash("Đã đóng kế hoạch.", "success")
        return redirect(url_for("plans.show", plan_id=plan_id))

    answer, errors = attempt(work)
    return answer if answer is not None else (_plan_page(plan_id, request.form, errors), REFUSED)
