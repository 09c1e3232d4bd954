"""A step that one unit of the ward does, whichever case it is: named in the drawing, found by all that read it."""

import html
import re
from io import BytesIO

import pytest
import sqlalchemy as sa

from engine.commands.deployments import DefinitionRefused, DeployDefinition
from engine.commands.instances import StartInstance
from engine.commands.migration import MigrateInstance
from engine.models import Incident, Submission, Timer, UserTask
from engine.text import words_in
from tests.engine.drawings import FORM, WRITE_AND_CHECK, drawing, flow, properties, user_task
from tests.web.wards import Visitor, Ward, text_of
from webapp.organisation.commands.units import ChangeUnit
from webapp.organisation.models import Unit, UnitKind
from webapp.organisation.refusals import UnitDrawn
from webapp.procedures.bundles import deploy_shipped, shipped_diagram

KEY = "difficulty"
BASE = f"/quy-trinh/{KEY}"
NAMED = "head@unit:phong-vh-xh"
OWN_FORMS = {"note": FORM}


def named(desk: str) -> bytes:
    return shipped_diagram(KEY).replace(b"focal@focal", desk.encode())


def deploy(ward: Ward, desk: str = NAMED) -> None:
    source = WRITE_AND_CHECK.replace(b"staff@lead", desk.encode())
    ward.execute(DeployDefinition(source=source, forms=OWN_FORMS, reason="thử"))


def rename(ward: Ward, key: str, short_name: str, *aliases: str, kind: UnitKind = UnitKind.DEPARTMENT) -> None:
    unit_id = ward.unit(key)
    ward.execute(
        ChangeUnit(
            unit_id=unit_id, name=short_name, short_name=short_name, kind=kind, aliases=aliases, is_requested=False,
            position=1,
        )
    )  # fmt: skip


def desk_of(ward: Ward, title: str) -> str:
    step = ward.open_step("khdt", title)
    desk: str = ward.rows(sa.select(UserTask.desk).where(UserTask.id == step))[0][0]
    return desk


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor = ward.signed_in("quantri")
    visitor.post(f"{BASE}/ban-nhap")
    return visitor


def checked(admin: Visitor, desk: str) -> dict[str, str]:
    return checked_source(admin, named(desk))


def checked_source(admin: Visitor, source: bytes) -> dict[str, str]:
    data = {"source": (BytesIO(source), "draft.bpmn")}
    answer = admin.post(f"{BASE}/ban-nhap/kiem-tra", data, content_type="multipart/form-data")
    return {finding["code"]: finding["message"] for finding in answer.get_json()["findings"]}


def test_the_step_goes_to_that_unit_whoever_leads_the_case(ward: Ward) -> None:
    deploy(ward)
    assert desk_of(ward, "Việc một") == f"head@{ward.unit('vhxh')}"


def test_a_unit_is_found_by_the_names_it_had(ward: Ward) -> None:
    deploy(ward)
    rename(ward, "vhxh", "Phòng Văn hóa")
    assert desk_of(ward, "Việc một") == f"head@{ward.unit('vhxh')}"
    rename(ward, "yte", "Phòng VH-XH")  # Now the short name of another.
    assert desk_of(ward, "Việc hai") == f"head@{ward.unit('yte')}"


def test_a_name_that_a_drawing_in_use_says_stays_with_the_unit(ward: Ward) -> None:
    rename(ward, "vhxh", "Phòng Văn hóa", "Tổ văn hóa", "Tổ cũ")
    deploy(ward, "head@unit:to-van-hoa")
    rename(ward, "vhxh", "Phòng Văn hóa", "Tổ văn hóa")
    for change in (("vhxh", "Phòng Văn hóa"), ("yte", "Trạm Y tế", "Tổ văn hóa")):
        with pytest.raises(UnitDrawn, match="“to-van-hoa”"):
            rename(ward, *change)
    assert desk_of(ward, "Việc một") == f"head@{ward.unit('vhxh')}"
    deploy(ward, "head@unit:tram-y-te")
    with pytest.raises(UnitDrawn):  # A case still runs by the version before.
        rename(ward, "vhxh", "Phòng Văn hóa")


