"""Bodies outside the ward: contacts without accounts, an officer who enters for them, reports that name the body."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.user_tasks import ClaimUserTask
from engine.models import Event, UserTask, UserTaskState
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import editor_values, imported, tasks, units, warnings
from tests.web.test_cycle_kinds import opened
from tests.web.test_indicators import written
from tests.web.test_people_import import upload
from tests.web.wards import Ward, text_of
from webapp.organisation.models import Membership, Role, Unit
from webapp.plans.models import UnitPart

NAME = "Bưu điện thành phố Hải Phòng"
ROWS = (
    ("I", "Việc chung", "", "", "", ""),
    ("1", "Trả kết quả tại nhà", NAME, "Trạm Y tế phường", "Hằng năm", "Báo cáo"),
    ("2", "Lập hồ sơ sức khỏe điện tử", "Trạm Y tế phường", f"{NAME}; Công an phường", "Hằng năm", "Báo cáo"),
)


def form(ward: Ward, officer: str = "hcc.cv1", **more: str) -> dict[str, Any]:
    return {
        "name": NAME, "short_name": "Bưu điện", "kind": "outside", "contact_name": "Bà Hoa", "phone": "0225 000 111",
        "address": "Số 1 Trần Phú", "email": "buudien@example.vn", "officer_id": str(ward.person(officer)), **more,
    }  # fmt: skip


def body(ward: Ward, name: str = NAME) -> UUID:
    return ward.rows(sa.select(Unit.id).where(Unit.name == name))[0][0]


@pytest.fixture
def asked(ward: Ward) -> CycleWard:
    """A plan that the post office leads a row of; its officer is at the one-stop centre."""
    assert ward.signed_in(FOCAL).post("/lien-he/moi", form(ward)).status_code == 302
    officer = dict.fromkeys(("buudien.truong", "buudien.cv1"), ward.person("hcc.cv1"))
    people, known = {**ward.demo.people, **officer}, {**ward.demo.units, "buudien": body(ward)}
    ward = replace(ward, demo=replace(ward.demo, people=people, units=known))
    return issue(ward, [Row("buudien", "Trả kết quả tại nhà"), Row("yte", "Hồ sơ sức khỏe", coordinator="buudien")],
                 accepted=False)  # fmt: skip


def test_a_name_that_nobody_knows_becomes_a_contact_in_all_rows(ward: Ward) -> None:
    visitor, address = imported(ward, ROWS)
    page = visitor.get(f"{address}/xem-truoc")
    assert "ngoài danh sách đơn vị" in text_of(page)
    asked = visitor.get(f"{address}/ten-don-vi", query_string={"ten": NAME})
    assert f'value="{NAME}"' in asked.get_data(as_text=True)
    answer = visitor.post(f"{address}/ten-don-vi", {**form(ward), "name_in_plan": NAME}, follow_redirects=True)
    assert f"“{NAME}”: đã ghi vào 2 dòng." in text_of(answer)
    rows = tasks(ward, address)
    assert units(ward, rows["I.1"].id, UnitPart.LEAD) == ["Bưu điện"]
    assert units(ward, rows["I.2"].id, UnitPart.COORDINATOR) == ["Công an", "Bưu điện"]
    assert ward.facts("ContactAdded")[0].unit_name == NAME


def test_a_body_outside_is_no_unit_of_the_ward(ward: Ward) -> None:
    counted = re.compile(r"Đã có \d+ đơn vị\.")
    admin = ward.signed_in("quantri")
    before = counted.findall(text_of(admin.get("/thiet-lap")))
    assert ward.signed_in(FOCAL).post("/lien-he/moi", form(ward)).status_code == 302
    assert before and counted.findall(text_of(admin.get("/thiet-lap"))) == before


def test_a_name_may_mean_a_unit_that_is_there_and_the_next_plan_knows_it(ward: Ward) -> None:
    visitor, address = imported(ward, ROWS)
    values = {"name_in_plan": NAME, "unit_id": str(ward.unit("mttq"))}
    assert visitor.post(f"{address}/ten-don-vi", values).status_code == 302
    _, again = imported(ward, ROWS)
    row = tasks(ward, again)["I.1"]
    assert units(ward, row.id, UnitPart.LEAD) == ["MTTQ"]
    assert "cần kiểm tra" not in warnings(row)


def test_what_is_missing_is_said_and_nothing_is_lost(ward: Ward) -> None:
    visitor, address = imported(ward, ROWS)
    bad = {**form(ward), "officer_id": "", "email": "khong-phai", "name": ""}
    for answer in (visitor.post("/lien-he/moi", bad),
                   visitor.post(f"{address}/ten-don-vi", {**bad, "name_in_plan": NAME})):  # fmt: skip
        assert answer.status_code == 422
        page = text_of(answer)
        assert "Chọn người nhập thay." in page
        assert "Nhập tên cơ quan, tổ chức." in page
        assert "Thư điện tử phải có dạng" in page
        assert "Bà Hoa" in answer.get_data(as_text=True)
    assert "Đã có đơn vị mang tên này." in text_of(visitor.post("/lien-he/moi", form(ward, name="Trạm Y tế")))
    stranger = form(ward) | {"officer_id": str(ward.unit("yte"))}
    assert "Người nhập thay phải là" in text_of(visitor.post("/lien-he/moi", stranger))
    group = {**form(ward), "name_in_plan": "Các đơn vị thuộc phường", "unit_id": str(ward.unit("yte"))}
    assert "Đây là tên một nhóm" in text_of(visitor.post(f"{address}/ten-don-vi", group))
    assert "đã có người dùng của mình" in text_of(visitor.post(f"/lien-he/{ward.unit('yte')}", form(ward)))
    assert visitor.get(f"/lien-he/{ward.unit('ubnd')}").status_code == 404
    assert ward.signed_in("yte.truong").get("/lien-he").status_code == 403


def test_a_short_name_means_one_unit_of_the_ward_and_of_its_contacts(ward: Ward) -> None:
    focal = ward.signed_in("vhxh.tonghop")
    taken = "Phòng Văn hóa – Xã hội đã có tên gọi tắt “Phòng VH-XH”."
    assert taken in text_of(focal.post("/lien-he/moi", form(ward, short_name="phòng VH–XH")))
    assert focal.post("/lien-he/moi", form(ward)).status_code == 302
    address = f"/lien-he/{body(ward)}"
    assert taken in text_of(focal.post(address, form(ward, short_name="Phòng VH-XH")))
    assert focal.post(address, form(ward)).status_code == 302


def test_its_steps_reach_the_officer_beside_their_own_and_the_record_says_for_whom(asked: CycleWard) -> None:
    officer = asked.signed_in("hcc.cv1")
    assert "Trả kết quả tại nhà" in text_of(officer.get("/hop-viec", query_string={"loc": "can-nhan"}))
    assert "Chuyên viên · TT PVHCC" in text_of(officer.get("/tai-khoan"))  # Acts at their own desk.
    step = asked.step("accept", asked.case("1"))
    page = officer.get(f"/viec/{step}")
    assert f"Nhập thay cho {NAME}" in text_of(page)
    person = str(asked.ward.person("hcc.cv1"))
    answer = officer.post(f"/viec/{step}", {"decision": "accept", "officer": person})
    assert answer.status_code == 302, text_of(answer)
    asked.settle()
    (behalf,) = asked.rows(sa.select(UserTask.on_behalf_of).where(UserTask.id == step))[0]
    assert behalf == NAME
    told = asked.rows(sa.select(Event.on_behalf_of).where(Event.stream == asked.case("1"), Event.on_behalf_of == NAME))
    assert told
    assert "Việc mới: Thực hiện, báo kết quả" in text_of(officer.get("/thong-bao")) or asked.step(
        "execute", asked.case("1")
    )


def test_the_report_names_the_body_not_the_officers_unit(asked: CycleWard) -> None:
    asked.do("accept", "hcc.cv1", asked.case("1"), decision="accept", officer=str(asked.ward.person("hcc.cv1")))
    asked.do("accept", "yte.truong", asked.case("2"), decision="accept", officer=str(asked.ward.person("yte.cv1")))
    asked.open_cycle()
    step = f"/viec/{asked.step('execute', asked.case('1'))}"
    reported = {"outcome": "done", "result": "Đã trả 500 kết quả", "completed_on": f"{asked.today():%d/%m/%Y}"}
    officer = asked.signed_in("hcc.cv1")
    assert f"Nhập thay cho {NAME}." in text_of(officer.get("/bao-cao-don-vi", follow_redirects=True))
    refused = officer.post(step, reported)
    assert "Chưa ghi cơ quan trả lời bằng văn bản, thư, điện thoại nào." in text_of(refused)
    assert officer.post(step, reported | {"entered_from": "Công văn số 9/BĐ"}).status_code == 302
    assert asked.open_steps(asked.case("1")) == ["check"], "Nobody approves what they entered themselves."
    asked.send("2", "yte")
    checks = text_of(asked.signed_in(FOCAL).get(f"/ky-bao-cao/{asked.cycle_id}/kiem-tra"))
    assert f"Chuyên viên TT Phục vụ hành chính công 1, thay {NAME} nhập lúc" in checks
    assert "Công văn số 9/BĐ" in checks
    asked.take("1", "2")
    said = written(asked)
    assert f"Đơn vị chủ trì: {NAME}" in said
    assert "Trung tâm Phục vụ hành chính công" not in said


def test_the_letter_says_the_day_of_a_cycle_that_waits_sooner(asked: CycleWard) -> None:
    asked.report_by -= timedelta(days=7)
    opened(asked, "6 tháng", "half_year")
    page = text_of(asked.signed_in(FOCAL).get(f"/lien-he/{body(asked.ward)}"))
    assert f"hạn {asked.report_by:%d/%m/%Y}" in page


def test_the_letter_says_what_is_asked_until_when_and_by_whom(asked: CycleWard) -> None:
    focal = asked.signed_in(FOCAL)
    page = text_of(focal.get(f"/lien-he/{body(asked.ward)}"))
    assert f"Kính gửi: {NAME} (Bà Hoa)" in page
    assert "UBND phường Hải Đông đề nghị thực hiện và gửi kết quả các nội dung sau: 1. Trả kết quả tại nhà" in page
    assert "(phối hợp, mục I.2" not in page  # Nobody has asked for it yet.
    asked.ward.move_clock(asked.ward.now() + timedelta(days=60))
    late = text_of(asked.signed_in(FOCAL).get(f"/lien-he/{body(asked.ward)}"))
    assert "đề nghị khẩn trương thực hiện" in late
    assert "(đã quá hạn)" in late
    assert NAME in text_of(asked.signed_in(FOCAL).get("/lien-he"))


def test_another_officer_takes_over_what_the_one_before_had_taken(asked: CycleWard) -> None:
    step = asked.step("accept", asked.case("1"))
    asked.execute(ClaimUserTask(user_task_id=step), "hcc.cv1")
    focal = asked.signed_in(FOCAL)
    assert focal.post(f"/lien-he/{body(asked.ward)}", form(asked.ward, "yte.cv1")).status_code == 302
    asked.settle()
    assert asked.ward.holder(step) is None
    assert asked.signed_in("yte.cv1").get(f"/viec/{step}").status_code == 200
    assert "Chưa nhập" not in text_of(asked.signed_in("yte.cv1").get(f"/viec/{step}"))
    held = asked.rows(sa.select(Membership.person_id, Membership.role).where(Membership.unit_id == body(asked.ward)))
    assert {role for _, role in held} == {Role.STAFF, Role.HEAD}
    assert {person for person, _ in held} == {asked.ward.person("yte.cv1")}
    assert asked.ward.facts("UserTaskFreed")[0].reason == "Đổi người nhập thay"
    assert "Chờ người nhận" in text_of(asked.signed_in("yte.cv1").get("/thong-bao"))
    left = sa.select(UserTask.id).where(UserTask.state == UserTaskState.OPEN, UserTask.id == step)
    assert asked.rows(left)


def test_who_enters_for_a_body_is_told_once_as_that(asked: CycleWard) -> None:
    """They are at two desks of it, and nobody has to be entered at those."""
    step = asked.step("accept", asked.case("1"))
    given = text_of(asked.signed_in("quantri").get("/hop-viec/giao", query_string={"viec": str(step)}))
    assert given.count("Nhập thay · Bưu điện") == 1
    leaving = text_of(asked.signed_in("quantri").get(f"/nguoi-dung/{asked.ward.person('hcc.cv1')}/ban-giao"))
    assert "Đang nhập thay cho Bưu điện. Hãy chọn người nhập thay khác ở Liên hệ trước" in leaving
    assert "Không còn ai khác giữ vai" not in leaving


def test_an_edited_row_keeps_its_contact(ward: Ward) -> None:
    visitor, address = imported(ward, ROWS)
    visitor.post(f"{address}/ten-don-vi", {**form(ward), "name_in_plan": NAME})
    row = tasks(ward, address)["I.2"].id
    values = editor_values(visitor.get(f"{address}/nhiem-vu/{row}").get_data(as_text=True))
    visitor.post(f"{address}/nhiem-vu/{row}", values)
    assert "Bưu điện" in units(ward, row, UnitPart.COORDINATOR)


def test_a_body_that_is_asked_for_nothing_goes_out_of_use_and_its_officer_enters_for_it_no_more(ward: Ward) -> None:
    admin, officer = ward.signed_in("quantri"), ward.person("hcc.cv1")
    admin.post("/lien-he/moi", form(ward))
    assert admin.post(f"/don-vi/{body(ward)}/ngung").status_code == 302
    held = sa.select(Membership.unit_id).where(Membership.person_id == officer)
    assert ward.rows(held) == [(ward.unit("hcc"),)]
    assert "Chưa có liên hệ nào." in text_of(admin.get("/lien-he"))


def test_a_body_that_leads_a_row_stays_in_use_with_its_officer(asked: CycleWard) -> None:
    refused = asked.signed_in("quantri").post(f"/don-vi/{body(asked.ward)}/ngung")
    assert "Đơn vị còn việc chưa xong." in text_of(refused)
    assert len(asked.rows(sa.select(Membership.id).where(Membership.unit_id == body(asked.ward)))) == 2


@pytest.mark.parametrize(("username", "place"), [("quantri", "Người dùng"), (FOCAL, "Kế hoạch")])
def test_contacts_are_in_the_part_of_the_application_that_leads_there(ward: Ward, username: str, place: str) -> None:
    page = ward.signed_in(username).get("/lien-he").get_data(as_text=True)
    assert re.findall(r'aria-current="page"[^>]*>.*?</svg><span[^>]*>([^<]+)', page, re.DOTALL)[:1] == [place]


def test_nobody_of_a_body_outside_has_an_account(ward: Ward) -> None:
    """The next change of its contact would take their desk from them."""
    admin = ward.signed_in("quantri")
    admin.post("/lien-he/moi", form(ward))
    assert f'value="{body(ward)}"' not in admin.get("/nguoi-dung/moi").get_data(as_text=True)
    desk = {"memberships-0-unit_id": str(body(ward)), "memberships-0-role": "staff", "memberships-0-title": ""}
    refused = admin.post("/nguoi-dung/moi", {"name": "Bà Hoa", "username": "ba.hoa", "email": "", "phone": ""} | desk)
    assert refused.status_code == 422
    assert "Cơ quan ngoài phường không có tài khoản." in text_of(refused)
    preview = upload(admin, f"Họ và tên,Đơn vị,Vai trò\nBà Hoa,{NAME},Nhân viên\n".encode(), "ds.csv")
    assert "Dòng 2." in text_of(preview) and "Cơ quan ngoài phường không có tài khoản." in text_of(preview)
    own = admin.get("/nguoi-dung.xlsx").data
    assert "Ai trong danh sách cũng đã có tài khoản." in text_of(upload(admin, own))
    officer = f"/nguoi-dung/{ward.person('hcc.cv1')}"
    assert f'value="{body(ward)}" selected' in admin.get(officer).get_data(as_text=True)
