"""The demo ward: loaded once, by real commands, with work in every state that pages show."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import MappingProxyType

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask

from engine.audit import differences, verify
from engine.calendar import Calendar, local_date
from engine.command import Actor
from engine.ids import uuid7
from engine.models import DeployedForm, Incident, Job, ProcessInstance, Submission, UserTask, UserTaskState
from engine.records import dates_from_json
from forms.definition import FormDefinition
from forms.fields import FormContext, Option
from tests.support.clock import BEGINS
from tests.support.databases import Databases, create_schema, lend
from tests.support.demo import LoadedDemo
from tests.support.servers import environment_for, run_quytrinh
from tests.web.wards import Visitor, text_of
from webapp.app import create_app
from webapp.cycles.models import CycleKind, CycleState, PlannedCycle, ReportingCycle
from webapp.demo import GOOD_FOR, load
from webapp.demo.organisation import PASSWORD, PEOPLE
from webapp.demo.plan import FOCAL
from webapp.demo.plan_text import demo_days, groups, plan_text
from webapp.indicators.models import Indicator
from webapp.organisation.commands.committees import SetUpCommittee
from webapp.organisation.models import Person, Unit
from webapp.plans.models import OccurrenceState, PlanTask, TaskOccurrence
from webapp.plans.reading import read_plan
from webapp.settings import Settings


@pytest.fixture
def demo(loaded_demo: LoadedDemo, databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """The application on the loaded demo ward; on both databases."""
    for url in loaded_demo.lend(databases, tmp_path):
        app = application(url, tmp_path)
        yield app
        app.extensions["quytrinh"].close()


def application(url: str, folder: Path) -> Flask:
    return create_app(Settings.from_environment(environment_for(url, folder)))


def rows(app: Flask, query: sa.Select) -> list:
    with app.extensions["quytrinh"].reading() as connection:
        return list(connection.execute(query))


def test_the_command_prints_accounts_with_what_they_are_good_for(demo: Flask, tmp_path: Path) -> None:
    printed = run_quytrinh(environment_for(demo.config["SETTINGS"].database_url, tmp_path), "demo", "load")
    assert PASSWORD in printed
    assert "http://" in printed
    for username, use in GOOD_FOR.items():
        assert use in printed
        assert any(person.username == username for person in PEOPLE)
    for person in PEOPLE:
        assert (person.phone or person.username) in printed


def test_loading_again_changes_nothing(demo: Flask) -> None:
    before = rows(demo, sa.select(sa.func.count()).select_from(Submission))
    assert load(demo) == load(demo)
    assert rows(demo, sa.select(sa.func.count()).select_from(Submission)) == before


def test_reports_are_asked_by_year_and_from_the_next_year_on_by_quarter(demo: Flask) -> None:
    planned = dict(rows(demo, sa.select(PlannedCycle.kind, PlannedCycle.report_by)))
    [(year,)] = rows(demo, sa.select(ReportingCycle.year))
    assert planned == {CycleKind.YEAR: None, CycleKind.QUARTER: date(year + 1, 3, 24)}


def test_work_is_in_many_states(demo: Flask) -> None:
    states = Counter(state for (state,) in rows(demo, sa.select(TaskOccurrence.state)))
    assert states.total() == 16
    assert set(states) >= {
        OccurrenceState.NOT_ACCEPTED, OccurrenceState.IN_PROGRESS, OccurrenceState.AWAITING_CONDITION,
        OccurrenceState.AWAITING_CHECK, OccurrenceState.NEEDS_REWORK, OccurrenceState.AWAITING_CONSOLIDATION,
    }  # fmt: skip
    waiting = {
        step for (step,) in rows(demo, sa.select(UserTask.element_id).where(UserTask.state == UserTaskState.OPEN))
    }
    assert waiting >= {
        "accept", "assign_decision", "execute", "unit_review", "second_lead_confirm", "check", "self_check",
        "contribute", "extension_review", "focal_answer",
    }  # fmt: skip
    assert rows(demo, sa.select(ReportingCycle.state)) == [(CycleState.COLLECTING,)]


def test_some_is_overdue_some_due_soon_some_done(demo: Flask) -> None:
    page = text_of(signed_in(demo, "chutich").get(plan_address(demo)))
    for words in ("Quá hạn", "Cần bổ sung", "Chờ điều kiện", "Tự báo cáo", "Chưa nhận"):
        assert words in page
    assert "Chưa xong, quá hạn 1" in page
    assert "Xong quá hạn 1" in page


def test_nothing_went_wrong_on_the_way(demo: Flask) -> None:
    assert rows(demo, sa.select(Incident.message)) == []
    assert rows(demo, sa.select(Job.last_error).where(Job.last_error.is_not(None))) == []
    with demo.extensions["quytrinh"].reading() as connection:
        assert (verify(connection), differences(connection)) == ([], [])


def test_what_people_entered_passes_their_forms(demo: Flask) -> None:
    """The demo's people enter nothing that the page would have refused."""
    query = (
        sa.select(Submission.data, Submission.form_id, DeployedForm.source, ProcessInstance.dates)
        .join(DeployedForm, (DeployedForm.definition_id == Submission.definition_id)
              & (DeployedForm.form_id == Submission.form_id))
        .join(ProcessInstance, ProcessInstance.id == Submission.instance_id)
    )  # fmt: skip
    checked = rows(demo, query)
    assert len(checked) > 30
    named = (rows(demo, sa.select(model.id, model.name)) for model in (Person, Unit, Indicator))
    person, unit, indicator = ([Option(str(id), name) for id, name in found] for found in named)
    options = {"person": person, "vice_chairs": person, "unit": unit, "indicator": indicator}
    for data, form_id, source, dates in checked:
        names = {"today": local_date(BEGINS), "case": {"conditional": True}, **dates_from_json(dates)}
        context = FormContext(names=MappingProxyType(names), options=MappingProxyType(options))
        answers = orjson.loads(data)
        loaded = FormDefinition.parse(source).load(as_typed(answers), context)
        assert filled_in(loaded) == filled_in(answers), form_id