def asked(senders: str) -> bytes:
    """A step during which people may ask for something."""
    event = (
        f'<bpmn:boundaryEvent id="asked" name="Xin ý kiến" attachedToRef="write" cancelActivity="false">'
        f"{properties(form='note', senders=senders)}"
        '<bpmn:messageEventDefinition messageRef="m_0"/></bpmn:boundaryEvent>'
    )
    return drawing(
        "asking", '<bpmn:startEvent id="start"/>', user_task("write", form="note", assignee="staff@lead"), event,
        '<bpmn:endEvent id="end"/>', flow("start", "write"), flow("write", "end"), flow("asked", "end"),
        messages="time.asked",
    )  # fmt: skip


def ask_unit(ward: Ward, key: str) -> str:
    """A case of another unit's, to which staff of one unit may send; its id."""
    (name,) = ward.rows(sa.select(Unit.name).where(Unit.id == ward.unit(key)))[0]
    sender = f"staff@unit:{'-'.join(words_in(name))}"
    ward.execute(DeployDefinition(source=asked(sender), forms=OWN_FORMS, reason="thử"))
    parties = {"lead": str(ward.unit("vhxh" if key == "khdt" else "khdt"))}
    return str(ward.execute(StartInstance(key="asking", business_key="1", title="Việc một", parties=parties)))


def test_people_of_it_alone_send_a_message_that_names_it(ward: Ward) -> None:
    case = ask_unit(ward, "yte")
    address = f"/ho-so/{case}/gui/asked"
    assert ward.signed_in("khdt.cv1").get(address).status_code == 403
    officer = ward.signed_in("yte.cv1")
    assert address in officer.get(f"/ho-so/{case}").text
    assert officer.post(address, {"text": "Xin thêm người", "decision": "send"}).status_code == 302
    assert ward.rows(sa.select(Submission.element_id)) == [("asked",)]


def test_its_people_find_the_cases_that_they_may_send_to(ward: Ward) -> None:
    officer, lead = ward.signed_in("yte.cv1"), ward.signed_in("khdt.cv1")
    assert "Có thể gửi" not in text_of(officer.get("/hop-viec"))
    address = f"/ho-so/{ask_unit(ward, 'yte')}/gui/asked"
    assert "Có thể gửi" in text_of(officer.get("/hop-viec"))
    assert address in officer.get("/hop-viec/gui").text
    assert "Xin ý kiến : Việc một" in text_of(officer.get("/hop-viec/gui"))
    for other in (lead, ward.signed_in("yte.truong")):  # Another unit; another role at that one.
        assert "Có thể gửi" not in text_of(other.get("/hop-viec"))
        assert "Việc một" not in text_of(other.get("/hop-viec/gui"))


def test_what_is_sent_from_the_list_leads_back_to_it(ward: Ward) -> None:
    officer, case = ward.signed_in("yte.cv1"), ask_unit(ward, "yte")
    listed = html.unescape(officer.get("/hop-viec/gui").text)
    link = re.search(rf'"(/ho-so/{case}/gui/asked\?loc=[^"]+)"', listed)
    assert link
    form = re.search(r'action="(/ho-so/[^"]+)"', html.unescape(officer.get(link[1]).text))
    assert form
    sent = officer.post(form[1], {"text": "Xin thêm người", "decision": "send"})
    assert sent.location == "/hop-viec/gui"
    assert officer.get("/hop-viec/gui").status_code == 200


def test_a_message_that_nobody_there_could_send_is_told(admin: Visitor) -> None:
    found = checked_source(admin, asked("chair@unit:tram-y-te"))
    assert "“Xin ý kiến” chưa ai gửi được: chưa ai là “Chủ tịch – Trạm Y tế”" in found["nobody-to-send"]
    assert "phường không có đơn vị nào" in checked_source(admin, asked("head@unit:khong-co"))["unknown-desk"]
    assert "nobody-to-send" not in checked_source(admin, asked("chair@unit:tram-y-te head@unit:tram-y-te"))


