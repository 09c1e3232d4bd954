"""Lịch báo cáo: which reports a plan asks for, by when, and when the calendar opens them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from engine.calendar import local_date
from webapp.cycles.blueprint import bp
from webapp.cycles.models import CycleKind, CycleState, PlannedCycle, ReportingCycle
from webapp.cycles.periods import MONTHS
from webapp.cycles.planning import EVERY, KIND_NAMES, REVIEWS, Asked, PlanCycles
from webapp.cycles.proposing import left_out, proposed_of
from webapp.cycles.schedules import DueCycle, Longest, cycles_of, months_standing_for, standing_for_others
from webapp.database import db
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.identity import CurrentPerson, signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, all_of, attempt, faults_of
from webapp.organisation.fields import Day, Form, Number, Text
from webapp.permissions import Permission
from webapp.plans.deadlines import ProposedCycle, ProposedDay, asked_every_week, contradicting, duties_in
from webapp.plans.models import Plan, PlanState
from webapp.plans.queries.plans import PlanFacts
from webapp.plans.views.plans import find_plan
from webapp.plans.views.tabs import plan_tabs
from webapp.runtime import now, runtime
from webapp.security import requires, runs


class AskedForm(Form):
    year = Number()
    report_by = Day()
    report_by_source = Text(most=500)
    submit_by = Day()
    submit_by_source = Text(most=500)


@dataclass(frozen=True, slots=True)
class OpenedCycle:
    id: UUID
    name: str
    state: CycleState


Within = tuple[str, CycleKind]
"""Parts of the year, as "Tháng 3, tháng 9", and the longer report that stands for their own."""


@dataclass(frozen=True, slots=True)
class AskedCycle:
    """A report that the plan asks for, as its page shows it."""

    asked: Asked
    coming: DueCycle | None
    within: tuple[Within, ...]
    opened: tuple[OpenedCycle, ...]  # newest first
    earlier: ProposedDay | None  # what the plan's own words say, where that is sooner


@bp.get("/ke-hoach/<uuid:plan_id>/lich-bao-cao")
@requires(Permission.SEE_CASES)
def planned(plan_id: UUID) -> ResponseReturnValue:
    """The reports of a plan with their days, and which cycles were opened."""
    person = signed_in_person()
    plan = find_plan(person, plan_id)
    stored = db.session().get_one(Plan, plan.id)
    return render_template(
        "cycles/planned.html",
        plan=plan, rows=_rows(person, plan), names=KIND_NAMES, every=EVERY, tabs=plan_tabs(plan, "cycles.planned"),
        left_out=left_out(plan.id), every_week=asked_every_week(duties_in(stored.reading)),
        may_plan=person.may(Permission.MANAGE_PLANS) and _is_plannable(plan),
        sees_cycles=person.may(Permission.SEE_ALL_CASES),
    )  # fmt: skip


COLUMNS = (
    ("Báo cáo", 28), ("Năm", 12), ("Đơn vị gửi chậm nhất", 14), ("Căn cứ", 36), ("Gửi thành phố chậm nhất", 14),
    ("Căn cứ", 36), ("Kỳ tự mở", 12), ("Các kỳ đã mở", 36),
)  # fmt: skip


@bp.get("/ke-hoach/<uuid:plan_id>/lich-bao-cao.xlsx")
@requires(Permission.SEE_CASES)
def planned_sheet(plan_id: UUID) -> ResponseReturnValue:
    """The same reports as a spreadsheet."""
    person = signed_in_person()
    plan = find_plan(person, plan_id)
    return send_list("Lịch báo cáo", COLUMNS, map(_cells, _rows(person, plan)), about=plan.number or plan.title)


def _cells(row: AskedCycle) -> tuple[Cell, ...]:
    asked = row.asked
    days = asked.report_by, asked.report_by_source, asked.submit_by, asked.submit_by_source
    opens, opened = row.coming.opens_on if row.coming else None, "; ".join(cycle.name for cycle in row.opened)
    return KIND_NAMES[asked.kind], str(asked.year or EVERY.get(asked.kind, "hằng năm")), *days, opens, opened


def _is_plannable(plan: PlanFacts) -> bool:
    return plan.state in (PlanState.CONFIRMED, PlanState.ISSUED)


def _rows(person: CurrentPerson, plan: PlanFacts) -> list[AskedCycle]:
    read, today = db.session(), local_date(now())
    calendar = runtime().calendar(person.tenant_id, read.connection())
    proposed = proposed_of(plan.id)
    due = cycles_of(read.connection(), plan.id, range(today.year - 1, today.year + 2), calendar)
    longest = standing_for_others(due)
    opening = [cycle for cycle in due if not months_standing_for(cycle, longest)]
    return [
        AskedCycle(
            asked, _coming(opening, asked.kind, today), _within(due, longest, asked.kind, today),
            _opened(read, plan, asked.kind), _earlier(asked, proposed.get(asked.kind)),
        )
        for asked in _asked(read, plan)
    ]  # fmt: skip


def _asked(read: Session, plan: PlanFacts) -> list[Asked]:
    rows = read.scalars(sa.select(PlannedCycle).where(PlannedCycle.plan_id == plan.id))
    found = {row.kind: _of_row(plan, row) for row in rows}
    return [found[kind] for kind in KIND_NAMES if kind in found]


def _of_row(plan: PlanFacts, row: PlannedCycle) -> Asked:
    days = plan if row.kind is CycleKind.YEAR else row
    return Asked(
        kind=row.kind, year=row.year, report_by=days.report_by, report_by_source=days.report_by_source,
        submit_by=days.submit_by, submit_by_source=days.submit_by_source,
    )  # fmt: skip


def _coming(due: Iterable[DueCycle], kind: CycleKind, today: date) -> DueCycle | None:
    """The next one that the calendar opens."""
    return next((cycle for cycle in due if cycle.period.kind is kind and cycle.last_day >= today), None)


def _within(due: Iterable[DueCycle], longest: Longest, kind: CycleKind, today: date) -> tuple[Within, ...]:
    """Of the months or quarters that come next those for which a longer report stands."""
    coming: dict[int, DueCycle] = {}
    for cycle in due:
        if cycle.period.kind is kind and cycle.last_day >= today:
            coming.setdefault(cycle.period.number, cycle)
    kinds = {months: longer for longer, months in MONTHS.items()}
    parts: dict[CycleKind, list[str]] = {}
    for _, cycle in sorted(coming.items()):
        if months := months_standing_for(cycle, longest):
            told = parts.setdefault(kinds[months], [])
            told.append(f"{cycle.period.part[0].lower() if told else cycle.period.part[0]}{cycle.period.part[1:]}")
    return tuple((", ".join(told), longer) for longer, told in parts.items())


def _opened(read: Session, plan: PlanFacts, kind: CycleKind) -> tuple[OpenedCycle, ...]:
    query = (
        sa.select(ReportingCycle.id, ReportingCycle.name, ReportingCycle.state)
        .where(ReportingCycle.plan_id == plan.id, ReportingCycle.kind == kind)
        .order_by(ReportingCycle.id.desc())
        .limit(5)
    )
    return tuple(OpenedCycle(*row) for row in read.execute(query))


def _earlier(asked: Asked, proposed: ProposedCycle | None) -> ProposedDay | None:
    """The plan's own day where what was set for the same year is later."""
    days = proposed.days.report_by if proposed else ()
    set_to = asked.report_by
    return next((each for each in days if set_to and each.day < set_to and each.day.year == set_to.year), None)


