"""The pages of a cycle in a real browser: what is typed saves itself, and everybody can use them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.pages.officer import Officer
from tests.support.browsers import PHONE, NewPage, leaving
from tests.support.servers import LiveServer, StartServer
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.remembering import remembered
from tests.web.wards import Ward

ROWS = [
    Row("khdt", "Số hóa hồ sơ đất đai", coordinator="hcc"), Row("khdt", "Hạ tầng viễn thông", group="II"),
    Row("khdt", "Bản đồ số", group="II", conditional=True), Row("yte", "Hồ sơ sức khỏe", group="II"),
    Row("th", "Ngày hội chuyển đổi số", group="II"),
]  # fmt: skip
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@remembered
def begun(ward: Ward) -> CycleWard:
    """A cycle with a row in every state."""
    made = issue(ward, ROWS)
    made.open_cycle()
    made.send("1", "khdt")
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu số liệu", items=[])
    made.report("2", "khdt.cv1")
    made.send("4", "yte", difficulties="Thiếu máy tính")
    return made


@pytest.fixture
def made(ward: Ward) -> CycleWard:
    return begun(ward)


@pytest.fixture
def server(made: CycleWard, start_server: StartServer) -> LiveServer:
    return start_server(made.ward.app.config["SQLALCHEMY_DATABASE_URI"], "--no-scheduler")


def draft_the_report(made: CycleWard) -> None:
    made.take("4")
    made.cut_off(khdt="Chưa xong", th="Chưa gửi")


def test_typing_saves_itself_and_survives_a_refusal(made: CycleWard, server: LiveServer, new_page: NewPage) -> None:
    page = Officer(new_page(base_url=server.url), "khdt.cv1").page
    page.goto("/bao-cao-don-vi")
    row = page.get_by_role("article").filter(has_text="Bản đồ số")
    row.get_by_label("Kết quả").fill("Đã cập nhật 12 lớp bản đồ")
    expect(page.locator("[data-draft-status]")).to_contain_text("Đã lưu nháp lúc")
    with leaving(page):
        page.get_by_role("button", name="Gửi báo cáo").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Chưa chọn tình trạng.").click()
    expect(row.get_by_role("radiogroup", name="Tình trạng")).to_be_focused()
    expect(page.get_by_role("region", name="Bản nháp chưa gửi")).to_have_count(0)
    expect(row.get_by_label("Kết quả")).to_have_value("Đã cập nhật 12 lớp bản đồ")
    page.goto("/bao-cao-don-vi")
    expect(row.get_by_label("Kết quả")).to_have_value("Đã cập nhật 12 lớp bản đồ")
    row.get_by_role("radio", name="Đang thực hiện, còn làm tiếp").check()
    with leaving(page):
        page.get_by_role("button", name="Gửi báo cáo").click()
    expect(page.locator(".q-flashes")).to_contain_text("Đã gửi 1 nội dung: II.3.")
    expect(page.get_by_role("region", name="Bản nháp chưa gửi")).to_have_count(0)


def test_the_drafters_words_save_themselves_and_the_next_statement_comes(
    made: CycleWard, server: LiveServer, new_page: NewPage
) -> None:
    draft_the_report(made)
    page = Officer(new_page(base_url=server.url), FOCAL).page
    page.goto(f"/tong-hop/{made.cycle_id}")
    words = page.get_by_label("Nội dung đưa vào báo cáo").first
    words.fill("Phường đã tạo lập 3.000 hồ sơ. ")
    status = page.locator("form", has=words).locator("[data-draft-status]")
    expect(status).to_contain_text("Đã lưu nháp lúc")
    page.get_by_label("Đánh giá chung").fill("Nhìn chung tốt.")
    with leaving(page):
        page.get_by_role("button", name="Dùng nội dung II.4 Trạm Y tế").click()
    expect(page.get_by_text("Đã xét 1/1")).to_be_visible()
    expect(page.get_by_label("Nội dung đưa vào báo cáo").first).to_have_value("Phường đã tạo lập 3.000 hồ sơ. ")
    expect(page.get_by_label("Đánh giá chung")).to_have_value("Nhìn chung tốt.")
    expect(page.get_by_role("region", name="Bản nháp chưa gửi")).to_have_count(0)


@pytest.mark.prove
@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_everybody_can_use_the_pages(made: CycleWard, server: LiveServer, new_page: NewPage, screen: str) -> None:
    options = PHONE if screen == "phone" else {}
    page = Officer(new_page(base_url=server.url, **options), FOCAL).page
    cycle = made.cycle_id
    for path in ("/ky-bao-cao", "/ky-bao-cao/mo", f"/ky-bao-cao/{cycle}", f"/ky-bao-cao/{cycle}/kiem-tra",
                 f"/ky-bao-cao/{cycle}/doi-han", f"/bao-cao-don-vi/{cycle}/{made.ward.unit('khdt')}"):  # fmt: skip
        look(page, path)
    draft_the_report(made)
    look(page, f"/tong-hop/{cycle}")
    look(page, f"/tong-hop/{cycle}/trinh-ky")
    for username, path in (("khdt.cv1", "/bao-cao-don-vi"), ("khdt.truong", "/bao-cao-don-vi?tat-ca=1")):
        look(Officer(new_page(base_url=server.url, **options), username).page, path)


def look(page: Page, path: str) -> None:
    page.goto(path)
    assert violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_closing_names_who_is_missing(made: CycleWard, server: LiveServer, new_page: NewPage) -> None:
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")
    page = Officer(new_page(base_url=server.url), FOCAL).page
    look(page, f"/ky-bao-cao/{made.cycle_id}/chot")
    page.get_by_role("button", name="Chốt số liệu").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("link", name="Trường Tiểu học Hải Đông: Chưa nhập lý do.").click()
    school = page.get_by_role("group", name="Trường Tiểu học Hải Đông")
    expect(school.get_by_label("Lý do chưa có báo cáo")).to_be_focused()
