"""Cases that have ended, as rehearsals: what was done in them, from the log, to be played on another version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import events
from engine.facts import MessageDelivered, ServiceCompleted, UserTaskCompleted
from engine.models import Event, InstanceState, ProcessInstance, Submission
from engine.spiff import Walk
from webapp.procedures.draft_queries import forms_of
from webapp.procedures.queries import drawing
from webapp.rehearsals.acts import Act, ActKind, Bundle, Setting
from webapp.rehearsals.queries import Kept
from webapp.rehearsals.running import Outcome, compare
from webapp.rehearsals.stage import Theatre, theatre
from webapp.runtime import runtime

MOST = 50
"""How many cases are looked at: the latest that ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A case that has ended."""

    id: UUID
    definition_id: UUID
    title: str


def ended_cases(read: Session, tenant_id: UUID, key: str) -> list[Ended]:
    """The latest that ended by themselves, newest first."""
    rows = read.execute(
        sa.select(ProcessInstance.id, ProcessInstance.definition_id, ProcessInstance.title)
        .where(
            ProcessInstance.tenant_id == tenant_id, ProcessInstance.key == key,
            ProcessInstance.state == InstanceState.COMPLETED,
        )
        .order_by(ProcessInstance.ended_at.desc())
        .limit(MOST)
    )  # fmt: skip
    return [Ended(*row) for row in rows]


def replay(read: Session, tenant_id: UUID, cases: list[Ended], bundle: Bundle) -> Iterator[Outcome]:
    """Play each on its own version and on the bundle; the same waits mean that it would have gone the same way.

    Raises DefinitionRefused.
    """
    ward = read.connection()
    with theatre(ward, tenant_id, bundle) as new:
        for definition_id in dict.fromkeys(case.definition_id for case in cases):
            own = Bundle(drawing(read, tenant_id, definition_id) or b"", forms_of(read, definition_id))
            with theatre(ward, tenant_id, own) as old:
                for case in cases:
                    if case.definition_id == definition_id:
                        yield _compared(read, case, own, old, new)


def _compared(read: Session, case: Ended, own: Bundle, old: Theatre, new: Theatre) -> Outcome:
    setting, acts = _script(read, case)
    before = old.play(setting, acts)
    if before.fault:  # What it needs is not here: a person who has left, a service's other work.
        fault = f"Không đi lại được trên chính phiên bản của hồ sơ: {before.fault}"
        return Outcome(case.id, case.title, False, max(len(before.trail) - 1, 0), "", (), (), fault)
    kept = Kept(case.id, "", case.title, own, setting, acts, before.trail)
    return compare(kept, new.play(setting, acts))


def _script(read: Session, case: Ended) -> tuple[Setting, list[Act]]:
    """How it began, and what was done."""
    row = read.execute(
        sa.select(
            ProcessInstance.started_at, ProcessInstance.parties, ProcessInstance.dates, ProcessInstance.saved_state
        ).where(ProcessInstance.id == case.id)
    ).one()
    dates = {name: date.fromisoformat(day) for name, day in orjson.loads(row.dates).items()}
    definition = runtime().definition(case.definition_id, read.connection())
    data: dict[str, Any] = {}
    if row.saved_state is not None:
        known = Walk.data_in(row.saved_state)
        roots = {name.partition(".")[0] for name in definition.properties.get("inputs", "").split()}
        data = {name: value for name, value in known.items() if name in roots}
    setting = Setting(
        began_at=row.started_at, parties=orjson.loads(row.parties), dates=dates, data=data,
        start_event=definition.starts[0].element_id,
    )  # fmt: skip
    return setting, list(_acts(read, case.id))


def _acts(read: Session, instance_id: UUID) -> Iterator[Act]:
    answers = {
        row.id: orjson.loads(row.data)
        for row in read.execute(sa.select(Submission.id, Submission.data).where(Submission.instance_id == instance_id))
    }
    log = sa.select(Event.at, Event.actor_id, Event.data).where(Event.stream == instance_id).order_by(Event.sequence)
    for event in read.execute(log):
        for fact in events.decode(event.data):
            if (act := _act(fact, event.at, event.actor_id, answers)) is not None:
                yield act


def _act(fact: events.Fact, at: datetime, actor_id: UUID | None, answers: dict[UUID, Any]) -> Act | None:
    """What a fact was the result of, if it was an act of somebody outside the engine."""
    if isinstance(fact, UserTaskCompleted):
        given = answers.get(fact.submission_id, {})
        return Act(kind=ActKind.COMPLETE, at=at, element_id=fact.element_id, answers=given, actor_id=actor_id)
    if isinstance(fact, MessageDelivered):
        return Act(kind=ActKind.MESSAGE, at=at, element_id=fact.element_id, answers=fact.payload)
    if isinstance(fact, ServiceCompleted):
        return Act(kind=ActKind.SERVICE, at=at, element_id=fact.element_id, answers=fact.result)
    return None
