"""What a rehearsal consists of: how it begins, and what people do in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson


class ActKind(StrEnum):
    COMPLETE = "complete"  # a person sends a step's form
    MESSAGE = "message"  # a message arrives
    SERVICE = "service"  # the software's step is taken as done
    WAIT = "wait"  # nothing is done until then


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing done; `at` is the rehearsal's own time."""

    kind: ActKind
    at: datetime
    element_id: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    actor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How the case begins."""

    began_at: datetime
    parties: Mapping[str, str]  # party → unit id
    dates: Mapping[str, date]
    data: Mapping[str, Any]
    start_event: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A drawing with the forms that it names, by id."""

    source: bytes
    forms: Mapping[str, bytes]


def to_json(value: Setting | list[Act] | list[list[str]]) -> str:
    """As the table holds it."""
    return orjson.dumps(value).decode()


def acts_of(text: str) -> list[Act]:
    """The acts, in order."""
    return [_act(row) for row in orjson.loads(text)]


def _act(row: dict[str, Any]) -> Act:
    actor = row["actor_id"]
    return Act(
        kind=ActKind(row["kind"]), at=datetime.fromisoformat(row["at"]), element_id=row["element_id"],
        answers=row["answers"], actor_id=UUID(actor) if actor else None,
    )  # fmt: skip


def setting_of(text: str) -> Setting:
    """How the case began."""
    row = orjson.loads(text)
    row["began_at"] = datetime.fromisoformat(row["began_at"])
    row["dates"] = {name: date.fromisoformat(day) for name, day in row["dates"].items()}
    return Setting(**{f.name: row[f.name] for f in fields(Setting)})


def bundle_of(source: bytes, forms: str) -> Bundle:
    """The drawing with its forms."""
    return Bundle(source, {form_id: text.encode() for form_id, text in orjson.loads(forms).items()})


def forms_to_json(forms: Mapping[str, bytes]) -> str:
    """As the table holds them."""
    return orjson.dumps({form_id: source.decode() for form_id, source in forms.items()}).decode()
