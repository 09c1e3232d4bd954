"""Incidents in numbers: settled together where they say the same; closing one gives up what it was about."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.commands.incidents import GIVEN_UP_FOR, RaiseIncident, ResolveAlike, ResolveIncident
from engine.commands.timers import PutTimerOff
from engine.errors import NotFound, PermissionDenied, Rejected
from engine.jobs import LEASE, MOST_ATTEMPTS, mind_the_clock, run_due_jobs
from engine.models import Incident, Job, Timer
from engine.registry import PERFORMERS, JobCall, performs
from engine.runtime import Runtime
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, both, bpmn, end, start, user
from tests.engine.worlds import World

TIMED = bpmn(
    start(), user("a", form="note"), border("late", "a", timer="P3D"), end(), end("e2"), flows="s>a\na>e\nlate>e2",
    process_id="timed",
)  # fmt: skip
BESIDE = bpmn(
    start(), both("split"), user("a", form="note"), border("late", "a", timer="P9D"), user("b", form="note"),
    end(), end("e2"), end("e3"), flows="s>split\nsplit>a\nsplit>b\na>e\nlate>e2\nb>e3", process_id="beside",
)  # fmt: skip


def fail(world: World, message: str, times: int = 3) -> None:
    """Incidents that say the same."""
    for number in range(times):
        raised = RaiseIncident(instance_id=None, element_id=f"{message} {number}", message=message, detail="refused")
        world.execute(raised)


def test_all_that_say_the_same_are_closed_in_the_name_of_who_asked(world: World) -> None:
    fail(world, "Thư không gửi được", times=101)
    fail(world, "Tệp không dựng được", times=1)
    world.execute(ResolveAlike(message="Thư không gửi được", retry=False, reason=" Máy chủ cũ "), world.administrator)
    world.settle()
    (left,) = world.incidents()
    assert left.message == "Tệp không dựng được"
    closed = world.all(Incident, Incident.state == "resolved")
    assert {(row.resolved_by, row.resolution) for row in closed} == {(world.administrator.id, "Máy chủ cũ")}
    assert len(closed) == 101


def test_what_fails_again_meanwhile_stays_open(world: World) -> None:
    fail(world, "Thư không gửi được")
    world.execute(ResolveAlike(message="Thư không gửi được", retry=True, reason=""), world.administrator)
    world.travel(timedelta(minutes=1))
    fail(world, "Thư không gửi được")  # Known already: no new ones.
    raised = RaiseIncident(instance_id=None, element_id="later", message="Thư không gửi được", detail="")
    world.execute(raised)
    world.settle()
    assert [row.element_id for row in world.incidents()] == ["later"]


def test_together_too_it_takes_an_administrator_a_reason_and_incidents(world: World) -> None:
    fail(world, "Thư không gửi được")
    with pytest.raises(PermissionDenied):
        world.execute(ResolveAlike(message="Thư không gửi được", retry=True, reason=""), world.head)
    with pytest.raises(Rejected, match="Chưa nhập lý do"):
        world.execute(ResolveAlike(message="Thư không gửi được", retry=False, reason=" "), world.administrator)
    with pytest.raises(NotFound):
        world.execute(ResolveAlike(message="Khác", retry=True, reason=""), world.administrator)
    with pytest.raises(NotFound):
        other = World(world.database)
        other.execute(ResolveAlike(message="Thư không gửi được", retry=True, reason=""), other.administrator)


# ── jobs ──


@pytest.fixture
def deadly() -> Iterator[list[str]]:
    """A kind of job that kills its worker until it is told not to."""
    harmless: list[str] = []

    def perform(job: JobCall, runtime: Runtime) -> None:
        if not harmless:
            raise SystemExit

    performs("tests.deadly")(perform)
    yield harmless
    del PERFORMERS["tests.deadly"]


def test_a_job_that_kills_every_worker_becomes_an_incident(world: World, deadly: list[str]) -> None:
    with world.database.begin() as connection:
        now = world.runtime.now(connection)
        connection.execute(
            Job.__table__.insert().values(
                tenant_id=world.tenant_id, kind="tests.deadly", key="d", payload="{}", run_at=now, created_at=now,
                attempts=MOST_ATTEMPTS - 1,
            )
        )  # fmt: skip
    with pytest.raises(SystemExit):
        run_due_jobs(world.runtime, "dying")
    world.travel(LEASE)
    run_due_jobs(world.runtime, "last")
    (incident,) = world.incidents()
    assert ("dừng giữa chừng" in incident.message, world.one(Job).state) == (True, "failed")
    deadly.append("now")
    world.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""), world.administrator)
    world.settle()
    assert world.one(Job).state == "done"


# ── timers ──


def close(world: World, timer_id) -> None:
    raised = RaiseIncident(instance_id=None, element_id="x", timer_id=timer_id, message="Không chạy được", detail="")
    world.execute(raised)
    (incident,) = world.incidents()
    world.execute(ResolveIncident(incident_id=incident.id, retry=False, reason="Thôi"), world.administrator)


def test_closing_the_incident_of_a_reminder_gives_it_up(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    reminder = world.all(Timer)[0]
    raised = RaiseIncident(
        instance_id=case, element_id="write", timer_id=reminder.id, message="Không chạy được", detail=""
    )
    world.execute(raised)
    (incident,) = world.incidents()
    world.execute(ResolveIncident(incident_id=incident.id, retry=False, reason="Thôi"), world.administrator)
    assert (reminder.level, world.timers()) == ("-2wd 08:00", ["+1wd 08:00"])
    world.check()


@pytest.mark.parametrize("retry", [True, False], ids=["retried", "closed"])
def test_a_timer_that_was_moved_meanwhile_waits_for_its_new_moment(world: World, retry: bool) -> None:
    world.deploy(BESIDE)
    case = world.start("beside")
    raised = RaiseIncident(
        instance_id=case, element_id="late", timer_id=world.one(Timer).id, message="Không chạy được", detail=""
    )
    world.execute(raised)
    (incident,) = world.incidents()
    world.execute(ResolveIncident(incident_id=incident.id, retry=retry, reason="Đã dời"), world.administrator)
    world.travel(GIVEN_UP_FOR)
    world.settle()
    world.complete("b", world.officer, text="Xong", decision="send")
    assert (world.timers(), world.tasks()) == (["late"], {"a"})


def test_closing_that_of_a_timer_of_the_drawing_lets_it_rest_for_a_day(world: World) -> None:
    world.deploy(TIMED)
    case = world.start("timed")
    world.travel(timedelta(days=3))
    timer = world.one(Timer).id
    world.execute(PutTimerOff(timer_id=timer, instance_id=case, error="hỏng"))
    close(world, timer)
    mind_the_clock(world.runtime)  # As every minute.
    world.travel(GIVEN_UP_FOR / 2)
    world.settle()
    assert world.tasks() == {"a"}
    world.travel(GIVEN_UP_FOR / 2)
    world.settle()
    assert world.tasks() == set()
