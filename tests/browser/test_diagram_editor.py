"""Tuesday afternoon, the editing part: an administrator adds a step to a procedure, is interrupted, and deploys it."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import violations
from tests.browser.pages.editor import choose, drawing_of, edit, expect_ready, expect_saved, panel, status
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import LiveServer, StartServer

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

STEP = "Phó Chủ tịch phụ trách xem báo cáo"
FLOW = "consolidate_to_countersign_content"
BEND = """path => {
    const {x, y, width} = path.getBBox(), on = path.getScreenCTM();
    return [(x + width) * on.a + on.e, y * on.d + on.f];
}"""
"""The upper right corner of an arrow, wherever it is on the screen."""
PALETTE_IS_WHOLE = """() => {
    const end = part => document.querySelector(part).getBoundingClientRect().bottom;
    return end(".djs-palette") < end(".djs-container");
}"""
IS_WHOLE = "line => line.scrollWidth <= line.clientWidth && line.scrollHeight <= line.clientHeight"


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def arrange_and_take_back(page: Page) -> None:
    """The drawing is as it was when its arrows run as they did."""
    arrow = page.locator(f'.djs-connection[data-element-id="{FLOW}"] .djs-hit').first
    before = arrow.get_attribute("d") or ""
    page.get_by_label("Sắp xếp tự động").click()
    expect(arrow).not_to_have_attribute("d", before)
    page.get_by_role("button", name="Lấy lại bố cục cũ").click()
    expect(arrow).to_have_attribute("d", before)
    expect(page.get_by_role("button", name="Lấy lại bố cục cũ")).to_have_count(0)


def drop_step_on_arrow(page: Page, arrow: str) -> None:
    """Take a step from the palette and drop it in the arrow's bend."""
    x, y = page.locator(f'.djs-connection[data-element-id="{arrow}"] .djs-hit').first.evaluate(BEND)
    page.get_by_label("Thêm bước").click()
    page.mouse.move(x - 20, y + 20)
    page.mouse.move(x, y, steps=5)
    page.mouse.click(x, y)
    page.keyboard.press("Escape")


def describe_step(page: Page) -> None:
    """Name, who, form, due, and a reminder two working days earlier."""
    fields = panel(page)
    expect(fields.get_by_role("heading", name="Bước do người làm")).to_be_visible()
    fields.get_by_label("Tên", exact=True).fill(STEP)
    fields.get_by_label("Vai trò").select_option(label="Phó Chủ tịch")
    fields.get_by_label("Ở đơn vị").select_option(label="Lãnh đạo UBND")
    fields.get_by_label("Biểu mẫu").select_option("vice_opinion")
    fields.get_by_label("Hạn: cách tính").select_option(label="Biểu thức")
    expect(fields.get_by_label("Biểu thức", exact=True)).to_be_focused()
    fields.get_by_label("Hạn: cách tính").select_option(label="Từ một ngày của quy trình")
    fields.get_by_label("Ngày", exact=True).select_option("submit_by")
    fields.get_by_label("Số ngày làm việc").fill("3")
    fields.get_by_label("Số ngày làm việc").press("Tab")
    fields.get_by_role("button", name="Thêm mức nhắc").click()
    fields.get_by_label("Mức 1: thêm người nhận").select_option("head@focal")
    expect(fields.get_by_label("Mức 1: số")).to_have_value("2")


