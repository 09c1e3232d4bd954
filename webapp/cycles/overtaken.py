"""What was typed on a page for steps that somebody has done meanwhile."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission, UserTask
from forms.formdata import FormData
from webapp.cycles.step_rows import PREFIX, prefix_of
from webapp.identity import CurrentPerson
from webapp.inbox.selections import MOST, chosen_steps


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A row whose step was done before it was sent, by whom and when, and the texts that are nowhere else."""

    occurrence_id: UUID
    said: str
    texts: tuple[str, ...]


def overtaken(
    read: Session, person: CurrentPerson, occurrences: Iterable[UUID], at_hand: Iterable[UUID], data: FormData
) -> list[Overtaken]:
    """Of the steps of these cases that the page had and the person has no more those in which something was typed."""
    posted = {mark[0] for name in data if (mark := re.match(PREFIX, name))}
    posted -= {prefix_of(id) for id in at_hand}
    if not posted:
        return []
    done = sa.select(UserTask.id, Submission.data).join(Submission, Submission.user_task_id == UserTask.id)
    rows = read.execute(done.where(UserTask.instance_id.in_(list(occurrences)))).all()
    lost = {str(id): _texts(data, id, orjson.loads(sent)) for id, sent in rows if prefix_of(id) in posted}
    steps = chosen_steps(read, person.tenant_id, islice((id for id, texts in lost.items() if texts), MOST))
    return [Overtaken(step.instance_id, step.done_before(person.id), lost[str(step.id)]) for step in steps]


def _texts(data: FormData, step_id: UUID, sent: Mapping[str, Any]) -> tuple[str, ...]:
    """What was written in more than one word, and not sent in the same words."""
    known = set(_texts_in(sent))
    mine = (text for name, values in data.items() if name.startswith(prefix_of(step_id)) for text in values)
    return tuple(text for text in mine if len(text.split()) > 1 and _plain(text) not in known)


def _texts_in(value: Any) -> Iterable[str]:
    """Every text in what was entered."""
    if isinstance(value, str):
        yield _plain(value)
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(inner)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
