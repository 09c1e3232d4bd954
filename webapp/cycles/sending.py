"""Many steps answered on one page and sent at once: each its own command and record, each with its own outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.commands.user_tasks import AssignUserTask, CompleteUserTask
from engine.errors import Rejected
from engine.models import UserTask
from forms.definition import FormRefused
from forms.formdata import FormData
from webapp.cases.submissions import DECISION, RETURN
from webapp.cycles.step_rows import StepRow, step_rows
from webapp.database import db
from webapp.documents.attachments import ENTERED_FOR, StoredFile
from webapp.documents.commands import AddAttachment
from webapp.execution import execute
from webapp.forms_view import Errors
from webapp.identity import CurrentPerson
from webapp.inbox.drafts import save_draft
from webapp.inbox.entering import PREFIX
from webapp.inbox.left_over import FORM_CHANGED, left_over
from webapp.plans.models import Stage

APPROVAL = {"decision": "approve"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    step_id: UUID
    label: str
    title: str
    fault: str = ""  # empty where it was sent
    errors: Errors = field(default_factory=dict)  # of its form
    returned: bool = False  # sent back to whoever wrote it


def said_of(outcomes: Sequence[Outcome], done: str) -> str:
    """Which rows were sent, and which sent back, where all went well; `done` is the word for the former."""
    kinds = {done: [one.label for one in outcomes if not one.returned]}
    kinds["trả lại"] = [one.label for one in outcomes if one.returned]
    return " ".join(f"Đã {kind} {len(rows)} nội dung: {', '.join(rows)}." for kind, rows in kinds.items() if rows)


@dataclass(frozen=True, slots=True)
class Behalf:
    """For whom a row is entered, with the scan of what they gave."""

    whom: str
    scan: tuple[StoredFile, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and how."""

    person: CurrentPerson
    behalf: Behalf | None = None
    reviews_own: bool = False  # a head's own report needs no second click to leave the unit

    def send(self, rows: Iterable[StepRow], data: FormData, labels: Mapping[UUID, str]) -> list[Outcome]:
        """Send each row by itself; what is refused stays a draft with everything that was typed."""
        outcomes = [self._outcome(row, data, labels.get(row.id, "")) for row in rows]
        refused = {outcome.step_id for outcome in outcomes if outcome.fault}
        keep_drafts(self.person, [row for row in rows if row.id in refused], data)
        return outcomes

    def _outcome(self, row: StepRow, data: FormData, label: str) -> Outcome:
        read, part = db.session(), row.part(data)
        if gone := left_over(read, self.person.tenant_id, row.step, row.form, part, row.context.attachments):
            typed = "; ".join(f"{one.label}: “{one.text}”" for one in gone)
            return Outcome(row.id, label, row.step.title, f"{FORM_CHANGED} {typed}.")
        try:
            answers = row.load(data)
            self.complete(row, answers)
        except FormRefused as refused:
            faults = "; ".join(dict.fromkeys(fault for each in refused.errors.values() for fault in each))
            return Outcome(row.id, label, row.step.title, faults, refused.errors)
        except Rejected as refusal:
            return Outcome(row.id, label, row.step.title, str(refusal))
        return Outcome(row.id, label, row.step.title, returned=answers.get(DECISION) == RETURN)

    def complete(self, row: StepRow, answers: Mapping[str, Any]) -> None:
        """Raises what CompleteUserTask and its subscribers raise."""
        actor = self.person.actor()
        if not row.is_mine and self.behalf is None:  # It waits at a desk of the head's own unit.
            execute(AssignUserTask(user_task_id=row.id, assignee_id=self.person.id), actor=actor)
        scan = {ENTERED_FOR: self._scan(row)} if self.behalf else {}
        command = CompleteUserTask(user_task_id=row.id, answers={**answers, **scan}, in_place=self.behalf is not None)
        execute(command, actor=actor, on_behalf_of=self.behalf.whom if self.behalf else None)
        if row.is_report and (self.reviews_own or self.behalf):
            self._review(row)

    def _scan(self, row: StepRow) -> list[str]:
        """The scan as files of the row's own case; the bytes are kept once."""
        assert self.behalf is not None
        return [
            str(
                execute(
                    AddAttachment(
                        name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256,
                        instance_id=row.instance_id, user_task_id=row.id,
                    ),
                    actor=self.person.actor(),
                )
            )
            for file in self.behalf.scan
        ]  # fmt: skip

    def _review(self, row: StepRow) -> None:
        """The unit's own review, which follows from sending; a form that asks for more than a decision waits."""
        unit = row.step.desk.partition("@")[2]
        following = step_rows(db.session(), self.person, UserTask.instance_id == row.instance_id)
        for review in following:
            at_unit = review.step.desk.partition("@")[2] == unit and review.stage is Stage.UNIT_REPORT
            if at_unit and review.decides and (review.is_mine or self.behalf):
                self._approve(review)

    def _approve(self, review: StepRow) -> None:
        try:
            answers = review.form.load(APPROVAL, review.context)
        except FormRefused:
            return
        self.complete(review, answers)


def keep_drafts(person: CurrentPerson, rows: Sequence[StepRow], data: FormData) -> None:
    """Keep what was typed in each row as the draft of its step, where its own page finds it too.

    For whom it is entered stands beside every row, as on those pages.
    """
    db.session.remove()
    behalf = {name: list(values) for name, values in data.items() if name.startswith(PREFIX)}
    for row in rows:
        save_draft(row.id, person.id, {**row.part(data), **behalf})
