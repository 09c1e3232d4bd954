"""The shipped procedures walked at random, and moved on the way to versions that somebody has edited, and back."""

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from engine.commands.deployments import DeployDefinition
from engine.commands.messages import DeliverMessage
from engine.commands.migration import MigrateInstance
from engine.commands.services import CompleteServiceTask
from engine.commands.timers import FireTimer
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import NobodyWaits, PlaceNotMapped, UserTaskLapsed
from engine.ids import uuid7
from engine.models import MessageSubscription, Timer, UserTask
from engine.registry import SERVICES
from engine.spiff.parse import read_drawing
from engine.spiff.places import proposed
from forms.fields import FieldType
from tests.engine.edited import renamed, with_a_step_after
from tests.engine.procedures import PROCEDURES, ROOT, drawing, form
from tests.engine.worlds import DEADLINE, World

pytestmark = pytest.mark.any_database

STEPS = 30
BEGINNINGS = {
    "task_lifecycle": "task.issued", "contribution": "contribution.requested", "difficulty": "difficulty.opened",
}  # fmt: skip
UNITS = ("lead", "second_lead", "focal", "committee", "coordinator", "supervisor")
DATES = ("deadline", "report_by", "submit_by")


class Wanderer:
    """One case that goes any way it can."""

    def __init__(self, world: World, key: str, seed: int) -> None:
        self.world, self.chance = world, Random(seed)
        forms = {path.stem: path.read_bytes() for path in (ROOT / "forms").glob("*.form")}
        sources = (drawing(key), with_a_step_after(key), renamed(key))
        self.versions: list[UUID] = [
            world.execute(DeployDefinition(source=source, forms=forms, reason="thử")) for source in sources
        ]
        self.drawings = {id: read_drawing(source) for id, source in zip(self.versions, sources, strict=True)}
        self.case = world.start(
            key, message=BEGINNINGS.get(key), parties={party: str(uuid7()) for party in UNITS},
            dates=dict.fromkeys(DATES, DEADLINE), data={"case": {}},
        )  # fmt: skip

    @property
    def waits(self) -> list[Any]:
        """What may happen: steps done, messages, timers, services that answer."""
        world, here = self.world, UserTask.instance_id == self.case
        return [
            *world.all(UserTask, here, UserTask.state == "open"),
            *world.all(MessageSubscription, MessageSubscription.instance_id == self.case),
            *world.all(Timer, Timer.instance_id == self.case, Timer.kind == "flow", Timer.state == "waiting"),
            *[job for job in world.jobs("engine.service") if job.state == "ready"],
        ]

    @property
    def is_late(self) -> bool:
        """Whether a timer of the drawing is due that nobody has fired yet."""
        due = Timer.kind == "flow", Timer.state == "waiting", Timer.due_at <= self.world.now
        return bool(self.world.all(Timer, Timer.instance_id == self.case, *due))

    def go(self) -> None:
        """One of the things that may happen happens."""
        wait = self.chance.choice(self.waits)
        if hasattr(wait, "kind") and wait.kind == "engine.service":
            payload = orjson.loads(wait.payload)
            done = CompleteServiceTask(instance_id=self.case, task_id=UUID(payload["task_id"]))
            self.world.execute(done, job_id=wait.id)
        elif hasattr(wait, "message"):
            with suppress(NobodyWaits) if self.is_late else nullcontext():  # What is due may have ended it.
                self.world.execute(DeliverMessage(instance_id=self.case, message=wait.message))
        elif hasattr(wait, "form_id"):
            with suppress(UserTaskLapsed):  # Its time is over: the timer goes first.
                self.world.execute(CompleteUserTask(user_task_id=wait.id, answers=self.answers(wait.form_id)))
        elif wait.due_at > self.world.now:
            self.world.travel(wait.due_at)
        else:
            self.world.execute(FireTimer(timer_id=wait.id))

    def answers(self, form_id: str) -> Mapping[str, Any]:
        """Any answer to each question that decides something."""
        fields = form(form_id).fields
        return {field.key: self.chance.choice(_values(field)) for field in fields if field.key and _values(field)}

    def move(self) -> None:
        """To any other version; only a step that is not there keeps the case where it is."""
        here = self.world.instance(self.case).definition_id
        there = self.chance.choice([version for version in self.versions if version != here])
        likely = proposed(self.drawings[here], self.drawings[there])
        mapping = {place: to for place, to in likely.items() if place == to}  # Others only have the same name.
        before = {(row.id, row.element_id, row.assignee_id) for row in self.world._open(self.case)}
        try:
            self.world.execute(
                MigrateInstance(instance_id=self.case, definition_id=there, mapping=mapping, reason="thử")
            )
        except PlaceNotMapped:
            assert any(row[1].endswith("_read") for row in before)
            there = here
        assert self.world.instance(self.case).definition_id == there
        assert {(row.id, row.element_id, row.assignee_id) for row in self.world._open(self.case)} == before


def _values(field: Any) -> list[Any]:
    if field.type in (FieldType.RADIO, FieldType.SELECT):
        return [option.value for option in field.options]
    return [True, False] if field.type is FieldType.CHECKBOX else []


@pytest.mark.parametrize("key", PROCEDURES)
@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.prove) for n in range(2, 60))])
def test_a_case_goes_on_wherever_it_is_moved(world: World, key: str, seed: int) -> None:
    nodes = read_drawing(drawing(key)).nodes.values()
    services = {node.properties["service"] for node in nodes if node.kind == "serviceTask"}
    known: dict[str, Any] = {name: lambda call, runtime: {} for name in services - SERVICES.keys()}
    SERVICES.update(known)
    try:
        wanderer = Wanderer(world, key, seed)
        for _ in range(STEPS):
            if wanderer.chance.random() < 0.5:
                wanderer.move()
            wanderer.go()
            if world.instance(wanderer.case).state == "completed":
                break
        assert world.incidents() == []
    finally:
        for name in known:
            del SERVICES[name]
