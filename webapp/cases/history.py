"""What happened to a case, line by line, read from its events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.events import Fact, decode
from engine.facts import MessageDelivered, UserTaskAssigned, UserTaskCompleted, UserTaskCreated
from engine.models import Event
from webapp.cases.submissions import SubmissionView
from webapp.cases.versions import NamesInTime
from webapp.cases.wording import FOLLOWED, HAPPENED, Names, Sentence
from webapp.organisation.models import Person, Unit

PAGE = 100

_events: Any = Event.__table__


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it is stored."""

    sequence: int
    actor_id: UUID | None
    on_behalf_of: str | None
    at: datetime
    facts: Sequence[Fact]
    instead_of: str = ""  # the absent person in whose place the actor did it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    what: str
    who: str
    on_behalf_of: str | None
    instead_of: str
    at: datetime
    note: str
    icon: str
    tone: str
    followed: tuple[str, ...]
    submission: SubmissionView | None


EVENTS = (
    sa.select(*(_events.c[n] for n in ("sequence", "actor_id", "on_behalf_of", "at", "data")))
    .where(
        _events.c.stream == sa.bindparam("instance_id"), _events.c.tenant_id == sa.bindparam("tenant_id"),
        _events.c.sequence < sa.bindparam("before"),
    )
    .order_by(_events.c.sequence.desc())
    .limit(PAGE + 1)
)  # fmt: skip
FURTHEST = 2**31 - 1


def happenings(read: Session, tenant_id: UUID, instance_id: UUID, before: int | None) -> list[Happening]:
    """A case's events, newest first; one more than a page where there are older ones."""
    values = {"tenant_id": tenant_id, "instance_id": instance_id, "before": before or FURTHEST}
    rows = read.execute(EVENTS, values)
    return [Happening(r.sequence, r.actor_id, r.on_behalf_of, r.at, decode(r.data)) for r in rows]


def people_named(read: Session, told: Iterable[Happening]) -> dict[UUID, str]:
    """The names of everybody who acts in events, or is given something in them."""
    ids: set[UUID | None] = set()
    for one in told:
        ids.add(one.actor_id)
        ids.update(f.assignee_id for f in one.facts if isinstance(f, UserTaskCreated | UserTaskAssigned))
    found = read.execute(sa.select(Person.id, Person.name).where(Person.id.in_([id for id in ids if id])))
    return {row.id: row.name for row in found}


def unit_names(read: Session, tenant_id: UUID) -> dict[str, str]:
    """The short names of the ward's units by their ids."""
    rows = read.execute(sa.select(Unit.id, Unit.short_name).where(Unit.tenant_id == tenant_id))
    return {str(row.id): row.short_name for row in rows}


def history(told: Iterable[Happening], names: NamesInTime, submissions: Iterable[SubmissionView]) -> list[Line]:
    """The lines of events, in their order, in the words of their time."""
    known = list(submissions)
    by_id = {one.id: one for one in known}
    by_place = {(one.element_id, one.at): one for one in known}
    return [line for one in told for line in _lines(one, names.of_event(one.sequence), by_id, by_place)]


ById = Mapping[UUID, SubmissionView]
ByPlace = Mapping[tuple[str, datetime], SubmissionView]


def _lines(one: Happening, names: Names, by_id: ById, by_place: ByPlace) -> Iterator[Line]:
    """What happened in one event, the first with what followed; nothing for what only the engine cares about."""
    after = tuple(filter(None, (FOLLOWED[type(f)](f, names) for f in one.facts if type(f) in FOLLOWED)))
    for fact in one.facts:
        sentence = HAPPENED[type(fact)](fact, names) if type(fact) in HAPPENED else None
        if sentence is None:
            continue
        submission = _submission(fact, one, by_id, by_place)
        yield _line(one, _decided(sentence, submission), names, after, submission)
        after = ()


def _line(
    one: Happening, sentence: Sentence, names: Names, after: tuple[str, ...], submission: SubmissionView | None
) -> Line:
    return Line(
        what=sentence.what, who=names.person(one.actor_id), on_behalf_of=one.on_behalf_of, instead_of=one.instead_of,
        at=one.at, note=sentence.note, icon=sentence.icon, tone=sentence.tone, followed=after, submission=submission,
    )  # fmt: skip


def _submission(fact: Fact, one: Happening, by_id: ById, by_place: ByPlace) -> SubmissionView | None:
    if isinstance(fact, UserTaskCompleted):
        return by_id.get(fact.submission_id)
    return by_place.get((fact.element_id, one.at)) if isinstance(fact, MessageDelivered) else None


def _decided(sentence: Sentence, submission: SubmissionView | None) -> Sentence:
    """As the step was called when it was done, with what was decided in it, and why."""
    if submission is None:
        return sentence
    what = f"{submission.step}: {submission.decision}" if submission.decision else submission.step
    looks = {"icon": "corner-up-left", "tone": "warn"} if submission.returns else {}
    return replace(sentence, what=what, note=submission.reason or sentence.note, **looks)
