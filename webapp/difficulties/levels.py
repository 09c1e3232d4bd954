"""What each level said to a difficulty on its way up: answered it, or passed it on with an opinion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission, UserTask
from webapp.organisation.models import Person, Unit

CITY_FORM = "difficulty_city_answer"
"""Its words are the city's; somebody of the ward only enters them."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one level said."""

    level: str  # "Phòng VH-XH", "Thành phố"
    words: str
    who: str  # entered it
    at: datetime


def said_of(read: Session, ids: Sequence[UUID]) -> Mapping[UUID, tuple[Said, ...]]:
    """By difficulty, the first first."""
    rows = read.execute(_SAID.where(Submission.instance_id.in_(ids))).all()
    names = _unit_names(read, [row.desk for row in rows])
    found: dict[UUID, tuple[Said, ...]] = {}
    for row in rows:
        words = _words(orjson.loads(row.data))
        if words:
            level = "Thành phố" if row.form_id == CITY_FORM else names.get(_unit(row.desk), "")
            said = Said(level, words, row.on_behalf_of or row.who or "", row.submitted_at)
            found[row.instance_id] = (*found.get(row.instance_id, ()), said)
    return found


_SAID: Any = (
    sa.select(
        Submission.instance_id, Submission.form_id, Submission.data, Submission.submitted_at, Submission.on_behalf_of,
        UserTask.desk, Person.name.label("who"),
    )
    .join(UserTask, UserTask.id == Submission.user_task_id)
    .outerjoin(Person, Person.id == Submission.actor_id)
    .order_by(Submission.submitted_at, Submission.id)
)  # fmt: skip


def _words(answers: Mapping[str, Any]) -> str:
    """An answer, an opinion, or where it was sent to; with the number of the document that says so."""
    sent = f"Đã gửi {answers['recipient']}" if answers.get("recipient") else ""
    words = str(answers.get("answer") or answers.get("opinion") or sent).strip()
    return f"{words} (văn bản số {answers['number']})" if words and answers.get("number") else words


def _unit(desk: str) -> UUID:
    return UUID(desk.partition("@")[2])


def _unit_names(read: Session, desks: Iterable[str]) -> dict[UUID, str]:
    ids = {_unit(desk) for desk in desks}
    return {row.id: row.short_name for row in read.execute(sa.select(Unit.id, Unit.short_name).where(Unit.id.in_(ids)))}


def in_one(said: Iterable[Said]) -> str:
    """ "Phòng VH-XH: …; Lãnh đạo UBND: …"."""
    return "; ".join(f"{one.level}: {one.words.rstrip('.')}" for one in said)
