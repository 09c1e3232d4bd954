"""Signing in, and the frame around every page, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import organisation_in
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.databases import SqliteDatabases
from tests.support.nursery import Nursery
from tests.support.servers import LiveServer, serving
from webapp.demo.organisation import PASSWORD


@pytest.fixture(scope="module")
def server(
    nursery: Nursery, sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """One for all: each test signs in as it needs, and none changes what another sees."""
    for url in organisation_in(sqlite_databases):
        with serving(nursery, tmp_path_factory.mktemp("frame")) as start_server:
            yield start_server(url, "--no-scheduler")


def sign_in(page: Page, identifier: str, password: str = PASSWORD) -> None:
    page.get_by_label("Tên đăng nhập").fill(identifier)
    page.get_by_role("textbox", name="Mật khẩu").fill(password)
    page.keyboard.press("Enter")


def places(page: Page) -> list[str]:
    return page.get_by_role("navigation", name="Các phần", exact=True).get_by_role("link").all_inner_texts()


def test_signing_in_leads_on_to_the_page_that_was_asked_for(server: LiveServer, new_page: NewPage) -> None:
    page = new_page(base_url=server.url)
    page.goto("/thong-bao")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    assert violations(page) == []
    sign_in(page, "khdt.truong")
    expect(page.get_by_role("heading", name="Thông báo")).to_be_visible()


def test_a_wrong_password_keeps_the_name_and_leads_to_the_fault(server: LiveServer, new_page: NewPage) -> None:
    page = new_page(base_url=server.url)
    page.goto("/dang-nhap")
    sign_in(page, "khdt.truong", "không đúng")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("khdt.truong")
    expect(page.get_by_role("textbox", name="Mật khẩu")).to_have_value("")
    assert violations(page) == []


def test_a_typed_password_can_be_shown(server: LiveServer, new_page: NewPage) -> None:
    page = new_page(base_url=server.url)
    page.goto("/dang-nhap")
    field = page.locator("input[name=password]")
    field.fill("abc")
    page.get_by_role("button", name=re.compile("Hiện")).click()
    expect(field).to_have_attribute("type", "text")


def test_a_telephone_number_signs_in_on_a_telephone(server: LiveServer, new_phone: NewPage) -> None:
    page = new_phone(base_url=server.url)
    page.goto("/dang-nhap")
    sign_in(page, "0900 000 001")
    expect(page.get_by_role("heading", name="Hộp việc")).to_be_visible()
    expect(page.get_by_role("navigation", name="Các phần, trên điện thoại")).to_be_visible()
    expect(page.get_by_role("navigation", name="Các phần", exact=True)).to_be_hidden()
    assert violations(page) == []


def test_each_sees_the_places_of_their_role(server: LiveServer, new_page: NewPage) -> None:
    staff = Officer(new_page(base_url=server.url), "khdt.cv1").page
    assert places(staff) == ["Hộp việc", "Báo cáo của đơn vị", "Kế hoạch", "Kết quả năm", "Khó khăn"]
    clerk = Officer(new_page(base_url=server.url), "vanthu").page
    assert "Phát hành" in places(clerk)
    assert "Duyệt và ký" not in places(clerk)
    admin = Officer(new_page(base_url=server.url), "quantri").page
    assert {"Sự cố", "Người dùng", "Thiết lập phường"} <= set(places(admin))
    assert "Hộp việc" not in places(admin)


def test_who_holds_two_desks_acts_at_the_one_they_choose(server: LiveServer, new_page: NewPage) -> None:
    page = Officer(new_page(base_url=server.url), "vanphong").page
    expect(page.get_by_text("Đang làm việc với vai")).to_be_visible()
    assert "Quy trình" in places(page)
    page.get_by_text("Đang làm việc với vai").click()
    page.get_by_role("button", name=re.compile(r"^Chánh Văn phòng · ")).click()
    expect(page.get_by_role("navigation", name="Các phần", exact=True)).not_to_contain_text("Quy trình")


def test_signing_out_ends_it_for_every_page(server: LiveServer, new_page: NewPage) -> None:
    page = Officer(new_page(base_url=server.url), "khdt.truong").page
    page.locator("summary").filter(has_text="Trưởng phòng KT-HT-ĐT").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    page.goto("/hop-viec")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def test_the_keyboard_reaches_the_content_and_lists_its_keys(server: LiveServer, new_page: NewPage) -> None:
    page = Officer(new_page(base_url=server.url), "khdt.truong").page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Đến nội dung chính")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt của trang này")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_clock_of_rehearsals_is_on_every_page(server: LiveServer, new_page: NewPage) -> None:
    admin = Officer(new_page(base_url=server.url), "quantri").page
    banner = admin.get_by_role("region", name="Đồng hồ diễn tập")
    expect(banner).to_contain_text("Mọi hạn và nhắc việc tính theo giờ này.")
    banner.get_by_role("link", name="Chỉnh đồng hồ").click()
    admin.get_by_role("button", name="Chỉnh đồng hồ").click()
    expect(admin.locator(".q-flashes")).to_contain_text("Đồng hồ diễn tập đã chỉnh tới 08:00")
    expect(banner).to_contain_text("08:00")


def test_what_does_not_exist_or_is_not_allowed_says_so_within_the_frame(server: LiveServer, new_page: NewPage) -> None:
    page = Officer(new_page(base_url=server.url), "khdt.cv1").page
    for path, words in (("/khong-co", "Không tìm thấy"), ("/nguoi-dung", "không có quyền")):
        page.goto(path)
        expect(page.locator("main")).to_contain_text(words)
        expect(page.get_by_role("navigation", name="Các phần", exact=True)).to_be_visible()
        assert violations(page) == []
