"""Which versions of its procedure a case has followed: what is past keeps the words of its time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.events import decode
from engine.facts import InstanceMigrated, UserTaskCarried
from engine.models import DeployedForm, Event
from forms.definition import FormDefinition
from webapp.cases.queries import Instance
from webapp.cases.wording import Names
from webapp.database import connection_of, rows_of
from webapp.runtime import runtime

_events: Any = Event.__table__
MOVES = (
    sa.select(_events.c.sequence, _events.c.at, _events.c.data)
    .where(_events.c.stream == sa.bindparam("instance_id"), _events.c.type == InstanceMigrated.name)
    .order_by(_events.c.sequence.desc())
)


@dataclass(frozen=True, slots=True)
class Move:
    """A case went on in another version."""

    sequence: int  # of its event
    at: datetime
    previous_id: UUID
    was: dict[str, str]  # what places were called before that are called otherwise since
    carried: dict[UUID, str]  # open steps, with the places that they have since


def moves_of(read: Session, instance_id: UUID) -> list[Move]:
    """The newest first; the case's access has been checked."""
    return [_move(row) for row in rows_of(read, MOVES, {"instance_id": instance_id})]


def _move(row: Any) -> Move:
    facts = decode(row.data)
    migrated = next(fact for fact in facts if isinstance(fact, InstanceMigrated))
    carried = {fact.user_task_id: fact.element_id for fact in facts if isinstance(fact, UserTaskCarried)}
    was = {after: before for before, after in migrated.renamed.items()}
    return Move(row.sequence, row.at, migrated.previous_id, was, carried)


@dataclass(frozen=True, slots=True)
class NamesInTime:
    """What a case's facts called things when they happened."""

    now: Names
    before: tuple[tuple[Move, Names], ...]  # what held until the case moved, the newest move first

    def of_event(self, sequence: int) -> Names:
        """As an event of the case, by its place in the stream, knew them."""
        later = takewhile(lambda one: sequence < one[0].sequence, self.before)
        return [self.now, *(names for _, names in later)][-1]

    def of_moment(self, at: datetime) -> Names:
        """As they were called at a moment."""
        later = takewhile(lambda one: at < one[0].at, self.before)
        return [self.now, *(names for _, names in later)][-1]


def names_in_time(read: Session, instance_id: UUID, names: Names) -> NamesInTime:
    """`names` are those of the version that the case follows now."""
    return NamesInTime(names, tuple(_back(read, moves_of(read, instance_id), names)))


def _back(read: Session, moves: list[Move], names: Names) -> Iterator[tuple[Move, Names]]:
    connection = connection_of(read)
    for move in moves:
        drawn = runtime().definition(move.previous_id, connection)
        called = {id: drawn.steps[move.was.get(place, place)].name for id, place in move.carried.items()}
        form = partial(runtime().form, move.previous_id, connection=connection)
        names = replace(names, definition=drawn, steps={**names.steps, **called}, form=form)
        yield move, names


def form_typed_in(read: Session, case: Instance, form_id: str, at: datetime) -> FormDefinition:
    """The form of a step that waits no more, as it was at that moment: the case's version may have none of it now."""
    moves = moves_of(read, case.id)[::-1]
    versions = [*(move.previous_id for move in moves), case.definition_id]
    first = sum(move.at <= at for move in moves)
    having = sa.select(DeployedForm.definition_id).where(
        DeployedForm.form_id == form_id, DeployedForm.definition_id.in_(versions)
    )
    known = set(read.scalars(having))
    version = next(id for id in [*versions[first:], *versions[:first][::-1]] if id in known)
    return runtime().form(version, form_id, connection_of(read))
