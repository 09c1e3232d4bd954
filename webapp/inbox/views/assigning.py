"""Giao cho: steps handed to a colleague, with a reason."""

from dataclasses import replace
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.command import Actor, EnginePermission
from engine.commands.user_tasks import AssignUserTask
from engine.errors import Rejected
from webapp.database import db
from webapp.execution import execute
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.selections import Chosen, chosen_steps, each
from webapp.inbox.views.bulk import answer, home_of
from webapp.organisation.desks import may_be_handed
from webapp.organisation.queries.people import PersonRow, active_people
from webapp.security import requires

LONGEST_REASON = 1000


class NotAColleague(Rejected):
    message = "Người được giao không thuộc đơn vị của việc này, hoặc không giữ chức vụ được quyết định, ký việc này."


@bp.get("/hop-viec/giao")
@requires(AssignUserTask.permission, EnginePermission.OPERATE)
def assign() -> ResponseReturnValue:
    """To whom, and why."""
    person = signed_in_person()
    return _form(person, chosen_steps(db.session(), person.tenant_id, request.args.getlist("viec")), {})


@bp.post("/hop-viec/giao")
@requires(AssignUserTask.permission, EnginePermission.OPERATE)
def do_assign() -> ResponseReturnValue:
    """Hand each step over; each is a command and a record of its own."""
    person = signed_in_person()
    steps = chosen_steps(db.session(), person.tenant_id, request.form.getlist("viec"))
    taker = next((one for one in colleagues(person, steps) if str(one.id) == request.form.get("nguoi")), None)
    reason = request.form.get("ly_do", "").strip()
    errors = {} if taker else {"nguoi": "Chưa chọn người nhận."}
    if len(reason) > LONGEST_REASON:
        errors["ly_do"] = f"Lý do dài quá {LONGEST_REASON} ký tự."
    if taker is None or errors:
        return _form(person, steps, errors), 422
    home = None if person.may(EnginePermission.WORK) else home_of(steps)
    outcomes = each(steps, lambda step: _hand_over(person, step, taker, reason))
    return answer(
        outcomes, lambda n: f"Đã giao {n} việc cho {taker.name}.", lambda n: f"Chưa giao được {n} việc.", home
    )


def _hand_over(person: CurrentPerson, step: Chosen, taker: PersonRow, reason: str) -> None:
    """Raises NotAColleague, and what the command raises."""
    if step.unit_id not in taker.unit_ids or not may_be_handed(db.session(), step.desk, taker.id):
        raise NotAColleague
    command = AssignUserTask(user_task_id=step.id, assignee_id=taker.id, reason=reason or None)
    execute(command, actor=_actor(person))


def _actor(person: CurrentPerson) -> Actor:
    """Whoever operates cases may move any step, though the work itself is not theirs."""
    actor = person.actor()
    if person.may(EnginePermission.OPERATE):
        return replace(actor, permissions=actor.permissions | {EnginePermission.WORK})
    return actor


def colleagues(person: CurrentPerson, steps: list[Chosen]) -> list[PersonRow]:
    """The people of the steps' units to whom they may be handed; of all of them where there are several."""
    units: frozenset[UUID] = frozenset(step.unit_id for step in steps)
    desks = {step.desk for step in steps}
    people = active_people(db.session(), person.tenant_id, units) if units else []
    return [
        one for one in people
        if units <= one.unit_ids and all(may_be_handed(db.session(), desk, one.id) for desk in desks)
    ]  # fmt: skip


def _form(person: CurrentPerson, steps: list[Chosen], errors: dict[str, str]) -> str:
    people = [(one.id, f"{one.name} ({', '.join(one.held)})") for one in colleagues(person, steps)]
    return render_template(
        "inbox/assign.html", steps=steps, people=people, errors=errors,
        values={"nguoi": request.form.get("nguoi", ""), "ly_do": request.form.get("ly_do", "")},
        back=request.values.get("ve", ""), home=home_of(steps),
    )  # fmt: skip
