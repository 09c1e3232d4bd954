"""Bàn giao: open steps of somebody who leaves or moves, and putting their account out of use."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.command import Actor, Command, EnginePermission
from engine.commands.user_tasks import AssignUserTask, ReleaseUserTask
from engine.errors import Kind, NotFound, Rejected
from webapp.database import db
from webapp.execution import execute
from webapp.identity import current_actor, signed_in_person
from webapp.organisation.attempts import attempt
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.people import DeactivatePerson
from webapp.organisation.desks import may_be_handed
from webapp.organisation.models import Role
from webapp.organisation.queries.absences import stood_in_by
from webapp.organisation.queries.people import (
    HeldTask,
    PersonRow,
    active_people,
    bodies_entered_for,
    find_person_row,
    held_tasks,
    left_empty,
)
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs

TO_DESK = "desk"


@bp.get("/nguoi-dung/<uuid:person_id>/ban-giao")
@requires(Permission.ADMINISTER)
def hand_over(person_id: UUID) -> ResponseReturnValue:
    """What somebody holds, and who could take it."""
    person = _find(person_id)
    tasks = held_tasks(db.session(), signed_in_person().tenant_id, person_id)
    takers = _takers(person, tasks)
    anybody = {colleague.id: colleague.name for colleagues in takers.values() for colleague in colleagues}
    bodies = bodies_entered_for(db.session(), person.id) if person.is_active else {}
    own = [desk for desk in person.desks if person.is_active and desk.unit_id not in bodies]
    empty = left_empty(db.session(), person.id, own)
    duties = stood_in_by(db.session(), person.id, local_date(now()))
    return render_template(
        "organisation/hand_over.html",
        leaver=person, tasks=tasks, takers=takers, anybody=anybody, to_desk=TO_DESK, empty=empty, duties=duties,
        bodies=list(bodies.values()),
    )  # fmt: skip


@bp.post("/nguoi-dung/<uuid:person_id>/ban-giao")
@requires(Permission.ADMINISTER)
def do_hand_over(person_id: UUID) -> ResponseReturnValue:
    """Hand every step to the colleague chosen for it, or back to its desk; each is a command of its own."""
    person = _find(person_id)
    tasks = held_tasks(db.session(), signed_in_person().tenant_id, person_id)
    takers, actor = _takers(person, tasks), current_actor()
    done = sum(_hand_over(task, _taker(task, takers), actor, person.name) for task in tasks)
    flash(f"Đã bàn giao {done} việc của {person.name}.", "success")
    return redirect(url_for("organisation.hand_over", person_id=person_id))


def give_back(person: PersonRow, desks: frozenset[str]) -> int:
    """Release what somebody had in hand at desks that are theirs no more; return how many steps."""
    tasks = held_tasks(db.session(), signed_in_person().tenant_id, person.id) if desks else []
    actor = current_actor()
    return sum(_hand_over(task, None, actor, person.name) for task in tasks if task.desk in desks)


@bp.post("/nguoi-dung/<uuid:person_id>/ngung")
@runs(DeactivatePerson)
def deactivate_person(person_id: UUID) -> ResponseReturnValue:
    """Put an account out of use, once nothing is left with it."""

    def work() -> ResponseReturnValue:
        execute(DeactivatePerson(person_id=person_id))
        flash("Đã ngừng tài khoản. Những gì người này đã làm vẫn nằm trong hồ sơ.", "success")
        return redirect(url_for("organisation.person", person_id=person_id))

    answer, errors = attempt(work)
    if answer is None:
        for message in (message for messages in errors.values() for message in messages):
            flash(message, "error")
    return answer or redirect(url_for("organisation.hand_over", person_id=person_id))


def _find(person_id: UUID) -> PersonRow:
    person = find_person_row(db.session(), signed_in_person().tenant_id, person_id)
    if person is None:
        raise NotFound
    return person


def _takers(person: PersonRow, tasks: list[HeldTask]) -> dict[UUID, list[PersonRow]]:
    """By step: who could take it."""
    units = frozenset(task.unit_id for task in tasks)
    colleagues = active_people(db.session(), signed_in_person().tenant_id, units) if units else []
    others = [colleague for colleague in colleagues if colleague.id != person.id]
    return {
        task.id: [
            other for other in others
            if task.unit_id in other.unit_ids and may_be_handed(db.session(), task.desk, other.id)
        ]
        for task in tasks
    }  # fmt: skip


def _taker(task: HeldTask, takers: dict[UUID, list[PersonRow]]) -> UUID | None:
    """Who was chosen for a step, or for all; None for its desk."""
    for chosen in _choices(task):
        if chosen == TO_DESK:
            return None
        if any(str(colleague.id) == chosen for colleague in takers[task.id]):
            return UUID(chosen)
    return None


def _choices(task: HeldTask) -> Iterator[str]:
    yield request.form.get(f"task-{task.id}", "")
    yield request.form.get("all", "")


def _hand_over(task: HeldTask, taker: UUID | None, actor: Actor, leaver: str) -> bool:
    """Whether it was there to hand over. An administrator does so with the authority of the unit's head."""
    command: Command = ReleaseUserTask(user_task_id=task.id)
    if taker is not None:
        command = AssignUserTask(user_task_id=task.id, assignee_id=taker, reason=f"Nhận bàn giao từ {leaver}")
    as_head = replace(
        actor,
        permissions=actor.permissions | {EnginePermission.WORK},
        desks=actor.desks | {f"{Role.HEAD}@{task.unit_id}"},
    )
    try:
        execute(command, actor=as_head)
    except Rejected as refusal:
        if refusal.kind is Kind.CONFLICT:
            return False  # Somebody did the step meanwhile.
        raise
    return True
