"""What a draft proposes: units for an unclear lead, ticked beforehand, and repairs; a person decides."""

import re

from tests.web.plan_wards import GROUP, HARD, editor_values, imported, tasks, units, warnings
from tests.web.wards import Visitor, Ward
from webapp.plans.models import UnitPart


def ticked(visitor: Visitor, address: str) -> set[str]:
    page = visitor.get(f"{address}/xem-truoc").get_data(as_text=True)
    return set(re.findall(r'name="units" value="([^"]+)" checked', page))


def test_whom_a_group_was_resolved_to_is_ticked_in_the_next_plan_that_names_it(ward: Ward) -> None:
    rows = (("1", "Mở lớp tập huấn", GROUP, "", "Hằng năm", "Báo cáo"),)
    visitor, address = imported(ward, rows)
    assert ticked(visitor, address) == set()
    chosen = {str(ward.unit(key)) for key in ("yte", "ca")}
    visitor.post(f"{address}/chon-don-vi", {"lead_text": GROUP, "units": list(chosen)})
    _, again = imported(ward, rows)
    assert ticked(visitor, again) == chosen
    assert units(ward, tasks(ward, again)[".1"].id, UnitPart.LEAD) == []  # A person says so.


def test_units_whose_names_are_parts_of_an_unclear_lead_are_ticked(ward: Ward) -> None:
    lead = "Phòng VHXH, TYT và Tổ công nghệ cùng Công an phường"
    visitor, address = imported(ward, (("1", "Mở lớp tập huấn", lead, "", "Hằng năm", "Báo cáo"),))
    assert ticked(visitor, address) == {str(ward.unit(key)) for key in ("vhxh", "yte", "ca")}
    assert lead in warnings(tasks(ward, address)[".1"])
    visitor.post(f"{address}/chon-don-vi", {"lead_text": lead, "units": list(ticked(visitor, address))})
    assert lead not in warnings(tasks(ward, address)[".1"])


def test_a_repair_that_a_person_made_by_hand_is_no_longer_proposed(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    row = f"{address}/nhiem-vu/{tasks(ward, address)['I.1'].id}"
    values = editor_values(visitor.get(row).get_data(as_text=True))
    visitor.post(row, values | {"content": "Phấn đấu mở lớp tập huấn"})
    rows = tasks(ward, address)
    assert [rows[place].repairs == "[]" for place in ("I.1", "I.4")] == [True, False]


def test_a_lead_that_known_names_cut_is_told_as_two_and_not_as_left_whole(ward: Ward) -> None:
    lead = "Phòng Kinh tế, Hạ tầng và Đô thị và Trạm Y tế"
    _, address = imported(ward, (("1", "Mở lớp tập huấn", lead, "", "Hằng năm", "Báo cáo"),))
    row = tasks(ward, address)[".1"]
    assert units(ward, row.id, UnitPart.LEAD) == ["Phòng KT-HT-ĐT"]
    assert units(ward, row.id, UnitPart.SECOND_LEAD) == ["Trạm Y tế"]
    assert "được hiểu là 2 đơn vị chủ trì" in warnings(row)
    assert "giữ nguyên" not in warnings(row)
