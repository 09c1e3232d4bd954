"""Who is not concerned sees nothing and changes nothing: another unit of the ward, another ward of the database."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from engine.models import Draft, Event, ProcessDefinition, ProcessInstance, Tenant, UserTask
from tests.support.databases import Databases
from tests.support.demo import LoadedDemo
from tests.web.demo_wards import NEIGHBOURS, WorkingWard, add_neighbours, working_ward
from tests.web.permission_table import table
from tests.web.wards import Visitor
from webapp.cases.models import Comment
from webapp.cycles.models import CycleEntry
from webapp.demo.organisation import UNITS
from webapp.documents.models import Attachment
from webapp.notifications.models import Notification
from webapp.organisation.models import Absence
from webapp.plans.models import PlanTask

SECRET = "Nội bộ khdt 4711"
BY_SCRIPT = {"X-Requested-With": "fetch"}


NOT_THERE = (
    "about", "change", "contribution", "indicator", "move", "received", "rehearsal", "replaced", "source", "value",
)  # fmt: skip
"""Of these the ward has none yet."""


@dataclass(frozen=True)
class Target:
    """What the unit khdt has in hand in one case: a step, a draft, a comment, a file."""

    ward: WorkingWard
    case: UUID
    step: UUID
    file: UUID
    cycle: UUID
    unit: UUID

    def known(self) -> dict[str, object]:
        """Ids as addresses name them."""

        def one(query: sa.Select[tuple[UUID]]) -> UUID:
            return self.ward.rows(query.limit(1))[0][0]

        return {
            "instance_id": self.case, "user_task_id": self.step, "task_id": one(sa.select(PlanTask.id)),
            "plan_id": self.ward.plan_id(), "cycle_id": self.cycle, "report_id": self.cycle,
            "entry_id": one(sa.select(CycleEntry.id)), "statement_id": uuid4(), "attachment_id": self.file,
            "definition_id": one(sa.select(ProcessDefinition.id)), "person_id": self.ward.person("khdt.cv1"),
            "unit_id": self.unit, "absence_id": one(sa.select(Absence.id)), "incident_id": uuid4(),
            "notification_id": one(sa.select(Notification.id)), "element_id": "extension_requested", "kind": "pdf",
            "year": 2026, "day": "2026-12-05", "name": "x", "filename": "x", "key": "task_lifecycle", "path": "x",
            "form_id": "execute", "way": "doi-ten",
            **{f"{name}_id": uuid4() for name in NOT_THERE},
        }  # fmt: skip

    def state(self) -> dict[str, int]:
        """Everything that a stranger could have changed, counted."""
        tenant = self.ward.demo.tenant_id
        counted = (Event, Comment, Attachment, UserTask, ProcessInstance)
        counts = {m.__tablename__: self._count(sa.select(m).where(m.tenant_id == tenant)) for m in counted}
        drafts = self.ward.rows(sa.select(Draft.data).where(Draft.user_task_id == self.step))
        assert [SECRET in data for (data,) in drafts] == [True]
        return counts

    def _count(self, query: sa.Select[tuple[object]]) -> int:
        return int(self.ward.rows(sa.select(sa.func.count()).select_from(query.subquery()))[0][0])


def make_target(ward: WorkingWard) -> Target:
    case, cycle = ward.case("III.1", "khdt"), ward.cycle_id()
    step, officer = ward.step("execute", case), ward.at("khdt.cv1")
    assert officer.post(f"/ho-so/{case}/trao-doi", {"text": SECRET}).status_code == 302
    assert officer.post(f"/viec/{step}/nhap", {"result": SECRET}, headers=BY_SCRIPT).status_code == 200
    file = officer.post(
        f"/tep?viec={step}", {"file": (io.BytesIO(SECRET.encode()), "noi-bo.txt")}, content_type="multipart/form-data"
    )
    return Target(ward, case, step, UUID(file.get_json()["id"]), cycle, ward.unit("khdt"))


@pytest.fixture(scope="module")
def target(at_work: WorkingWard) -> Target:
    return make_target(at_work)


def assert_shut(answer: TestResponse, *secrets: str) -> None:
    assert answer.status_code in (302, 403, 404, 409), answer.status_code
    body = answer.get_data(as_text=True)
    assert not any(secret in body for secret in secrets)


# --- another unit ---

STRANGERS = ("yte.cv1", "yte.truong")
"""Neither lead nor coordinator of the case."""


def test_the_unit_itself_sees_what_others_do_not(target: Target) -> None:
    officer = target.ward.at("khdt.cv1")
    assert SECRET in officer.get(f"/ho-so/{target.case}").get_data(as_text=True)
    assert SECRET in officer.get(f"/viec/{target.step}").get_data(as_text=True)
    with officer.get(f"/tep/{target.file}") as file:
        assert file.data == SECRET.encode()


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(
    "address",
    [
        "/viec/{step}", "/ho-so/{case}", "/ho-so/{case}?truoc=99", "/ho-so/{case}/gui/extension_requested",
        "/ho-so/{case}/gui/difficulty_raised", "/tep/{file}", "/tep/{file}?xem=1", "/bao-cao-don-vi/{cycle}/{unit}",
        "/ky-bao-cao/{cycle}", "/tong-hop/{cycle}", "/duyet-ky/{step}",
    ],
)  # fmt: skip
def test_another_unit_reads_nothing_of_a_case(target: Target, stranger: str, address: str) -> None:
    answer = target.ward.at(stranger).get(address.format(**vars(target)))
    assert_shut(answer, SECRET, "Nhà thầu bàn giao thiết bị chậm")
    assert answer.status_code != 302


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/viec/{step}", {"outcome": "in_progress", "result": "Lạ"}),
        ("/viec/{step}", {"thay-in_place": "on", "thay-on_behalf_of": "Ai đó", "outcome": "in_progress"}),
        ("/viec/{step}/nhap", {"result": "Lạ"}),
        ("/ho-so/{case}/trao-doi", {"text": "Lạ"}),
        ("/ho-so/{case}/hoi-phoi-hop", {"don_vi": "{stranger_unit}"}),
        ("/ho-so/{case}/gui/extension_requested", {"until": "31/12/2026", "reason": "Lạ"}),
        ("/ho-so/{case}/gui/difficulty_raised", {"content": "Lạ"}),
        ("/ho-so/{case}/thao-tac/huy", {"huy-ly_do": "Lạ", "huy-xac_nhan": "on"}),
        ("/ho-so/{case}/thao-tac/tam-dung", {"tam-dung-ly_do": "Lạ", "tam-dung-xac_nhan": "on"}),
        ("/bao-cao-don-vi/{cycle}/{unit}", {"row": "{step}", "do": "send"}),
        ("/bao-cao-don-vi/{cycle}/{unit}/nhap", {"row": "{step}"}),
        ("/ky-bao-cao/{cycle}/don-doc", {"unit": "{unit}"}),
        ("/duyet-ky/{step}", {"decision": "approve"}),
    ],
)
def test_another_unit_changes_nothing_of_a_case(
    target: Target, stranger: str, address: str, form: dict[str, str]
) -> None:
    visitor, names = target.ward.at(stranger), vars(target) | {"stranger_unit": target.ward.unit("yte")}
    before, filled = target.state(), {name: value.format(**names) for name, value in form.items()}
    assert_shut(visitor.post(address.format(**names), filled), SECRET)
    assert target.state() == before


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("address", ["/hop-viec/nhan", "/hop-viec/tra-ve", "/hop-viec/giao", "/hop-viec/cung-luc"])
def test_another_unit_takes_no_step_from_a_list(target: Target, stranger: str, address: str) -> None:
    visitor, before = target.ward.at(stranger), target.state()
    form = {"viec": str(target.step), "nguoi": str(target.ward.person("khdt.truong")), "decision": "accept"}
    answer = visitor.post(address, form)
    assert SECRET not in answer.get_data(as_text=True)
    assert target.state() == before
    assert target.ward.holder(target.step) == target.ward.person("khdt.cv1")


@pytest.mark.parametrize("stranger", STRANGERS)
def test_another_unit_adds_no_file_to_a_step(target: Target, stranger: str) -> None:
    visitor, before = target.ward.at(stranger), target.state()
    for place in (f"?viec={target.step}", f"?viec={uuid4()}", ""):
        file = {"file": (io.BytesIO(b"la"), "la.txt")}
        answer = visitor.post(f"/tep{place}", file, content_type="multipart/form-data")
        assert answer.status_code in (403, 404)
    assert target.state() == before


def test_a_form_names_no_file_of_another_case(target: Target) -> None:
    """Naming a file in a form of one's own would make it readable there."""
    ward = target.ward
    step = ward.step("execute", ward.case("II.3", "th"))
    form = {"outcome": "in_progress", "result": "Đã làm", "evidence": str(target.file)}
    answer = ward.at("th.vanthu").post(f"/viec/{step}", form)
    assert answer.status_code == 422
    assert "noi-bo.txt" not in answer.get_data(as_text=True)


