"""A unit that changes while its plan is replaced, or its report comes back: nothing is lost, nothing asked twice."""

import json
import re
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.models import UserTask, UserTaskState
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import EASY, confirm, imported, plan_file, plan_id_of, tasks, units, upload
from tests.web.test_cycle_kinds import opened
from tests.web.test_draft_arranging import press
from tests.web.test_indicators import added
from tests.web.test_linked_cases import send_up
from tests.web.test_unit_changes import carried_out, enter, split, unit_id
from tests.web.wards import Visitor, Ward, text_of
from webapp.indicators.commands import AddIndicator, IndicatorFields
from webapp.indicators.models import IndicatorValue, Operator
from webapp.plans.closing import ClosePlan
from webapp.plans.models import Contribution, Plan, PlanTask, UnitPart
from webapp.unit_changes.models import UnitChange

ROWS = (Row("hcc", EASY[1][1]), Row("yte", EASY[2][1]))
CENTRE, POLICE = "Trung tâm Hành chính", "Công an khu vực"


def renamed(made: CycleWard, unit: str, name: str) -> None:
    carried_out(made, unit, "doi-ten", name=name, short_name=name)


def replacement(made: CycleWard, rows: tuple[tuple[str, ...], ...] = EASY) -> tuple[Visitor, str]:
    """A plan with the same tasks that is to take the place of the ward's; who issues it, and its address."""
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file(rows)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    confirm(made.ward, visitor, new, number="50/KH-UBND", issued_on=f"{made.today():%d/%m/%Y}")
    return visitor, new


def replaced(made: CycleWard, rows: tuple[tuple[str, ...], ...] = EASY) -> str:
    """What the page of that plan says once it is issued."""
    visitor, new = replacement(made, rows)
    said = text_of(visitor.post(f"{new}/giao-viec", follow_redirects=True))
    made.settle()
    made.plan_id = plan_id_of(new)
    assert made.failed_jobs() == []
    return said


def test_while_cases_are_on_their_way_to_a_new_unit_no_plan_takes_them_over(ward: Ward) -> None:
    made = issue(ward, ROWS)
    renamed(made, "yte", "Trung tâm Y tế")
    visitor, new = replacement(made)
    for state, said in (("under_way", "Việc của Trạm Y tế đang chuyển sang đơn vị mới."), ("done", "Đã chuyển 2 việc")):
        with ward.runtime.writing() as connection:
            connection.execute(sa.update(UnitChange.__table__).values(state=state))
        assert said in text_of(visitor.post(f"{new}/giao-viec", follow_redirects=True))


def test_a_report_that_comes_back_after_its_plan_was_replaced_still_states_what_it_did(ward: Ward) -> None:
    made = issue(ward, ROWS)
    one = added(made, made.signed_in(FOCAL), "Lượt tra cứu", unit="lượt", owner_unit_ids=str(ward.unit("yte")))
    opened(made, "6 tháng", "half_year")
    made.report("2", "yte.cv1", indicators=[{"indicator": str(one), "value": 70}])
    replaced(made)
    made.do("unit_review", "yte.truong", made.case("2"), decision="return", reason="Đếm lại")
    officer, step = made.signed_in("yte.cv1"), made.step("execute", made.case("2"))
    assert f'<option value="{one}" selected>Lượt tra cứu (lượt)' in officer.get(f"/viec/{step}").text
    made.report("2", "yte.cv1", indicators=[{"indicator": str(one), "value": 75}])
    assert made.rows(sa.select(IndicatorValue.indicator_id, IndicatorValue.value)) == [(one, 75)]


def test_what_the_new_plan_says_of_an_indicator_that_goes_on_holds_and_nobody_is_asked_twice(ward: Ward) -> None:
    made = issue(ward, ROWS)
    ((task,),) = made.rows(sa.select(PlanTask.id).where(PlanTask.ordinal == "2"))
    visitor, wanted = made.signed_in(FOCAL), {"unit": "lượt", "operator": "at_least"}
    first = {"name": "Lượt tra cứu", "plan_task_id": task, "unit": "lượt"}
    stated = IndicatorFields(**first, operator=Operator.AT_LEAST, target=100)
    one = made.execute(AddIndicator(plan_id=made.plan_id, stated=stated, reading_key="0"), FOCAL)
    visitor.post(f"/chi-tieu/{one}/so-lieu", {"value": "70", "as_of": f"{made.today():%d/%m/%Y}"})
    visitor, new = replacement(made)
    row = tasks(ward, new)["I.2"].id
    made.plan_id = plan_id_of(new)
    added(made, visitor, "Lượt  tra cứu", **wanted, target="150", plan_task_id=str(row))
    with ward.runtime.writing() as connection:
        found = {"indicators": [{"name": "số hồ sơ", "unit": "hồ sơ"}]}
        connection.execute(sa.update(Plan.__table__).where(Plan.id == made.plan_id).values(reading=json.dumps(found)))
    visitor.post(f"{new}/giao-viec")
    made.settle()
    page = text_of(visitor.get(f"{new}/chi-tieu"))
    assert "1 chỉ tiêu." in page and "≥ 150 lượt mỗi năm 70 lượt" in page
    assert "Mức 100 150" in text_of(visitor.get(f"/chi-tieu/{one}"))
    assert "Số hồ sơ" in text_of(visitor.get(f"{new}/chi-tieu/tu-van-ban"))


