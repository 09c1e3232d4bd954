"""What the engine's own kinds of jobs do."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.command import Actor, Command, EnginePermission
from engine.commands.calendars import FollowCalendar
from engine.commands.incidents import ResolveIncident, open_alike
from engine.commands.instances import MoveDates, StartInstance
from engine.commands.messages import DeliverKept, DeliverMessage, Unawaited
from engine.commands.services import CompleteServiceTask, FailServiceTask, awaiting
from engine.commands.signals import SendSignal
from engine.errors import InstanceNotActive, InstanceOnHold
from engine.read_only import ReadOnlyTransaction
from engine.registry import SERVICES, JobCall, ServiceCall, ServiceFailed, performs
from engine.runtime import Runtime

AT_ONCE = 100


@performs("engine.message", "chuyển thông điệp đến hồ sơ khác")
def deliver(job: JobCall, runtime: Runtime) -> None:
    """A message from one instance, or from the domain, to another instance; its end overtakes it silently."""
    command = DeliverMessage(
        instance_id=UUID(job.payload["instance_id"]), message=job.payload["message"],
        payload=job.payload["payload"], unawaited=Unawaited(job.payload["unawaited"]),
    )  # fmt: skip
    _unless_ended(runtime, command, job)


@performs("engine.kept_message", "chuyển thông điệp đến sớm")
def deliver_kept(job: JobCall, runtime: Runtime) -> None:
    """What came to an instance before it waited for it."""
    command = DeliverKept(instance_id=UUID(job.payload["instance_id"]), message=job.payload["message"])
    _unless_ended(runtime, command, job)


@performs("engine.signal", "phát tín hiệu đến các hồ sơ")
def signal(job: JobCall, runtime: Runtime) -> None:
    """A signal that one instance has sent, to the others that wait for it."""
    command = SendSignal(
        signal=job.payload["signal"], key=job.key, payload=job.payload["payload"], sender_id=job.instance_id
    )
    runtime.execute(command, actor=Actor.system(job.tenant_id), job_id=job.id)


def _unless_ended(runtime: Runtime, command: Command, job: JobCall) -> None:
    """Raises InstanceOnHold: what a suspended instance is told waits until it goes on."""
    try:
        runtime.execute(command, actor=Actor.system(job.tenant_id), job_id=job.id)
    except InstanceOnHold:
        raise
    except InstanceNotActive:
        return


@performs("engine.service", "bước tự động")
def run_service(job: JobCall, runtime: Runtime) -> None:
    """Call the service that a service task names, then carry the case on. Raises InstanceOnHold before calling it."""
    payload = job.payload
    call = ServiceCall(job.tenant_id, UUID(payload["instance_id"]), payload["element_id"], job.key)
    task_id = UUID(payload["task_id"])
    if not _is_awaited(call, task_id, runtime):
        return  # The case has ended, or was set back from it.
    command: Command
    try:
        result: Mapping[str, Any] = SERVICES[payload["service"]](call, runtime)
    except ServiceFailed as failed:
        command = FailServiceTask(
            instance_id=call.instance_id, task_id=task_id, code=failed.code, payload=failed.payload
        )  # fmt: skip
    else:
        command = CompleteServiceTask(instance_id=call.instance_id, task_id=task_id, result=dict(result))
    runtime.execute(command, actor=Actor.system(job.tenant_id), job_id=job.id)


def _is_awaited(call: ServiceCall, task_id: UUID, runtime: Runtime) -> bool:
    with runtime.reading() as connection:
        actor = Actor.system(call.tenant_id)
        tx = ReadOnlyTransaction(runtime, connection, actor, runtime.now(connection))
        return awaiting(call.instance_id, task_id, tx) is not None


@performs("engine.move_dates", "dời hạn theo hồ sơ khác")
def move_dates(job: JobCall, runtime: Runtime) -> None:
    """Move the dates of an instance that hangs on another's; one that has ended stays as it was."""
    payload = job.payload
    dates = {name: date.fromisoformat(day) for name, day in payload["dates"].items()}
    command = MoveDates(instance_id=UUID(payload["instance_id"]), dates=dates, reason=payload["reason"])
    _unless_ended(runtime, command, job)


@performs("engine.follow_calendar", "tính lại hạn theo lịch làm việc")
def follow_calendar(job: JobCall, runtime: Runtime) -> None:
    """Working days have changed; an instance that has ended stays as it was."""
    payload = job.payload
    before = {date.fromisoformat(day): bool(working) for day, working in payload["before"].items()}
    command = FollowCalendar(
        instance_id=UUID(payload["instance_id"]), before=before, reason=payload["reason"]
    )  # fmt: skip
    _unless_ended(runtime, command, job)


@performs("engine.start", "mở hồ sơ")
def start(job: JobCall, runtime: Runtime) -> None:
    """Start an instance; its business key makes a second try harmless."""
    payload = dict(job.payload)
    payload["dates"] = {name: date.fromisoformat(day) for name, day in payload["dates"].items()}
    if payload.get("instance_id"):
        payload["instance_id"] = UUID(payload["instance_id"])
    runtime.execute(StartInstance(**payload), actor=Actor.system(job.tenant_id), job_id=job.id)


@performs("engine.resolve_alike", "xử lý các sự cố cùng lỗi")
def resolve_alike(job: JobCall, runtime: Runtime) -> None:
    """Settle incidents that say the same in the name of whoever asked, each in a transaction of its own."""
    payload = job.payload
    asked = UUID(payload["actor_id"]) if payload["actor_id"] else None
    actor = Actor(id=asked, tenant_id=job.tenant_id, permissions=frozenset({EnginePermission.OPERATE}))
    until = datetime.fromisoformat(payload["until"])
    while True:
        with runtime.reading() as connection:
            found = open_alike(connection, job.tenant_id, payload["message"], until, most=AT_ONCE)
        for incident_id in found:
            command = ResolveIncident(incident_id=incident_id, retry=payload["retry"], reason=payload["reason"])
            runtime.execute(command, actor=actor)
        if not found:
            return
