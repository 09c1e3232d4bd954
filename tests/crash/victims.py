"""Processes that work on a database until they are killed: `python -m tests.crash.victims URL TENANT UNIT KILLS SEED`.

One process forks a victim after the other and kills each with SIGKILL at a random moment of its work. A victim says on
a pipe what was confirmed to it; a line "task <id>" means: this completion was committed.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.clock import MoveClock
from engine.commands.instances import MoveDates, StartInstance
from engine.commands.messages import DeliverMessage, Unawaited
from engine.commands.user_tasks import ClaimUserTask, CompleteUserTask
from engine.database import connect
from engine.errors import Rejected
from engine.ids import uuid7
from engine.models import ProcessInstance, UserTask
from engine.registry import ServiceCall, service
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers, settle
from tests.crash.drawings import DEADLINE, KEY

LONGEST_ACT = 0.02  # seconds: victims die anywhere within an act
MOST_ACTS = 12


@service("tests.register")
def register(call: ServiceCall, runtime: Runtime) -> dict[str, object]:
    """The service of the drawing: a number that is the same however often it is asked for."""
    return {"number": call.key}


class Victim:
    """Does what people and schedulers do, at random, and confirms each act."""

    def __init__(self, url: str, tenant: UUID, unit: UUID, confirm: Callable[[str], object], seed: int) -> None:
        self.runtime = Runtime(connect(url), movable_clock=True)
        self.unit, self.confirm, self.random = unit, confirm, random.Random(seed)
        self.system = Actor.system(tenant)
        self.person = Actor(id=uuid7(), tenant_id=tenant, is_system=True)

    def work(self) -> None:
        acts = [self.start, self.complete, self.complete, self.complete, self.claim, self.tell, self.move, self.tick]
        while True:
            try:
                self.random.choice(acts)()
            except Rejected as refusal:
                self.confirm(f"refused {refusal}")

    def start(self) -> None:
        command = StartInstance(
            key=KEY, business_key=str(uuid7()), title="Một việc", parties={"lead": str(self.unit)},
            dates={"deadline": DEADLINE},
        )  # fmt: skip
        self.confirm(f"case {self.runtime.execute(command, actor=self.system)}")

    def complete(self) -> None:
        task = self._any(sa.select(UserTask.id).where(UserTask.state == "open"))
        answers = {"text": "Nội dung " * 20, "decision": self.random.choice(["send", "return"])}
        self.runtime.execute(CompleteUserTask(user_task_id=task, answers=answers), actor=self.person)
        self.confirm(f"task {task}")

    def claim(self) -> None:
        task = self._any(sa.select(UserTask.id).where(UserTask.state == "open"))
        self.runtime.execute(ClaimUserTask(user_task_id=task), actor=self.person)
        self.confirm("claim")

    def tell(self) -> None:
        case = self._any(sa.select(ProcessInstance.id).where(ProcessInstance.state == "active"))
        keep = DeliverMessage(instance_id=case, message="news.came", unawaited=Unawaited.KEEP)
        self.runtime.execute(keep, actor=self.system)
        self.confirm("message")

    def move(self) -> None:
        case = self._any(sa.select(ProcessInstance.id).where(ProcessInstance.state == "active"))
        dates = {"deadline": DEADLINE + timedelta(days=self.random.randint(1, 60))}
        self.runtime.execute(MoveDates(instance_id=case, dates=dates, reason="thư"), actor=self.system)
        self.confirm("moved")

    def tick(self) -> None:
        with self.runtime.reading() as connection:
            later = self.runtime.now(connection) + timedelta(hours=self.random.randint(1, 30))
        self.runtime.execute(MoveClock(to=later), actor=self.system)
        fire_due_timers(self.runtime, limit=3)
        settle(self.runtime)
        self.confirm("tick")

    def _any(self, query: sa.Select[tuple[UUID]]) -> UUID:
        with self.runtime.reading() as connection:
            found = connection.scalars(query.limit(20)).all()
        return self.random.choice(found) if found else uuid7()


def _say(writer: int, line: str) -> None:
    os.write(writer, f"{line}\n".encode())


def main(url: str, tenant: str, unit: str, kills: str, seed: str) -> None:
    chance = random.Random(int(seed))
    for number in range(int(kills)):
        acts, moment, own_seed = chance.randint(0, MOST_ACTS), chance.uniform(0, LONGEST_ACT), chance.random()
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.close(reader)
            Victim(url, UUID(tenant), UUID(unit), partial(_say, writer), own_seed).work()
        os.close(writer)
        with os.fdopen(reader, "rb", buffering=0) as confirmed:
            heard = b"".join(_lines(confirmed, acts))
            _until(time.perf_counter() + moment)
            os.kill(child, signal.SIGKILL)
            heard += confirmed.read()  # To the end: what it managed to say counts.
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"victim {number} ended by itself")
        sys.stdout.write(heard.decode())


def _lines(pipe, count: int) -> list[bytes]:
    lines: list[bytes] = []
    while sum(line.count(b"\n") for line in lines) < count:
        part = pipe.read(4096)
        if not part:
            break
        lines.append(part)
    return lines


def _until(moment: float) -> None:
    while time.perf_counter() < moment:
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