def test_those_who_coordinate_or_see_all_read_the_case_but_do_not_do_its_steps(target: Target) -> None:
    for username in ("vhxh.tonghop", "chutich", "quantri"):
        assert SECRET in target.ward.at(username).get(f"/ho-so/{target.case}").get_data(as_text=True)
    others = [target.ward.at(username) for username in ("chutich", "pct.vhxh", "quantri")]
    before = target.state()
    for visitor in others:
        answer = visitor.post(f"/viec/{target.step}", {"outcome": "in_progress", "result": "Lạ"})
        assert answer.status_code == 403
    assert target.state() == before


# --- another ward ---

WORDS_OF_THE_WARD = (SECRET, *(unit.name for unit in UNITS), "Chuyển đổi số, phục vụ người dân")
HARMLESS = ("/static/", "/dang-nhap", "/dang-xuat")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two_wards(
    request: pytest.FixtureRequest, loaded_demo: LoadedDemo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """The demo ward with another ward beside it in the same database."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    with working_ward(loaded_demo, databases, tmp_path_factory.mktemp("data")) as ward:
        add_neighbours(ward)
        yield make_target(ward)


def addresses(target: Target, method: str) -> Iterator[str]:
    """Every address of the application, with the ids of what the ward has."""
    known = target.known()
    for what, name, *_ in table(target.ward.app):
        its, _, rule = name.partition(" ")
        if what == "route" and its == method and not rule.startswith(HARMLESS):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(known[part[1]]), rule)


def questions(target: Target) -> dict[str, str]:
    """The same ids as a list's address names them."""
    known = target.known()
    return {
        "viec": str(target.step), "sau": str(known["person_id"]), "ke_hoach": str(known["plan_id"]),
        "don_vi": str(target.unit), "don-vi": str(target.unit), "nguoi": str(known["person_id"]),
    }  # fmt: skip


READERS = [
    pytest.param(who, marks=() if who in {"lang.quantri", "lang.tonghop", "lang.cv"} else pytest.mark.prove)
    for who in NEIGHBOURS
]


@pytest.mark.parametrize("neighbour", READERS)
def test_another_ward_reads_nothing(two_wards: Target, neighbour: str) -> None:
    visitor = two_wards.ward.at(neighbour)
    for address in addresses(two_wards, "GET"):
        answer = visitor.get(address, query_string=questions(two_wards))
        assert answer.status_code in (200, 302, 403, 404, 409), address
        body = answer.get_data(as_text=True) if answer.mimetype.startswith("text") else ""
        assert not [words for words in WORDS_OF_THE_WARD if words in body], address


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_another_ward_changes_nothing(two_wards: Target, neighbour: str) -> None:
    visitor = two_wards.ward.at(neighbour)
    before, heads = two_wards.state(), chain_ends(two_wards)
    known = two_wards.known()
    form = {
        **questions(two_wards), "unit": str(two_wards.unit), "unit_id": str(two_wards.unit), "text": "Lạ",
        "plan_id": str(known["plan_id"]), "proxy_id": str(known["person_id"]), "person_id": str(known["person_id"]),
        "reason": "Lạ", "ly_do": "Lạ", "name": "Lạ", "short_name": "Lạ", "kind": "school", "title": "Lạ",
        "number": "1", "issued_on": "01/01/2026", "issuer": "Lạ", "focal_unit_id": str(two_wards.unit),
        "signed_file": str(two_wards.file), "from_day": "01/12/2030", "to_day": "02/12/2030", "content": "Lạ",
        "outcome": "in_progress", "result": "Lạ", "decision": "approve", "year": "2026", "ordinal": "1",
        "committee_unit_id": str(two_wards.unit), "office_unit_id": str(two_wards.unit), "note": "Lạ",
        "memberships-0-unit_id": str(two_wards.unit), "memberships-0-role": "admin", "username": "la.nguoi",
        "do": "retry", "state": "done_before", "accept": "on", "leads": str(two_wards.unit),
    }  # fmt: skip
    for address in addresses(two_wards, "POST"):
        answer = visitor.post(address, form)
        assert answer.status_code < 500, address
        assert not [words for words in WORDS_OF_THE_WARD if words in answer.get_data(as_text=True)], address
    assert two_wards.state() == before
    assert chain_ends(two_wards) == heads


def test_what_was_typed_names_nobody_of_another_ward(two_wards: Target) -> None:
    """A step that is done shows what somebody still sent, with names in the place of ids."""
    ward, neighbour = two_wards.ward, two_wards.ward.person("lang.tonghop")
    done = UserTask.instance_id == two_wards.case, UserTask.element_id == "accept", UserTask.completed_at.is_not(None)
    step = ward.rows(sa.select(UserTask.id).where(*done).limit(1))[0][0]
    answer = ward.at("khdt.cv1").post(f"/viec/{step}", {"decision": "accept", "officer": str(neighbour)})
    body = answer.get_data(as_text=True)
    assert answer.status_code == 409 and str(neighbour) in body
    assert "lang.tonghop" not in body


def chain_ends(target: Target) -> list[bytes]:
    """The ends of the ward's chains of events: its own, and those of its cases."""
    tenant = target.ward.demo.tenant_id
    own = target.ward.rows(sa.select(Tenant.head).where(Tenant.id == tenant))
    cases = sa.select(ProcessInstance.head).where(ProcessInstance.tenant_id == tenant).order_by(ProcessInstance.id)
    return [bytes(head) for (head,) in (*own, *target.ward.rows(cases))]


def test_each_ward_sees_its_own(two_wards: Target) -> None:
    """The neighbours' pages are there: it isn't that nothing works."""
    neighbour: Visitor = two_wards.ward.at("lang.quantri")
    assert "lang.tonghop" in neighbour.get("/nguoi-dung").get_data(as_text=True)
    assert "lang.tonghop" not in two_wards.ward.at("quantri").get("/nguoi-dung").get_data(as_text=True)
