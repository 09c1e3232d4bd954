"""Working in a draft: rows are joined and moved; nothing of them is lost."""

from typing import Any

import orjson

from tests.web.plan_wards import EASY, imported, tasks, units
from tests.web.wards import Visitor, Ward, text_of
from webapp.plans.models import UnitPart

LEAD, SECOND, COORDINATOR = UnitPart
TORN = (
    ("I", "Việc chung", "", "", "", ""),
    ("1", "Xây dựng bãi đỗ xe", "Trạm Y tế", "Công an phường", "Trong quý", "Bãi đỗ;"),
    ("2", "thông minh ở chợ", "Phòng Kinh tế", "", "II năm 2040", "Báo cáo"),
    ("3", "Dạy bơi", "Trạm Y tế", "", "Hằng năm", "Báo cáo"),
    ("II", "Việc riêng", "", "", "", ""),
    ("1", "Trồng cây", "Công an phường", "", "Hằng năm", "Cây"),
)


def press(ward: Ward, visitor: Visitor, address: str, place: str, action: str, **values: Any) -> Any:
    """A button of a row; the page that it leads to."""
    there = f"{address}/nhiem-vu/{tasks(ward, address)[place].id}/{action}"
    return visitor.post(there, values, follow_redirects=True)


def order(ward: Ward, address: str) -> list[tuple[str, str]]:
    rows = sorted(tasks(ward, address).values(), key=lambda row: (row.numeral != "I", row.position))
    return [(row.numeral, row.content) for row in rows]


def test_a_torn_row_is_joined_with_the_one_above(ward: Ward) -> None:
    visitor, address = imported(ward, TORN)
    press(ward, visitor, address, "I.2", "gop")
    rows = tasks(ward, address)
    assert list(rows) == ["I.1", "I.3", "II.1"]
    row = rows["I.1"]
    assert (row.content, row.timing_text) == ("Xây dựng bãi đỗ xe thông minh ở chợ", "Trong quý II năm 2040")
    assert (f"{row.due_on}", row.is_recurring, row.product_text) == ("2040-06-30", False, "Bãi đỗ;\nBáo cáo")
    assert units(ward, row.id, LEAD) == ["Trạm Y tế", "Phòng KT-HT-ĐT"]
    assert units(ward, row.id, COORDINATOR) == ["Công an"]
    assert "chủ trì khác nhau" in row.warnings
    assert len(orjson.loads(row.source)["raw"]) == 2
    assert [row.position for row in rows.values()] == [0, 1, 2]
    assert ward.facts("PlanRevised")[-1].changes == {"merged": "I.2: thông minh ở chợ"}


def test_what_a_torn_row_was_said_to_lack_is_not_said_where_the_joined_row_has_it(ward: Ward) -> None:
    torn = (
        ("1", "Tập huấn kỹ năng số cho", "Trạm Y tế", "Công an phường", "2040", ""),
        ("2", "người cao tuổi", "", "", "", ""),
    )
    visitor, address = imported(ward, torn)
    assert "chưa có thời gian" in tasks(ward, address)[".2"].warnings
    press(ward, visitor, address, ".2", "gop")
    row = tasks(ward, address)[".1"]
    assert "chưa có thời gian" not in row.warnings
    assert "chưa có sản phẩm" in row.warnings, "Neither has one."


def test_rows_that_are_not_one_are_not_joined(ward: Ward) -> None:
    visitor, address = imported(ward, TORN)
    assert "đứng đầu nhóm" in text_of(press(ward, visitor, address, "II.1", "gop"))
    press(ward, visitor, address, "I.2", "trang-thai", state="done_before")
    assert "Chỉ gộp được hai dòng sẽ giao" in text_of(press(ward, visitor, address, "I.3", "gop"))
    assert len(tasks(ward, address)) == 4


def test_a_row_goes_up_and_down_and_into_the_next_group(ward: Ward) -> None:
    visitor, address = imported(ward, TORN)
    page = press(ward, visitor, address, "I.3", "cho", step=-1)
    assert list(tasks(ward, address)) == ["I.1", "I.3", "I.2", "II.1"]
    assert 'value="-1" autofocus' in page.get_data(as_text=True)  # Pressed again, it goes on.
    press(ward, visitor, address, "I.2", "cho", step=1)
    assert order(ward, address)[2:] == [("II", "thông minh ở chợ"), ("II", "Trồng cây")]
    press(ward, visitor, address, "II.2", "cho", step=-1)
    assert list(tasks(ward, address)) == ["I.1", "I.3", "I.2", "II.1"]
    assert "đã ở đầu kế hoạch" in text_of(press(ward, visitor, address, "I.1", "cho", step=-1))
    assert "đã ở cuối kế hoạch" in text_of(press(ward, visitor, address, "II.1", "cho", step=1))
    places = [fact.changes["place"] for fact in ward.facts("PlanRevised")]
    assert places == [
        "sau dòng I.2 → sau dòng I.1", "sau dòng I.3 → đầu nhóm II", "đầu nhóm II → sau dòng I.3",
    ]  # fmt: skip


