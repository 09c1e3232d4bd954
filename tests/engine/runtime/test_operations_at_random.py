"""Random drawings, carried on, mended, stopped and moved at random: rows, state and log tell the same all along."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import rewinding
from engine.commands.instances import MoveDates, ResumeInstance, SuspendInstance
from engine.commands.messages import DeliverMessage, Unawaited
from engine.commands.migration import MigrateInstance
from engine.commands.operations import CorrectVariable, GoBack, SkipUserTask
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import InstanceNotActive, InstanceOnHold, PermissionDenied, ProcessFault, Rejected
from engine.jobs import mind_the_clock, run_due_jobs
from engine.models import Base, Clock, Job, MessageSubscription, Timer, UserTask, UserTaskState
from engine.read_only import ReadOnlyTransaction
from engine.registry import SERVICES, service
from engine.spiff import Context, Walk, check_bpmn
from engine.spiff.parse import read_drawing
from engine.spiff.places import places_of
from tests.engine.spiff.blocks import graphs, watched
from tests.engine.spiff.cases import compiled
from tests.engine.spiff.diagrams import Graph, deterministic
from tests.engine.spiff.tangles import TANGLES
from tests.engine.spiff.test_going_back_at_random import UNSOUND
from tests.engine.worlds import DEADLINE, World
from tests.support.worlds import TABLES

ACTS = 30
WHY = "Thử"
FORM = b"""{"type": "default", "schemaVersion": 18, "id": "f", "components": [
 {"type": "number", "key": "n", "label": "N", "properties": {"variable": "true"}},
 {"type": "textfield", "key": "picks", "label": "P", "properties": {"variable": "true"}}]}"""
ANY_GRAPH = st.one_of(graphs(safe=True, told=True), graphs(safe=True), watched(), TANGLES).map(deterministic)
SEEDS = st.integers(0, 2**32)


@pytest.fixture(autouse=True)
def registering() -> Iterator[None]:
    service("register")(lambda call, runtime: {"n": call.element_id.count("1")})
    yield
    del SERVICES["register"]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=ANY_GRAPH, seed=SEEDS)
def test_rows_state_and_log_tell_the_same(
    world_database: sa.Engine, engine_alone: None, graph: Graph, seed: int
) -> None:
    act_at_random(world_database, graph, Random(seed))


@pytest.mark.prove
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=ANY_GRAPH, seed=SEEDS)
def test_hundreds_do(world_database: sa.Engine, engine_alone: None, graph: Graph, seed: int) -> None:
    act_at_random(world_database, graph, Random(seed))


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=ANY_GRAPH, seed=SEEDS)
def test_what_three_do_at_once_is_done_one_after_the_other(
    world_database: sa.Engine, engine_alone: None, graph: Graph, seed: int
) -> None:
    act_at_random(world_database, graph, Random(seed), at_once=3)


@pytest.mark.prove
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=ANY_GRAPH, seed=SEEDS)
def test_it_is_a_hundred_times(world_database: sa.Engine, engine_alone: None, graph: Graph, seed: int) -> None:
    act_at_random(world_database, graph, Random(seed), at_once=3)


def act_at_random(database: sa.Engine, graph: Graph, chance: Random, *, at_once: int = 1) -> None:
    called = compiled(*graph.called())
    if any(f.severity == "error" or f.code in UNSOUND for f in check_bpmn(graph.xml(), called=called)):
        return
    with database.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table in TABLES - {Clock.__table__}:
                connection.execute(sa.delete(table))
    keeper = Keeper(World(database), graph, chance)
    if at_once == 1:
        keeper.keep_acting()
        return
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(Keeper.act_beside_others, [keeper.another() for _ in range(at_once)]))
    keeper.compare()
    keeper.world.check()


class Keeper:
    """Does to one case whatever can be done."""

    def __init__(self, world: World, graph: Graph, chance: Random) -> None:
        self.world, self.graph, self.chance = world, graph, chance
        for source in (*graph.called(), graph.xml()):
            world.deploy(source, {"f": FORM})
        self.case = world.start("process")

    def another(self) -> "Keeper":
        """One who does to the same case what can be done, from a process of their own as it were."""
        other = copy(self)
        other.world, other.chance = copy(self.world), Random(self.chance.random())
        other.world.restart()
        return other

    def keep_acting(self) -> None:
        for number in range(ACTS):
            self.compare()
            if self.row.state == "completed":
                break
            self.act(number)
            if self.chance.random() < 0.3:
                self.world.restart()
        self.world.check()

    def act_beside_others(self) -> None:
        for number in range(ACTS // 2):
            self.act(number)

    def act(self, number: int) -> None:
        act = self.chance.choice([act for act, often in self.acts.items() for _ in range(often)])
        try:
            act(self, number)
        except (ProcessFault, PermissionDenied):
            raise
        except Rejected:
            pass  # As a case that stands still, and a way back on which it would get stuck.

    # ── what can be done ──

    def answers(self) -> Mapping[str, Any]:
        return {"n": self.chance.randrange(3), "picks": self.chance.choice([[0], [1], [0, 1, 2], []])}

    def operate(self, command: Any) -> None:
        self.world.execute(command, self.world.administrator)

    def complete(self, _: int) -> None:
        if rows := self.steps(UserTaskState.OPEN):
            self.world.execute(CompleteUserTask(user_task_id=self.chance.choice(rows).id, answers=self.answers()))

    def skip(self, _: int) -> None:
        if rows := self.steps(UserTaskState.OPEN):
            self.operate(SkipUserTask(user_task_id=self.chance.choice(rows).id, values=self.answers(), reason=WHY))

    def go_back(self, _: int) -> None:
        if rows := self.steps(UserTaskState.COMPLETED, UserTaskState.SKIPPED):
            element = self.chance.choice(sorted({row.element_id for row in rows}))
            self.operate(GoBack(instance_id=self.case, element_id=element, reason=WHY))

    def tell(self, number: int) -> None:
        if names := sorted(self.walk.definition.message_names):
            told = {"message": self.chance.choice(names), "payload": {"n": number}}
            unawaited = self.chance.choice(list(Unawaited))
            self.world.execute(DeliverMessage(instance_id=self.case, unawaited=unawaited, **told))

    def correct(self, _: int) -> None:
        data = self.walk.data
        names = sorted(f"{name}.n" for name, value in data.items() if isinstance(value, dict) and "n" in value)
        if names:
            value = self.chance.randrange(3)
            name = self.chance.choice(names)
            self.operate(CorrectVariable(instance_id=self.case, variable=name, value=value, reason=WHY))

    def suspend(self, _: int) -> None:
        self.operate(SuspendInstance(instance_id=self.case, reason=WHY))

    def resume(self, _: int) -> None:
        self.operate(ResumeInstance(instance_id=self.case, reason=WHY))

    def move_dates(self, number: int) -> None:
        dates = {"deadline": DEADLINE + timedelta(days=number)}
        self.world.execute(MoveDates(instance_id=self.case, dates=dates, reason=WHY))

    def migrate(self, number: int) -> None:
        """To a version that is called otherwise, and nothing else: no case may be refused."""
        source = self.graph.xml().replace("Quy trình thử".encode(), f"Quy trình {number}".encode())
        version = self.world.deploy(source, {"f": FORM})
        assert version is not None
        mapping = {place: place for place in places_of(read_drawing(source))}
        command = MigrateInstance(instance_id=self.case, definition_id=version, mapping=mapping, reason=WHY)
        try:
            self.operate(command)
        except (InstanceOnHold, InstanceNotActive):
            pass
        except Rejected as refused:
            raise AssertionError(str(refused)) from refused

    def let_time_pass(self, _: int) -> None:
        self.world.travel(timedelta(hours=self.chance.choice([1, 25])))

    def work(self, _: int) -> None:
        run_due_jobs(self.world.runtime, "worker", limit=self.chance.randrange(1, 3))

    def settle(self, _: int) -> None:
        mind_the_clock(self.world.runtime)
        self.world.settle()

    acts: Mapping[Callable[["Keeper", int], None], int] = {
        complete: 9, skip: 2, go_back: 5, tell: 5, correct: 2, suspend: 1, resume: 2, move_dates: 1, migrate: 2,
        let_time_pass: 2, work: 2, settle: 3,
    }  # fmt: skip

    # ── what must hold ──

    def compare(self) -> None:
        waits, of_case = self.walk.waits, self.case
        timers = self.world.all(Timer, Timer.instance_id == of_case, Timer.state == "waiting")
        subscriptions = self.world.all(MessageSubscription, MessageSubscription.instance_id == of_case)
        services = {row.key.removeprefix("service:") for row in self.world.all(Job, Job.kind == "engine.service")}
        assert {(row.id, row.element_id) for row in self.steps(UserTaskState.OPEN)} == ids(waits.user_tasks)
        assert {(row.id, row.element_id) for row in timers} == ids(waits.timers)
        assert {row.id: row.due_at for row in timers} == {one.task_id: one.due_at for one in waits.timers}
        assert {(row.id, row.element_id) for row in subscriptions} == ids(waits.subscriptions)
        assert {one.id for one in waits.services} <= services
        assert (self.row.state == "completed") == waits.completed
        assert filled(self.told()) == filled(self.walk.data)

    def told(self) -> dict[str, Any]:
        """The data as the log tells them; of called processes it tells more than the case itself sees."""
        with self.world.runtime.reading() as connection:
            tx = ReadOnlyTransaction(self.world.runtime, connection, self.world.system, self.world.now)
            tx.load_instance(self.case)
            story = rewinding._Story(rewinding._variables(tx), rewinding._payloads(tx))
            for facts in rewinding._events_of(tx):
                for fact in facts:
                    story.apply(fact)
            return {name: value for name, value in story.data.items() if ":" not in name}

    def steps(self, *states: UserTaskState) -> list[Any]:
        return list(self.world.all(UserTask, UserTask.instance_id == self.case, UserTask.state.in_(states)))

    @property
    def row(self) -> Any:
        return self.world.instance(self.case)

    @property
    def walk(self) -> Walk:
        row = self.row
        with self.world.runtime.reading() as connection:
            definition = self.world.runtime.definition(row.definition_id, connection)
        return Walk.restore(definition, row.saved_state, Context(self.world.now, {}, {}))


def ids(waits: Any) -> set[tuple[UUID, str]]:
    return {(one.task_id, one.element_id) for one in waits}


def filled(data: Any) -> Any:
    """Without groups in which nothing is left."""
    return {name: filled(value) for name, value in data.items() if value != {}} if isinstance(data, dict) else data
