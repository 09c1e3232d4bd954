"""Lists as spreadsheets: whose, of which day, every row numbered, dates as dates, text as text."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, CycleWard, Row
from tests.web.issued_wards import issued_ward
from tests.web.test_indicators import added
from tests.web.wards import text_of
from webapp.cycles.commands import ReturnRow
from webapp.documents import exporting

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", '=HYPERLINK("http://x")', group="II")]


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    with issued_ward(databases, tmp_path, "exports", ROWS) as made:
        yield made


def sheet(made: CycleWard, path: str, username: str = FOCAL) -> list[tuple[Any, ...]]:
    """The rows of a spreadsheet, without what is empty."""
    answer = made.signed_in(username).get(path)
    assert answer.status_code == 200, path
    page = load_workbook(io.BytesIO(answer.get_data())).active
    return [tuple(value for value in row if value is not None) for row in page.iter_rows(values_only=True)]


def test_the_inbox_names_the_agency_the_list_and_the_day_and_numbers_its_rows(made: CycleWard) -> None:
    rows = sheet(made, "/hop-viec.xlsx", "yte.cv1")
    assert rows[0][0].endswith("PHƯỜNG HẢI ĐÔNG")
    assert rows[1] == ("DANH SÁCH VIỆC ĐANG CHỜ",)
    assert rows[2][0].startswith("của tôi; số liệu đến ngày ")
    [row] = [row for row in rows if row[:1] == (1,)]
    assert row[1:3] == ("Thực hiện, báo kết quả", '=HYPERLINK("http://x")')
    assert any(isinstance(cell, datetime) for cell in row)
    assert len(sheet(made, "/hop-viec.xlsx?q=khongco", "yte.cv1")) == len(rows) - 1


def test_a_cycle_is_told_unit_by_unit_and_seen_by_those_who_may(made: CycleWard) -> None:
    made.open_cycle()
    made.send("1", "khdt")
    rows = sheet(made, f"/ky-bao-cao/{made.cycle_id}/theo-doi.xlsx")
    assert any(row[0] == "Phòng Kinh tế, Hạ tầng và Đô thị: đã nhận 0/1" for row in rows if row)
    assert [row[4] for row in rows if row[:1] in ((1,), (2,))] == ["Chờ kiểm tra", "Chưa gửi"]
    assert any(row[1:2] == (f"Năm {made.year()}",) for row in sheet(made, "/ky-bao-cao.xlsx"))
    for path in ("/ky-bao-cao.xlsx", f"/ky-bao-cao/{made.cycle_id}/theo-doi.xlsx"):
        assert made.signed_in("khdt.cv1").get(path).status_code == 403


def test_why_a_report_was_returned_is_noted_until_it_is_sent_again(made: CycleWard) -> None:
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1", "2")

    def noted() -> bool:
        return any("Chưa khớp" in row for row in sheet(made, f"/ky-bao-cao/{made.cycle_id}/theo-doi.xlsx"))

    def said() -> str:
        return text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))

    made.execute(ReturnRow(entry_id=made.entry("1"), item="Số liệu", reason="Chưa khớp"), FOCAL)
    assert noted() and "Đã trả lại: Chưa khớp" in said()
    made.send("1", "khdt")
    assert not noted() and "Đơn vị đã gửi, chờ kiểm tra." in said() and "Đã trả lại: Chưa khớp" not in said()


def test_a_file_is_named_by_what_it_is_a_list_of(made: CycleWard) -> None:
    made.open_cycle()
    file = made.signed_in("yte.cv1").get(f"/bao-cao-don-vi/{made.cycle_id}/{made.ward.unit('yte')}.xlsx")
    name = f"bao-cao-cua-don-vi-tram-y-te-nam-{made.year()}-45-kh-ubnd.xlsx"
    assert file.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_what_a_search_finds_is_grouped_by_kind(made: CycleWard) -> None:
    made.send("1", "khdt", result="Đã quét 12.000 trang")
    rows = sheet(made, "/tim-kiem.xlsx?q=quet")
    assert ("Báo cáo của đơn vị",) in rows
    assert any("Đã quét 12.000 trang" in row for row in rows)
    assert not any("Đã quét" in str(row) for row in sheet(made, "/tim-kiem.xlsx?q=quet", "yte.cv1"))


@pytest.mark.parametrize(
    ("path", "username", "title"),
    [
        ("/nguoi-dung.xlsx", "quantri", "DANH SÁCH NGƯỜI DÙNG"),
        ("/su-co.xlsx", "quantri", "DANH SÁCH SỰ CỐ"),
        ("/phat-hanh/so-dang-ky.xlsx", "vanthu", "SỔ ĐĂNG KÝ VĂN BẢN"),
        ("/kho-khan.xlsx", FOCAL, "KHÓ KHĂN, VƯỚNG MẮC VÀ KIẾN NGHỊ"),
        ("/ke-hoach.xlsx", FOCAL, "DANH SÁCH KẾ HOẠCH"),
        ("/duyet-ky.xlsx", "chutich", "VĂN BẢN CHỜ DUYỆT VÀ KÝ"),
        ("/thong-bao.xlsx", FOCAL, "DANH SÁCH THÔNG BÁO"),
        ("/vang-mat.xlsx", "quantri", "DANH SÁCH VẮNG MẶT"),
    ],
)
def test_other_lists_too(made: CycleWard, path: str, username: str, title: str) -> None:
    rows = sheet(made, path, username)
    assert rows[1] == (title,) and rows[4][0] == "STT"


def test_indicators_of_a_plan(made: CycleWard) -> None:
    rows = sheet(made, f"/ke-hoach/{made.plan_id}/chi-tieu.xlsx")
    assert rows[1] == ("CHỈ TIÊU CỦA KẾ HOẠCH",) and "45/KH-UBND" in rows[2][0]
    visitor = made.signed_in(FOCAL)
    share = added(made, visitor, "Doanh nghiệp đổi mới", operator="at_least", target="40", unit="%",
                  denominator="tổng số doanh nghiệp", baseline="12,5")  # fmt: skip
    visitor.post(f"/chi-tieu/{share}/so-lieu", {"value": "38,5", "whole": "120", "as_of": f"{made.today():%d/%m/%Y}"})
    [row] = [row for row in sheet(made, f"/ke-hoach/{made.plan_id}/chi-tieu.xlsx") if "Doanh nghiệp đổi mới" in row]
    assert {"%", "tổng số doanh nghiệp", 12.5, 38.5, "≥ 40%"} <= set(row)
    assert sheet(made, f"/chi-tieu/{share}.xlsx")[5][3:5] == (38.5, 120)


def test_a_browser_asks_anew_for_what_was_downloaded_before(made: CycleWard) -> None:
    kept = made.signed_in(FOCAL).get("/hop-viec.xlsx").cache_control
    assert (kept.no_cache, kept.max_age, kept.public) == (True, None, False)


def test_a_very_long_list_is_bounded_and_says_so(made: CycleWard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 3)
    rows = sheet(made, "/nguoi-dung.xlsx", "quantri")
    assert [row[0] for row in rows[5:]] == [1, 2, 3, "Chỉ ghi 3 dòng đầu; hãy lọc bớt rồi tải lại."]
