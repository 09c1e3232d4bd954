"""What a change of a unit moved to whom, on its page afterwards."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL
from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, CycleWard
from tests.web.issued_wards import issued_ward
from tests.web.plan_wards import EASY, confirm, imported, plan_id_of, tasks, units
from tests.web.test_absences import enter as away
from tests.web.test_difficulties import raised
from tests.web.test_indicators import added
from tests.web.test_organisation import person_form
from tests.web.test_unit_changes import NEW, ROWS, carried_out, check, enter, leads, split, unit_id, waiting_at
from tests.web.wards import text_of
from webapp.calendar_work import do_calendar_work
from webapp.indicators.models import IndicatorOwner
from webapp.organisation.models import Unit
from webapp.organisation.unit_codes import unit_codes
from webapp.plans.models import TaskOccurrence, UnitPart
from webapp.plans.revising import ResolveLeads
from webapp.unit_changes.models import ChangeState, UnitChange


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    with issued_ward(databases, tmp_path, "unit_changes", ROWS) as made:
        yield made


def part_entered(made: CycleWard) -> str:
    """A unit is to go on and to give a part of its work to a new one; the change's address."""
    unit = str(made.ward.unit("khdt"))
    form = {"successors-0-unit_id": unit, "successors-1-name": "Phòng Đô thị", "successors-1-short_name": "P. ĐT"}
    return str(enter(made, "khdt", "chia-tach", **form).location)


def part_given_away(made: CycleWard, address: str, **chosen: str) -> None:
    """Its officer goes to the new one, with what they have, but for what is chosen otherwise."""
    admin = made.signed_in("quantri")
    page = admin.get(address).get_data(as_text=True)
    urban = next(value for value in page.split('value="') if "Phòng Đô thị" in value[:60])[:36]
    admin.post(f"{address}/xac-nhan", {f"person-{made.ward.person('khdt.cv1')}": urban, **chosen})
    made.settle()
    assert made.failed_jobs() == []
    check(made)


def test_a_unit_that_gives_a_part_away_goes_on_with_the_rest(made: CycleWard) -> None:
    old = made.ward.unit("khdt")
    part_given_away(made, part_entered(made))
    assert leads(made)[0] == "Phòng Đô thị"
    assert waiting_at(made, old) == 1  # the contribution, which nobody took along
    assert made.rows(sa.select(Unit.is_active, Unit.ended_on).where(Unit.id == old)) == [(True, None)]
    assert made.rows(sa.select(UnitChange.state)) == [(ChangeState.DONE,)]


def called(made: CycleWard, code: str) -> UUID:
    """The unit that drawings mean by a name."""
    with made.ward.runtime.reading() as connection:
        return unit_codes(connection, made.ward.demo.tenant_id)[code]


def test_who_gets_the_other_part_reads_what_was_reported_and_is_led_to_no_case_that_went_elsewhere(
    made: CycleWard,
) -> None:
    made.open_cycle()
    report = raised(made, "1", "khdt.cv1", "Thiếu máy quét")
    made.do("focal_answer", FOCAL, report, decision="answer", answer="Đã cấp")
    for ordinal, unit in (("1", "khdt"), ("2", "yte")):
        made.send(ordinal, unit)
    made.take("1", "2")
    made.consolidate()
    admin = made.signed_in("quantri")
    part_given_away(made, str(enter(made, "khdt", "chia-tach", **split(made)).location))
    rest = {"unit_id": str(unit_id(made, "Phòng Kinh tế")), "role": "staff", "title": "Chuyên viên"}
    newcomer = person_form(made.ward, username="dvc.cv1", name="Viên chức")
    newcomer |= {f"memberships-0-{name}": value for name, value in rest.items()}
    assert admin.post(f"/nguoi-dung/{made.ward.person('dvc.cv1')}", newcomer).status_code == 302
    reader, case = made.signed_in("dvc.cv1"), f"/ho-so/{made.case('1')}"
    assert reader.get(case).status_code == 403
    for address in ("/kho-khan?xem=da-tra-loi", f"/bao-cao-don-vi/{made.cycle_id}/{made.ward.unit('khdt')}"):
        page = reader.get(address)
        assert "Số hóa hồ sơ đất đai" in text_of(page)
        assert case not in page.get_data(as_text=True)


def test_who_had_a_part_of_a_units_work_and_gets_the_rest_has_its_place(made: CycleWard) -> None:
    part_given_away(made, part_entered(made))
    urban = unit_id(made, "Phòng Đô thị")
    carried_out(made, "khdt", "sap-nhap", into_id=str(urban))
    assert called(made, "phong-kt-ht-dt") == urban
    rows = (EASY[0], ("1", "Bãi đỗ xe", "Phòng Kinh tế, Hạ tầng và Đô thị", "", "Hằng năm", "Báo cáo"))
    _, address = imported(made.ward, rows)
    assert units(made.ward, tasks(made.ward, address)["I.1"].id, UnitPart.LEAD) == ["P. ĐT"]


def test_whose_proxy_goes_elsewhere_hears_that_nobody_stands_in(made: CycleWard) -> None:
    away(made.signed_in("khdt.truong"), made.ward, "khdt.cv1")
    part_given_away(made, part_entered(made))
    assert "Không còn ai làm thay Trưởng phòng" in text_of(made.signed_in("khdt.truong").get("/thong-bao"))
    assert "bạn thôi làm thay" in text_of(made.signed_in("khdt.cv1").get("/thong-bao")).lower()


