"""A Tuesday afternoon: an administrator, no programmer, changes how reports are approved.

They try it, deploy it, and move the running cases over; then the ward's people work by it.
"""

import re

from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage, leaving
from tests.support.servers import LiveServer

PROCEDURE = "Thực hiện nhiệm vụ của kế hoạch"
BEFORE, ADDED = "Duyệt báo cáo đơn vị", "Phó Chủ tịch xem báo cáo"


def test_a_procedure_is_changed_tried_deployed_and_its_cases_moved(demo_server: LiveServer, new_page: NewPage) -> None:
    admin = Officer(new_page(base_url=demo_server.url), "quantri")
    open_settings(admin)
    remind_two_days_earlier(admin)
    add_the_vice_chair(admin)
    word_the_form(admin)
    rehearse(admin)
    deploy(admin)
    move_cases(admin)
    approve_as_the_head(Officer(new_page(base_url=demo_server.url), "yte.truong"))
    read_as_the_vice_chair(Officer(new_page(base_url=demo_server.url), "pct.vhxh"))


def is_accessible(admin: Officer) -> None:
    assert violations(admin.page) == []


def open_settings(admin: Officer) -> None:
    admin.go("Quy trình")
    card = admin.page.locator("section", has=admin.page.get_by_role("heading", name=PROCEDURE))
    admin.follow("Phiên bản và biểu mẫu", card)
    admin.press("Thiết lập nhanh")
    admin.sees(BEFORE)
    is_accessible(admin)


def remind_two_days_earlier(admin: Officer) -> None:
    admin.follow("Sửa bảng nhắc chung")
    first = admin.page.get_by_label("Số", exact=True).first
    first.fill(str(int(first.input_value()) + 2))
    is_accessible(admin)
    admin.press("Lưu bảng nhắc")
    admin.notices("Đã lưu bảng nhắc chung.")


def add_the_vice_chair(admin: Officer) -> None:
    admin.follow(BEFORE)
    admin.fill("Tên bước mới", ADDED)
    section = admin.page.locator("section", has=admin.page.get_by_role("heading", name="Thêm người duyệt sau bước này"))
    section.get_by_label("Vai", exact=True).select_option(label="Phó Chủ tịch")
    section.get_by_label("Đơn vị", exact=True).select_option(label="Lãnh đạo UBND")
    section.get_by_label("Được trả lại").uncheck()
    is_accessible(admin)
    admin.press("Thêm bước")
    admin.notices(f"Đã thêm bước “{ADDED}”")


def word_the_form(admin: Officer) -> None:
    row = admin.page.get_by_role("row").filter(has=admin.page.get_by_role("link", name=ADDED)).first
    admin.follow(ADDED, row.locator("td").last)
    admin.follow("Ý kiến")
    expect(admin.page.get_by_role("heading", name="Nhiều dòng chữ: Ý kiến")).to_be_focused()
    admin.fill("Nhãn", "Ý kiến của Phó Chủ tịch")
    admin.page.get_by_label("Khi nào").select_option(label="Luôn bắt buộc")
    admin.press("Lưu trường")
    admin.notices("Đã lưu trường.")
    is_accessible(admin)
    drag_a_new_field_up(admin)
    move_one_by_keyboard(admin)
    for frame in ("Xem trước trên máy tính", "Xem trước trên điện thoại"):
        preview = admin.page.frame_locator(f"iframe[title='{frame}']")
        expect(preview.get_by_label("Ý kiến của Phó Chủ tịch")).to_be_visible()


def drag_a_new_field_up(admin: Officer) -> None:
    admin.press("Thêm")
    rows = admin.page.locator("[data-reorder] > li")
    expect(rows).to_have_count(2)
    rows.last.locator("[data-grip]").drag_to(rows.first, target_position={"x": 20, "y": 4})
    expect(rows.last).to_contain_text("Ý kiến của Phó Chủ tịch")


