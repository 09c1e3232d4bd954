"""Difficulties as their procedure carries them: raised, answered at one of the levels."""

from typing import Any
from uuid import UUID

from engine.facts import UserTaskCompleted
from engine.transaction import Transaction, subscribes
from webapp.difficulties.models import Difficulty
from webapp.plans.models import TaskOccurrence

PROCEDURE = "difficulty"


def raise_difficulty(tx: Transaction, difficulty_id: UUID, occurrence: TaskOccurrence, payload: dict[str, Any]) -> None:
    """Keep what a case's unit has raised."""
    tx.session.add(
        Difficulty(
            id=difficulty_id, tenant_id=tx.tenant_id, plan_id=occurrence.plan_id, occurrence_id=occurrence.id,
            unit_id=occurrence.lead_unit_id, content=str(payload.get("content") or ""),
            recommendation=str(payload.get("recommendation") or ""), raised_by=tx.actor.id, raised_at=tx.now,
        )
    )  # fmt: skip


@subscribes(UserTaskCompleted)
def follow_answer(completed: UserTaskCompleted, tx: Transaction) -> None:
    """Whoever answers, of whatever level, is the one who did; passing it on is no answer."""
    if tx.instance is None or tx.instance.key != PROCEDURE:
        return
    answer = tx.answers(completed.submission_id).get("answer")
    difficulty = tx.session.get(Difficulty, tx.instance.id)
    if difficulty is not None and answer:
        difficulty.answer, difficulty.answered_by, difficulty.answered_at = str(answer), tx.actor.id, tx.now
