"""Editing forms in a real browser: what was typed is never lost, and the keyboard goes on where it was."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.accessibility import violations
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage, leaving
from tests.support.servers import StartServer

FORM = "/quy-trinh/report_cycle/bieu-mau/xem"


@pytest.fixture
def admin(organisation_url: str, start_server: StartServer, new_page: NewPage) -> Officer:
    """At the settings of the second field of a form of three."""
    server = start_server(organisation_url, "--no-scheduler")
    admin = Officer(new_page(base_url=server.url), "quantri")
    admin.page.goto("/quy-trinh")
    admin.open(admin.page.get_by_role("region", name="Kỳ báo cáo").get_by_role("button", name="Sửa"))
    admin.page.goto(FORM.removesuffix("/xem"))
    admin.fill("Tên biểu mẫu", "Xem")
    admin.page.get_by_label("Mã", exact=True).fill("xem")
    admin.press("Tạo biểu mẫu")
    for _ in range(2):
        admin.press("Thêm")
    admin.page.goto(f"{FORM}?truong=1")
    return admin


def rows(page: Page) -> list[str]:
    return page.locator("[data-reorder] > li a").all_inner_texts()


def test_settings_go_along_with_every_button_and_link(admin: Officer) -> None:
    page = admin.page
    admin.fill("Nhãn", "Nguyên nhân")
    admin.press("Thêm")
    assert rows(page) == ["Ý kiến", "Nguyên nhân", "Một dòng chữ", "Một dòng chữ"]
    admin.fill("Nhãn", "Kiến nghị")
    admin.fill("Tên biểu mẫu", "Xem báo cáo")
    admin.follow("Nguyên nhân")
    expect(page.get_by_role("heading", name="Một dòng chữ: Nguyên nhân")).to_be_focused()
    assert rows(page) == ["Ý kiến", "Nguyên nhân", "Một dòng chữ", "Kiến nghị"]
    expect(page.get_by_label("Tên biểu mẫu")).to_have_value("Xem báo cáo")
    admin.fill("Lời giúp dưới ô nhập", "Vì sao chậm?")
    admin.press("Chuyển xuống: Ý kiến")
    admin.follow("Nguyên nhân")
    expect(page.get_by_label("Lời giúp dưới ô nhập")).to_have_value("Vì sao chậm?")
    assert violations(page) == []


@pytest.mark.prove
def test_a_field_moved_to_the_end_keeps_the_keyboard(admin: Officer) -> None:
    page = admin.page
    page.get_by_role("button", name="Chuyển xuống").nth(1).focus()
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page.locator("#len-2")).to_be_focused()


def test_what_was_typed_is_asked_about_and_stays_when_the_line_is_lost(admin: Officer) -> None:
    page, asked = admin.page, []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    admin.fill("Nhãn", "Nguyên nhân")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Tải tệp").evaluate("link => location.assign('/')")
    assert asked == ["beforeunload"]
    page.context.set_offline(True)
    page.get_by_role("button", name="Lưu trường").click()
    expect(page.get_by_text("Nội dung bạn nhập vẫn còn trên trang này")).to_be_visible()
    expect(page.get_by_label("Nhãn")).to_have_value("Nguyên nhân")
    page.context.set_offline(False)
    admin.press("Lưu trường")
    admin.notices("Đã lưu trường.")
    admin.follow("Biểu mẫu")
    assert asked == ["beforeunload"], "What is saved is not asked about."