def filled_in(answers: dict) -> dict:
    """Answers without what was left empty, in rows too."""
    rows = {name: [filled_in(row) for row in rows] for name, rows in answers.items() if _is_table(rows)}
    return {name: value for name, value in {**answers, **rows}.items() if value not in (None, [], False, "")}


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def as_typed(answers: dict) -> dict:
    """Answers as a browser sends them."""
    return {name: "on" if value is True else value for name, value in answers.items() if value is not False}


@pytest.mark.parametrize("identifier", ["chutich", FOCAL, "khdt.truong", "doan.cv1", "0900000001", "vanthu", "quantri"])
def test_every_place_that_is_offered_opens(demo: Flask, identifier: str) -> None:
    visitor = signed_in(demo, identifier)
    home = visitor.get("/ke-hoach").get_data(as_text=True)
    offered = re.findall(r'<a href="([^"]+)"', home.partition('class="q-nav"')[2].partition("</ul>")[0])
    assert "/ke-hoach" in offered
    opened = {place: visitor.get(place, follow_redirects=True).status_code for place in offered}
    assert opened == dict.fromkeys(offered, 200)


def test_the_signed_plan_and_the_imported_file_are_there(demo: Flask) -> None:
    visitor = signed_in(demo, "th.truong")
    page = visitor.get(plan_address(demo)).get_data(as_text=True)
    links = [part.split('"')[0] for part in page.split('href="') if part.startswith("/tep/")]
    assert len(links) == 2
    for link in links:
        with visitor.get(link) as answer:
            assert answer.status_code == 200
            assert answer.get_data().startswith((b"%PDF", "ỦY BAN".encode()))


@pytest.mark.parametrize("day", ["2026-11-21", "2026-12-31", "2027-01-01", "2027-02-08", "2028-02-29"])
def test_the_plan_reads_the_same_on_any_day(day: str) -> None:
    days = demo_days(Calendar(), date.fromisoformat(day))
    reading = read_plan("ke-hoach.txt", plan_text(days))
    written = [row for _, tasks in groups(days) for row in tasks]
    assert [(task.content, task.product_text) for task in reading.tasks] == [(r.content, r.product) for r in written]
    assert reading.unread == ()
    assert days.issued_on <= days.today < days.report_by < days.submit_by


def test_a_ward_of_ones_own_is_left_alone(databases: Databases, tmp_path: Path) -> None:
    for url in lend(databases, "schema", create_schema):
        app = application(url, tmp_path)
        set_up = SetUpCommittee(
            committee_unit_name="Lãnh đạo", name="UBND phường Bến Sông",
            place="Bến Sông", code="UBND", city_recipient="Sở", city_email=None, is_demo=False,
        )  # fmt: skip
        app.extensions["quytrinh"].execute(set_up, actor=Actor.system(uuid7()))
        assert "đã có UBND phường Bến Sông" in load(app)
        assert rows(app, sa.select(PlanTask.id)) == []
        app.extensions["quytrinh"].close()


def signed_in(app: Flask, identifier: str) -> Visitor:
    visitor = Visitor(app.test_client())
    assert visitor.sign_in(identifier).status_code == 302
    return visitor


def plan_address(app: Flask) -> str:
    [(plan_id,)] = rows(app, sa.select(TaskOccurrence.plan_id).distinct())
    return f"/ke-hoach/{plan_id}"
