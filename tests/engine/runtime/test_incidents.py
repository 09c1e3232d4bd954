"""Incidents: a process that cannot go on changes nothing, keeps what was typed open to be sent again, and says so."""

from uuid import UUID

import pytest

from engine.commands.incidents import RaiseIncident, ResolveIncident
from engine.commands.instances import CancelInstance
from engine.commands.operations import GoBack
from engine.errors import NotFound, PermissionDenied, ProcessFault, Rejected
from engine.facts import IncidentRaised, IncidentResolved
from engine.ids import uuid7
from engine.models import Incident, Submission
from tests.engine.spiff.drawings import both, bpmn, end, start, user, xor
from tests.engine.worlds import World

ONE_WAY = bpmn(
    start(), user("write", form="note"), xor("way"), user("more", form="note", person="write.decision"), end(),
    flows="s>write\nwrite>way\nway>e if write.decision == 'send'\nway>more default\nmore>e",
    process_id="one_way",
)  # fmt: skip
NOWHERE = {"text": "Nội dung dài của tôi", "decision": "return"}


@pytest.fixture
def case(world: World):
    world.deploy(ONE_WAY)
    return world.start("one_way")


def get_stuck(world: World, case: UUID | None = None) -> None:
    with pytest.raises(ProcessFault, match="vẫn được giữ"):
        world.complete("write", world.officer, case, **NOWHERE)


def test_a_stuck_process_leaves_its_step_open_and_tells_an_administrator(world: World, case) -> None:
    get_stuck(world)
    (incident,) = world.incidents()
    assert (incident.instance_id, incident.element_id, incident.job_id) == (case, "more", None)
    assert incident.detail.startswith("CompleteUserTask")
    assert (world.tasks(), world.all(Submission)) == ({"write"}, [])
    assert world.types(case) == ["InstanceStarted", "IncidentRaised"]


def test_the_incident_is_recorded_as_the_systems_own(world: World, case) -> None:
    get_stuck(world)
    ((raised,),) = world.facts(case)[1:]
    assert isinstance(raised, IncidentRaised)
    assert "Nội dung dài" not in raised.detail


def test_the_step_can_be_done_again_in_another_way(world: World, case) -> None:
    get_stuck(world)
    world.complete("write", world.officer, text="Nội dung", decision="send")
    assert world.instance(case).state == "completed"


def test_the_same_fault_stays_one_incident(world: World, case) -> None:
    for _ in range(3):
        get_stuck(world)
    assert len(world.all(Incident)) == 1


def test_cancelling_the_case_closes_its_incidents(world: World, case) -> None:
    other = world.start("one_way")
    get_stuck(world, case)
    get_stuck(world, other)
    world.execute(CancelInstance(instance_id=case, reason="Nhập nhầm"), world.administrator)
    assert [row.instance_id for row in world.incidents()] == [other]
    closed = world.one(Incident, Incident.state == "resolved")
    assert (closed.resolution, closed.resolved_by) == ("Đã hủy hồ sơ: Nhập nhầm", world.administrator.id)


def test_going_back_closes_the_fault_of_a_step_that_is_left_behind_and_of_no_other(world: World) -> None:
    """Of two branches, each with a step that could not be sent, one goes back."""
    branch = "fork>first_{0}\nfirst_{0}>write_{0}\nwrite_{0}>more_{0}\nmore_{0}>e_{0}\n"
    steps = [
        shape
        for n in "ab"
        for shape in (
            user(f"first_{n}", form="note"), user(f"write_{n}", form="note"),
            user(f"more_{n}", form="note", person=f"write_{n}.decision"), end(f"e_{n}"),
        )
    ]  # fmt: skip
    ways = "s>fork\n" + branch.format("a") + branch.format("b")
    world.deploy(bpmn(start(), both("fork"), *steps, flows=ways, process_id="two_ways"))
    case = world.start("two_ways")
    for n in "ab":
        world.complete(f"first_{n}", world.officer, **NOWHERE)
        with pytest.raises(ProcessFault):
            world.complete(f"write_{n}", world.officer, **NOWHERE)
    assert {row.element_id for row in world.incidents()} == {"more_a", "more_b"}
    world.execute(GoBack(instance_id=case, element_id="first_a", reason="Viết lại"), world.administrator)
    assert [row.element_id for row in world.incidents()] == ["more_b"]
    assert world.one(Incident, Incident.state == "resolved").resolution == "Hồ sơ đã quay lại bước trước: Viết lại"


def test_a_fault_after_its_incident_was_closed_is_a_new_incident(world: World, case) -> None:
    get_stuck(world)
    close = ResolveIncident(incident_id=world.incidents()[0].id, retry=False, reason="Đã hướng dẫn")
    world.execute(close, world.administrator)
    get_stuck(world)
    assert len(world.all(Incident)) == 2


def test_closing_needs_a_reason_and_says_who(world: World, case) -> None:
    get_stuck(world)
    incident_id = world.incidents()[0].id
    with pytest.raises(Rejected, match="Chưa nhập lý do"):
        world.execute(ResolveIncident(incident_id=incident_id, retry=False, reason="  "), world.administrator)
    world.execute(ResolveIncident(incident_id=incident_id, retry=False, reason=" Đã sửa "), world.administrator)
    row = world.one(Incident)
    assert (row.state, row.resolved_by, row.resolution) == ("resolved", world.administrator.id, "Đã sửa")
    assert world.facts(case)[-1] == [IncidentResolved(incident_id, "Đã sửa")]


def test_closing_twice_is_one_event(world: World, case) -> None:
    get_stuck(world)
    close = ResolveIncident(incident_id=world.incidents()[0].id, retry=True, reason="")
    world.execute(close, world.administrator)
    world.execute(close, world.administrator)
    assert world.types(case).count("IncidentResolved") == 1


def test_unknown_incidents_and_those_of_another_ward_are_not_found(world: World, case) -> None:
    get_stuck(world)
    other = World(world.database)
    for incident_id, actor in ((uuid7(), world.administrator), (world.incidents()[0].id, other.administrator)):
        with pytest.raises(NotFound):
            world.execute(ResolveIncident(incident_id=incident_id, retry=True, reason=""), actor)


def test_only_administrators_close_incidents(world: World, case) -> None:
    get_stuck(world)
    with pytest.raises(PermissionDenied):
        world.execute(ResolveIncident(incident_id=world.incidents()[0].id, retry=True, reason=""), world.officer)


def test_an_incident_without_a_case_is_in_the_wards_own_stream(world: World) -> None:
    world.execute(RaiseIncident(instance_id=None, element_id=None, message="Hết chỗ lưu tệp.", detail=""))
    assert world.types(world.tenant_id) == ["IncidentRaised"]
    close = ResolveIncident(incident_id=world.incidents()[0].id, retry=False, reason="Đã dọn")
    world.execute(close, world.administrator)
    assert world.types(world.tenant_id) == ["IncidentRaised", "IncidentResolved"]
