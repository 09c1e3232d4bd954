"""A ward's people at work: who means what they send, who sends what they opened long ago, who sends it twice."""

import io
import re
from collections import deque
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from lxml.html import HtmlElement
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engine.calendar import local_date
from engine.models import Base, UserTask, UserTaskState
from engine.scheduler import settle
from tests.web.demo_wards import WorkingWard
from tests.web.filled_forms import Data, sensibly
from tests.web.plan_wards import PDF
from tests.web.test_pages_at_random import ENTRIES, LEFT_OUT, Hands, _target
from webapp.cycles.models import CycleState, ReportingCycle
from webapp.organisation.desks import reached_at
from webapp.organisation.models import Membership, Person, Role

ONCE = {
    "absences", "contributions", "difficulties", "memberships", "people", "plans", "process_instances",
    "reporting_cycles", "submissions", "task_occurrences", "unit_changes", "units", "user_tasks",
}  # fmt: skip
"""Tables in which what is sent twice stands once."""


class ChangingHands(Hands):
    """Everybody keeps the pages that they opened, and may send one of them much later."""

    def __init__(self, ward: WorkingWard, seed: int) -> None:
        super().__init__(ward, seed)
        self.people = sorted({*self.people, *(name for name in ward.demo.people if "." in name)})
        self.tabs = deque[tuple[str, str, HtmlElement]](maxlen=300)
        self.numbers = count(1)
        self.is_careful = True

    def act(self) -> None:
        acts = super().act, self.work, self.send_stale, self.send_twice, self.carry, self.change
        disabled = self.ward.rows(sa.select(Person.username).where(~Person.is_active))
        gone = {name for (name,) in disabled} - self.ward.visitors.keys()  # Some are in still, with a page of theirs.
        self.people = [name for name in self.people if name not in gone]
        self.is_careful = self.chance.random() < 0.75
        self.chance.choices(acts, weights=(34, 28, 14, 6, 8, 10))[0]()

    def settle(self) -> None:
        with self.ward.app.app_context():
            settle(self.ward.runtime)

    def today(self) -> date:
        return local_date(self.ward.now())

    # --- pages ---

    def _see(self, who: str, answer: TestResponse, data: object = None) -> None:
        super()._see(who, answer, data)
        if answer.request.path.startswith("/dang-nhap"):
            self.pages.pop(who, None)
            self.ward.visitors.pop(who, None)
        elif who in self.pages:
            address, page = self.pages[who]
            assert answer.status_code != 422 or self._reloads(who, address, page), f"{address}: a form without address"
            if page.xpath("//main//form[@method='post']"):
                self.tabs.append((who, address, page))

    def _reloads(self, who: str, address: str, page: HtmlElement) -> bool:
        """Whether what a refused page's forms are sent to, where they name nothing, is a page of its own."""
        if not page.xpath("//main//form[@method='post'][not(@action)]"):
            return True
        with self.ward.at(who).get(address) as again:
            return again.status_code != 405

    def _filled(self, who: str, form: Any) -> Data:
        if not self.is_careful:
            return super()._filled(who, form)
        data = sensibly(form, self.chance, self.today(), next(self.numbers))
        for area in form.xpath(".//*[@data-upload-name]"):
            if not any(one.tag == "template" for one in area.iterancestors()) and self.chance.random() < 0.7:
                data.setdefault(area.get("data-upload-name"), []).extend(self._uploaded(who, area))
        return data

    def _uploaded(self, who: str, area: Any) -> list[str]:
        file = {"file": (io.BytesIO(PDF + str(next(self.numbers)).encode()), "tep.pdf")}
        kind, json = "multipart/form-data", {"Accept": "application/json"}
        with self.ward.at(who).post(area.get("data-upload-url"), file, content_type=kind, headers=json) as answer:
            assert answer.status_code < 500
            return [str(answer.get_json()["id"])] if answer.status_code == 201 else []

    def forms(self, who: str, target: str = "") -> Iterator[Any]:
        """Those of the page before somebody."""
        address, page = self.pages.get(who, ("", None))
        for form in page.xpath("//main//form[@method='post']") if page is not None else ():
            sent_to = _target(address, form)
            if re.search(target, sent_to) and not LEFT_OUT.search(sent_to.removesuffix("/ngung")):
                yield form

    def go(self, who: str, address: str, target: str = "", **fields: Any) -> None:
        """Open a page and send one of its forms, if it is there."""
        self.is_careful = True
        self._open(who, address)
        form = next(self.forms(who, target), None)
        if form is not None:
            named = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
            self._send(who, self.pages[who][0], form, self._filled(who, form) | named)

    # --- work ---

    def work(self) -> None:
        """A step that waits is done by somebody who may."""
        columns = sa.select(UserTask.id, UserTask.desk, UserTask.assignee_id)
        steps = self.ward.rows(columns.where(UserTask.state == UserTaskState.OPEN))
        if steps:
            step, desk, holder = self.chance.choice(steps)
            who = self.worker(desk, holder)
            self.go(who, f"/viec/{step}", f"{step}$|mo-ky$|chot$|hop-viec/nhan$") if who else None

    def worker(self, desk: str, holder: UUID | None) -> str | None:
        """Somebody at whose desk it is; they act there from now on."""
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            found = [holder] if holder else reached_at(read, desk, self.today())
            names = read.scalars(sa.select(Person.username).where(Person.id.in_(found)).order_by(Person.username)).all()
        who = self.chance.choice([name for name in names if name in self.people] or [""])
        self.act_at(who, Role(desk.partition("@")[0]), UUID(desk.partition("@")[2])) if who else None
        return who or None

    def act_at(self, who: str, role: Role, unit: UUID | None = None) -> None:
        held = sa.select(Membership.id).join(Person).where(Person.username == who, Membership.role == role)
        for (membership,) in self.ward.rows(held.where(Membership.unit_id == unit) if unit else held)[:1]:
            with self.ward.at(who).act_as(membership):
                pass

    def send_stale(self) -> None:
        """What somebody opened some time ago."""
        who, address, page = self.chance.choice(list(self.tabs) or [("", "", None)])
        if who in self.people and page is not None:
            self.pages[who] = address, page
            self._send_one(who)

    def send_twice(self) -> None:
        """One page in two windows, the second sent after the first: what it says is there once."""
        who = self.chance.choice(self.people)
        form = next(self.forms(who), None)
        if form is None:
            self._open(who, self.chance.choice(ENTRIES))
            return
        address, self.is_careful = self.pages[who][0], True
        data = self._filled(who, form)
        again = {name: [_copied(value) for value in values] for name, values in data.items()}
        self._send(who, address, form, data)
        before = self.rows_of_once()
        self._send(who, address, form, again)
        assert self.rows_of_once() == before, f"{who} {_target(address, form)} {again}"

    def rows_of_once(self) -> dict[str, int]:
        tables = [table for table in Base.metadata.sorted_tables if table.name in ONCE]
        with self.ward.runtime.reading() as read:
            return {one.name: read.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in tables}

    def _send_one(self, who: str) -> None:
        forms = list(self.forms(who))
        if forms:
            address = self.pages[who][0]
            self._send(who, address, self._least_pressed(forms, lambda form: _target(address, form)))

    def carry(self) -> None:
        """A cycle goes a step on."""
        self.settle()
        open_ones = sa.select(ReportingCycle.id, ReportingCycle.state).where(ReportingCycle.state != CycleState.CLOSED)
        for cycle, state in self.chance.sample(found := self.ward.rows(open_ones), min(1, len(found))):
            columns = sa.select(UserTask.id, UserTask.element_id, UserTask.desk, UserTask.assignee_id)
            steps = self.ward.rows(columns.where(UserTask.instance_id == cycle, UserTask.state == UserTaskState.OPEN))
            for step, element, desk, holder in steps[:1]:
                who = self.worker(desk, holder)
                self._carry_step(who, cycle, step, element) if who else None
            if not steps and state is CycleState.SENT:
                message = self.chance.choice(("city_received", "city_received", "city_returned"))
                clerk = self.somebody(Role.CLERK)
                self.go(clerk, f"/ho-so/{cycle}/gui/{message}", "/gui/") if clerk else None

    def _carry_step(self, who: str, cycle: UUID, step: UUID, element: str) -> None:
        if element == "consolidate":
            self.go(who, f"/tong-hop/{cycle}", "dung-tat-ca$")
            self.go(who, f"/tong-hop/{cycle}/trinh-ky", "trinh-ky$")
        elif element.startswith(("countersign", "sign_", "vice_opinion")):
            decision = "approve" if self.chance.random() < 0.85 else "return"
            self.go(who, f"/duyet-ky/{step}", "/duyet-ky/", decision=decision)
        else:
            self.go(who, f"/viec/{step}", f"{step}$|mo-ky$|chot$")

    def somebody(self, role: Role) -> str | None:
        """Who has a role; they act in it from now on."""
        names = sa.select(Person.username).join(Membership).where(Membership.role == role, Person.is_active)
        found = [name for (name,) in self.ward.rows(names.distinct().order_by(Person.username)) if name in self.people]
        who = self.chance.choice(found) if found else None
        self.act_at(who, role) if who else None
        return who

    def change(self) -> None:
        """Of the ward itself."""


def _copied(value: Any) -> Any:
    return (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
