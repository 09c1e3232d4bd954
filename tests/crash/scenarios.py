"""What is going on when a process is killed: each makes its own beginning and names the act that is cut short."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.calendars import FollowCalendar
from engine.commands.deployments import DeployDefinition
from engine.commands.incidents import ResolveIncident
from engine.commands.instances import CancelInstance, MoveDates, ResumeInstance, StartInstance, SuspendInstance
from engine.commands.messages import DeliverMessage, Unawaited, send
from engine.commands.migration import MigrateInstance
from engine.commands.timers import MOST_ATTEMPTS as TIMER_ATTEMPTS
from engine.commands.timers import PutTimerOff
from engine.commands.user_tasks import ClaimUserTask, CompleteUserTask
from engine.database import connect
from engine.ids import uuid7
from engine.jobs import LONGEST_BACKOFF, MOST_ATTEMPTS, run_due_jobs
from engine.models import CalendarDay, Incident, Tenant, Timer
from engine.registry import JobCall, ServiceCall, performs, service
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers, settle
from engine.transaction import Transaction
from tests.crash.drawings import DEADLINE, KEY, MORTAL
from tests.engine.drawings import FORM
from tests.engine.worlds import World

Act = Callable[[Runtime], object]
Scenario = Callable[[World], Act]
SENT = {"text": "Xong", "decision": "send"}
RETURNED = {"text": "Thiếu số liệu", "decision": "return"}


def run(act: Act, url: str) -> None:
    """Do an act as a process of its own would."""
    act(Runtime(connect(url), movable_clock=True))


def execute(command: Command, actor: Actor, runtime: Runtime) -> Any:
    return runtime.execute(command, actor=actor)


def work(runtime: Runtime) -> int:
    return run_due_jobs(runtime, "the one that dies")


def by_system(world: World, command: Command) -> Act:
    return partial(execute, command, world.system)


# ── people ──


def starting(world: World) -> Act:
    parties = {"lead": str(world.unit), "focal": str(world.focal)}
    return by_system(
        world,
        StartInstance(key=KEY, business_key="một", title="Một việc", parties=parties, dates={"deadline": DEADLINE}),
    )


def claiming(world: World) -> Act:
    world.start(KEY)
    return partial(execute, ClaimUserTask(user_task_id=world.task("write").id), world.officer)


def completing(world: World) -> Act:
    world.start(KEY)
    return by_system(world, CompleteUserTask(user_task_id=world.task("write").id, answers=SENT))


def completing_late(world: World) -> Act:
    """What is overdue fires first."""
    act = completing(world)
    world.travel(timedelta(days=2))
    return act


def returning(world: World) -> Act:
    checked(world)
    return by_system(world, CompleteUserTask(user_task_id=world.task("check").id, answers=RETURNED))


def checked(world: World) -> UUID:
    """A case that waits for its check."""
    case = world.start(KEY)
    world.complete("write", world.system, **SENT)
    world.settle()
    return case


# ── messages ──


def telling(world: World) -> Act:
    case = checked(world)
    world.complete("check", world.system, **SENT)
    return by_system(world, message(case))


def telling_early(world: World) -> Act:
    """The job of a message from the domain; nobody waits for it yet."""
    world.execute(Tell(world.start(KEY)))
    return work


def waiting_for_what_came_early(world: World) -> Act:
    world.execute(message(checked(world)))
    return by_system(world, CompleteUserTask(user_task_id=world.task("check").id, answers=SENT))


def message(case: UUID) -> DeliverMessage:
    return DeliverMessage(instance_id=case, message="news.came", unawaited=Unawaited.KEEP)


# ── operations ──


def moving_dates(world: World) -> Act:
    dates = {"deadline": DEADLINE + timedelta(days=30)}
    return by_system(world, MoveDates(instance_id=world.start(KEY), dates=dates, reason="thư"))


def cancelling(world: World) -> Act:
    return by_system(world, CancelInstance(instance_id=world.start(KEY), reason="thôi"))


def suspending(world: World) -> Act:
    return by_system(world, SuspendInstance(instance_id=world.start(KEY), reason="chờ"))


def resuming(world: World) -> Act:
    """What waited meanwhile, a job and a timer, goes on."""
    case = world.start(KEY)
    world.complete("write", world.system, **SENT)
    world.execute(SuspendInstance(instance_id=case, reason="chờ"))
    world.settle()
    world.travel(timedelta(days=2))
    return by_system(world, ResumeInstance(instance_id=case, reason="đủ"))


def migrating(world: World) -> Act:
    """A case to another version, as it waits for its check."""
    case = checked(world)
    newer = world.deploy(MORTAL.replace(b"working_days(2)", b"working_days(3)"))
    assert newer is not None
    places = ("write", "nudge", "register", "check", "lapsed", "news")
    mapping = {place: place for place in places}
    return by_system(world, MigrateInstance(instance_id=case, definition_id=newer, mapping=mapping, reason="bản mới"))


def following_the_calendar(world: World) -> Act:
    """Two days were declared free since the steps were entered."""
    case = checked(world)
    today = local_date(world.now)
    with world.database.begin() as connection:
        for days in (1, 2):
            free = {"tenant_id": world.tenant_id, "day": today + timedelta(days=days), "working": False, "note": "bão"}
            connection.execute(sa.insert(CalendarDay).values(free))
        later = sa.update(Tenant).where(Tenant.id == world.tenant_id)
        connection.execute(later.values(calendar_version=Tenant.calendar_version + 1))
    return by_system(world, FollowCalendar(instance_id=case, before={}, reason="bão"))


def deploying(world: World) -> Act:
    source = MORTAL.replace(f'"{KEY}"'.encode(), b'"another"')
    return by_system(world, DeployDefinition(source=source, forms={"note": FORM}, reason="mới", only_if_new=True))


# ── the scheduler ──


def firing(world: World) -> Act:
    world.start(KEY)
    world.travel(timedelta(days=1, seconds=1))
    return fire_due_timers


def firing_several(world: World) -> Act:
    """A day's outage: reminders and timers of two cases."""
    for _ in range(2):
        world.start(KEY, dates={"deadline": local_date(world.now + timedelta(days=7))})
    world.travel(timedelta(days=20))
    return fire_due_timers


