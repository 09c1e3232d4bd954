"""Correcting a draft: one row, one repair, one group of units at a time; nothing typed in another row is touched."""

from collections.abc import Callable, Mapping
from itertools import chain, takewhile
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.command import Command
from engine.errors import Rejected
from webapp.execution import execute
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.plans.adding import AddTask, DiscardPlan
from webapp.plans.blueprint import bp
from webapp.plans.learning_names import ForgetName
from webapp.plans.parting import SplitOff, SplitTask
from webapp.plans.places import group_name
from webapp.plans.queries.drafts import DraftRow, DraftView
from webapp.plans.revising import DismissWarnings, ResolveLeads, ReviseTask, SetTaskState, SettleRepairs
from webapp.plans.schemas import NameForm, NewTaskForm, PartForm, RepairForm, TaskStateForm, revision_of, units_in
from webapp.plans.views.preview import changed, draft_of, from_script, render_row, row_address, row_of
from webapp.security import runs

ROW = "/ke-hoach/<uuid:plan_id>/nhiem-vu/<uuid:task_id>"


@bp.get(f"{ROW}/xem")
@runs(ReviseTask)
def read_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """The row as it is read: what closing its editor brings back."""
    draft = draft_of(plan_id)
    if not from_script():
        return redirect(row_address(plan_id, task_id))
    return render_row(draft, row_of(draft, task_id), anchor=task_id)


@bp.get(ROW)
@runs(ReviseTask)
def edit_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """The row's editor: in its place in the table, or a page of its own."""
    draft = draft_of(plan_id)
    row = row_of(draft, task_id)
    return _editor(draft, row, _values(row), {})


@bp.post(ROW)
@runs(ReviseTask)
def revise_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Save the row; what is refused comes back as it was typed."""

    def work() -> ResponseReturnValue:
        execute(ReviseTask(plan_task_id=task_id, **revision_of(request.form)))
        return changed(plan_id, {task_id}, task_id)

    answer, errors = attempt(work)
    if answer is not None:
        return answer
    draft = draft_of(plan_id)
    row = row_of(draft, task_id)
    return _editor(draft, row, {**request.form.to_dict(), **_ticked(), "seen": row.seen}, errors), REFUSED


@bp.post(f"{ROW}/tach-phan")
@runs(SplitOff)
def split_off(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Make a row of its own of a part of the content; what is refused comes back as it was typed."""
    before = draft_of(plan_id)

    def work() -> ResponseReturnValue:
        new = execute(SplitOff(plan_task_id=task_id, part=PartForm().load(request.form)["part"]))
        if from_script():
            return changed(plan_id, _parted(before, task_id), task_id, before)
        flash(f"Đã tách ra dòng {row_of(draft_of(plan_id), new).place}. Sửa lại đơn vị, thời gian nếu khác.", "success")
        return redirect(row_address(plan_id, new))

    answer, errors = attempt(work)
    if answer is not None:
        return answer
    row = row_of(before, task_id)
    values = {**_values(row), "part": request.form.get("part", "")}
    if from_script():
        said = {"part": [*chain(*errors.values())]}
        return render_template("plans/_part.html", draft=before, row=row, values=values, errors=said), REFUSED
    return _editor(before, row, values, errors), REFUSED


def _parted(before: DraftView, task_id: UUID) -> set[UUID]:
    """The rows that one is now, and the row behind them, which offers to be joined with the last of them."""
    known = {line.id for line in before.lines}
    lines = [line.id for line in draft_of(before.id).lines]
    at = lines.index(task_id)
    made = list(takewhile(lambda line: line not in known, lines[at + 1 :]))
    return set(lines[at : at + len(made) + 2])


def _editor(draft: DraftView, row: DraftRow, values: Mapping[str, Any], errors: Errors) -> str:
    template = "plans/_editor.html" if from_script() else "plans/edit.html"
    return render_template(template, draft=draft, row=row, values=values, errors=errors)


def _ticked() -> dict[str, set[str]]:
    return {name: set(request.form.getlist(name)) for name in ("leads", "coordinators")}


def _values(row: DraftRow) -> dict[str, Any]:
    """A row's values as its editor shows them."""
    texts = ("content", "timing_text", "product_text", "note", "seen")
    return {
        **{name: getattr(row, name) for name in texts}, "blocked_until": row.blocked_until or "",
        "due_on": f"{row.due_on:%d/%m/%Y}" if row.due_on else "", "until_year": row.until_year or "",
        "is_recurring": "on" if row.is_recurring else "", "is_conditional": "on" if row.is_conditional else "",
        "leads": {str(unit.id) for unit in row.leads}, "coordinators": {str(unit.id) for unit in row.coordinators},
        "second_lead": str(row.second_lead.id) if row.second_lead else "",
    }  # fmt: skip


# --- with one press ---