def move_one_by_keyboard(admin: Officer) -> None:
    """The same button of the same field is at hand afterwards."""
    admin.press("Thêm")
    rows = admin.page.locator("[data-reorder] > li")
    expect(rows).to_have_count(3)
    rows.first.get_by_role("button", name="Chuyển xuống").focus()
    with leaving(admin.page):
        admin.page.keyboard.press("Enter")
    expect(rows.nth(1).get_by_role("button", name="Chuyển xuống")).to_be_focused()


def rehearse(admin: Officer) -> None:
    """Up to the new step, which comes to the vice chair; kept as a test."""
    admin.page.goto("/quy-trinh/task_lifecycle/thiet-lap-nhanh")
    admin.follow("Diễn tập")
    admin.follow("Diễn tập mới")
    admin.press("Bắt đầu")
    admin.choose("Nhận việc")
    admin.page.get_by_label("Giao cho").select_option(index=1)
    admin.press("Xác nhận")
    admin.choose("Đang thực hiện, còn làm tiếp")
    admin.fill("Kết quả", "Đã khảo sát 6 điểm.")
    is_asked_before_time_passes(admin)
    admin.press("Gửi báo cáo")
    admin.sees(BEFORE)
    admin.choose("Gửi báo cáo")
    admin.press("Gửi quyết định")
    admin.sees(ADDED)
    admin.sees("Phó Chủ tịch phụ trách VH-XH: Việc mới")
    is_accessible(admin)
    admin.fill("Giữ làm bài thử, tên là", "Phó Chủ tịch xem trước khi gửi")
    admin.press("Giữ làm bài thử")
    admin.notices("Đã giữ làm bài thử.")


def is_asked_before_time_passes(admin: Officer) -> None:
    """What was typed in the step's form would be lost; who stays has it still, and may send it."""
    admin.stays_when_asked(admin.page.get_by_role("button", name="1 ngày làm việc nữa", exact=True))
    expect(admin.page.get_by_label("Kết quả", exact=True)).to_have_value("Đã khảo sát 6 điểm.")


def deploy(admin: Officer) -> None:
    admin.page.goto("/quy-trinh/task_lifecycle")
    admin.follow("Xem thay đổi và triển khai")
    admin.sees(f"Bước “{ADDED}”")
    expect(admin.page.locator("main")).to_contain_text(re.compile(r"Phó Chủ tịch xem trước khi gửi\s*Như cũ"))
    is_accessible(admin)
    admin.fill("Lý do triển khai", "Theo kết luận giao ban: Phó Chủ tịch xem báo cáo trước khi gửi.")
    admin.press("Triển khai")
    admin.notices("Đã triển khai")


def move_cases(admin: Officer) -> None:
    admin.open(admin.page.get_by_role("link", name=re.compile("sang bản này.*phiên bản 2")))
    is_accessible(admin)
    admin.press("Thử trên", exact=False)
    admin.waits_for(admin.page.get_by_role("button", name=re.compile(r"^Chuyển \d+ hồ sơ$")))
    is_accessible(admin)
    admin.fill("Lý do chuyển hồ sơ", "Hồ sơ đang chạy cũng qua Phó Chủ tịch.")
    admin.open(admin.page.get_by_role("button", name=re.compile(r"^Chuyển \d+ hồ sơ$")))
    admin.waits_for(admin.page.get_by_text(re.compile(r"Đã chuyển cả \d+ hồ sơ")))


def approve_as_the_head(head: Officer) -> None:
    """A case that began before goes on by the new version."""
    head.go("Báo cáo của đơn vị")
    article = head.page.get_by_role("article").first
    head.waits_for(article.get_by_role("checkbox", name="Chọn nội dung này")).check()
    head.choose("Gửi báo cáo", article)
    head.press("Gửi báo cáo")
    head.notices("Đã gửi 1 nội dung")


def read_as_the_vice_chair(vice_chair: Officer) -> None:
    vice_chair.open_step(ADDED)
    vice_chair.fill("Ý kiến của Phó Chủ tịch", "Nhất trí, cho gửi.")
    vice_chair.press("Gửi ý kiến")
    vice_chair.notices("Đã gửi")