# --- stating them ---


@bp.get("/ke-hoach/<uuid:plan_id>/lich-bao-cao/sua")
@runs(PlanCycles)
def plan_form(plan_id: UUID) -> ResponseReturnValue:
    """All kinds, with what was stated before; of the others what the plan's words propose."""
    plan = find_plan(signed_in_person(), plan_id)
    return _page(plan, _values(_asked(db.session(), plan), proposed_of(plan.id)), {})


@bp.post("/ke-hoach/<uuid:plan_id>/lich-bao-cao/sua")
@runs(PlanCycles)
def plan_cycles(plan_id: UUID) -> ResponseReturnValue:
    """State them; what is refused comes back as it was typed."""
    plan = find_plan(signed_in_person(), plan_id)

    def work() -> ResponseReturnValue:
        ticked = [kind for kind in KIND_NAMES if request.form.get(f"{kind}-asked") == "on"]
        execute(PlanCycles(plan_id=plan_id, cycles=tuple(all_of(*(_reader(kind) for kind in ticked)))))
        flash("Đã lưu lịch báo cáo. Các kỳ tự mở trước hạn của đơn vị 20 ngày làm việc, kỳ tháng 10 ngày.", "success")
        return redirect(url_for("cycles.planned", plan_id=plan_id))

    answer, errors = attempt(work)
    return answer if answer is not None else (_page(plan, dict(request.form), errors), REFUSED)


