"""What a difficulty is about: it travels on its own, and says where it came from."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.cases.queries import Case
from webapp.inbox.contexts import instance_data
from webapp.plans.issuing import DIFFICULTY
from webapp.runtime import now


@dataclass(frozen=True, slots=True)
class Difficulty:
    """As the unit raised it."""

    content: str
    recommendation: str
    case_id: UUID | None
    case_title: str


def difficulty_of(read: Session, case: Case) -> Difficulty | None:
    """What a case of the difficulty procedure began with; None for other cases, and once it has ended."""
    data = instance_data(read, case, now()) if case.key == DIFFICULTY else {}
    if not data:
        return None
    about = data.get("case")
    origin = about if isinstance(about, dict) else {}
    return Difficulty(
        str(data.get("content") or ""), str(data.get("recommendation") or ""),
        UUID(str(origin["id"])) if origin.get("id") else None, str(origin.get("title") or ""),
    )  # fmt: skip
