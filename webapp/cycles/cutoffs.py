"""Xác nhận chốt: closing a cycle with some missing, each of them named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.user_tasks import CompleteUserTask
from engine.errors import Rejected
from engine.models import OPEN_STEP, UserTask
from forms.definition import FormRefused
from webapp.cases.history import unit_names
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.entries import WHY_MISSING
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry, EntryState
from webapp.cycles.queries import cycle_row
from webapp.cycles.reminders import reminded_days
from webapp.cycles.steps import onwards, require_step
from webapp.database import db
from webapp.forms_view import Errors
from webapp.identity import desk_name, signed_in_person
from webapp.inbox.pages import STEP_PAGES
from webapp.organisation.models import Person, Unit
from webapp.plans.models import PlanTask, TaskGroup
from webapp.plans.places import place_name
from webapp.security import runs

CUTOFF = "cutoff"

STEP_PAGES[CUTOFF] = lambda _task, cycle: url_for("cycles.cutoff", cycle_id=cycle)


@dataclass(frozen=True, slots=True)
class MissingRow:
    """One case that is not in."""

    label: str
    content: str
    state: EntryState
    waits_for: str  # a step of others than its unit, with who has it; empty where the unit has to send

    @property
    def why(self) -> str:
        """The reason that stands there already; empty where the unit has to say."""
        if self.state is EntryState.SENT:
            return WHY_MISSING[EntryState.SENT]
        return f"Chờ {self.waits_for}" if self.waits_for else ""


@dataclass(frozen=True, slots=True)
class MissingUnit:
    """A unit with what it owes."""

    id: UUID
    name: str
    rows: tuple[MissingRow, ...]
    reminded_on: tuple[date, ...]

    @property
    def why(self) -> str:
        """What of it waits for others; empty where the unit itself has something to send."""
        found = dict.fromkeys(row.why for row in self.rows)
        return "; ".join(found) if all(found) else ""

    @property
    def reminded(self) -> str:
        """The days as the form keeps them."""
        return ", ".join(f"{day:%d/%m/%Y}" for day in self.reminded_on)


@bp.get("/ky-bao-cao/<uuid:cycle_id>/chot")
@runs(CompleteUserTask)
def cutoff(cycle_id: UUID) -> ResponseReturnValue:
    """Who is missing, what each owes and when it was reminded."""
    return _page(cycle_id, {unit.id: unit.why for unit in missing_units(db.session(), cycle_id)}, {})


@bp.post("/ky-bao-cao/<uuid:cycle_id>/chot")
@runs(CompleteUserTask)
def confirm_cutoff(cycle_id: UUID) -> ResponseReturnValue:
    """Close with what is there; a unit that sent meanwhile is no longer asked for a reason."""
    read, person = db.session(), signed_in_person()
    require_cycle(read, person, cycle_id)
    step = require_step(read, person, cycle_id, CUTOFF)
    missing = missing_units(read, cycle_id)
    raw = {"missing": [_answer(unit) for unit in missing], "confirmed": request.form.get("confirmed")}
    try:
        step.complete(step.form.load(raw, step.context))
    except FormRefused as refused:
        return _page(cycle_id, _reasons(missing), refused.errors, 422)
    except Rejected as refusal:
        return _page(cycle_id, _reasons(missing), {"": [str(refusal)]}, 409)
    flash("Đã chốt số liệu. Bước tiếp theo là tổng hợp.", "success")
    return redirect(onwards(cycle_id))


def _reason(unit: MissingUnit) -> str:
    """Its own, else the one given for all."""
    return request.form.get(f"reason-{unit.id}", "").strip() or request.form.get("common_reason", "").strip()


def _reasons(missing: list[MissingUnit]) -> dict[UUID, str]:
    return {unit.id: request.form.get(f"reason-{unit.id}", "") for unit in missing}


def _answer(unit: MissingUnit) -> dict[str, str]:
    return {"unit": str(unit.id), "reason": _reason(unit), "reminded": unit.reminded}


def _page(cycle_id: UUID, reasons: Mapping[UUID, str], errors: Errors, status: int = 200) -> ResponseReturnValue:
    read, person = db.session(), signed_in_person()
    require_cycle(read, person, cycle_id)
    step = require_step(read, person, cycle_id, CUTOFF)
    missing = missing_units(read, cycle_id)
    faults = {unit.id: errors.get(f"missing-{number}-reason", []) for number, unit in enumerate(missing)}
    page = render_template(
        "cycles/cutoff.html", cycle=cycle_row(read, cycle_id), step=step, missing=missing, reasons=reasons,
        faults=faults, errors=errors, common=request.form.get("common_reason", ""), back=onwards(cycle_id),
        unchecked=sum(row.state is EntryState.SENT for unit in missing for row in unit.rows),
        unsent=sum(not unit.why for unit in missing),
        waiting=sum(bool(row.waits_for) for unit in missing for row in unit.rows),
    )  # fmt: skip
    return page, status


def missing_units(read: Session, cycle_id: UUID) -> list[MissingUnit]:
    """The units of which something is not in yet, with each case."""
    rows = read.execute(
        sa.select(
            Unit, PlanTask.ordinal, PlanTask.content, TaskGroup.numeral, CycleEntry.state, CycleEntry.occurrence_id
        )
        .join(CycleEntry, CycleEntry.unit_id == Unit.id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(CycleEntry.cycle_id == cycle_id, CycleEntry.state.in_(OPEN_ENTRIES))
        .order_by(Unit.position, Unit.name, TaskGroup.position, PlanTask.position)
    ).all()
    waiting = _waiting_elsewhere(read, {case: unit for unit, *_, state, case in rows if state is not EntryState.SENT})
    owed: dict[UUID, tuple[str, list[MissingRow]]] = {}
    for unit, ordinal, content, numeral, state, case in rows:
        row = MissingRow(place_name(numeral, ordinal), content, state, waiting.get(case, ""))
        owed.setdefault(unit.id, (unit.name, []))[1].append(row)
    reminded = reminded_days(read, cycle_id)
    return [MissingUnit(id_, name, tuple(cases), reminded.get(id_, ())) for id_, (name, cases) in owed.items()]


def _waiting_elsewhere(read: Session, cases: Mapping[UUID, Unit]) -> dict[UUID, str]:
    """By case what it waits for, where that is not at its unit: a task that was handed back, a second lead's word."""
    steps = (
        sa.select(UserTask.instance_id, UserTask.name, UserTask.desk, Person.name.label("holder"))
        .outerjoin(Person, Person.id == UserTask.assignee_id)
        .where(UserTask.instance_id.in_(cases), UserTask.state == OPEN_STEP)
        .order_by(UserTask.order_at)
    )
    found: dict[UUID, list[Any]] = {}
    for step in read.execute(steps):
        found.setdefault(step.instance_id, []).append(step)
    names = unit_names(read, next(iter(cases.values())).tenant_id) if found else {}
    return {
        case: f"“{steps[0].name}” ({steps[0].holder or desk_name(steps[0].desk, names)})"
        for case, steps in found.items()
        if not any(step.desk.endswith(f"@{cases[case].id}") for step in steps)
    }