@bp.post(f"{ROW}/trang-thai")
@runs(SetTaskState)
def set_task_state(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Leave the row out, mark it as done before, take it up again."""

    def command() -> Command:
        return SetTaskState(plan_task_id=task_id, **TaskStateForm().load(request.form))

    return _pressed(plan_id, command, lambda _: {task_id}, task_id)


@bp.post(f"{ROW}/da-xem")
@runs(DismissWarnings)
def dismiss_warnings(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """The reading's warnings about the row have been looked at."""
    return _pressed(plan_id, lambda: DismissWarnings(plan_task_id=task_id), lambda _: {task_id}, task_id)


@bp.post(f"{ROW}/tach")
@runs(SplitTask)
def split_task(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Make a row of each phase of this one's timing."""

    return _pressed(plan_id, lambda: SplitTask(plan_task_id=task_id), lambda before: _parted(before, task_id), task_id)


@bp.post("/ke-hoach/<uuid:plan_id>/sua-loi")
@runs(SettleRepairs)
def settle_repairs(plan_id: UUID) -> ResponseReturnValue:
    """Accept or refuse a proposed repair, in one row (`task`) or wherever it is proposed."""
    task_id = request.form.get("task", type=UUID)

    def command() -> Command:
        values = RepairForm().load(request.form)
        return SettleRepairs(plan_id=plan_id, plan_task_id=task_id, **values)

    def touched(before: DraftView) -> set[UUID]:
        return {task_id} if task_id else {line.id for line in before.lines if line.repairs}

    return _pressed(plan_id, command, touched, task_id, "" if task_id else "repairs")


@bp.post("/ke-hoach/<uuid:plan_id>/chon-don-vi")
@runs(ResolveLeads)
def resolve_leads(plan_id: UUID) -> ResponseReturnValue:
    """Say which units a name in the lead column means, for every row that has it."""
    lead_text = request.form.get("lead_text", "")

    def command() -> Command:
        return ResolveLeads(plan_id=plan_id, lead_text=lead_text, unit_ids=units_in(request.form, "units"))

    def touched(before: DraftView) -> set[UUID]:
        return {row.id for found in before.open_leads if found.text == lead_text for row in found.rows}

    return _pressed(plan_id, command, touched, at="leads")


@bp.post("/ke-hoach/<uuid:plan_id>/bo-nho")
@runs(ForgetName)
def forget_name(plan_id: UUID) -> ResponseReturnValue:
    """Take a name for that unit no more."""

    def command() -> Command:
        return ForgetName(plan_id=plan_id, **NameForm().load(request.form))

    return _pressed(plan_id, command, lambda _: set(), at="names")


def _pressed(
    plan_id: UUID, command: Callable[[], Command], touched: Callable[[DraftView], set[UUID]],
    anchor: UUID | None = None, at: str = "",
) -> ResponseReturnValue:  # fmt: skip
    """Carry a button out, then show the rows that it touched; a refusal is a sentence above the page, or a toast."""
    before = draft_of(plan_id)
    try:
        execute(command())
    except (ValidationError, Rejected) as refusal:
        if from_script() or not isinstance(refusal, Rejected):
            raise refusal if isinstance(refusal, Rejected) else Rejected("Chọn lại rồi thử lần nữa.") from refusal
        flash(str(refusal), "error")
        return redirect(row_address(plan_id, anchor))
    return changed(plan_id, touched(before), anchor, before, at)


# --- rows of one's own, and the whole draft ---


@bp.route("/ke-hoach/<uuid:plan_id>/them-nhiem-vu", methods=["GET", "POST"])
@runs(AddTask)
def add_task(plan_id: UUID) -> ResponseReturnValue:
    """Add a row that the file did not have, or that was not read."""
    draft = draft_of(plan_id)
    if request.method != "POST":
        values: dict[str, Any] = {"group_id": request.args.get("nhom", ""), "leads": set()}
        return _adding(draft, values, {})

    def work() -> ResponseReturnValue:
        values = NewTaskForm().load(request.form)
        task_id = execute(AddTask(plan_id=plan_id, leads=units_in(request.form, "leads"), **values))
        flash("Đã thêm nhiệm vụ.", "success")
        return redirect(row_address(plan_id, task_id))

    answer, errors = attempt(work)
    values = {**request.form.to_dict(), **_ticked()}
    return answer or (_adding(draft_of(plan_id), values, errors), REFUSED)


def _adding(draft: DraftView, values: Mapping[str, Any], errors: Errors) -> str:
    groups = [(group.id, group_name(group.numeral, group.title)) for group in draft.groups]
    return render_template("plans/add.html", draft=draft, values=values, errors=errors, group_options=groups)


@bp.post("/ke-hoach/<uuid:plan_id>/bo")
@runs(DiscardPlan)
def discard(plan_id: UUID) -> ResponseReturnValue:
    """Throw the draft away."""
    execute(DiscardPlan(plan_id=plan_id))
    flash("Đã bỏ bản nháp. Tệp gốc vẫn được giữ trong nhật ký.", "success")
    return redirect(url_for("plans.index"))
