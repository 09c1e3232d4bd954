"""Units renamed, merged and split from a day on: old papers keep the old name, open work moves."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.audit import differences, verify
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.ids import uuid7
from engine.models import UserTask, UserTaskState
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, FOCAL_HEAD, CycleWard, Row, issue
from tests.web.issued_wards import issued_ward
from tests.web.plan_wards import imported, tasks, units, warnings
from tests.web.test_indicators import written
from tests.web.test_notifications import bodies
from tests.web.wards import Ward, text_of
from webapp.cycles.models import CycleEntry
from webapp.organisation.models import Committee, Membership, Role, Unit
from webapp.plans.models import Contribution, PlanTaskUnit, TaskOccurrence, UnitPart
from webapp.unit_changes.models import ChangeState, UnitChange

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai", coordinator="hcc"), Row("yte", "Hồ sơ sức khỏe", coordinator="khdt")]
GROUND = "Quyết định số 12/QĐ-UBND"
NEW = {"name": "Phòng Kinh tế", "short_name": "Phòng KT"}


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    with issued_ward(databases, tmp_path, "unit_changes", ROWS) as made:
        yield made


def day(made: CycleWard, ahead: int = 0) -> str:
    return f"{made.today() + timedelta(days=ahead):%d/%m/%Y}"


def enter(made: CycleWard, unit: str, kind: str, **values: Any) -> Any:
    """Fill in the form of a change; by default it comes today."""
    form = {"from_day": day(made), "reason": GROUND, **values}
    return made.signed_in("quantri").post(f"/don-vi/{made.ward.unit(unit)}/thay-doi/{kind}", form)


def carried_out(made: CycleWard, unit: str, kind: str, **values: Any) -> str:
    """Enter a change, confirm it with what is chosen, and let it be done; return its address."""
    address = enter(made, unit, kind, **values).location
    assert made.signed_in("quantri").post(f"{address}/xac-nhan").status_code == 302
    made.settle()
    assert made.failed_jobs() == []
    check(made)
    return address


def check(made: CycleWard) -> None:
    """The events say everything that the engine's tables do."""
    with made.ward.runtime.reading() as connection:
        assert verify(connection) == []
        assert differences(connection) == []


def unit_id(made: CycleWard, name: str) -> UUID:
    return made.rows(sa.select(Unit.id).where(Unit.name == name))[0][0]


def waiting_at(made: CycleWard, unit: UUID) -> int:
    desks = [f"{role}@{unit}" for role in Role]
    return len(made.rows(sa.select(UserTask.id).where(UserTask.desk.in_(desks), UserTask.state == UserTaskState.OPEN)))


def leads(made: CycleWard) -> list[str]:
    query = sa.select(Unit.name).join(TaskOccurrence, TaskOccurrence.lead_unit_id == Unit.id)
    return [name for (name,) in made.rows(query.order_by(TaskOccurrence.id))]


def test_a_renamed_unit_keeps_its_name_on_what_is_done_and_its_work_goes_on(made: CycleWard) -> None:
    made.open_cycle()
    held = made.rows(sa.select(UserTask.assignee_id).where(UserTask.instance_id == made.case("1")))
    address = carried_out(made, "khdt", "doi-ten", **NEW)
    new, old = unit_id(made, "Phòng Kinh tế"), made.ward.unit("khdt")
    assert leads(made) == ["Phòng Kinh tế", "Trạm Y tế"]
    assert waiting_at(made, old) == 0
    assert waiting_at(made, new) == 2  # the case's step, and the contribution to the other
    assert made.rows(sa.select(CycleEntry.unit_id).where(CycleEntry.occurrence_id == made.case("1"))) == [(new,)]
    assert made.rows(sa.select(Contribution.unit_id).where(Contribution.occurrence_id == made.case("2"))) == [(new,)]
    assert (new, UnitPart.LEAD) in made.rows(sa.select(PlanTaskUnit.unit_id, PlanTaskUnit.part))
    assert held == made.rows(sa.select(UserTask.assignee_id).where(UserTask.instance_id == made.case("1")))
    member = made.signed_in("khdt.cv1")
    assert "Chuyên viên · Phòng KT" in text_of(member.get("/tai-khoan"))
    history = text_of(member.get(f"/ho-so/{made.case('1')}"))
    assert "Đổi đơn vị. Phòng KT-HT-ĐT → Phòng KT Quản trị viên" in history
    assert f"Đổi tên thành Phòng Kinh tế từ ngày {day(made)}. {GROUND}" in history
    page = text_of(made.signed_in("quantri").get(address))
    assert "Đã xong" in page
    assert "Đã chuyển Phòng Kinh tế 2 người; 2 nhiệm vụ chưa xong; 3 hồ sơ đang chạy; 1 dòng trong kỳ" in page
    assert f"Từ {day(made)} là Phòng Kinh tế" in text_of(made.signed_in("quantri").get("/don-vi"))
    made.send("1", "khdt")
    assert made.entries()["1"] == "sent"


