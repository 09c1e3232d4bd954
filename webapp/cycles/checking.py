"""Kiểm tra: the reports that wait for the focal unit's check, each beside its form; several are sent at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.user_tasks import CompleteUserTask
from engine.models import UserTask
from forms.formdata import FormData
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.consolidations import newest_report
from webapp.cycles.models import CycleEntry, EntryState
from webapp.cycles.queries import cycle_row
from webapp.cycles.sending import Outcome, Sender, keep_drafts, said_of
from webapp.cycles.step_rows import StepRow, step_rows
from webapp.cycles.unit_answers import Contributed, contributions_of
from webapp.database import db
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.selections import done_meanwhile
from webapp.organisation.models import Unit
from webapp.permissions import Permission
from webapp.plans.models import PlanTask, Stage, TaskGroup
from webapp.plans.places import place_name
from webapp.runtime import now
from webapp.security import requires

CHOSEN = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A report that has been sent and not been taken yet."""

    occurrence_id: UUID
    label: str
    content: str
    unit: str
    supplements: str  # name of the cycle that went without it
    row: StepRow | None  # None while a second lead confirms
    contributions: tuple[Contributed, ...]

    @property
    def at_hand(self) -> bool:
        """Whether the person may take or return it."""
        return self.row is not None and self.row.is_mine and not self.row.is_barred


@bp.get("/ky-bao-cao/<uuid:cycle_id>/kiem-tra")
@requires(Permission.SEE_CASES)
def checks(cycle_id: UUID) -> ResponseReturnValue:
    """What waits to be checked."""
    return _page(cycle_id, None, [])


@bp.post("/ky-bao-cao/<uuid:cycle_id>/kiem-tra")
@requires(CompleteUserTask.permission)
def send_checks(cycle_id: UUID) -> ResponseReturnValue:
    """Take or return those that were chosen, each as its own form says."""
    data = request.form.to_dict(flat=False)
    person = signed_in_person()
    found = [check for check in _read(cycle_id) if check.row is not None and check.at_hand]
    labels = {check.row.id: check.label for check in found if check.row is not None}
    rows = [check.row for check in found if check.row is not None and _is_chosen(check.row, data)]
    before = " ".join(done_meanwhile(db.session(), person, data.get(CHOSEN, ())))
    if not rows:
        return _page(cycle_id, data, [], notice=before or "Chưa chọn nội dung nào để ghi nhận.", status=422)
    outcomes = Sender(person).send(rows, data, labels)
    if any(outcome.fault for outcome in outcomes):
        return _page(cycle_id, data, outcomes, status=422)
    flash(said_of(outcomes, "ghi nhận"), "success")
    if before:
        flash(before, "info")
    return redirect(url_for("cycles.checks", cycle_id=cycle_id))


def _is_chosen(row: StepRow, data: FormData) -> bool:
    """Ticked, or decided otherwise than proposed."""
    return str(row.id) in data.get(CHOSEN, ()) or row.is_decided(data)


@bp.post("/ky-bao-cao/<uuid:cycle_id>/kiem-tra/nhap")
@requires(CompleteUserTask.permission)
def save_checks(cycle_id: UUID) -> ResponseReturnValue:
    """Drafts of the forms in which somebody typed."""
    data = request.form.to_dict(flat=False)
    rows = [check.row for check in _read(cycle_id) if check.row is not None and check.at_hand]
    keep_drafts(signed_in_person(), [row for row in rows if row.is_touched(data) or row.step.draft], data)
    return jsonify(saved_at=now().isoformat())


def _page(
    cycle_id: UUID, data: FormData | None, outcomes: Sequence[Outcome], *, notice: str = "", status: int = 200
) -> ResponseReturnValue:
    found = _read(cycle_id)
    errors = {outcome.step_id: outcome.errors for outcome in outcomes}
    rows = [check.row for check in found if check.row is not None and check.at_hand]
    page = render_template(
        "cycles/checks.html", cycle=cycle_row(db.session(), cycle_id), checks=found, outcomes=outcomes,
        views={row.id: row.view(data, errors.get(row.id)) for row in rows}, notice=notice,
        chosen=(data or {}).get(CHOSEN, ()), draft_key=_draft_key(cycle_id, rows),
        has_report=newest_report(db.session(), cycle_id) is not None,
    )  # fmt: skip
    return page, status


def _draft_key(cycle_id: UUID, rows: Sequence[StepRow]) -> str:
    return f"{signed_in_person().id}:{cycle_id}:checks:{''.join(row.id.hex[-4:] for row in rows)}"


def _read(cycle_id: UUID) -> list[Check]:
    """Raises NotFound, PermissionDenied."""
    read, person = db.session(), signed_in_person()
    require_cycle(read, person, cycle_id)
    return waiting_checks(read, person, cycle_id)


def waiting_checks(read: Session, person: CurrentPerson, cycle_id: UUID) -> list[Check]:
    """Reports that are in but not taken, in the order of the appendix."""
    found = read.execute(
        sa.select(CycleEntry, TaskGroup.numeral, PlanTask.ordinal, PlanTask.content, Unit.name)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Unit, Unit.id == CycleEntry.unit_id)
        .where(CycleEntry.cycle_id == cycle_id, CycleEntry.state == EntryState.SENT)
        .order_by(TaskGroup.position, PlanTask.position)
    ).all()
    cases = [entry.occurrence_id for entry, *_ in found]
    steps = {
        row.instance_id: row
        for row in step_rows(read, person, UserTask.instance_id.in_(cases))
        if row.stage is Stage.CONSOLIDATION and row.decides
    }
    contributed = contributions_of(read, cases)
    return [
        Check(
            occurrence_id=entry.occurrence_id, label=place_name(numeral, ordinal), content=content, unit=unit,
            supplements=entry.supplements, row=steps.get(entry.occurrence_id),
            contributions=contributed.get(entry.occurrence_id, ()),
        )
        for entry, numeral, ordinal, content, unit in found
    ]  # fmt: skip
