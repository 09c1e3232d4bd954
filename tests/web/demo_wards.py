"""The whole demo ward behind the application: plan issued, cycle open, work in every state."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.ids import uuid7
from engine.models import ProcessInstance, UserTask, UserTaskState
from engine.runtime import Runtime
from tests.support.databases import Databases
from tests.support.demo import LoadedDemo
from tests.support.servers import environment_for
from tests.web.wards import Visitor, Ward
from webapp.accounts.passwords import hash_secret
from webapp.app import create_app
from webapp.demo.organisation import PASSWORD, UNITS, DemoWard
from webapp.organisation.commands.committees import SetUpCommittee
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.models import Person, Role, Unit
from webapp.plans.models import Plan, PlanTask, TaskGroup, TaskOccurrence
from webapp.settings import Settings


@dataclass(frozen=True)
class WorkingWard(Ward):
    """Tests of a module share one: each starts from a step or case of its own."""

    visitors: dict[str, Visitor] = field(default_factory=dict)

    def at(self, username: str) -> Visitor:
        """Somebody who is signed in; once for all tests, as hashing is slow on purpose."""
        if username not in self.visitors:
            self.visitors[username] = self.signed_in(username)
        return self.visitors[username]

    def case(self, place: str, unit: str) -> UUID:
        """The case of a task ("II.4") under a lead unit."""
        numeral, ordinal = place.split(".")
        query = (
            sa.select(TaskOccurrence.id)
            .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
            .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
            .where(
                TaskGroup.numeral == numeral,
                PlanTask.ordinal == ordinal,
                TaskOccurrence.lead_unit_id == self.unit(unit),
            )
        )
        return self.rows(query)[0][0]

    def step(self, element_id: str, instance_id: UUID) -> UUID:
        """The open step of a case."""
        query = sa.select(UserTask.id).where(
            UserTask.instance_id == instance_id, UserTask.element_id == element_id, UserTask.state == UserTaskState.OPEN
        )
        return self.rows(query)[0][0]

    def plan_id(self) -> UUID:
        return self.rows(sa.select(Plan.id).order_by(Plan.id).limit(1))[0][0]

    def cycle_id(self) -> UUID:
        return self.rows(sa.select(ProcessInstance.id).where(ProcessInstance.key == "report_cycle"))[0][0]


@contextmanager
def working_ward(demo: LoadedDemo, databases: Databases, files: Path) -> Iterator[WorkingWard]:
    """The demo ward as `quytrinh demo load` makes it, in a copy of its own."""
    for url in demo.lend(databases, files):
        with ward_at(url, files) as ward:
            yield ward


@contextmanager
def ward_at(url: str, files: Path) -> Iterator[WorkingWard]:
    """The demo ward that lies there."""
    app = create_app(Settings.from_environment(environment_for(url, files, MAX_UPLOAD_MB="1")))
    yield WorkingWard(app, _as_loaded(app.extensions["quytrinh"]))
    app.extensions["quytrinh"].close()


def _as_loaded(runtime: Runtime) -> DemoWard:
    keys = {unit.name: unit.key for unit in UNITS} | {"Lãnh đạo UBND phường": "ubnd"}
    with runtime.reading() as connection:
        units = {keys[row.name]: row.id for row in connection.execute(sa.select(Unit.name, Unit.id))}
        people = {row.username: row.id for row in connection.execute(sa.select(Person.username, Person.id))}
        tenant_id = connection.scalars(sa.select(Unit.tenant_id).limit(1)).one()
    return DemoWard(tenant_id, units, people, (), PASSWORD)


USERNAMES = {
    Role.STAFF: "yte.cv1", Role.HEAD: "khdt.truong", Role.FOCAL: "vhxh.tonghop", Role.OFFICE: "vanphong",
    Role.VICE_CHAIR: "pct.vhxh", Role.CHAIR: "chutich", Role.CLERK: "vanthu", Role.ADMIN: "quantri",
}  # fmt: skip
"""Somebody of the demo ward in each role."""
NEIGHBOURS = {
    "lang.quantri": Role.ADMIN, "lang.tonghop": Role.FOCAL, "lang.truong": Role.HEAD, "lang.cv": Role.STAFF,
    "lang.chutich": Role.CHAIR, "lang.vanthu": Role.CLERK, "lang.vanphong": Role.OFFICE,
}  # fmt: skip
"""People of another ward in the same database, by what they are there."""


def add_neighbours(ward: Ward) -> UUID:
    """Set another ward up beside this one; return its id."""
    system = Actor.system(uuid7())
    unit_id = ward.runtime.execute(
        SetUpCommittee(
            name="UBND phường Láng Giềng", place="Láng Giềng",
            city_recipient="Sở", committee_unit_name="Lãnh đạo UBND phường",
        ),
        actor=system,
    )  # fmt: skip
    password_hash = hash_secret(PASSWORD)
    for username, role in NEIGHBOURS.items():
        new = NewPerson(name=username, username=username, desks=(HeldDesk(unit_id, role),), password_hash=password_hash)
        ward.demo.people[username] = ward.runtime.execute(AddPerson(person=new), actor=system)  # type: ignore[index]
    return system.tenant_id
