"""A plan from its file to running cases, in a browser: nothing typed is lost, everything works from the keyboard."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.accessibility import violations
from tests.support.browsers import PHONE, NewContext, leaving
from tests.support.databases import SqliteDatabases
from tests.support.demo import LoadedDemo
from tests.support.servers import LiveServer, StartServer
from tests.web.plan_wards import GROUP, HARD, PDF, plan_file
from webapp.demo.organisation import PASSWORD

FOCAL = "vhxh.tonghop"
A3_LYING = 1191, 842
CHOSEN_BEFORE = "Phòng Kinh tế, Hạ tầng và Đô thị", "Ủy ban MTTQ"
"""Beside Trạm Y tế, those for whom the demo ward's own plan has the group."""


@pytest.fixture
def ward(
    start_server: StartServer, loaded_demo: LoadedDemo, sqlite_databases: SqliteDatabases, tmp_path: Path
) -> Iterator[LiveServer]:
    """A server on the demo ward."""
    for url in loaded_demo.lend(sqlite_databases, tmp_path / "data"):
        server = start_server(url)
        yield server
        server.stop()


def sign_in(page: Page) -> None:
    page.goto("/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(FOCAL)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    with leaving(page):
        page.keyboard.press("Enter")


def import_plan(page: Page, folder: Path) -> None:
    file = folder / "ke-hoach.txt"
    file.write_bytes(plan_file(HARD))
    page.goto("/ke-hoach/nhap")
    page.get_by_label("Tệp kế hoạch").set_input_files(file)
    page.get_by_role("button", name="Đọc kế hoạch").click()
    expect(page.get_by_role("heading", name="Xem trước kế hoạch")).to_be_visible()
    page.wait_for_load_state()


def resolve_group(page: Page) -> None:
    group = page.get_by_role("form", name=f"Chủ trì ghi “{GROUP}”")
    expect(group).to_contain_text("Đã đánh dấu các đơn vị được chọn cho tên này ở kế hoạch")
    for unit in CHOSEN_BEFORE:
        group.get_by_label(unit).uncheck()
    group.get_by_label("Trạm Y tế").check()
    group.get_by_label("Công an phường").check()
    group.get_by_role("button", name="Áp dụng cho 2 dòng").click()
    expect(group).to_have_count(0)


def test_a_plan_goes_from_its_file_to_running_cases(ward: LiveServer, new_context: NewContext, tmp_path: Path) -> None:
    page = new_context(base_url=ward.url).new_page()
    sign_in(page)
    import_plan(page, tmp_path)
    assert violations(page) == []
    page.get_by_role("link", name="Sửa nhiệm vụ I.2").press("Enter")
    expect(page.get_by_label("Nội dung", exact=True)).to_be_focused()
    page.get_by_label("Ghi chú").fill("đang gõ dở")
    resolve_group(page)
    page.get_by_text("Đề xuất sửa lỗi chữ").click()
    page.get_by_role("button", name="Sửa tất cả “Phân đầu”").click()
    expect(page.get_by_text("Phấn đấu mở lớp tập huấn")).to_be_visible()
    expect(page.get_by_label("Ghi chú")).to_have_value("đang gõ dở")
    page.get_by_label("Hạn riêng").fill("31/02/2040")
    page.get_by_role("button", name="Lưu dòng").click()
    expect(page.get_by_role("alert").filter(has_text="Chưa lưu được nhiệm vụ I.2")).to_be_focused()
    assert violations(page) == []
    page.get_by_label("Hạn riêng").fill("30/04/2040")
    page.get_by_role("button", name="Lưu dòng").click()
    expect(page.get_by_role("link", name="Sửa nhiệm vụ I.2")).to_be_focused()
    page.get_by_role("button", name="Tách thành 2 dòng").click()
    expect(page.get_by_role("link", name="Sửa nhiệm vụ I.2 (2)")).to_be_visible()
    page.get_by_role("button", name="Đã xong trước khi nhập cho nhiệm vụ I.3").click()
    expect(page.get_by_text("chưa giao được")).to_have_count(0)
    with leaving(page):
        page.get_by_role("link", name="Xác nhận kế hoạch").click()
    confirm(page, tmp_path)
    page.get_by_role("button", name="Giao 8 việc").click()
    page.get_by_role("dialog").get_by_role("button", name="Giao việc").click()
    expect(page.locator("#dang-giao")).to_be_empty()
    expect(page.get_by_text("Chưa xong, còn hạn 7")).to_be_visible()
    assert violations(page) == []
    with leaving(page):
        page.get_by_role("link", name="Lịch năm").click()
    expect(page.get_by_role("heading", name="Lịch năm")).to_be_visible()
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert [tuple(map(round, (one.mediabox.width, one.mediabox.height))) for one in printed.pages] == [A3_LYING]


def confirm(page: Page, folder: Path) -> None:
    signed = folder / "ban-ky.pdf"
    signed.write_bytes(PDF)
    page.get_by_label("Số, ký hiệu").fill("77/KH-UBND")
    page.get_by_label("Ngày ban hành").fill("02/01/2026")
    page.get_by_label("Tệp kế hoạch đã ký").set_input_files(signed)
    expect(page.get_by_role("link", name="ban-ky.pdf").or_(page.get_by_text("đã tải lên"))).to_be_visible()
    page.get_by_label("Đơn vị gửi báo cáo chậm nhất").fill("12/12/2050")
    page.get_by_label("Phường gửi thành phố chậm nhất").fill("14/12/2050")
    page.get_by_role("button", name="Xác nhận 6 nhiệm vụ").click()
    expect(page.get_by_role("alert")).to_contain_text("chỉ có 2 ngày làm việc")
    expect(page.get_by_role("link", name="ban-ky.pdf")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Đúng như văn bản, vẫn xác nhận").check()
    page.get_by_role("button", name="Xác nhận 6 nhiệm vụ").click()
    expect(page.get_by_role("heading", name="Giao việc")).to_be_visible()
    assert violations(page) == []


@pytest.mark.prove
def test_rows_are_joined_and_moved_taken_back_and_made_again_in_what_is_filtered(
    ward: LiveServer, new_context: NewContext, tmp_path: Path
) -> None:
    page = new_context(base_url=ward.url).new_page()
    sign_in(page)
    import_plan(page, tmp_path)
    page.goto(f"{page.url}?loc=can-xem")
    press(page, "I.2", "Gộp vào dòng trên (I.1)")
    expect(page.get_by_role("button", name="Hoàn tác: gộp I.2 vào I.1")).to_be_visible()
    press(page, "I.4", "Chuyển lên")
    moved = page.get_by_role("button", name="Hoàn tác: chuyển dòng I.4")
    expect(moved).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("heading", name="Xem trước kế hoạch").click()  # Closes the menu that stayed open.
    press_keys(page, "Control+z")
    again = page.get_by_role("button", name="Làm lại: chuyển dòng I.4")
    expect(again).to_be_visible()
    press_keys(page, "Control+z")
    expect(page.get_by_role("button", name="Làm lại: gộp I.2 vào I.1")).to_be_visible()
    expect(page.get_by_role("link", name="Sửa nhiệm vụ I.2")).to_be_visible()
    press_keys(page, "Control+y")
    expect(again).to_be_visible()
    press_keys(page, "Control+y")
    expect(moved).to_be_visible()
    expect(page.get_by_role("button", name="Làm lại")).to_have_count(0)
    expect(page.get_by_label("Dòng", exact=True)).to_have_value("can-xem")


def press_keys(page: Page, keys: str) -> None:
    """On a page whose scripts have run."""
    page.wait_for_load_state()
    page.keyboard.press(keys)


def press(page: Page, row: str, button: str) -> None:
    """A button of a row's menu."""
    page.get_by_text(f"Thao tác khác với nhiệm vụ {row}", exact=True).locator("..").click()
    page.get_by_role("button", name=button).click()


def test_on_a_phone_rows_are_cards(ward: LiveServer, new_context: NewContext, tmp_path: Path) -> None:
    page = new_context(base_url=ward.url, **PHONE).new_page()
    sign_in(page)
    import_plan(page, tmp_path)
    page.get_by_role("link", name="Sửa nhiệm vụ I.3").tap()
    chosen_before = page.get_by_label("Phòng Kinh tế, Hạ tầng và Đô thị").first
    expect(chosen_before).to_be_checked()
    chosen_before.uncheck()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Lưu dòng").tap()
    expect(page.get_by_role("link", name="Sửa nhiệm vụ I.3")).to_be_visible()
    page.goto("/ke-hoach")
    with leaving(page):
        page.get_by_role("link", name=re.compile("Chuyển đổi số")).tap()
    expect(page.get_by_role("heading", name=re.compile("Chuyển đổi số"))).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_a_row_is_saved_on_a_page_of_its_own(
    ward: LiveServer, new_context: NewContext, tmp_path: Path
) -> None:
    page = new_context(base_url=ward.url, java_script_enabled=False).new_page()
    sign_in(page)
    import_plan(page, tmp_path)
    page.get_by_role("link", name="Sửa nhiệm vụ I.3").click()
    expect(page.get_by_role("heading", name="Sửa nhiệm vụ I.3")).to_be_visible()
    page.get_by_label("Ghi chú").fill("Theo biên bản họp")
    page.get_by_role("button", name="Lưu dòng").click()
    expect(page.get_by_text("Ghi chú: Theo biên bản họp")).to_be_visible()
    resolve = page.get_by_role("button", name="Áp dụng cho 2 dòng")
    page.get_by_label("Trạm Y tế").first.check()
    resolve.click()
    expect(resolve).to_have_count(0)


def test_a_file_of_60_mb_is_refused_with_a_sentence(ward: LiveServer, new_context: NewContext, tmp_path: Path) -> None:
    file = tmp_path / "ke-hoach.txt"
    file.write_bytes(b"x" * 60_000_000)
    page = new_context(base_url=ward.url).new_page()
    sign_in(page)
    page.goto("/ke-hoach/nhap")
    page.get_by_label("Tệp kế hoạch").set_input_files(file)
    page.get_by_role("button", name="Đọc kế hoạch").click()
    expect(page.get_by_role("heading", name="Tệp quá lớn")).to_be_visible()
