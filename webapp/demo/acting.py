"""People of the demo ward at work: each step is done by a real command, by the person whose step it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Actor, Command
from engine.commands.messages import SubmitMessage
from engine.commands.user_tasks import CompleteUserTask
from engine.models import OPEN_STEP, UserTask
from engine.runtime import Runtime
from engine.scheduler import settle
from webapp.demo.organisation import DemoWard
from webapp.identity import CurrentPerson, find_person
from webapp.plans.models import Contribution, PlanTask, TaskGroup, TaskOccurrence


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo ward with its plan, on a day."""

    runtime: Runtime
    ward: DemoWard
    today: date

    def person(self, username: str, desk: str | None = None) -> CurrentPerson:
        """Somebody at one of their desks: the named one, else their first."""
        with Session(self.runtime.database) as read:
            person = find_person(read, self.ward.people[username], None, self.today)
            assert person is not None, username
            wanted = next((held.membership_id for held in person.held if held.key == desk), None)
            acting = find_person(read, person.id, wanted, self.today)
        assert acting is not None
        return acting

    def actor(self, username: str, desk: str | None = None) -> Actor:
        """The same, as commands know actors."""
        return self.person(username, desk).actor()

    def execute(self, username: str, command: Command) -> Any:
        """Carry a command out as somebody, then whatever follows from it."""
        result = self.runtime.execute(command, actor=self.actor(username))
        settle(self.runtime)
        return result

    def case(self, place: str, unit: str) -> UUID:
        """The case of a task ("II.4") under a lead unit."""
        numeral, ordinal = place.split(".")
        query = (
            sa.select(TaskOccurrence.id)
            .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
            .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
            .where(
                TaskGroup.numeral == numeral, PlanTask.ordinal == ordinal,
                TaskOccurrence.tenant_id == self.ward.tenant_id,
                TaskOccurrence.lead_unit_id == self.ward.units[unit],
            )
        )  # fmt: skip
        with self.runtime.reading() as connection:
            return connection.scalars(query).one()

    def contribution(self, case_id: UUID, unit: str) -> UUID:
        """What a unit owes to a case."""
        query = sa.select(Contribution.id).where(
            Contribution.occurrence_id == case_id, Contribution.unit_id == self.ward.units[unit]
        )
        with self.runtime.reading() as connection:
            return connection.scalars(query).one()

    def do(self, username: str, instance_id: UUID, element_id: str, **answers: Any) -> None:
        """Complete the open step of an instance at the desk that it waits at."""
        query = sa.select(UserTask.id, UserTask.desk).where(
            UserTask.instance_id == instance_id, UserTask.element_id == element_id,
            UserTask.state == OPEN_STEP,
        )  # fmt: skip
        with self.runtime.reading() as connection:
            step = connection.execute(query).one()
        command = CompleteUserTask(user_task_id=step.id, answers=plain(answers))
        self.runtime.execute(command, actor=self.actor(username, step.desk))
        settle(self.runtime)

    def send(self, username: str, instance_id: UUID, element_id: str, **answers: Any) -> None:
        """Send the form of a message that an instance waits for."""
        command = SubmitMessage(instance_id=instance_id, element_id=element_id, answers=plain(answers))
        self.execute(username, command)


def plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a form's schema hands them over: dates as ISO text, nobody's id as an object."""
    return {name: _plain(value) for name, value in answers.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
