"""Reports become searchable as they are sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.database import insert_or_replace
from engine.facts import UserTaskCompleted
from engine.text import searchable
from engine.transaction import Transaction, subscribes
from webapp.plans.progress import occurrence_of, property_of
from webapp.searching.models import ReportText

KEEP = {
    dialect: insert_or_replace(dialect, ReportText.__table__, "occurrence_id") for dialect in ("sqlite", "postgresql")
}


@subscribes(UserTaskCompleted)
def follow_report(completed: UserTaskCompleted, tx: Transaction) -> None:
    """A report sent again takes the place of what was there."""
    occurrence = occurrence_of(tx)
    if occurrence is None or property_of(tx, completed.element_id, "records") != "report":
        return
    key = searchable(" ".join(texts_in(tx.answers(completed.submission_id))))
    row = {
        "occurrence_id": occurrence.id, "tenant_id": tx.tenant_id, "submission_id": completed.submission_id,
        "search_key": key,
    }  # fmt: skip
    tx.write(KEEP[tx.dialect], row)


def texts_in(answers: Mapping[str, Any]) -> Iterator[str]:
    """Every text that was typed, in tables too; ids and dates are found by nobody."""
    for answer in answers.values():
        if isinstance(answer, str):
            yield answer
        elif isinstance(answer, list):
            yield from (text for row in answer if isinstance(row, Mapping) for text in texts_in(row))
