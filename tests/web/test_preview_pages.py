"""The preview of a long plan: a page at a time, and every row can be found, edited and settled from it."""

import re
from typing import Any

import pytest

from tests.web.plan_wards import GROUP, editor_values, imported, tasks
from tests.web.wards import Visitor, Ward, text_of

ROWS = (
    ("I", "Việc chung", "", "", "", ""),
    *((str(n), f"Số hóa hồ sơ quyển {n}", "Trạm Y tế phường", "", "Hằng năm", "Báo cáo") for n in range(1, 61)),
    ("II", "Việc riêng", "", "", "", ""),
    *((str(n), f"Mở lớp thứ {n}", "Công an phường", "", "Hằng năm", "Báo cáo") for n in range(1, 50)),
    ("50", "Sửa nhà văn hóa", "Trạm Y tế phường", "", "Tháng 5/2020", "Nhà văn hóa"),
    ("51", "Tuyên truyền", GROUP, "", "Hằng năm", "Tin bài"),
    ("52", "Trồng cây", GROUP, "", "Trong quý I năm 2040; chăm sóc trong giai đoạn 2040 - 2045", "Cây"),
)


@pytest.fixture
def long_draft(ward: Ward) -> tuple[Ward, Visitor, str]:
    return ward, *imported(ward, ROWS)


def shown(page: Any) -> list[str]:
    """The numbers of the rows of a page."""
    return re.findall(r"Nhiệm vụ </span>([^<]+)</th>", page.get_data(as_text=True))


def by_script(address: str, query: str = "") -> dict[str, Any]:
    """As htmx asks from a page of the preview."""
    return {"headers": {"HX-Request": "true", "HX-Current-URL": f"http://localhost{address}/xem-truoc{query}"}}


def test_a_page_shows_its_rows_only_and_leads_on(long_draft: tuple[Ward, Visitor, str]) -> None:
    _, visitor, address = long_draft
    first = visitor.get(f"{address}/xem-truoc")
    assert shown(first) == [f"I.{n}" for n in range(1, 51)]
    assert "Dòng 1–50 trong 112, trang 1/3" in text_of(first)
    second = visitor.get(f"{address}/xem-truoc?trang=2")
    assert shown(second) == [f"I.{n}" for n in range(51, 61)] + [f"II.{n}" for n in range(1, 41)]
    assert shown(visitor.get(f"{address}/xem-truoc?trang=99")) == [f"II.{n}" for n in range(41, 53)]