def test_reminders_may_go_to_it(ward: Ward) -> None:
    source = WRITE_AND_CHECK.replace(b"-2wd 08:00 holder", b"-2wd 08:00 head@unit:tram-y-te")
    source = source.replace(b'name="clock" value="case"', b'name="due" value="working_days(9)"')
    ward.execute(DeployDefinition(source=source, forms=OWN_FORMS, reason="thử"))
    desk_of(ward, "Việc một")
    assert f"head@{ward.unit('yte')}" in [row[0] for row in ward.rows(sa.select(Timer.recipients))]


def test_a_running_case_follows_to_the_named_unit(ward: Ward) -> None:
    step = ward.open_step("khdt", "Việc một")
    (case,) = ward.rows(sa.select(UserTask.instance_id).where(UserTask.id == step))[0]
    source = WRITE_AND_CHECK.replace(b"staff@lead", NAMED.encode())
    version = ward.execute(DeployDefinition(source=source, forms=OWN_FORMS, reason="thử"))
    ward.execute(MigrateInstance(instance_id=case, definition_id=version, mapping={"write": "write"}, reason="thử"))
    assert ward.rows(sa.select(UserTask.desk))[0][0] == f"head@{ward.unit('vhxh')}"


def test_a_ward_without_the_unit_is_told_and_deploys_nothing(ward: Ward, admin: Visitor) -> None:
    found = checked(admin, "head@unit:phong-tai-chinh")
    assert "phường không có đơn vị nào gọi là “phong-tai-chinh”" in found["unknown-desk"]
    assert "tên gọi khác" in found["unknown-desk"]
    with pytest.raises(DefinitionRefused, match="phong-tai-chinh"):
        deploy(ward, "head@unit:phong-tai-chinh")
    assert ward.rows(sa.select(Incident.id)) == []


def test_an_empty_desk_of_a_named_unit_is_told_by_its_name(admin: Visitor) -> None:
    assert checked(admin, NAMED) == {}
    assert "chưa ai là “Văn thư – Trạm Y tế”" in checked(admin, "clerk@unit:tram-y-te")["nobody-at-desk"]
    assert "không phải mã đơn vị" in checked(admin, "head@unit:Trạm Y tế")["unknown-desk"]


def test_it_is_rehearsed_at_that_unit(ward: Ward, admin: Visitor) -> None:
    data = {"source": (BytesIO(named("head@unit:tram-y-te")), "draft.bpmn"), "version": "1"}
    assert admin.post(f"{BASE}/ban-nhap/luu", data, content_type="multipart/form-data").status_code == 200
    days = {f"date-{name}": "21/12/2026" for name in ("deadline", "report_by", "submit_by")}
    page = admin.get(f"{BASE}/dien-tap/moi").text
    assert 'name="party-focal"' in page
    (start,) = re.findall(r'name="start" value="(\w+)"', page)
    parties = {"party-focal": str(ward.unit("vhxh")), "party-committee": str(ward.unit("ubnd"))}
    begun = admin.post(f"{BASE}/dien-tap/moi", {**days, **parties, "start": start})
    assert begun.status_code == 302
    assert "Trưởng đơn vị – Trạm Y tế" in text_of(admin.get(begun.location))


def test_the_editor_and_the_quick_settings_offer_the_units(ward: Ward, admin: Visitor) -> None:
    assert admin.get(f"{BASE}/ban-nhap.json").get_json()["units"]["tram-y-te"] == "Trạm Y tế"
    page = admin.get(f"{BASE}/thiet-lap-nhanh/focal_answer").get_data(as_text=True)
    assert '<option value="unit:tram-y-te">Luôn là Trạm Y tế</option>' in page
    (draft,) = set(re.findall(r'name="draft" value="(.+?)"', page))
    version = {"draft": draft, "version": "1", "form": "difficulty_answer"}
    step = {"name": "Trả lời", "role": "head", "party": "unit:tram-y-te", "due_kind": "none"}
    assert admin.post(f"{BASE}/thiet-lap-nhanh/focal_answer", version | step).status_code == 302
    assert "Trưởng đơn vị – Trạm Y tế" in text_of(admin.get(f"{BASE}/thiet-lap-nhanh"))
    assert "Trưởng đơn vị – Trạm Y tế" in text_of(admin.get(f"{BASE}/trien-khai"))