def test_in_january_both_begin_anew_what_each_of_them_leads(made: CycleWard) -> None:
    part_given_away(made, part_entered(made))
    rows = (EASY[0], ("1", "Mở lớp bồi dưỡng", "Các đơn vị thuộc phường", "", "Hằng năm", "Báo cáo"))
    visitor, address = imported(made.ward, rows)
    both = made.ward.unit("khdt"), unit_id(made, "Phòng Đô thị")
    made.execute(ResolveLeads(plan_id=plan_id_of(address), lead_text=rows[1][2], unit_ids=both), FOCAL)
    confirm(made.ward, visitor, address, number="50/KH-UBND", issued_on=f"{made.today():%d/%m/%Y}")
    visitor.post(f"{address}/giao-viec")
    made.settle()
    made.ward.move_clock(datetime(made.year() + 1, 1, 4, 9, tzinfo=LOCAL))
    with made.ward.app.app_context():
        for _ in range(2):
            do_calendar_work(made.ward.runtime, made.ward.now())
    of_plan = TaskOccurrence.plan_id == plan_id_of(address), TaskOccurrence.year == made.today().year
    assert {*made.rows(sa.select(TaskOccurrence.lead_unit_id).where(*of_plan))} == {(unit,) for unit in both}


def test_of_two_that_a_unit_was_parted_into_one_that_gets_the_other_has_its_place(made: CycleWard) -> None:
    carried_out(made, "khdt", "chia-tach", **split(made))
    urban = unit_id(made, "Phòng Đô thị")
    form = {"from_day": f"{made.today():%d/%m/%Y}", "reason": "Quyết định số 13/QĐ-UBND", "into_id": str(urban)}
    admin = made.signed_in("quantri")
    entered = admin.post(f"/don-vi/{unit_id(made, 'Phòng Kinh tế')}/thay-doi/sap-nhap", form)
    admin.post(f"{entered.location}/xac-nhan")
    made.settle()
    assert called(made, "phong-kt-ht-dt") == urban


def test_a_step_that_stays_does_not_stay_with_who_went(made: CycleWard) -> None:
    ward, step = made.ward, made.step("execute", made.case("1"))
    task = made.rows(sa.select(TaskOccurrence.plan_task_id).where(TaskOccurrence.id == made.case("1")))[0][0]
    part_given_away(made, part_entered(made), **{f"task-{task}": str(ward.unit("khdt"))})
    assert leads(made)[0] == "Phòng Kinh tế, Hạ tầng và Đô thị"
    assert ward.holder(step) is None
    assert "Chờ người nhận" in text_of(made.signed_in("khdt.truong").get("/thong-bao"))


def test_what_went_to_whom_is_told_as_it_was_recorded(made: CycleWard) -> None:
    made.open_cycle()
    focal = made.signed_in(FOCAL)
    records, visits = (
        added(made, focal, name, owner_unit_ids=[str(made.ward.unit("khdt"))]) for name in ("Hồ sơ", "Lượt tra cứu")
    )
    old, admin = made.ward.unit("khdt"), made.signed_in("quantri")
    address = part_entered(made)
    assert "Đã chuyển" not in text_of(admin.get(address))
    part_given_away(made, address)
    told = "Đã chuyển Phòng Đô thị 1 người; 1 nhiệm vụ chưa xong; 2 hồ sơ đang chạy; 1 dòng trong kỳ báo cáo đang mở"
    assert told in text_of(admin.get(address))
    owners = sa.select(IndicatorOwner.indicator_id, IndicatorOwner.unit_id)
    assert set(made.rows(owners)) == {(records, old), (visits, old)}, "What stays keeps who answers for it."
    carried_out(made, "khdt", "sap-nhap", into_id=str(made.ward.unit("hcc")))
    assert told in text_of(admin.get(address)), "What happened later changes nothing of it."


def test_a_merged_units_indicators_and_plans_are_told(made: CycleWard) -> None:
    added(made, made.signed_in(FOCAL), "Hồ sơ", owner_unit_ids=[str(made.ward.unit("vhxh"))])
    address = carried_out(made, "vhxh", "sap-nhap", into_id=str(made.ward.unit("vp")))
    told = text_of(made.signed_in("quantri").get(address))
    assert "1 chỉ tiêu phụ trách; 1 kế hoạch làm đầu mối" in told.partition("Đã chuyển")[2]


def test_what_a_unit_stated_before_it_was_renamed_is_not_awaited_of_its_successor(made: CycleWard) -> None:
    focal, units = made.signed_in(FOCAL), [str(made.ward.unit(key)) for key in ("khdt", "yte")]
    one = added(made, focal, "Lượt tra cứu", unit="lượt", owner_unit_ids=units)
    stated = {"value": "70", "as_of": f"{made.today():%d/%m/%Y}", "unit_id": units[0]}
    assert focal.post(f"/chi-tieu/{one}/so-lieu", stated).status_code == 302
    carried_out(made, "khdt", "doi-ten", **NEW)
    page = text_of(focal.get(f"/ke-hoach/{made.plan_id}/chi-tieu"))
    assert "Phòng Kinh tế; Trạm Y tế Chưa có số của Trạm Y tế" in page