def test_a_row_is_found_by_its_number_by_words_and_by_what_is_wrong(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    row = tasks(ward, address)["II.45"]
    found = visitor.get(f"{address}/xem-truoc?q=ii.45")
    assert found.location.endswith(f"?dong={row.id}#nv-{row.id}")
    assert "II.45" in shown(visitor.get(found.location))
    assert shown(visitor.get(f"{address}/xem-truoc?q=nha van hoa")) == ["II.50"]
    assert shown(visitor.get(f"{address}/xem-truoc?q=hạn đã qua")) == ["II.50"]
    assert shown(visitor.get(f"{address}/xem-truoc?loc=can-xem")) == ["II.50", "II.51", "II.52"]
    assert shown(visitor.get(f"{address}/xem-truoc?loc=chua-giao")) == ["II.51", "II.52"]
    assert "Không có dòng nào như vậy." in text_of(visitor.get(f"{address}/xem-truoc?q=zzz"))


def test_from_any_page_what_needs_a_decision_is_one_step_away(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    rows = tasks(ward, address)
    page = visitor.get(f"{address}/xem-truoc").get_data(as_text=True)
    assert f'href="{address}/xem-truoc?dong={rows["II.50"].id}#nv-{rows["II.50"].id}"' in page
    last = visitor.get(f"{address}/xem-truoc?trang=3").get_data(as_text=True)
    assert f'href="{address}/xem-truoc?dong={rows["II.51"].id}#nv-{rows["II.51"].id}"' in last


def test_the_words_of_the_file_stand_below_each_row_and_above_its_editor(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    row = tasks(ward, address)["II.45"]
    assert 'class="q-drafts"' in visitor.get(f"{address}/xem-truoc?trang=3").get_data(as_text=True)
    page = visitor.get(f"{address}/xem-truoc?trang=3&goc=1")
    assert 'class="q-drafts shows-source"' in page.get_data(as_text=True)
    assert "45 | Mở lớp thứ 45 | Công an phường" in text_of(page)
    again = visitor.get(f"{address}/xem-truoc").get_data(as_text=True)
    assert 'class="q-drafts shows-source"' in again, "It stays so on the other pages."
    editor = visitor.get(f"{address}/nhiem-vu/{row.id}", **by_script(address))
    assert "45 | Mở lớp thứ 45 | Công an phường" in text_of(editor)


def test_editing_leads_back_to_the_page_of_the_row(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    row = tasks(ward, address)["II.20"]
    values = editor_values(visitor.get(f"{address}/nhiem-vu/{row.id}").get_data(as_text=True))
    answer = visitor.post(f"{address}/nhiem-vu/{row.id}", {**values, "content": "Mở lớp buổi tối"})
    assert "Mở lớp buổi tối" in text_of(visitor.get(answer.location))
    assert "II.20" in shown(visitor.get(answer.location))


def test_what_settles_many_rows_brings_back_those_of_the_page(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    choice = {"lead_text": GROUP, "units": [str(ward.unit("yte"))]}
    elsewhere = visitor.post(f"{address}/chon-don-vi", choice, **by_script(address))
    assert shown(elsewhere) == [] and "Cần xem lại (2)" in text_of(elsewhere)
    assert shown(visitor.get(f"{address}/xem-truoc?loc=chua-giao")) == []


def test_settled_rows_of_a_filtered_page_are_put_anew(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    choice = {"lead_text": GROUP, "units": [str(ward.unit("yte"))]}
    answer = visitor.post(f"{address}/chon-don-vi", choice, **by_script(address, "?loc=chua-giao"))
    assert shown(answer) == ["II.51", "II.52"]


def test_a_row_that_is_split_stands_there_with_what_was_made_of_it(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    row = tasks(ward, address)["II.52"]
    answer = visitor.post(f"{address}/nhiem-vu/{row.id}/tach", **by_script(address, "?trang=3"))
    assert sorted(shown(answer)) == ["II.52 (1)", "II.52 (2)"]
    assert shown(visitor.get(f"{address}/xem-truoc?trang=3"))[-2:] == ["II.52 (1)", "II.52 (2)"]


def test_confirming_leads_to_rows_of_any_page(long_draft: tuple[Ward, Visitor, str]) -> None:
    ward, visitor, address = long_draft
    row = tasks(ward, address)["II.51"]
    assert f"?dong={row.id}#nv-{row.id}" in visitor.get(f"{address}/xac-nhan").get_data(as_text=True)


def test_after_a_button_of_the_review_the_next_one_has_the_focus(ward: Ward) -> None:
    rows = (("1", "Phân đầu đẩy mạnh chuyên đổi số", GROUP, "", "2040", "Báo cáo"),)
    visitor, address = imported(ward, rows)
    page = visitor.get(f"{address}/xem-truoc").get_data(as_text=True)
    proposed = re.findall(r'name="before" value="([^"]+)"><input type="hidden" name="after" value="([^"]+)"', page)
    (first, second), focused = dict.fromkeys(proposed), r"<(\w+) [^>]*autofocus"
    for (before, after), follows in ((first, "button"), (second, "h2")):
        form = {"before": before, "after": after, "accept": "on"}
        answer = visitor.post(f"{address}/sua-loi", form, **by_script(address)).get_data(as_text=True)
        assert re.findall(focused, answer) == [follows]
        assert ('q-repairs" open' in answer) is (follows == "button")
