"""A case on its drawing: where it is, where it was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import MessageSubscription, UserTask, UserTaskState
from engine.spiff import Definition
from webapp.database import rows_of
from webapp.organisation.models import Person
from webapp.presentation import day

_u: Any = UserTask.__table__
_m: Any = MessageSubscription.__table__


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A step that a case is at, or was at."""

    id: UUID
    element_id: str
    name: str
    desk: str
    state: UserTaskState
    assignee_id: UUID | None
    assignee: str
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    completed_by: UUID | None
    completer: str
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A message that a case waits for."""

    id: UUID
    element_id: str


@dataclass(frozen=True, slots=True)
class DiagramView:
    """What the macro `diagram` shows."""

    definition_id: UUID
    current: tuple[str, ...]
    visited: tuple[str, ...]
    failed: tuple[str, ...]
    steps: tuple[tuple[str, str, str], ...]  # name, state, who and when


_assignee: Any = Person.__table__.alias("assignee")
_completer: Any = Person.__table__.alias("completer")
STEPS = (
    sa.select(
        *(_u.c[n] for n in (
            "id", "element_id", "name", "desk", "state", "assignee_id", "created_at", "due_at", "completed_at",
            "completed_by", "on_behalf_of",
        )),
        _assignee.c.name.label("assignee"), _completer.c.name.label("completer"),
    )
    .outerjoin(_assignee, _assignee.c.id == _u.c.assignee_id)
    .outerjoin(_completer, _completer.c.id == _u.c.completed_by)
    .where(_u.c.instance_id == sa.bindparam("instance_id"))
    .order_by(_u.c.created_at.desc(), _u.c.id)
    .limit(300)
)  # fmt: skip
WAITS = sa.select(_m.c.id, _m.c.element_id).where(_m.c.instance_id == sa.bindparam("instance_id")).order_by(_m.c.id)


def steps_of(read: Session, instance_id: UUID) -> list[CaseStep]:
    """The case's steps, newest first; its access has been checked."""
    return [
        CaseStep(
            r.id, r.element_id, r.name, r.desk, r.state, r.assignee_id, r.assignee or "", r.created_at, r.due_at,
            r.completed_at, r.completed_by, r.completer or "Hệ thống", r.on_behalf_of,
        )
        for r in rows_of(read, STEPS, {"instance_id": instance_id})
    ]  # fmt: skip


def waits_of(read: Session, instance_id: UUID) -> list[Wait]:
    """The messages that the case waits for."""
    return [Wait(r.id, r.element_id) for r in rows_of(read, WAITS, {"instance_id": instance_id})]


def draw(
    definition_id: UUID,
    definition: Definition,
    steps: Sequence[CaseStep],
    waits: Iterable[Wait],
    *,
    passed: Iterable[str] = (),
    failed: Iterable[str] = (),
) -> DiagramView:
    """The drawing's marks; `passed` are events and services that the case went through."""
    current = {step.element_id for step in steps if step.state is UserTaskState.OPEN}
    # Steps of a called process lie behind its call.
    current |= {element_id.partition(":")[0] for element_id in current}
    # What may come at any time is always waited for; where the case stands is what has a stage.
    current |= {w.element_id for w in waits if has_stage(definition, w.element_id)}
    done = {step.element_id for step in steps if step.state in (UserTaskState.COMPLETED, UserTaskState.SKIPPED)}
    began = [start.element_id for start in definition.starts] if len(definition.starts) == 1 else []
    return DiagramView(
        definition_id=definition_id,
        current=tuple(sorted(current)),
        visited=tuple(sorted({*done, *passed, *began} - current)),
        failed=tuple(failed),
        steps=tuple(_in_words(definition, steps, current)),
    )


def has_stage(definition: Definition, element_id: str) -> bool:
    """Whether the drawing says that a case at this element is somewhere."""
    element = definition.elements.get(element_id)
    return element is not None and bool(element.properties.get("stage"))


def _in_words(definition: Definition, steps: Sequence[CaseStep], current: set[str]) -> Iterable[tuple[str, str, str]]:
    newest: dict[str, CaseStep] = {}
    for step in steps:
        newest.setdefault(step.element_id, step)
    for element_id, drawn in definition.steps.items():
        latest = newest.get(element_id)
        state = "current" if element_id in current else "visited" if latest and latest.completed_at else "todo"
        yield drawn.name, state, _note(latest, state)


def _note(step: CaseStep | None, state: str) -> str:
    if step is None or state == "todo":
        return ""
    if state == "current":
        return step.assignee
    skipped = "Bỏ qua: " if step.state is UserTaskState.SKIPPED else ""
    return f"{skipped}{step.completer}, {day(step.completed_at)}"
