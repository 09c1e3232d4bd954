"""Signing in and administration in a real browser: by keyboard, on a telephone, and for those who listen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.support.browsers import NewPage, leaving
from tests.support.servers import LiveServer
from webapp.demo.organisation import PASSWORD

PAGES = (
    "/nguoi-dung", "/nguoi-dung/moi", "/nguoi-dung/nhap", "/don-vi", "/don-vi/moi", "/thiet-lap", "/thiet-lap/ubnd",
    "/lich-lam-viec", "/nhat-ky", "/vang-mat", "/vang-mat/moi", "/tai-khoan", "/tai-khoan/mat-khau", "/tai-khoan/ma",
)  # fmt: skip


def sign_in(page: Page, username: str) -> None:
    page.goto("/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.locator("#f-password").fill(PASSWORD)
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_have_count(0)


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.prove
@pytest.mark.parametrize("device", ["desk", "telephone"])
def test_every_page_is_accessible_and_fits(
    demo_server: LiveServer, new_page: NewPage, new_phone: NewPage, device: str
) -> None:
    page = (new_phone if device == "telephone" else new_page)(base_url=demo_server.url)
    for path in ("/dang-nhap", "/dang-nhap/ma"):
        page.goto(path)
        assert (violations(page), is_too_wide(page)) == ([], False), path
    sign_in(page, "quantri")
    for path in PAGES:
        page.goto(path)
        assert (violations(page), is_too_wide(page)) == ([], False), path


def test_on_a_telephone_the_tab_of_the_page_is_in_sight(demo_server: LiveServer, new_phone: NewPage) -> None:
    phone = new_phone(base_url=demo_server.url)
    sign_in(phone, "quantri")
    for path in ("/nguoi-dung", "/vang-mat", "/nhat-ky"):
        phone.goto(path)
        expect(phone.locator('.q-tabs [aria-current="page"]')).to_be_in_viewport(ratio=0.9)


def test_a_person_with_two_roles_is_added_and_signs_in(demo_server: LiveServer, new_page: NewPage) -> None:
    admin = new_page(base_url=demo_server.url)
    sign_in(admin, "quantri")
    admin.goto("/nguoi-dung/moi")
    with leaving(admin):
        admin.get_by_role("button", name="Thêm người").click()
    expect(admin.locator("[data-error-summary]")).to_be_focused()
    admin.get_by_role("link", name="Nhập họ và tên.").click()
    expect(admin.get_by_label("Họ và tên")).to_be_focused()
    admin.keyboard.type("Lê Thị Thử")
    admin.get_by_role("button", name="Thêm vai trò").click()
    for row, (unit, role) in enumerate((("Trạm Y tế", "Chuyên viên"), ("Công an phường", "Trưởng đơn vị"))):
        admin.locator(f"#memberships-{row}-unit_id").select_option(label=unit)
        admin.locator(f"#memberships-{row}-role").select_option(label=role)
    admin.get_by_role("button", name="Thêm người").click()
    expect(admin.get_by_role("heading", name="Đã thêm người dùng")).to_be_visible()
    password = admin.locator("code").inner_text()
    newcomer = new_page(base_url=demo_server.url)
    newcomer.goto("/dang-nhap")
    newcomer.get_by_label("Tên đăng nhập").fill("thult")
    newcomer.locator("#f-password").fill(password)
    newcomer.keyboard.press("Enter")
    expect(newcomer.get_by_role("heading", name="Đặt mật khẩu của bạn")).to_be_visible()


def test_a_clerk_signs_in_on_a_telephone_with_a_code_from_the_head(
    demo_server: LiveServer, new_page: NewPage, new_phone: NewPage
) -> None:
    head, clerk = new_page(base_url=demo_server.url), new_phone(base_url=demo_server.url)
    sign_in(head, "th.truong")
    head.goto("/tai-khoan/ma")
    head.get_by_role("button", name="Cấp mã cho Nhân viên văn thư Trường Tiểu học").click()
    code = head.locator("#ma").inner_text()
    clerk.goto("/dang-nhap/ma")
    clerk.get_by_label("Số điện thoại").fill("0900 000 001")
    clerk.get_by_label("Mã gồm 8 chữ số").fill(code)
    clerk.get_by_role("button", name="Đăng nhập").tap()
    expect(clerk.get_by_role("heading", name="Đăng nhập")).to_have_count(0)
