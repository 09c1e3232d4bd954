"""A unit that a person corrects in a row is learned: proposed and said so in the next import, until it is unlearned."""

import sqlalchemy as sa

from tests.web.plan_wards import editor_values, imported, tasks, units, warnings
from tests.web.test_draft_undo import undo
from tests.web.wards import Visitor, Ward, text_of
from webapp.plans.models import LearnedName, UnitPart

LIKELY = "Phòng Kinh tế"
UNKNOWN = "Đội thông tin cơ động"
ROWS = (("1", "Bãi đỗ xe thông minh", LIKELY, f"Trạm Y tế phường; {UNKNOWN}", "2040", "Quyết định"),)


def give(ward: Ward, visitor: Visitor, address: str, **parts: str) -> None:
    """Choose other units in the row's editor."""
    there = f"{address}/nhiem-vu/{tasks(ward, address)['.1'].id}"
    values = editor_values(visitor.get(there).get_data(as_text=True))
    chosen = {name: [str(ward.unit(key)) for key in keys.split()] for name, keys in parts.items()}
    assert visitor.post(there, values | chosen).status_code == 302


def known(ward: Ward) -> list[tuple[str, str, int]]:
    keys = {id: key for key, id in ward.demo.units.items()}
    query = sa.select(LearnedName.name, LearnedName.unit_id, LearnedName.times).order_by(LearnedName.name)
    return [(name, keys[unit_id], times) for name, unit_id, times in ward.rows(query)]


def test_what_was_likely_and_corrected_is_proposed_as_learned_in_the_next_import(ward: Ward) -> None:
    visitor, first = imported(ward, ROWS)
    assert "“Phòng Kinh tế” được hiểu là Phòng Kinh tế, Hạ tầng và Đô thị" in warnings(tasks(ward, first)[".1"])
    give(ward, visitor, first, leads="dvc")
    assert known(ward) == [(LIKELY, "dvc", 1)]
    _, second = imported(ward, ROWS)
    row = tasks(ward, second)[".1"]
    assert units(ward, row.id, UnitPart.LEAD) == ["TT DVSNC"]
    learned = "được hiểu là Trung tâm Dịch vụ sự nghiệp công như phường đã chọn 1 lần; cần kiểm tra."
    assert f"“{LIKELY}” {learned}" in warnings(row)
    assert "Tên đơn vị phường đã nhớ (1)" in text_of(visitor.get(f"{second}/xem-truoc"))
    _, third = imported(ward, (("1", "Bãi đỗ xe", f"{LIKELY}, Hạ tầng và Đô thị", "", "2040", "Quyết định"),))
    assert "Tên đơn vị phường đã nhớ" not in text_of(visitor.get(f"{third}/xem-truoc")), "Another name."


def test_a_coordinator_that_was_nobody_is_learned_and_another_choice_takes_its_place(ward: Ward) -> None:
    visitor, first = imported(ward, ROWS)
    give(ward, visitor, first, coordinators="yte doan")
    assert known(ward) == [(UNKNOWN, "doan", 1)]
    visitor, second = imported(ward, ROWS)
    assert len(units(ward, tasks(ward, second)[".1"].id, UnitPart.COORDINATOR)) == 2
    give(ward, visitor, second, coordinators="yte mttq")
    assert known(ward) == [(UNKNOWN, "mttq", 1)]
    undo(visitor, second)
    assert known(ward) == [(UNKNOWN, "doan", 1)]


def test_what_is_learned_is_unlearned_and_can_be_taken_back(ward: Ward) -> None:
    visitor, first = imported(ward, ROWS)
    give(ward, visitor, first, leads="dvc")
    forget = {"name": LIKELY, "unit_id": str(ward.unit("dvc"))}
    assert visitor.post(f"{first}/bo-nho", forget).status_code == 302
    assert known(ward) == []
    assert "Tên này không còn được nhớ" in text_of(visitor.post(f"{first}/bo-nho", forget, follow_redirects=True))
    undo(visitor, first)
    assert known(ward) == [(LIKELY, "dvc", 1)]


def test_what_was_certain_or_is_one_of_several_doubts_is_not_learned(ward: Ward) -> None:
    visitor, address = imported(
        ward, (("1", "Bãi đỗ xe", "Trạm Y tế phường", f"{UNKNOWN}; Câu lạc bộ thơ", "2040", "Quyết định"),)
    )
    give(ward, visitor, address, leads="dvc", coordinators="doan mttq")
    assert known(ward) == []
