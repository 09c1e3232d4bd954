"""A page of a step at which its cycle is not: when that was done and by whom, and what the cycle waits for now."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.models import ProcessInstance, UserTask, UserTaskState
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.preparing import prepared_now
from webapp.cycles.queries import cycle_row, open_steps
from webapp.cycles.steps import StepElsewhere
from webapp.database import db
from webapp.errors import refuse, texts_typed, wants_json
from webapp.identity import signed_in_person
from webapp.inbox.pages import records_of
from webapp.inbox.queries import due_words
from webapp.organisation.models import Person
from webapp.runtime import runtime


@dataclass(frozen=True, slots=True)
class Passed:
    """A step of a cycle, and when it was last done."""

    name: str
    done_at: datetime | None = None
    done_by: str = ""


@bp.errorhandler(StepElsewhere)
def step_elsewhere(error: StepElsewhere) -> ResponseReturnValue:
    """In the words of the cycle; a script gets the sentence only."""
    if wants_json():
        return refuse(HTTPStatus.CONFLICT, str(error))
    read, person = db.session(), signed_in_person()
    cycle = require_cycle(read, person, error.cycle_id)
    page = render_template(
        "cycles/elsewhere.html", cycle=cycle_row(read, cycle.id), step=passed(read, cycle.id, error.records),
        waiting=open_steps(read, person, cycle.id, due_words(read, person.tenant_id)),
        preparing=prepared_now(read, cycle), was_sent=request.method == "POST", texts=texts_typed(),
    )  # fmt: skip
    return page, HTTPStatus.CONFLICT


def passed(read: Session, cycle_id: UUID, records: str) -> Passed:
    """The step as the cycle's drawing names it, and the newest time that it was done."""
    definition_id = read.scalar(sa.select(ProcessInstance.definition_id).where(ProcessInstance.id == cycle_id))
    if definition_id is None:  # The cycle's procedure has not begun.
        return Passed("")
    definition = runtime().definition(definition_id, read.connection())
    names = {id: each.name for id, each in definition.elements.items() if records_of(definition, id) == records}
    row = read.execute(
        sa.select(UserTask.name, UserTask.completed_at, Person.name)
        .outerjoin(Person, Person.id == UserTask.completed_by)
        .where(
            UserTask.instance_id == cycle_id, UserTask.element_id.in_(names), UserTask.state == UserTaskState.COMPLETED
        )
        .order_by(UserTask.completed_at.desc())
        .limit(1)
    ).first()
    return Passed(row[0], row[1], row[2] or "") if row else Passed(next(iter(names.values()), ""))
