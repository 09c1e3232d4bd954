"""Two administrators have one draft open, or one of them deploys or drops it meanwhile."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.pages.editor import choose, edit, expect_ready, expect_saved, look_around, status
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import LiveServer, StartServer

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

PROCEDURE = "Kỳ báo cáo"
STEP = "consolidate"
MINE, THEIRS = (STEP, "Tổng hợp"), ("countersign_content", "Ký nháy nội dung")


@pytest.fixture
def server(start_server: StartServer, organisation_url: str) -> LiveServer:
    return start_server(organisation_url, "--no-scheduler")


@pytest.fixture
def desk(server: LiveServer, new_page: NewPage) -> Page:
    """The draft, open at one administrator's."""
    page = Officer(new_page(base_url=server.url), "quantri").page
    edit(page, PROCEDURE)
    return page


@pytest.fixture
def other(server: LiveServer, new_page: NewPage, desk: Page) -> Page:
    """The same draft, open at another's."""
    page = Officer(new_page(base_url=server.url), "quantri").page
    page.goto(desk.url)
    expect_ready(page)
    return page


def rename(page: Page, step: tuple[str, str], name: str) -> None:
    field = choose(page, *step)
    field.fill(name)
    field.press("Tab")
    expect_saved(page)


def test_what_is_being_typed_is_not_overwritten_by_anothers_drawing(desk: Page, other: Page) -> None:
    name = choose(desk, *MINE)
    rename(other, THEIRS, "Ký nháy của họ")
    name.press("End")
    desk.keyboard.type(" của tôi")
    look_around(desk)
    expect(desk.get_by_role("button", name="Giữ bản của tôi")).to_be_visible()
    expect(name).to_be_focused()
    expect(name).to_have_value("Tổng hợp của tôi")


@pytest.mark.prove
def test_anothers_drawing_comes_without_moving_whoever_reads_one(desk: Page, other: Page) -> None:
    """What was chosen stays chosen, the focus stays in its field, and the page says who saved."""
    name = choose(desk, *MINE)
    name.press("End")
    desk.keyboard.type(" số liệu")
    expect_saved(desk)
    look_around(other)
    expect(status(other)).to_contain_text("trang đã lấy bản mới")
    rename(other, (STEP, "Tổng hợp số liệu"), "Tổng hợp của họ")
    look_around(desk)
    expect(name).to_have_value("Tổng hợp của họ")
    expect(status(desk)).to_contain_text("trang đã lấy bản mới")
    expect(name).to_be_focused()
    expect(desk.locator(f'.djs-shape.selected[data-element-id="{STEP}"]')).to_be_visible()


def test_a_name_is_kept_while_it_is_typed_and_taken_back_at_once(desk: Page) -> None:
    name = choose(desk, *MINE)
    name.press("End")
    for word in (" số liệu", " cả kỳ"):
        desk.keyboard.type(word)
        expect_saved(desk)
        expect(name).to_be_focused()
        desk.evaluate("document.querySelector('[data-editor-status]').textContent = ''")
    desk.get_by_label("Hoàn tác").click()
    expect(name).to_have_value("Tổng hợp")
    expect(desk.get_by_label("Hoàn tác")).to_be_disabled()


@pytest.mark.prove
def test_what_is_typed_when_the_page_is_left_is_offered_again(desk: Page) -> None:
    desk.route("**/ban-nhap/luu", lambda route: route.abort())
    choose(desk, *MINE).press("End")
    desk.keyboard.type(" số liệu")
    desk.reload()
    desk.unroute("**/ban-nhap/luu")
    desk.get_by_role("button", name="Lấy lại bản vẽ đó").press("Enter", delay=100)
    expect(desk.get_by_role("application", name="Vùng vẽ sơ đồ").locator("svg[tabindex]")).to_be_focused()
    choose(desk, STEP, "Tổng hợp số liệu")
    expect_saved(desk)


@pytest.mark.prove
def test_a_draft_that_somebody_dropped_is_told_of_though_another_was_begun(desk: Page, other: Page) -> None:
    rename(desk, MINE, "Tổng hợp của tôi")
    other.get_by_role("button", name="Bỏ bản nháp").click()
    with other.expect_navigation():
        other.get_by_role("dialog").get_by_role("button", name="Bỏ bản nháp").click()
    edit(other, PROCEDURE)
    rename(other, THEIRS, "Ký nháy của họ")
    look_around(desk)
    gone = desk.get_by_role("alert").filter(has_text="Bản nháp này vừa được triển khai hoặc bỏ đi.")
    expect(gone).to_contain_text("Bản vẽ của bạn còn giữ trên máy này.")
    assert violations(desk) == []
    with desk.expect_download() as kept:
        gone.get_by_role("button", name="Tải bản vẽ về máy").click()
    assert "Tổng hợp của tôi" in kept.value.path().read_text()
    desk.get_by_role("link", name="Xem thay đổi và triển khai").click()
    expect(desk.get_by_role("alert").filter(has_text="không còn gì để triển khai")).to_be_visible()
    gone.get_by_role("link", name="Mở trang của quy trình").click()
    desk.get_by_role("link", name="Mở bản nháp").click()
    expect_ready(desk)
    desk.get_by_role("button", name="Lấy lại bản vẽ đó").click()
    choose(desk, STEP, "Tổng hợp của tôi")