def test_a_page_that_was_open_and_an_address_that_was_mailed_are_the_successors(made: CycleWard) -> None:
    made.open_cycle()
    page, step = f"/bao-cao-don-vi/{made.cycle_id}/{made.ward.unit('khdt')}", made.step("execute", made.case("1"))
    officer = made.signed_in("khdt.cv1")
    carried_out(made, "khdt", "doi-ten", **NEW)
    assert "Báo cáo: Phòng Kinh tế Năm" in text_of(officer.get(page))
    typed = {"outcome": "done", "result": "Xong", "completed_on": day(made)}
    sent = officer.post(page, {f"v{step.hex[-12:]}-{name}": value for name, value in typed.items()})
    assert (sent.status_code, made.entries()["1"]) == (302, "asked"), text_of(sent)
    assert made.open_steps(made.case("1")) == ["unit_review"]


def test_what_has_ended_stays_with_the_old_name_and_the_successors_people_see_it(made: CycleWard) -> None:
    made.open_cycle()
    made.do("contribute", "khdt.cv1", made.rows(sa.select(Contribution.id).where(
        Contribution.occurrence_id == made.case("2")))[0][0], answer="result", result="Đã hỗ trợ")  # fmt: skip
    answered = made.rows(sa.select(Contribution.id).where(Contribution.answered_at.is_not(None)))
    carried_out(made, "khdt", "doi-ten", **NEW)
    kept = made.rows(sa.select(Contribution.unit_id).where(Contribution.id == answered[0][0]))
    assert kept == [(made.ward.unit("khdt"),)]
    assert made.signed_in("khdt.truong").get(f"/ho-so/{answered[0][0]}").status_code == 200
    assert made.signed_in("doan.truong").get(f"/ho-so/{answered[0][0]}").status_code == 403


def test_before_its_day_nothing_moves_and_it_can_be_taken_back(made: CycleWard) -> None:
    address = enter(made, "khdt", "doi-ten", from_day=day(made, 3), **NEW).location
    admin = made.signed_in("quantri")
    page = text_of(admin.get(address))
    assert "Chưa xác nhận" in page
    assert "Xác nhận Để sau" in page
    assert "Số hóa hồ sơ đất đai" in page
    assert "Trưởng phòng" in page
    admin.post(f"{address}/xac-nhan")
    confirmed = text_of(admin.get(address))
    assert "Về trang đơn vị" in confirmed and "Để sau" not in confirmed
    made.settle()
    assert leads(made) == ["Phòng Kinh tế, Hạ tầng và Đô thị", "Trạm Y tế"]
    assert "Chưa nhập lý do." in text_of(admin.post(f"{address}/huy"))
    assert admin.post(f"{address}/huy", {"reason": "Hoãn"}).status_code == 302
    made.ward.move_clock(made.ward.now() + timedelta(days=4))
    made.settle()
    assert leads(made) == ["Phòng Kinh tế, Hạ tầng và Đô thị", "Trạm Y tế"]
    assert made.ward.facts("UnitChangeCancelled")[0].reason == "Hoãn"
    assert "đã được thực hiện hoặc đã hủy" in text_of(admin.post(f"{address}/xac-nhan"))