def _reader(kind: CycleKind) -> Callable[[], Asked]:
    """What reads one kind's part of the form. It raises ValidationError with the fields named as the form does."""

    def read() -> Asked:
        part = {name: request.form.get(f"{kind}-{name}", "") for name in AskedForm().fields}
        try:
            asked = Asked(kind=kind, **AskedForm().load(part))
        except ValidationError as error:
            faults = faults_of(error)
        else:
            faults = {name: [fault] for name, fault in asked.faults()}
        if faults:
            raise ValidationError({f"{kind}-{name}": messages for name, messages in faults.items()})
        return asked

    return read


def _values(stated: Iterable[Asked], proposed: Mapping[CycleKind, ProposedCycle]) -> dict[str, str]:
    """The form filled in: what was stated; else what the plan's words propose, still to be ticked."""
    values: dict[str, str] = {}
    for each in (_of_proposal(proposal) for proposal in proposed.values()):
        values |= _fields(each)
    for each in stated:
        values |= {**_fields(each), f"{each.kind}-asked": "on"}
    return values


def _of_proposal(proposed: ProposedCycle) -> Asked:
    report_by, submit_by = (next(iter(days), None) for days in (proposed.days.report_by, proposed.days.submit_by))
    return Asked(
        kind=proposed.kind, year=proposed.year, report_by=report_by.day if report_by else None,
        report_by_source=report_by.source if report_by else "", submit_by=submit_by.day if submit_by else None,
        submit_by_source=submit_by.source if submit_by else "",
    )  # fmt: skip


def _fields(asked: Asked) -> dict[str, str]:
    values = {
        "year": str(asked.year or ""), "report_by_source": asked.report_by_source,
        "submit_by_source": asked.submit_by_source,
    }  # fmt: skip
    for name, day in (("report_by", asked.report_by), ("submit_by", asked.submit_by)):
        values[name] = f"{day:%d/%m/%Y}" if day else ""
    return {f"{asked.kind}-{name}": value for name, value in values.items()}


def _page(plan: PlanFacts, values: Mapping[str, str], errors: Errors) -> str:
    proposed = proposed_of(plan.id)
    return render_template(
        "cycles/plan_form.html",
        plan=plan, values=values, errors=errors, names=KIND_NAMES, every=EVERY, reviews=REVIEWS, proposed=proposed,
        contradictions={kind: _contradictions(each) for kind, each in proposed.items()},
    )  # fmt: skip


def _contradictions(proposed: ProposedCycle) -> list[tuple[ProposedDay, ...]]:
    return [days for days in map(contradicting, (proposed.days.report_by, proposed.days.submit_by)) if days]