def test_what_comes_back_is_named_as_the_report_named_it_whatever_the_plan_now_in_force_does(ward: Ward) -> None:
    made = issue(ward, ROWS)
    opened(made, "6 tháng", "half_year")
    made.send("1", "hcc")
    made.send("2", "yte")
    made.take("1", "2")
    send_up(made)
    first, second = EASY[1:]
    replaced(made, (EASY[0], ("1", *second[1:]), ("2", *first[1:])))
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Số liệu chưa khớp")
    page = text_of(made.signed_in(FOCAL).get(f"/viec/{made.step('classify', made.cycle_id)}"))
    assert f"I.1 {first[1]}" in page and f"I.2 {second[1]}" in page


def test_a_row_that_was_left_out_of_a_draft_is_the_successors_when_it_is_taken_up_again(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor, address = imported(ward)
    press(ward, visitor, address, "I.2", "trang-thai", state="cancelled", note="Chưa có kinh phí")
    renamed(made, "yte", "Trung tâm Y tế")
    press(ward, visitor, address, "I.2", "trang-thai", state="draft")
    assert units(ward, tasks(ward, address)["I.2"].id, UnitPart.LEAD) == ["Trung tâm Y tế"]


def city_returns(made: CycleWard, ordinal: str) -> UUID:
    """The year's report, for what it says of a task; return the case that mends it."""
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Số liệu chưa khớp")
    made.do(
        "classify", FOCAL, made.cycle_id, kind="data", tasks=[str(made.entry(ordinal))], reason="Số liệu chưa khớp",
        answer_by=made.today().isoformat(),
    )  # fmt: skip
    return made.case(ordinal)


def waits_at(made: CycleWard, case: UUID) -> Any:
    """The step and desk at which a case waits."""
    open_step = UserTask.instance_id == case, UserTask.state == UserTaskState.OPEN
    return made.rows(sa.select(UserTask.element_id, UserTask.desk).where(*open_step))[0]


def test_what_a_unit_had_done_before_it_was_renamed_does_not_begin_again(ward: Ward) -> None:
    made = issue(ward, ROWS)
    done = made.case("1")
    opened(made, "6 tháng", "half_year")
    made.send("1", "hcc")
    made.take("1")
    made.cut_off(yte="Chưa có số liệu")
    send_up(made)
    renamed(made, "hcc", CENTRE)
    said = replaced(made)
    assert "Đã chuyển 1 việc đang chạy sang kế hoạch này, giữ kết quả 1 việc đã xong." in said
    assert made.case("1") == done


def test_a_coordinator_that_has_answered_is_not_asked_again_under_its_new_name(ward: Ward) -> None:
    made = issue(ward, [Row("hcc", EASY[1][1], coordinator="ca")])
    ((asked,),) = made.rows(sa.select(Contribution.id))
    made.do("contribute", "ca.cv1", asked, answer="result", result="Đã treo biển")
    renamed(made, "ca", POLICE)
    replaced(made)
    assert made.rows(sa.select(Contribution.id)) == [(asked,)]


def test_what_comes_back_is_confirmed_by_who_has_the_second_leads_place(ward: Ward) -> None:
    made = issue(ward, [Row("hcc", EASY[1][1], second_lead="ca")])
    made.open_cycle()
    made.send("1", "hcc")
    made.do("second_lead_confirm", "ca.truong", made.case("1"), decision="confirm")
    made.take("1")
    send_up(made)
    renamed(made, "ca", POLICE)
    case = city_returns(made, "1")
    made.send("1", "hcc")
    assert waits_at(made, case) == ("second_lead_confirm", f"head@{unit_id(made, POLICE)}")


def test_of_a_unit_that_was_parted_who_leads_the_task_now_mends_what_comes_back(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    made.open_cycle()
    made.send("1", "hcc")
    made.take("1")
    send_up(made)
    ((task,),) = made.rows(sa.select(PlanTask.id))
    admin, address = made.signed_in("quantri"), enter(made, "hcc", "chia-tach", **split(made)).location
    second = re.findall(r'<option value="([0-9a-f-]{36})">Phòng Đô thị', admin.get(address).text)[0]
    chosen = {f"task-{task}": second, f"person-{ward.person('hcc.cv1')}": second}
    assert admin.post(f"{address}/xac-nhan", chosen).status_code == 302
    made.settle()
    assert waits_at(made, city_returns(made, "1")) == ("execute", f"staff@{second}")


def test_what_comes_back_is_checked_by_who_has_the_focal_units_place_also_where_the_plan_is_over(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle()
    made.send("1", "hcc")
    made.send("2", "yte")
    made.take("1", "2")
    send_up(made)
    made.execute(ClosePlan(plan_id=made.plan_id, reason="Hết thời gian thực hiện", cancel_running=True), FOCAL)
    renamed(made, "vhxh", "Phòng Văn hóa")
    case = city_returns(made, "1")
    made.send("1", "hcc")
    assert waits_at(made, case) == ("check", f"focal@{unit_id(made, 'Phòng Văn hóa')}")