def test_the_day_comes_by_itself(made: CycleWard) -> None:
    address = enter(made, "khdt", "doi-ten", from_day=day(made, 3), **NEW).location
    made.signed_in("quantri").post(f"{address}/xac-nhan")
    made.ward.move_clock(made.ward.now() + timedelta(days=3))
    made.settle()
    assert leads(made) == ["Phòng Kinh tế", "Trạm Y tế"]
    (moved,) = made.ward.facts("UnitSucceeded")
    assert (moved.old_name, moved.reason) == ("Phòng Kinh tế, Hạ tầng và Đô thị", GROUND)
    change = made.rows(sa.select(UnitChange.state, UnitChange.confirmed_by))
    assert change == [(ChangeState.DONE, made.ward.person("quantri"))]


def test_merged_into_another_its_part_of_the_committee_its_people_and_desks_go_there(made: CycleWard) -> None:
    carried_out(made, "vhxh", "sap-nhap", into_id=str(made.ward.unit("hcc")))
    hcc = made.ward.unit("hcc")
    assert made.rows(sa.select(Committee.focal_unit_id)) == [(hcc,)]
    held = made.rows(sa.select(Membership.role).where(Membership.person_id == made.ward.person("vhxh.truong")))
    assert held == [(Role.HEAD,)]
    assert "TT PVHCC" in text_of(made.signed_in("vhxh.truong").get("/tai-khoan"))
    assert not made.rows(sa.select(Membership.id).where(Membership.unit_id == made.ward.unit("vhxh")))
    made.open_cycle()
    assert made.cycle_state() == "collecting"


def test_a_lead_that_merges_into_the_focal_unit_is_supervised_by_the_office(made: CycleWard) -> None:
    carried_out(made, "yte", "sap-nhap", into_id=str(made.ward.unit("vhxh")))
    parties = [fact for fact in made.ward.facts("PartiesChanged") if "coordinator" not in fact.parties][-1]
    assert parties.parties.count(str(made.ward.unit("vhxh"))) == 2  # leads, and is the focal unit
    assert str(made.ward.unit("vp")) in parties.parties
    assert [fact.variable for fact in made.ward.facts("VariableCorrected")] == ["case.self_report"]