def lapsing(world: World) -> Act:
    """Two working days are over, whatever holidays lie between."""
    checked(world)
    world.travel(timedelta(days=14))
    return fire_due_timers


def putting_a_timer_off(world: World) -> Act:
    """The last failure makes it an incident."""
    case = world.start(KEY)
    (timer,) = [row for row in world.all(Timer, Timer.instance_id == case) if row.element_id == "nudge"]
    put_off = PutTimerOff(timer_id=timer.id, instance_id=case, error="hỏng")
    for _ in range(TIMER_ATTEMPTS - 1):
        world.execute(put_off)
    return by_system(world, put_off)


def serving(world: World) -> Act:
    """The job of a service task."""
    world.start(KEY)
    world.complete("write", world.system, **SENT)
    return work


def delivering(world: World) -> Act:
    """The job of a message that came early."""
    world.execute(message(checked(world)))
    world.complete("check", world.system, **SENT)
    return work


def giving_up(world: World) -> Act:
    """A job's last failure makes it an incident."""
    world.execute(Hopeless(uuid7()))
    for _ in range(MOST_ATTEMPTS - 1):
        world.settle()
        world.travel(LONGEST_BACKOFF)
    return work


def retrying(world: World) -> Act:
    """An administrator has the job tried again."""
    giving_up(world)(world.runtime)
    (incident,) = world.all(Incident, Incident.tenant_id == world.tenant_id)
    return by_system(world, ResolveIncident(incident_id=incident.id, retry=True, reason=""))


def catching_up(world: World) -> Act:
    """All that is due, until nothing is."""
    delivering(world)
    world.start(KEY)
    world.travel(timedelta(days=2))
    return settle


@service("tests.register")
def register(call: ServiceCall, runtime: Runtime) -> dict[str, object]:
    """A number that is the same however often it is asked for."""
    return {"number": call.key}


@dataclass(frozen=True, slots=True)
class Tell(Command):
    """The domain has something to say to a case."""

    permission = EnginePermission.WORK

    case: UUID


@handles(Tell)
def tell(command: Tell, tx: Transaction) -> None:
    send(tx, command.case, "news.came", {}, key=f"news:{command.case}")


@dataclass(frozen=True, slots=True)
class Hopeless(Command):
    """Leaves a job that fails whenever it is tried."""

    permission = EnginePermission.WORK

    key: UUID


@handles(Hopeless)
def leave_hopeless(command: Hopeless, tx: Transaction) -> None:
    tx.enqueue("crash.hopeless", f"hopeless:{command.key}", {})


@performs("crash.hopeless")
def fail(job: JobCall, runtime: Runtime) -> None:
    """Raises ConnectionError."""
    raise ConnectionError("no answer")


SCENARIOS: tuple[Scenario, ...] = (
    starting, claiming, completing, completing_late, returning, telling, telling_early, waiting_for_what_came_early,
    moving_dates, cancelling, suspending, resuming, deploying, migrating,
    following_the_calendar, firing, firing_several, lapsing, putting_a_timer_off,
    serving, delivering, giving_up, retrying, catching_up,
)  # fmt: skip