def test_a_row_goes_to_a_place_that_is_named(ward: Ward) -> None:
    visitor, address = imported(ward, TORN)
    first, second = (tasks(ward, address)[place].group_id for place in ("I.1", "II.1"))
    press(ward, visitor, address, "I.2", "cho", step=0, group_id=second, after="1")
    assert order(ward, address)[-2:] == [("II", "Trồng cây"), ("II", "thông minh ở chợ")]
    wrong = press(ward, visitor, address, "I.3", "cho", step=0, group_id=first, after="IX.9")
    assert "Không có dòng số “IX.9”" in text_of(wrong)
    press(ward, visitor, address, "I.3", "cho", step=0, group_id=first, after="0")
    press(ward, visitor, address, "I.3", "cho", step=0, group_id=second)
    assert order(ward, address) == [
        ("I", "Xây dựng bãi đỗ xe"), ("II", "Trồng cây"), ("II", "thông minh ở chợ"), ("II", "Dạy bơi"),
    ]  # fmt: skip


def test_a_part_of_a_row_becomes_a_row_of_its_own(ward: Ward) -> None:
    visitor, address = imported(ward, TORN)
    refused = press(ward, visitor, address, "I.1", "tach-phan", part="sân vận động")
    assert refused.status_code == 422
    assert "sân vận động" in refused.get_data(as_text=True)
    assert "phải là một đoạn liền nhau" in text_of(refused)
    whole = press(ward, visitor, address, "I.1", "tach-phan", part="Xây dựng bãi đỗ xe")
    assert whole.status_code == 422, "Nothing would be left of the row."
    assert "Xóa bớt những chữ ở lại dòng này" in text_of(whole)
    for torn in (";", "dựng bãi đỗ x"):
        assert press(ward, visitor, address, "I.1", "tach-phan", part=torn).status_code == 422
    page = press(ward, visitor, address, "I.1", "tach-phan", part="bãi\n đỗ  xe")
    assert "Đã tách ra dòng I.1 (2)" in text_of(page)
    rows = tasks(ward, address)
    assert [(place, row.content) for place, row in rows.items()][:3] == [
        ("I.1 (1)", "Xây dựng"), ("I.1 (2)", "bãi đỗ xe"), ("I.2", "thông minh ở chợ"),
    ]  # fmt: skip
    kept, new = rows["I.1 (1)"], rows["I.1 (2)"]
    same = "timing_text", "due_on", "is_recurring", "until_year", "product_text", "note"
    assert [getattr(new, name) for name in same] == [getattr(kept, name) for name in same]
    assert units(ward, new.id, LEAD) == units(ward, kept.id, LEAD) == ["Trạm Y tế"]


def test_what_parts_a_row_is_done_in_its_place(ward: Ward) -> None:
    row = "Mở lớp bơi; Trồng cây; dọn vệ sinh."
    visitor, address = imported(ward, (("1", row, "Trạm Y tế", "", "Hằng năm", "Báo cáo"), *EASY[2:]))
    script = {"headers": {"HX-Request": "true", "HX-Current-URL": f"http://localhost{address}/xem-truoc"}}
    there = f"{address}/nhiem-vu/{tasks(ward, address)['.1'].id}"
    assert row in visitor.get(there).get_data(as_text=True).split('name="part"')[1], "What stays is taken away."
    refused = visitor.post(f"{there}/tach-phan", {"part": "Trồng rừng"}, **script)
    part = refused.get_data(as_text=True)
    assert (refused.status_code, "Trồng rừng" in part, part.count("<textarea")) == (422, True, 1)
    answer = visitor.post(f"{there}/tach-phan", {"part": "Trồng cây;"}, **script)
    assert answer.headers["HX-Reswap"] == "none"
    assert [each.content for each in list(tasks(ward, address).values())[:2]] == [
        "Mở lớp bơi; dọn vệ sinh.", "Trồng cây",
    ]  # fmt: skip
    assert [name in text_of(answer) for name in ("1 (1)", "1 (2)", "Gộp vào dòng trên (1 (2))")] == [True] * 3


def test_an_editor_offers_the_groups(ward: Ward) -> None:
    visitor, address = imported(ward, EASY)
    page = visitor.get(f"{address}/nhiem-vu/{tasks(ward, address)['I.1'].id}")
    assert "Chuyển dòng này đến chỗ khác" in text_of(page)
