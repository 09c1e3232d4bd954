"""A ward that changes while people work: its units, people, procedures, working days and plans, by its pages."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from tests.web.changing_hands import ChangingHands
from tests.web.plan_wards import HEAD, PDF, plan_file
from webapp.demo.organisation import PASSWORD
from webapp.organisation.desks import people_at
from webapp.organisation.models import Committee, Membership, Person, Role, Unit, UnitKind
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, PlanTaskUnit, TaskGroup, UnitPart

ADMIN, GROUND = "quantri", "Quyết định số 5/QĐ-UBND"
FEWEST_UNITS, FEWEST_PEOPLE = 7, 18
GIVEN = Role.STAFF, Role.STAFF, Role.HEAD, Role.HEAD, Role.FOCAL
FIRST_PASSWORD = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}")


class ChangingWard(ChangingHands):
    """Administrators and whoever keeps the plans change it from page to page."""

    def change(self) -> None:
        """And what follows from it."""
        changes: tuple[Callable[[], None], ...] = (
            self.rename, self.merge, self.part, self.close_unit, self.redraw, self.redraw, self.edit_form,
            self.edit_form, self.move_cases, self.move_cases, self.replace_plan, self.append, self.go_away,
            self.disable, self.enable, self.give_desk, self.give_desk, self.people_come, self.people_come,
            self.change_day,
        )  # fmt: skip
        self.chance.choice(changes)()
        self.settle()

    # --- units ---

    def units(self) -> list[UUID]:
        working = Unit.is_active, ~Unit.is_outside, Unit.kind != UnitKind.COMMITTEE
        return [unit for (unit,) in self.ward.rows(sa.select(Unit.id).where(*working).order_by(Unit.id))]

    def change_unit(self, way: str, **fields: str) -> None:
        day = self.today() + timedelta(days=self.chance.choice((0, 0, -3, 2, 10)))
        address = f"/don-vi/{self.chance.choice(self.units())}/thay-doi/{way}"
        self.go(ADMIN, address, way, from_day=f"{day:%d/%m/%Y}", reason=GROUND, **fields)
        confirming = next(self.forms(ADMIN, "/xac-nhan$"), None)
        if confirming is not None:
            self._send(ADMIN, self.pages[ADMIN][0], confirming)

    def rename(self) -> None:
        name = f"Trung tâm mới {next(self.numbers)}"
        self.change_unit("doi-ten", name=name, short_name=name)

    def merge(self) -> None:
        if len(self.units()) > FEWEST_UNITS:
            self.change_unit("sap-nhap")

    def part(self) -> None:
        names = [f"Phòng tách {next(self.numbers)}" for _ in range(2)]
        rows = [{"unit_id": "", "name": name, "short_name": name} for name in names]
        fields = {f"successors-{n}-{key}": value for n, row in enumerate(rows) for key, value in row.items()}
        self.change_unit("chia-tach", **fields)

    def close_unit(self) -> None:
        self.go(ADMIN, f"/don-vi/{self.chance.choice(self.units())}", "/ngung$")

    # --- people ---

    def a_person(self, *which: Any) -> UUID | None:
        found = self.ward.rows(sa.select(Person.id).where(Person.username != ADMIN, *which).order_by(Person.id))
        return self.chance.choice(found)[0] if found else None

    def go_away(self) -> None:
        first, last = self.today(), self.today() + timedelta(days=self.chance.choice((1, 5, 20)))
        days = {"from_day": f"{first:%d/%m/%Y}", "to_day": f"{last:%d/%m/%Y}"}
        self.go(self.chance.choice(self.people), "/vang-mat/moi", "", **days)

    def disable(self) -> None:
        person = self.a_person(Person.is_active)
        if person and len(self.people) > FEWEST_PEOPLE:
            self.go(ADMIN, f"/nguoi-dung/{person}/ban-giao", self.chance.choice(("/ban-giao$", "/ngung$")))
            self.go(ADMIN, f"/nguoi-dung/{person}/ban-giao", "/ngung$")

    def enable(self) -> None:
        person = self.a_person(~Person.is_active)
        if person:
            self.go(ADMIN, f"/nguoi-dung/{person}", "/dung-lai$")
            found = sa.select(Person.username).where(Person.id == person, Person.is_active)
            known = (*self.ward.demo.people, *(name for name in self.ward.visitors if name.startswith("moi")))
            self.people += [name for (name,) in self.ward.rows(found) if name in known and name not in self.people]

    def give_desk(self) -> None:
        """Another role, mostly in another unit."""
        person = self.a_person(Person.is_active)
        desk = {"role": self.chance.choice(GIVEN).value, "unit_id": str(self.chance.choice(self.units()))}
        fields = {f"memberships-0-{key}": value for key, value in desk.items()}
        self.go(ADMIN, f"/nguoi-dung/{person}", f"{person}$", **fields)

    def people_come(self) -> None:
        """Somebody new, to a desk where nobody sits; they set a password of their own."""
        empty = self.empty_desks()
        if not empty:
            return
        (unit, role), name = self.chance.choice(empty), f"moi{next(self.numbers)}"
        desk = {"unit_id": str(unit), "role": role.value, "title": "Mới"}
        fields = {f"memberships-0-{key}": value for key, value in desk.items()}
        self.go(ADMIN, "/nguoi-dung/moi", "/moi$", name=f"Người {name}", username=name, email="", phone="", **fields)
        page = self.pages[ADMIN][1].text_content() if ADMIN in self.pages else ""
        for password in FIRST_PASSWORD.findall(page)[:1]:
            visitor = self.ward.visitor()
            visitor.sign_in(name, password)
            new = {"old_password": password, "new_password": PASSWORD, "repeated": PASSWORD}
            assert visitor.post("/tai-khoan/mat-khau", new).status_code == 302
            self.ward.visitors[name] = self.ward.signed_in(name)
            self.people.append(name)

    def empty_desks(self) -> list[tuple[UUID, Role]]:
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            committee = read.scalars(sa.select(Committee)).one()
            wanted = [(unit, role) for unit in self.units() for role in (Role.HEAD, Role.STAFF)]
            leaders = Role.CHAIR, Role.VICE_CHAIR, Role.OFFICE, Role.CLERK
            desks: list[tuple[UUID | None, Role]] = [*wanted, *((committee.committee_unit_id, one) for one in leaders)]
            desks.append((committee.focal_unit_id, Role.FOCAL))
            return [(unit, role) for unit, role in desks if unit and not people_at(read, f"{role}@{unit}")]

    def change_day(self) -> None:
        day = self.today() + timedelta(days=self.chance.randint(0, 40))
        self.go(ADMIN, "/lich-lam-viec", "/lich-lam-viec$", day=f"{day:%d/%m/%Y}", note="Công điện")

    # --- procedures ---

    def keys(self) -> list[str]:
        keys = sa.select(ProcessDefinition.key).distinct().order_by(ProcessDefinition.key)
        return [*(key for (key,) in self.ward.rows(keys)), "task_lifecycle", "task_lifecycle"]

    def deploy(self, key: str) -> None:
        self.go(ADMIN, f"/quy-trinh/{key}/trien-khai", "trien-khai$", reason=GROUND)
        if "despite" in (self.pages[ADMIN][1].xpath("//main//input/@name") if ADMIN in self.pages else ()):
            self.go(ADMIN, f"/quy-trinh/{key}/trien-khai", "trien-khai$", reason=GROUND, despite="on")

    def linked(self, address: str, pattern: str) -> str | None:
        """One of the pages to which a page leads."""
        self._open(ADMIN, address)
        at, page = self.pages[ADMIN]
        found = sorted({urljoin(at, link) for link in page.xpath("//main//a/@href") if re.search(pattern, link)})
        return self.chance.choice(found) if found else None

    def redraw(self) -> None:
        """A step more or less, or with other settings."""
        key = self.chance.choice(self.keys())
        self.go(ADMIN, f"/quy-trinh/{key}", "thiet-lap-nhanh/mo$")
        step = self.linked(f"/quy-trinh/{key}/thiet-lap-nhanh", r"thiet-lap-nhanh/\w+$")
        if step:
            way = self.chance.choice(("/them$", "/them$", "/bo$", r"nhanh/[\w-]+$", r"nhanh/[\w-]+$"))
            more = {"party": "committee"} if way == "/them$" else {}
            self.go(ADMIN, step, way, **more)
            self.deploy(key)

    def edit_form(self) -> None:
        """A field more, less, moved or changed."""
        key = self.chance.choice(self.keys())
        self.go(ADMIN, f"/quy-trinh/{key}", "/ban-nhap$")
        form = self.linked(f"/quy-trinh/{key}/bieu-mau", r"/bieu-mau/\w+$")
        if form:
            way = self.chance.choice(("/truong$", "/bo$", r"/truong/[\d.]+$", "/chuyen$"))
            place = form if way == "/truong$" else self.linked(form, r"truong=") or form
            self.go(ADMIN, place, way)
            self.deploy(key)

    def move_cases(self) -> None:
        """Those that run go over to the newest version, as far as they can."""
        key = self.chance.choice(self.keys())
        versions = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == key)
        [(newest,), *_] = self.ward.rows(versions.order_by(ProcessDefinition.version.desc()))
        self.go(ADMIN, f"/quy-trinh/{newest}/chuyen-ho-so", "chuyen-ho-so")
        address = self.pages[ADMIN][0] if ADMIN in self.pages else ""
        if re.search(r"/quy-trinh/chuyen-ho-so/[^/]*$", address):
            self.work_off()
            self.go(ADMIN, address, "/chuyen$", reason=GROUND)
            self.work_off()

    def work_off(self) -> None:
        """The jobs of a move, each after the pause before it."""
        for _ in range(3):
            self.settle()
            self.ward.move_clock(self.ward.now() + timedelta(seconds=1))

    # --- plans ---

    def replace_plan(self) -> None:
        """A newer plan, some of whose rows are gone, say more or have another lead, takes the place of one."""
        self._take_in("/ke-hoach/nhap", HEAD.replace("2026", str(self.today().year)), replacing=True)

    def append(self) -> None:
        """An appendix that comes in mid-year."""
        self._take_in("/ke-hoach/{}/phu-luc", "PHỤ LỤC\n", replacing=False)

    def _take_in(self, address: str, head: str, *, replacing: bool) -> None:
        who = self.somebody(Role.FOCAL)
        in_force = [plan for (plan,) in self.ward.rows(sa.select(Plan.id).where(Plan.state == PlanState.ISSUED))]
        if not who or not in_force:
            return
        old = self.chance.choice(in_force)
        values = {"file": (io.BytesIO(plan_file(self.rows_of(old), head=head)), "ke-hoach.txt")}
        kind = {"content_type": "multipart/form-data", "follow_redirects": True}
        with self.ward.at(who).post(address.format(old), values, **kind) as answer:
            self._see(who, answer)
            draft = re.match(r"/ke-hoach/[0-9a-f-]{36}", answer.request.path)
        if draft and answer.status_code == 200:
            self._issue(who, draft[0], {"ke_hoach": str(old)} if replacing else None)

    def _issue(self, who: str, draft: str, replacing: dict[str, str] | None) -> None:
        if replacing:
            with self.ward.at(who).post(f"{draft}/thay-the", replacing, follow_redirects=True) as answer:
                self._see(who, answer)
        else:
            self.go(who, f"{draft}/phu-luc", "/gop$")
        file, day = (io.BytesIO(PDF), "ban-ky.pdf"), f"{self.today():%d/%m/%Y}"
        number = f"{next(self.numbers)}/KH-UBND"
        self.go(who, f"{draft}/xac-nhan", "/xac-nhan$", number=number, issued_on=day, signed_file=[file])
        self.go(who, f"{draft}/giao-viec", "/giao-viec$")

    def rows_of(self, plan: UUID) -> tuple[tuple[str, ...], ...]:
        """As a newer plan might have them."""
        columns: Any = PlanTask.id, PlanTask.content, PlanTask.timing_text, PlanTask.product_text, TaskGroup.numeral
        tasks = sa.select(*columns).join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        in_force = PlanTask.plan_id == plan, PlanTask.state != PlanTaskState.CANCELLED
        rows: list[tuple[str, ...]] = []
        for number, task in enumerate(self.ward.rows(tasks.where(*in_force).order_by(PlanTask.position)), start=1):
            drawn = self.chance.random()
            if not any(row[0] == task.numeral for row in rows):
                rows.append((task.numeral, f"Nhóm {task.numeral}", "", "", "", ""))
            leads = self.names(task.id, UnitPart.LEAD, anew=0.25 < drawn < 0.4)
            content = f"{task.content} theo chỉ đạo mới" if 0.1 < drawn < 0.25 else task.content
            if drawn > 0.1:
                others = self.names(task.id, UnitPart.COORDINATOR)
                rows.append((str(number), content, leads, others, task.timing_text, task.product_text))
        return tuple(rows)

    def names(self, task: UUID, part: UnitPart, *, anew: bool = False) -> str:
        """Of the units that have a part in a task, or of any one."""
        query = sa.select(Unit.name).join(PlanTaskUnit).order_by(PlanTaskUnit.position)
        its = query.where(PlanTaskUnit.plan_task_id == task, PlanTaskUnit.part == part)
        wanted = sa.select(Unit.name).where(Unit.id == self.chance.choice(self.units())) if anew else its
        return "; ".join(name for (name,) in self.ward.rows(wanted))

    def on_setup_page(self) -> str:
        with self.ward.at(ADMIN).get("/thiet-lap") as answer:
            return answer.get_data(as_text=True)

    def headless(self) -> set[UUID]:
        held = sa.select(Membership.unit_id).join(Person).where(Membership.role == Role.HEAD, Person.is_active)
        return set(self.units()) - {unit for (unit,) in self.ward.rows(held)}