def draws_the_timers_of_the_table(page: Page) -> None:
    """They are on the step's border at once, follow the table, and are nowhere in the drawing that is kept."""
    kept = drawing_of(page, "report_cycle")
    timer = page.get_by_role("img", name=f"{STEP}. Nhắc trước hạn", exact=False)
    recipients = "08:00: Người đang giữ việc, Trưởng đơn vị – Đơn vị đầu mối"
    expect(timer).to_have_accessible_name(f"{STEP}. Nhắc trước hạn 2 ngày làm việc, {recipients}")
    panel(page).get_by_label("Mức 1: số").fill("5")
    panel(page).get_by_label("Mức 1: số").press("Tab")
    expect(timer).to_have_accessible_name(f"{STEP}. Nhắc trước hạn 5 ngày làm việc, {recipients}")
    page.get_by_label("Hiện mọi mốc nhắc").click()
    expect(page.locator(".q-timer-mark").filter(has_text="−2h").first).to_be_visible()
    page.get_by_label("Hoàn tác").click()
    expect(timer).to_have_accessible_name(f"{STEP}. Nhắc trước hạn 2 ngày làm việc, {recipients}")
    expect_saved(page)
    assert drawing_of(page, "report_cycle") == kept
    page.get_by_label("Hiện mọi mốc nhắc").click()


def draws_while_the_server_is_away(page: Page, server: LiveServer, start_again: Callable[[], LiveServer]) -> None:
    """What was drawn is in the browser, survives leaving the page, and reaches the server afterwards."""
    server.stop()
    panel(page).get_by_label("Tên", exact=True).fill(f"{STEP} tổng hợp")
    panel(page).get_by_label("Tên", exact=True).press("Tab")
    expect(status(page)).to_contain_text("Bản vẽ được giữ trên máy này.")
    editor = page.url
    page.goto("about:blank")
    start_again()
    page.goto(editor)
    page.get_by_role("button", name="Lấy lại bản vẽ đó").click()
    expect_saved(page)


@pytest.mark.prove  # What it is for goes on each time in test_changing_a_procedure.py.
def test_a_step_is_added_and_deployed(
    start_server: StartServer, organisation_url: str, new_page: NewPage, new_phone: NewPage
) -> None:
    start = partial(start_server, organisation_url, "--no-scheduler")
    server = start()
    admin = Officer(new_page(base_url=server.url), "quantri")
    page = admin.page
    admin.go("Quy trình")
    page.get_by_role("region", name="Kỳ báo cáo").get_by_role("button", name="Sửa").click()
    expect_ready(page)
    arrange_and_take_back(page)
    drop_step_on_arrow(page, FLOW)
    expect(page.locator("[data-editor-findings]")).to_contain_text("chưa có biểu mẫu")
    describe_step(page)
    expect(page.locator("[data-editor-findings]")).to_contain_text("Sơ đồ không có lỗi nào.")
    expect_saved(page)
    draws_the_timers_of_the_table(page)
    assert (violations(page), is_too_wide(page)) == ([], False)
    draws_while_the_server_is_away(page, server, partial(start, port=server.port))
    check_on_a_phone(server, new_phone)
    admin.follow("Xem thay đổi và triển khai")
    admin.sees(f"Bước “{STEP} tổng hợp”")
    admin.sees("trước hạn 2 ngày làm việc, 08:00 → Người đang giữ việc, Trưởng đơn vị – Đơn vị đầu mối")
    expect(page.locator(".djs-shape.is-added")).to_have_count(1)
    assert (violations(page), is_too_wide(page)) == ([], False)
    admin.fill("Lý do triển khai", "Phó Chủ tịch đề nghị xem trước khi ký nháy")
    admin.press("Triển khai")
    admin.notices("Đã triển khai “Kỳ báo cáo”.")
    admin.sees("Phó Chủ tịch đề nghị xem trước khi ký nháy")
    expect(page.get_by_role("link", name="Phiên bản 2", exact=True)).to_be_visible()
    assert (violations(page), is_too_wide(page)) == ([], False)


def check_on_a_phone(server: LiveServer, new_phone: NewPage) -> None:
    """A phone shows everything, though nobody would draw on one."""
    phone = Officer(new_phone(base_url=server.url), "quantri").page
    for path in ("", "/report_cycle", "/report_cycle/sua", "/report_cycle/trien-khai", "-moi"):
        phone.goto(f"/quy-trinh{path}")
        if path.endswith("sua"):
            expect_ready(phone)
        assert (violations(phone), is_too_wide(phone)) == ([], False), path


