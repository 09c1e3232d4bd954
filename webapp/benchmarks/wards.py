"""The demo ward, as large as one likes, in a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import Actor
from engine.models import OPEN_STEP, UserTask
from engine.runtime import Runtime
from webapp.app import create_app
from webapp.benchmarks.clones import OPEN_ENTRIES, Cycles, Original
from webapp.cycles.models import CycleEntry, ReportingCycle
from webapp.demo import load
from webapp.identity import find_person
from webapp.organisation.models import Person
from webapp.runtime import runtime
from webapp.settings import Settings

SECRET = "0" * 64
ANYBODY = "quantri"


@dataclass(frozen=True, slots=True)
class BenchedWard:
    """What the rows work on."""

    app: Flask
    runtime: Runtime
    environment: dict[str, str]  # of a server on the same database
    today: date

    @property
    def tenant_id(self) -> UUID:
        """Of the ward."""
        return self.actor(ANYBODY).tenant_id

    @property
    def url(self) -> str:
        """Of its database."""
        return self.environment["DATABASE_URL"]

    @property
    def database(self) -> str:
        """What kind of database it is."""
        return self.runtime.database.dialect.name

    def actor(self, username: str) -> Actor:
        """Somebody of the ward, as commands know actors."""
        with Session(self.runtime.database) as read:
            person_id = read.scalars(sa.select(Person.id).where(Person.username == username)).one()
            person = find_person(read, person_id, None, self.today)
            assert person is not None
            return person.actor()

    def open_tasks(self, actor: Actor, element_id: str) -> list[UUID]:
        """Steps of an element that wait for a person, or at the person's desks."""
        mine = (UserTask.assignee_id == actor.id) | UserTask.desk.in_(actor.desks)
        query = sa.select(UserTask.id).where(mine, UserTask.element_id == element_id, UserTask.state == OPEN_STEP)
        with self.runtime.reading() as connection:
            return list(connection.scalars(query.order_by(UserTask.id)))


@contextmanager
def load_ward(url: str, folder: Path, open_tasks: int, cycles: Cycles = Cycles.NONE) -> Iterator[BenchedWard]:
    """The demo ward with at least so many open steps."""
    environment = {"DATABASE_URL": url, "DATA_DIR": str(folder), "SECRET_KEY": SECRET, "MOVABLE_CLOCK": "0"}
    app = create_app(Settings.from_environment(environment))
    load(app)
    with app.app_context():
        rt = runtime()
    _grow(rt.database, open_tasks, cycles)
    with rt.reading() as connection:
        today = local_date(rt.now(connection))
    try:
        yield BenchedWard(app, rt, environment, today)
    finally:
        rt.close()


def _grow(database: sa.Engine, open_tasks: int, cycles: Cycles) -> None:
    """A transaction for each copy: a server that dies leaves no half of one."""
    with database.begin() as connection:
        original = Original(connection, cycles)
    for _ in range(original.open_tasks, open_tasks, original.open_tasks):
        with database.begin() as connection:
            original.copy(connection)
    waiting = sa.select(sa.func.count()).where(
        CycleEntry.cycle_id == ReportingCycle.id, CycleEntry.state.in_(OPEN_ENTRIES)
    )
    with database.begin() as connection:
        connection.execute(sa.update(ReportingCycle).values(pending=waiting.scalar_subquery()))
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
