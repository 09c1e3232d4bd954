"""People press on while their ward changes under them: nothing fails, is there twice, or waits unseen for nobody."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import lxml.html
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.audit import differences, verify
from engine.models import Incident, IncidentState, Job, JobState, UserTask, UserTaskState
from tests.support.databases import Databases
from tests.support.demo import LoadedDemo
from tests.web.demo_wards import working_ward
from tests.web.test_links import dead_links
from tests.web.ward_changes import ChangingWard
from tests.web.wards import text_of
from webapp.calendar_work import do_calendar_work
from webapp.identity import ROLE_NAMES
from webapp.organisation.desks import people_at
from webapp.organisation.models import Person, Role, Unit
from webapp.plans.models import Plan, PlanState

pytestmark = pytest.mark.prove
WALKS, ACTS, ACTS_A_DAY = 2, 500, 20
DRAWN_SO = "Chưa xác định đơn vị"
"""By chance a drawing gives a step to a party that some tasks don't have."""
PROGRESS = re.compile(
    r"Tiến độ năm (\d+) .*?Xong đúng hạn (\d+) Xong quá hạn (\d+) Chưa xong, còn hạn (\d+) Chưa xong, quá hạn (\d+) .*?"
    r"Ngoài ra: (\d+) không phát sinh, (\d+) chờ điều kiện, (\d+) đã hủy"
)
ASKED = re.compile(r"(\d+) nhiệm vụ được hỏi (.*?) Theo đơn vị")
STATES = re.compile(r"(\d+) (?:đã nhận|chờ kiểm tra|cần bổ sung|chưa gửi|không báo cáo)")


class Watched(ChangingWard):
    """A ward that is looked at from time to time."""

    def hold(self) -> None:
        incidents = sa.select(Incident.message).where(Incident.state == IncidentState.OPEN)
        assert self.ward.rows(incidents.where(~Incident.message.contains(DRAWN_SO))) == []
        failed = sa.select(Job.kind).where(Job.state == JobState.FAILED)
        assert self.ward.rows(failed.where(~sa.func.coalesce(Job.last_error, "").contains(DRAWN_SO))) == []
        self.hold_desks()
        self.hold_counts()
        active = {name for (name,) in self.ward.rows(sa.select(Person.username).where(Person.is_active))}
        reader = self.chance.choice([name for name in self.people if name in active])
        assert dead_links(self.ward.at(reader), most=4) == [], reader

    def hold_desks(self) -> None:
        """Each step is at a desk of a unit in use where somebody sits, or the setup page names the desk."""
        open_steps = sa.select(UserTask.desk, UserTask.assignee_id).where(UserTask.state == UserTaskState.OPEN)
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            for desk, holder in read.execute(open_steps.distinct()).all():
                role, unit = Role(desk.partition("@")[0]), read.get_one(Unit, UUID(desk.partition("@")[2]))
                heads = people_at(read, f"{Role.HEAD}@{unit.id}") if role is Role.STAFF else []
                assert unit.is_active, (desk, unit.name)
                assert holder is None or read.get_one(Person, holder).is_active, (desk, holder)
                if not (holder or heads or people_at(read, desk)):
                    told = text_of(self.ward.at("quantri").get("/thiet-lap"))
                    assert f"{ROLE_NAMES[role]} · {unit.short_name}" in told or "vai khác" in told, (desk, unit.name)

    def hold_counts(self) -> None:
        """What a page sums up is what its list, or another page, has of it."""
        visitor = self.ward.at("quantri")
        in_force = sa.select(Plan.id).where(Plan.state.in_((PlanState.ISSUED, PlanState.CLOSED)))
        for (plan,) in self.ward.rows(in_force):
            found = PROGRESS.search(text_of(visitor.get(f"/ke-hoach/{plan}")))
            if found:
                year, *buckets = found.groups()
                page = lxml.html.fromstring(visitor.get(f"/ket-qua?nam={year}&ke-hoach={plan}").text)
                [total, *_] = page.xpath("//main//table//tr[contains(., 'Cộng')]") or [None]
                assert total is None or [cell.text_content() for cell in total.iter("td")][1:8] == buckets, plan
        for link in set(re.findall(r"/ky-bao-cao/[0-9a-f-]{36}", visitor.get("/ky-bao-cao").text)):
            asked = ASKED.search(text_of(visitor.get(link)))
            assert not asked or sum(map(int, STATES.findall(asked[2]))) == int(asked[1]), link


@pytest.mark.parametrize("seed", range(WALKS))
def test_a_ward_changes_under_people_at_work(
    loaded_demo: LoadedDemo, databases: Databases, tmp_path: Path, seed: int
) -> None:
    with working_ward(loaded_demo, databases, tmp_path) as ward:
        watched = Watched(ward, seed)
        for number in range(1, ACTS + 1):
            watched.act()
            if number % ACTS_A_DAY == 0:
                ward.move_clock(ward.now() + timedelta(hours=watched.chance.choice((5, 30, 80, 400, 1000))))
                watched.settle()
                with ward.app.app_context():
                    do_calendar_work(ward.runtime, ward.now())
                watched.settle()
            if number % 100 == 0:
                watched.hold()
        with ward.runtime.reading() as connection:
            assert (list(verify(connection)), differences(connection)) == ([], [])