def search_by_key(page: Page) -> None:
    """The key is let go once the field is open."""
    page.get_by_role("button", name="Tìm trong sơ đồ").press("Enter", delay=100)
    expect(page.get_by_role("textbox", name="Tìm trong sơ đồ")).to_be_focused()


def test_a_step_is_added_and_connected_by_keyboard_at_twice_the_size(
    start_server: StartServer, organisation_url: str, new_page: NewPage
) -> None:
    server = start_server(organisation_url, "--no-scheduler")
    page = Officer(new_page(base_url=server.url, viewport={"width": 720, "height": 450}), "quantri").page
    edit(page, "Kỳ báo cáo")
    assert page.evaluate(PALETTE_IS_WHOLE)
    fields, findings = panel(page), page.locator("[data-editor-findings]")
    name = fields.get_by_label("Tên", exact=True)
    search_by_key(page)
    page.keyboard.type("ky nhay noi dung")
    expect(page.locator(".djs-search-result-selected")).to_contain_text("Ký nháy nội dung")
    page.keyboard.press("Enter")
    expect(name).to_have_value("Ký nháy nội dung")
    expect(page.locator('.djs-shape.selected[data-element-id="countersign_content"]')).to_be_in_viewport(ratio=1)
    fields.get_by_role("button", name="Thêm bước sau hình này").press("Enter")
    expect(name).to_have_value("")
    expect(name).to_be_focused()
    page.keyboard.type(STEP)
    page.keyboard.press("Tab")
    expect(findings).to_contain_text(f"Bước “{STEP}” chưa có biểu mẫu")
    expect(findings).not_to_contain_text("mũi tên đi ra")
    fields.get_by_label("Nối mũi tên tới").select_option(label="Tổng hợp")
    expect(findings).to_contain_text(f"“{STEP}” có 2 mũi tên đi ra")
    page.get_by_label("Hoàn tác").press("Enter")
    expect(findings).not_to_contain_text("mũi tên đi ra")
    expect_saved(page)
    search_by_key(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Hoàn tác").press("?")
    keys = page.get_by_role("dialog", name="Phím tắt của trang này")
    expect(keys.get_by_role("definition").filter(has_text="Tìm trong sơ đồ")).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    assert (violations(page), is_too_wide(page)) == ([], False)
    for _ in ("its name", "the step, with the arrow that it took over"):
        page.get_by_label("Hoàn tác").press("Enter")
    expect(findings).to_contain_text("Sơ đồ không có lỗi nào.")
    expect(page.get_by_label("Hoàn tác")).to_be_disabled()


def cut_off(route: Route) -> None:
    route.abort()


def sign_out(route: Route) -> None:
    route.fulfill(status=401)


@pytest.mark.parametrize("width", [390, *(pytest.param(width, marks=pytest.mark.prove) for width in (720, 1440))])
def test_what_keeps_a_drawing_from_the_server_is_read_to_its_end(
    start_server: StartServer, organisation_url: str, new_page: NewPage, width: int
) -> None:
    server = start_server(organisation_url, "--no-scheduler")
    page = Officer(new_page(base_url=server.url, viewport={"width": 1440, "height": 900}), "quantri").page
    edit(page, "Kỳ báo cáo")
    name = choose(page, "consolidate", "Tổng hợp")
    page.set_viewport_size({"width": width, "height": 844})
    for refuse, words in ((cut_off, "Mất kết nối."), (sign_out, "Phiên đăng nhập đã hết.")):
        page.route("**/ban-nhap/luu", refuse)
        name.press_sequentially(".")
        name.press("Tab")
        expect(status(page)).to_contain_text(words)
        expect(status(page)).to_contain_text("Bản vẽ được giữ trên máy này.")
        assert (status(page).evaluate(IS_WHOLE), is_too_wide(page)) == (True, False)
        page.unroute("**/ban-nhap/luu")