def test_two_units_of_one_task_that_merge_keep_both_cases(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Việc chung"), Row("yte", "Việc riêng", coordinator="khdt")])
    carried_out(made, "khdt", "sap-nhap", into_id=str(ward.unit("yte")))
    assert leads(made) == ["Trạm Y tế", "Trạm Y tế"]
    yte = ward.unit("yte")
    assert sorted(made.rows(sa.select(PlanTaskUnit.unit_id, PlanTaskUnit.part))) == [
        (yte, UnitPart.LEAD), (yte, UnitPart.LEAD),
    ]  # fmt: skip


def split(made: CycleWard, *others: str) -> dict[str, str]:
    form = {"successors-0-name": "Phòng Kinh tế", "successors-0-short_name": "Phòng KT"}
    return form | {"successors-1-name": "Phòng Đô thị", "successors-1-short_name": "Phòng ĐT"}


def test_split_people_and_tasks_go_where_was_chosen_and_all_else_with_who_does_it(made: CycleWard) -> None:
    address = enter(made, "khdt", "chia-tach", **split(made)).location
    page = made.signed_in("quantri").get(address).get_data(as_text=True)
    person = made.ward.person("khdt.cv1")
    urban = next(v for v in page.split('value="') if "Phòng Đô thị" in v[:60])[:36]
    admin = made.signed_in("quantri")
    assert admin.post(f"{address}/lua-chon", {f"person-{person}": urban}).status_code == 302
    shown = text_of(admin.get(address))
    assert "Phòng Đô thị (như đã định)" in shown  # The task goes with its officer.
    assert "Sẽ có đơn vị chưa có trưởng. Phòng Đô thị: việc giao đến chưa ai nhận được." in shown
    assert admin.post(f"{address}/xac-nhan", {f"person-{person}": urban}).status_code == 302
    made.settle()
    check(made)
    assert leads(made) == ["Phòng Đô thị", "Trạm Y tế"]
    heads = sa.select(Unit.name).join(Membership).where(Membership.person_id == made.ward.person("khdt.truong"))
    assert made.rows(heads) == [("Phòng Kinh tế",)]
    assert waiting_at(made, made.ward.unit("khdt")) == 0


def test_a_step_does_not_stay_with_somebody_who_goes_elsewhere_but_what_they_typed_does(made: CycleWard) -> None:
    case = made.case("1")
    officer = made.signed_in("khdt.cv1")
    officer.post(f"/viec/{made.step('execute', case)}/nhap", {"outcome": "done", "result": "Đã số hóa 300 hồ sơ"})
    task = made.rows(sa.select(TaskOccurrence.plan_task_id).where(TaskOccurrence.id == made.case("1")))[0][0]
    address = enter(made, "khdt", "chia-tach", **split(made)).location
    page = made.signed_in("quantri").get(address).get_data(as_text=True)
    urban = next(v for v in page.split('value="') if "Phòng Đô thị" in v[:60])[:36]
    made.signed_in("quantri").post(f"{address}/xac-nhan", {f"task-{task}": urban})
    made.settle()
    step = sa.select(UserTask.assignee_id, UserTask.desk).where(
        UserTask.instance_id == made.case("1"), UserTask.state == UserTaskState.OPEN
    )
    assert made.rows(step) == [(None, f"staff@{unit_id(made, 'Phòng Đô thị')}")]
    assert "còn đọc và chép lại được" in bodies(made, "khdt.cv1", "moved")[0]
    assert "Đã số hóa 300 hồ sơ" in text_of(officer.get(f"/ho-so/{case}"))
    for person in ("khdt.cv1", "khdt.truong"):
        (told,) = bodies(made, person, "unit_changed")
        assert "Chia tách thành Phòng Kinh tế, Phòng Đô thị" in told and "Quản trị viên xác nhận" in told


def test_what_cannot_be_is_refused_with_all_that_was_typed(made: CycleWard) -> None:
    unit, admin = made.ward.unit("khdt"), made.signed_in("quantri")
    vhxh = str(made.ward.unit("vhxh"))
    cases: list[tuple[str, dict[str, str], str]] = [
        ("doi-ten", {"from_day": "", **NEW}, "Nhập ngày có hiệu lực."),
        ("doi-ten", {"from_day": "31/02/2026", **NEW}, "Nhập ngày dạng ngày/tháng/năm"),
        ("doi-ten", {"from_day": "01/01/2066", **NEW}, "Hãy xem lại năm."),
        ("doi-ten", {"reason": "", **NEW}, "Nhập căn cứ"),
        ("doi-ten", {"name": "Phòng Kinh tế, Hạ tầng và Đô thị", "short_name": "P"}, "Tên mới trùng tên hiện nay."),
        ("doi-ten", {"name": "Trạm Y tế", "short_name": "P"}, "Đã có đơn vị mang tên này."),
        ("doi-ten", {"name": "Phòng Kinh tế", "short_name": ""}, "Nhập tên gọi tắt"),
        ("sap-nhap", {}, "Chọn đơn vị nhận."),
        ("sap-nhap", {"into_id": str(unit)}, "Không sáp nhập đơn vị vào chính nó."),
        ("sap-nhap", {"into_id": "khac"}, "Chọn lại trong danh sách."),
        ("chia-tach", {}, "Chia tách cần ít nhất hai đơn vị"),
        ("chia-tach", {"successors-0-unit_id": str(unit)}, "Chia tách cần ít nhất hai đơn vị"),
        ("chia-tach", {"successors-0-unit_id": vhxh, "successors-1-unit_id": vhxh}, "chỉ khai một lần"),
        ("chia-tach", {"successors-0-name": "A", "successors-1-unit_id": vhxh}, "Dòng 1: Nhập tên gọi tắt"),
        ("chia-tach", {"successors-0-unit_id": "x", "successors-1-unit_id": vhxh}, "Dòng 1: chọn lại đơn vị"),
    ]  # fmt: skip
    for kind, values, said in cases:
        form = {"from_day": day(made), "reason": GROUND, **values}
        answer = admin.post(f"/don-vi/{unit}/thay-doi/{kind}", form)
        assert answer.status_code == 422, (kind, values)
        assert said in text_of(answer), (kind, values)
    assert made.rows(sa.select(UnitChange.id)) == []
    assert "lãnh đạo UBND" in text_of(enter(made, "ubnd", "doi-ten", **NEW))
    assert made.signed_in("khdt.truong").get(f"/don-vi/{unit}/thay-doi/doi-ten").status_code == 403
    assert admin.get(f"/don-vi/{unit}/thay-doi/xoa").status_code == 404


def test_one_change_at_a_time_and_never_in_a_circle(made: CycleWard) -> None:
    khdt, yte = (str(made.ward.unit(key)) for key in ("khdt", "yte"))
    address = enter(made, "khdt", "sap-nhap", into_id=yte).location
    admin = made.signed_in("quantri")
    assert "đang có một thay đổi chưa xong" in text_of(enter(made, "khdt", "doi-ten", **NEW))
    assert "sắp nhận việc của Phòng Kinh tế" in text_of(enter(made, "yte", "sap-nhap", into_id=khdt))
    assert "đang có một thay đổi chưa xong" in text_of(enter(made, "hcc", "sap-nhap", into_id=khdt))
    assert enter(made, "hcc", "sap-nhap", into_id=yte).status_code == 302  # Two may go into one.
    assert "sắp nhận việc" in text_of(admin.post(f"/don-vi/{yte}/ngung"))
    assert admin.post(f"{address}/xac-nhan", {f"person-{made.ward.person('khdt.cv1')}": khdt}).status_code == 404
    assert "không hợp lệ" in text_of(admin.post(f"{address}/xac-nhan", {"person-x": khdt}))
    assert admin.post(f"{address}/xac-nhan").status_code == 302
    made.settle()
    assert "đã ngừng sử dụng" in text_of(enter(made, "khdt", "doi-ten", **NEW))
    assert "Đơn vị khác đã thay" in text_of(admin.post(f"/don-vi/{khdt}/dung-lai", follow_redirects=True))
    assert "tên cũ của một đơn vị" in text_of(
        enter(made, "vp", "doi-ten", name="Phòng Kinh tế, Hạ tầng và Đô thị", short_name="P")
    )


def test_plans_that_say_the_old_name_mean_the_new_unit(made: CycleWard) -> None:
    carried_out(made, "yte", "doi-ten", name="Trung tâm Y tế phường", short_name="TTYT")
    _, address = imported(made.ward)
    row = tasks(made.ward, address)["I.2"]
    assert units(made.ward, row.id, UnitPart.LEAD) == ["TTYT"]
    assert "“Trạm Y tế phường” là tên cũ: nay là Trung tâm Y tế phường" in warnings(row)


def test_plans_that_say_the_name_of_a_unit_that_was_split_mean_one_of_several(made: CycleWard) -> None:
    carried_out(made, "yte", "chia-tach", **split(made))
    _, address = imported(made.ward)
    row = tasks(made.ward, address)["I.2"]
    assert units(made.ward, row.id, UnitPart.LEAD) == ["Phòng KT"]
    assert "là tên cũ của đơn vị đã tách: tạm ghi Phòng Kinh tế; chọn lại" in warnings(row)


def test_a_worker_that_dies_half_way_leaves_nothing_behind(made: CycleWard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one goes on where it stopped: the job comes back with its lease's end."""
    address = enter(made, "khdt", "doi-ten", **NEW).location
    made.signed_in("quantri").post(f"{address}/xac-nhan")
    runtime, seen = made.ward.runtime, []
    execute = runtime.execute

    def dying(command: Any, **options: Any) -> Any:
        if type(command).__name__ == "MoveCaseToSuccessor":
            seen.append(command)
            if len(seen) == 2:
                raise KeyboardInterrupt
        return execute(command, **options)

    monkeypatch.setattr(runtime, "execute", dying)
    with pytest.raises(KeyboardInterrupt):
        made.settle()
    monkeypatch.undo()
    assert made.rows(sa.select(UnitChange.state)) == [(ChangeState.UNDER_WAY,)]
    assert "Còn lại ở đơn vị cũ" in text_of(made.signed_in("quantri").get(address))
    made.ward.move_clock(made.ward.now() + timedelta(minutes=3))
    made.settle()
    assert made.rows(sa.select(UnitChange.state)) == [(ChangeState.DONE,)]
    assert waiting_at(made, made.ward.unit("khdt")) == 0
    check(made)


def test_a_drawing_that_names_the_unit_means_its_successor(made: CycleWard) -> None:
    source = WRITE_AND_CHECK.replace(b"staff@lead", b"staff@unit:phong-kt-ht-dt")
    made.ward.execute(DeployDefinition(source=source, forms={"note": FORM}, reason="Thử"))
    start = StartInstance(key="write_and_check", business_key="x", title="Việc thử", parties={"lead": str(uuid7())})
    case = made.ward.execute(start)
    carried_out(made, "khdt", "doi-ten", **NEW)
    desk = sa.select(UserTask.desk).where(UserTask.instance_id == case)
    assert made.rows(desk) == [(f"staff@{unit_id(made, 'Phòng Kinh tế')}",)]
    later = made.ward.execute(StartInstance(**{**asdict(start), "business_key": "y"}))
    assert made.rows(desk) == made.rows(sa.select(UserTask.desk).where(UserTask.instance_id == later))


def test_a_report_that_comes_back_is_the_successors(made: CycleWard) -> None:
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    carried_out(made, "khdt", "doi-ten", **NEW)
    assert made.rows(sa.select(CycleEntry.unit_id).where(CycleEntry.occurrence_id == made.case("1"))) == [
        (unit_id(made, "Phòng Kinh tế"),)
    ]


def test_a_report_that_is_being_signed_keeps_the_names_that_were_countersigned(made: CycleWard) -> None:
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1", "2")
    made.signed_in(FOCAL).post(f"/tong-hop/{made.cycle_id}/dung-tat-ca")
    made.do("consolidate", FOCAL, made.cycle_id, summary="Đủ")
    made.do("countersign_content", FOCAL_HEAD, made.cycle_id, decision="approve")
    before = written(made)
    assert "Phòng Kinh tế, Hạ tầng và Đô thị" in before
    carried_out(made, "khdt", "doi-ten", **NEW)
    carried_out(made, "hcc", "doi-ten", name="Trung tâm Hành chính", short_name="TTHC")
    carried_out(made, "vhxh", "doi-ten", name="Phòng Văn hóa", short_name="Phòng VH")
    assert written(made) == before
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    assert made.cycle_state() == "signing"


def test_next_year_goes_on_under_the_new_name(made: CycleWard) -> None:
    from webapp.plans.years import BeginYear

    carried_out(made, "khdt", "doi-ten", **NEW)
    year = date(made.today().year + 1, 1, 4).year
    assert made.ward.execute(BeginYear(plan_id=made.plan_id, year=year)) == 2
    made.settle()
    assert leads(made)[2:] in (["Phòng Kinh tế", "Trạm Y tế"], ["Trạm Y tế", "Phòng Kinh tế"])
