"""Taking back changes to a draft: every kind, one after the other, until it is as it was read."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from tests.web.plan_wards import GROUP, HARD, confirm, editor_values, imported, plan_id_of, tasks
from tests.web.wards import Visitor, Ward, text_of
from webapp.cycles.models import PlannedCycle
from webapp.indicators.models import Indicator, IndicatorOwner
from webapp.plans.models import (
    DraftChange,
    LearnedName,
    LearnedRepair,
    PlanTask,
    PlanTaskState,
    PlanTaskUnit,
    TaskGroup,
)
from webapp.plans.revising import SetTaskState

Act = Callable[[Ward, Visitor, str], Any]


def picture(ward: Ward, address: str) -> list[list[Any]]:
    """All of a draft that its rows and groups are."""
    plan_id = plan_id_of(address)
    of_plan = PlanTask.plan_id == plan_id
    units = sa.select(PlanTaskUnit.plan_task_id, PlanTaskUnit.unit_id, PlanTaskUnit.part, PlanTaskUnit.position)
    queries: tuple[Any, ...] = (
        sa.select(PlanTask.__table__).where(of_plan).order_by(PlanTask.position),
        sa.select(TaskGroup.__table__).where(TaskGroup.plan_id == plan_id).order_by(TaskGroup.position),
        units.join(PlanTask).where(of_plan).order_by(PlanTask.position, PlanTaskUnit.position),
        sa.select(LearnedName.name, LearnedName.unit_id, LearnedName.times),
        sa.select(LearnedRepair.before, LearnedRepair.after, LearnedRepair.times),
    )
    return [[tuple(row) for row in ward.rows(query)] for query in queries]


def undo(visitor: Visitor, address: str, change: str | None = None) -> Any:
    return turn(visitor, address, "hoan-tac", change)


def turn(visitor: Visitor, address: str, way: str, change: str | None = None) -> Any:
    page = visitor.get(f"{address}/xem-truoc").get_data(as_text=True)
    offered = re.search(rf'/{way}".*?name="change" value="([^"]+)"', page)
    values = {"change": change or (offered[1] if offered else "")}
    return visitor.post(f"{address}/{way}", values, follow_redirects=True)


def press(place: str, action: str, **values: Any) -> Act:
    def act(ward: Ward, visitor: Visitor, address: str) -> Any:
        return visitor.post(f"{address}/nhiem-vu/{tasks(ward, address)[place].id}/{action}", values)

    return act


def whole(action: str, **values: Any) -> Act:
    return lambda _, visitor, address: visitor.post(f"{address}/{action}", values)


def edit(ward: Ward, visitor: Visitor, address: str) -> Any:
    there = f"{address}/nhiem-vu/{tasks(ward, address)['II.1'].id}"
    values = editor_values(visitor.get(there).get_data(as_text=True))
    changed = {"content": "Dạy tim học", "due_on": "30/04/2040", "leads": [str(ward.unit("yte"))]}
    return visitor.post(there, values | changed)


def resolve(ward: Ward, visitor: Visitor, address: str) -> Any:
    values = {"lead_text": GROUP, "units": [str(ward.unit("yte")), str(ward.unit("ca"))]}
    return visitor.post(f"{address}/chon-don-vi", values)


def name(ward: Ward, visitor: Visitor, address: str) -> Any:
    values = {"name_in_plan": "Sở Khoa học và Công nghệ", "unit_id": str(ward.unit("yte"))}
    return visitor.post(f"{address}/ten-don-vi", values)


def add_to_group(ward: Ward, visitor: Visitor, address: str) -> Any:
    new = {"ordinal": "5", "content": "Dạy bơi", "group_id": str(tasks(ward, address)["I.1"].group_id)}
    return visitor.post(f"{address}/them-nhiem-vu", new)


REPAIR = {"before": "Phân đầu", "after": "Phấn đấu"}
ACTS: dict[str, Act] = {
    "sửa nhiệm vụ II.1": edit,
    "đã xem cảnh báo ở nhiệm vụ I.2": press("I.2", "da-xem"),
    "bỏ nhiệm vụ I.1": press("I.1", "trang-thai", state="cancelled", note="Trùng"),
    "lấy lại nhiệm vụ I.1": press("I.1", "trang-thai", state="draft"),
    "chọn chủ trì cho 2 dòng ghi": resolve,
    "sửa “Phân đầu” ở 2 dòng": whole("sua-loi", **REPAIR, accept="on"),
    "tách nhiệm vụ I.2 thành 2 dòng": press("I.2", "tach"),
    "tách nhiệm vụ II.2 thành 2 dòng": press("II.2", "tach-phan", part="camera"),
    "thêm dòng 5": add_to_group,
    "thêm dòng 1": whole("them-nhiem-vu", ordinal="1", content="Họp dân", group_title="Việc thêm"),
    "gộp I.3 vào I.1": press("I.3", "gop"),
    "chuyển dòng I.4": press("I.4", "cho", step="-1"),
    "chuyển dòng I.1": press("I.1", "cho", step="-1"),
}


def changed(ward: Ward) -> tuple[Visitor, str, list[object]]:
    """A draft after all of ACTS, and how it stood before each of them and after the last."""
    visitor, address = imported(ward, HARD)
    press("I.1", "cho", step="1")(ward, visitor, address)
    pictures = [picture(ward, address)]
    for act in ACTS.values():
        act(ward, visitor, address)
        pictures.append(picture(ward, address))
    return visitor, address, pictures


def test_every_kind_of_change_is_taken_back_in_turn(ward: Ward) -> None:
    visitor, address, pictures = changed(ward)
    for was, now, what in zip(pictures[-2::-1], pictures[:0:-1], reversed(ACTS), strict=True):
        assert was != now, what
        answer = undo(visitor, address)
        assert f"Đã hoàn tác: {what}" in text_of(answer)
        assert picture(ward, address) == was, what
        assert what in ward.facts("PlanRevised")[-1].changes["undone"]


def test_every_change_that_was_taken_back_is_made_again_in_turn(ward: Ward) -> None:
    visitor, address, pictures = changed(ward)
    for _ in range(2):
        for _ in ACTS:
            undo(visitor, address)
        assert picture(ward, address) == pictures[0]
        for what, now in zip(ACTS, pictures[1:], strict=True):
            assert f"Đã làm lại: {what}" in text_of(turn(visitor, address, "lam-lai"))
            assert picture(ward, address) == now, what
    undo(visitor, address)
    press("II.1", "trang-thai", state="done_before")(ward, visitor, address)
    assert "Không còn thay đổi nào" in text_of(turn(visitor, address, "lam-lai"))


def test_what_somebody_else_changed_since_is_taken_back_first(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    press("I.2", "tach")(ward, visitor, address)
    assert "Hoàn tác: tách nhiệm vụ I.2 thành 2 dòng Cán bộ tổng hợp VH-XH" in text_of(
        visitor.get(f"{address}/xem-truoc")
    )
    [(seen,)] = ward.rows(sa.select(DraftChange.id))
    ward.execute(SetTaskState(plan_task_id=tasks(ward, address)["II.1"].id, state=PlanTaskState.DONE_BEFORE))
    assert "vừa có thay đổi khác" in text_of(undo(visitor, address, str(seen)))
    assert "Đã hoàn tác: đánh dấu đã xong nhiệm vụ II.1" in text_of(undo(visitor, address))
    assert "Đã hoàn tác: tách nhiệm vụ I.2" in text_of(undo(visitor, address))
    assert "Không còn thay đổi nào" in text_of(undo(visitor, address))


def test_a_name_that_was_explained_is_open_again(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    before = picture(ward, address)
    assert name(ward, visitor, address).status_code == 302
    assert picture(ward, address) != before
    undo(visitor, address)
    assert picture(ward, address) == before


def test_a_learned_repair_that_was_refused_is_known_again(ward: Ward) -> None:
    visitor, first = imported(ward, HARD)
    edit(ward, visitor, first)
    visitor, address = imported(ward, (("1", "Dạy tin học lớp 3", "Trạm Y tế", "", "2040", "Sách"),))
    before = picture(ward, address)
    [(wrong, right, _)] = before[-1]
    whole("sua-loi", before=wrong, after=right, accept="off")(ward, visitor, address)
    assert picture(ward, address)[-1] == []
    undo(visitor, address)
    assert picture(ward, address) == before


def test_only_the_last_changes_are_kept_and_none_of_a_confirmed_plan(ward: Ward) -> None:
    visitor, address = imported(ward)
    for _ in range(27):
        for state in ("done_before", "draft"):
            press("I.1", "trang-thai", state=state)(ward, visitor, address)
    numbers = [number for (number,) in ward.rows(sa.select(DraftChange.number).order_by(DraftChange.number))]
    assert numbers == list(range(5, 55))
    assert confirm(ward, visitor, address).status_code == 302
    assert ward.rows(sa.select(DraftChange.id)) == []


def test_a_draft_with_changes_is_thrown_away(ward: Ward) -> None:
    visitor, address = imported(ward)
    press("I.1", "gop")(ward, visitor, address)
    press("I.2", "gop")(ward, visitor, address)
    assert visitor.post(f"{address}/bo").status_code == 302
    assert ward.rows(sa.select(DraftChange.id)) == []


def test_a_draft_with_indicators_is_thrown_away(ward: Ward) -> None:
    visitor, address = imported(ward)
    stated = {"name": "Số lớp", "period": "yearly", "owner_unit_ids": str(ward.unit("yte"))}
    assert visitor.post(f"{address}/chi-tieu/them", stated).status_code == 302
    ((indicator,),) = ward.rows(sa.select(IndicatorOwner.indicator_id))
    assert visitor.post(f"/chi-tieu/{indicator}/so-lieu", {"value": "2", "as_of": "01/06/2027"}).status_code == 302
    assert visitor.post(f"{address}/bo").status_code == 302
    assert ward.rows(sa.select(Indicator.id)) == []


def test_a_plan_that_was_confirmed_and_is_a_draft_again_is_thrown_away(ward: Ward) -> None:
    visitor, address = imported(ward)
    days = {"report_by": "03/12/2027", "report_by_source": "Kế hoạch này"}
    assert confirm(ward, visitor, address, **days).status_code == 302
    assert ward.rows(sa.select(PlannedCycle.kind)) != []
    assert visitor.post(f"{address}/mo-lai").status_code == 302
    assert visitor.post(f"{address}/bo").status_code == 302
    assert ward.rows(sa.select(PlannedCycle.kind)) == []
