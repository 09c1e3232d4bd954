"""The frame and the components in a real browser, under the content security policy of the product."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import violations
from tests.browser.workshop import Workshop, received
from tests.support.browsers import NewPage, leaving

PAGES = ["list", "step", "kit", "signin", "error/409", "error/500?stranger"]


def typed(page: Page) -> str:
    return page.get_by_label("Kết quả thực hiện").input_value()


@pytest.mark.prove
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_on_a_desk(desk: Page, path: str) -> None:
    desk.goto(f"/{path}")
    assert violations(desk) == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit_on_a_phone(phone: Page, path: str) -> None:
    phone.goto(f"/{path}")
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 375


def test_unfolded_conditions_of_a_list_stand_below_their_button(phone: Page) -> None:
    phone.goto("/list")
    button, first = phone.get_by_role("button", name="Thêm điều kiện"), phone.locator(".q-filter-fields select").first
    expect(first).to_be_visible()  # One of them is in force.
    above, below = button.bounding_box(), first.bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"]


def test_open_dialogs_and_menus_are_accessible(desk: Page) -> None:
    desk.goto("/list")
    desk.get_by_role("banner").locator("summary").first.click()
    assert violations(desk) == []
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    assert violations(desk) == []


def test_a_page_magnified_twice_needs_no_sideways_scrolling(workshop: Workshop, new_page: NewPage) -> None:
    page = new_page(base_url=workshop.url, viewport={"width": 640, "height": 400})
    for path in PAGES:
        page.goto(f"/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_a_refusal_says_its_reason_to_a_stranger(desk: Page) -> None:
    desk.goto("/error/403?stranger")
    expect(desk.get_by_text("Văn bản đã sửa sau khi ký nháy.")).to_be_visible()
    expect(desk.get_by_role("navigation")).to_have_count(0)


def test_a_draft_reaches_the_server_by_itself(desk: Page, workshop: Workshop) -> None:
    desk.goto("/step")
    desk.get_by_label("Kết quả thực hiện").fill("Đã tập huấn 40 người")
    expect(desk.get_by_text("Đã lưu nháp lúc 10:32")).to_be_visible()
    assert workshop.drafts[-1]["result"] == ["Đã tập huấn 40 người"]
    assert "csrf_token" not in workshop.drafts[-1]


def test_what_was_typed_offline_is_offered_and_taken_back(desk: Page, workshop: Workshop) -> None:
    desk.goto("/step")
    desk.context.set_offline(True)
    desk.get_by_label("Kết quả thực hiện").fill("Viết trong vùng mất sóng")
    desk.get_by_label("Trực tuyến").check()
    expect(desk.get_by_text("Mất mạng. Đã giữ trên máy này")).to_be_visible()
    workshop.refusing = 503  # When the line is back the server is not: nothing is confirmed.
    desk.context.set_offline(False)
    desk.reload()
    expect(desk.get_by_text("máy chủ chưa nhận")).to_be_visible()
    assert typed(desk) == ""
    desk.get_by_role("button", name="Lấy lại nội dung đó").click()
    assert typed(desk) == "Viết trong vùng mất sóng"
    expect(desk.get_by_label("Trực tuyến")).to_be_checked()


def test_a_draft_says_what_its_page_showed_and_never_brings_that_back(desk: Page, workshop: Workshop) -> None:
    desk.goto("/step?content=cu")
    desk.get_by_label("Kết quả thực hiện").fill("Thiếu số liệu quý IV")
    expect(desk.get_by_text("Đã lưu nháp lúc 10:32")).to_be_visible()
    assert workshop.drafts[-1]["content_hash"] == ["cu"]
    workshop.refusing = 503
    desk.get_by_label("Kết quả thực hiện").fill("Thiếu số liệu cả năm")
    expect(desk.get_by_text("Máy chủ chưa nhận được. Đã giữ trên máy này")).to_be_visible()
    desk.goto("/step?content=moi")
    desk.get_by_role("button", name="Lấy lại nội dung đó").click()
    assert typed(desk) == "Thiếu số liệu cả năm"
    expect(desk.locator("[name=content_hash]")).to_have_value("moi")


def test_the_draft_goes_up_when_the_line_is_back(desk: Page, workshop: Workshop) -> None:
    desk.goto("/step")
    desk.context.set_offline(True)
    desk.get_by_label("Kết quả thực hiện").fill("Chờ mạng")
    expect(desk.get_by_text("Mất mạng. Đã giữ trên máy này")).to_be_visible()
    desk.context.set_offline(False)
    expect(desk.get_by_text("Đã lưu nháp lúc 10:32")).to_be_visible()
    assert workshop.drafts[-1]["result"] == ["Chờ mạng"]


def test_sending_without_a_line_keeps_the_page_and_the_words(desk: Page) -> None:
    desk.goto("/step")
    desk.context.set_offline(True)
    desk.get_by_label("Kết quả thực hiện").fill("Không được mất")
    desk.get_by_role("button", name="Gửi báo cáo").click()
    expect(desk.get_by_role("alert")).to_contain_text("Chưa gửi được vì mất mạng")
    assert typed(desk) == "Không được mất"
    desk.context.set_offline(False)
    desk.get_by_role("button", name="Gửi báo cáo").click()
    assert received(desk)["result"] == ["Không được mất"]


def test_a_sent_draft_is_forgotten_and_a_refused_one_is_not(desk: Page) -> None:
    desk.goto("/step")
    desk.get_by_label("Kết quả thực hiện").fill("refuse")
    desk.get_by_role("button", name="Gửi báo cáo").click()
    expect(desk.get_by_label("Kết quả thực hiện")).to_have_value("refuse")
    desk.get_by_label("Kết quả thực hiện").fill("Lần này đúng")
    desk.get_by_role("button", name="Gửi báo cáo").click()
    expect(desk.locator("#received")).to_be_visible()
    assert desk.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('quytrinh:draft'))") == []


def test_an_ended_session_keeps_the_page_until_somebody_signed_in_again(desk: Page, workshop: Workshop) -> None:
    desk.goto("/step")
    workshop.signed_out = True
    desk.get_by_label("Kết quả thực hiện").fill("Viết từ sáng")
    desk.get_by_role("button", name="Gửi báo cáo").click()
    expect(desk.get_by_role("alert")).to_contain_text("Phiên đăng nhập đã hết")
    expect(desk.get_by_role("alert").get_by_role("link", name="Đăng nhập")).to_have_attribute("target", "_blank")
    workshop.signed_out, workshop.token = False, "another"
    desk.get_by_role("button", name="Gửi báo cáo").click()
    assert received(desk)["csrf_token"] == ["another"]
    assert received(desk)["result"] == ["Viết từ sáng"]


def test_a_step_that_somebody_else_did_says_so_while_typing(desk: Page, workshop: Workshop) -> None:
    workshop.refusing = 409
    desk.goto("/step")
    desk.get_by_label("Kết quả thực hiện").fill("Muộn rồi")
    expect(desk.get_by_role("status").filter(has_text="vừa được người khác xử lý")).to_be_visible()


def test_a_step_that_is_open_twice_keeps_the_draft_that_one_chooses(desk: Page, workshop: Workshop) -> None:
    desk.goto("/step")
    desk.get_by_label("Kết quả thực hiện").fill("Thẻ thứ nhất")
    expect(desk.get_by_text("Đã lưu nháp lúc 10:32")).to_be_visible()
    other = desk.context.new_page()
    other.goto("/step")
    other.get_by_label("Kết quả thực hiện").fill("Thẻ thứ hai")
    expect(other.get_by_text("Đã lưu nháp lúc 10:32")).to_be_visible()
    expect(desk.get_by_role("alert")).to_contain_text("ở một thẻ khác")
    desk.get_by_role("button", name="Làm tiếp ở thẻ này").click()
    expect(desk.get_by_text("Đã lưu nháp lúc 10:32")).to_be_visible()
    assert workshop.drafts[-1]["result"] == ["Thẻ thứ nhất"]
    with leaving(other):
        other.get_by_role("button", name="Lấy bản ở thẻ kia").click()
    assert typed(other) == "Thẻ thứ nhất"


def test_cells_of_a_copied_table_go_into_fields_of_their_own(desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-write"])
    desk.goto("/kit")
    desk.evaluate("text => navigator.clipboard.writeText(text)", "Số hội nghị\t2\r\nSố tin bài\t15\r\n")
    desk.get_by_label("Tên số liệu").focus()
    desk.keyboard.press("Control+V")
    fields = desk.locator("[data-row] input")
    expect(fields).to_have_count(4)
    assert [field.input_value() for field in fields.all()] == ["Số hội nghị", "2", "Số tin bài", "15"]
    chosen = desk.get_by_label("Chỉ tiêu của kế hoạch")
    assert [choice.input_value() for choice in chosen.all()] == ["", "7"], "One is named as an indicator of the plan."
    desk.get_by_role("button", name="Hoàn tác").click()
    expect(fields).to_have_count(2)
    expect(fields.first).to_have_value("")


def test_a_question_is_asked_before_sending(desk: Page) -> None:
    desk.goto("/step")
    desk.get_by_role("button", name="Không phát sinh").click()
    desk.get_by_role("dialog").get_by_role("button", name="Thôi").click()
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.get_by_role("button", name="Không phát sinh").click()
    desk.get_by_role("dialog").get_by_role("button", name="Gửi").click()
    assert received(desk)["do"] == ["none"]


def test_two_quick_clicks_ask_and_do_not_answer(desk: Page) -> None:
    desk.goto("/step")
    opener = desk.get_by_role("button", name="Không phát sinh")
    question = desk.get_by_role("dialog")
    opener.dblclick()
    question.get_by_role("button", name="Thôi").click()
    opener.click()
    answer = question.get_by_role("button", name="Gửi").bounding_box()
    assert answer is not None
    question.get_by_role("button", name="Thôi").click()
    opener.evaluate("(button, {x, y}) => button.style.cssText = `position: fixed; left: ${x}px; top: ${y}px`", answer)
    desk.mouse.dblclick(answer["x"] + 5, answer["y"] + 5)
    expect(question.get_by_role("button", name="Gửi")).to_be_visible()
    assert desk.url.endswith("/step")


def test_a_second_click_sends_nothing_more(desk: Page) -> None:
    sent: list[str] = []

    def count(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(status=204)

    desk.route("**/send", count)
    desk.goto("/signin")
    button = desk.get_by_role("button", name="Đăng nhập")
    with desk.expect_response("**/send"):
        button.dblclick()
    expect(button).to_be_disabled()
    assert len(sent) == 1


def test_shortcuts_act_but_never_while_typing(desk: Page) -> None:
    desk.goto("/list")
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox", name="Tìm", exact=True)).to_be_focused()
    desk.keyboard.type("báo cáo a?")
    expect(desk.get_by_role("searchbox", name="Tìm", exact=True)).to_have_value("báo cáo a?")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.get_by_role("heading", level=1).click()
    desk.locator("[data-bulk-item]").nth(1).check()
    desk.keyboard.press("a")
    assert received(desk)["do"] == ["accept"]


def test_shortcuts_can_be_switched_off(desk: Page) -> None:
    desk.goto("/list")
    desk.keyboard.press("?")
    desk.get_by_label("Dùng phím tắt").uncheck()
    desk.get_by_role("button", name="Đóng").click()
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox", name="Tìm", exact=True)).not_to_be_focused()


def test_the_diagram_shows_where_the_case_is(desk: Page) -> None:
    desk.goto("/step")
    expect(desk.locator('[data-element-id="Task_B"].is-current')).to_be_visible()
    expect(desk.locator('[data-element-id="Task_A"].is-visited')).to_be_visible()
    expect(desk.get_by_role("link", name="bpmn")).to_be_visible()  # The licence: the mark of bpmn.io stays.
    desk.get_by_role("button", name="Phóng to sơ đồ").click()


EARLY = "Nhắc trước hạn 5 ngày làm việc, 08:00: Người đang giữ việc"
SOON = "Nhắc trước hạn 2 giờ: Người đang giữ việc"
LATE = "Đôn đốc khi quá hạn 1 ngày làm việc, 08:00: Trưởng đơn vị – Đơn vị chủ trì"


def test_the_timers_of_reminders_are_drawn_on_the_step(desk: Page) -> None:
    """One symbol for what comes until the due day, one for what comes after; each says its levels to eye and ear."""
    desk.goto("/step")
    before = desk.get_by_role("img", name=f"Thực hiện. {EARLY}; {SOON}", exact=True)
    after = desk.get_by_role("img", name=f"Thực hiện. {LATE}", exact=True)
    words = desk.locator(".q-timer-tip")
    expect(before).to_be_visible()
    assert violations(desk) == []
    before.focus()
    expect(words).to_have_text(EARLY + SOON)
    desk.keyboard.press("ArrowRight")
    expect(after).to_be_focused()
    expect(words).to_have_text(LATE)
    desk.keyboard.press("Escape")
    expect(words).to_be_hidden()
    before.hover()
    expect(words).to_have_text(EARLY + SOON)
    desk.get_by_role("button", name="Hiện mọi mốc nhắc").click()
    expect(desk.locator(".q-timer")).to_have_text(["−5", "−2h", "+1"])


def test_a_diagram_that_does_not_arrive_says_where_else_the_steps_are(desk: Page) -> None:
    for address in ("**/case.bpmn", "**/bo-phan.json"):
        desk.route(address, lambda route: route.abort())
    desk.goto("/step")
    expect(desk.locator("[data-diagram-message]")).to_contain_text("xem danh sách các bước")


def test_the_diagram_fills_the_screen_where_a_finger_moves_it(phone: Page) -> None:
    phone.goto("/step")
    phone.get_by_role("button", name="Mở sơ đồ toàn màn hình").click()
    dialog = phone.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(phone) == []
    moved = dialog.locator("[data-diagram-canvas]").evaluate(
        """async canvas => {
            const left = () => canvas.querySelector('[data-element-id="Task_B"]').getBoundingClientRect().x;
            const one = { pointerType: "touch", pointerId: 1, clientY: 300 };
            const finger = (type, clientX) => canvas.dispatchEvent(new PointerEvent(type, { ...one, clientX }));
            const before = left();
            finger("pointerdown", 100);
            finger("pointermove", 60);
            finger("pointerup", 60);
            for (let frames = 0; frames < 300 && left() === before; frames++) await new Promise(requestAnimationFrame);
            return left() - before;
        }"""
    )
    assert round(moved) == -40
    phone.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(phone.get_by_role("button", name="Mở sơ đồ toàn màn hình")).to_be_focused()


def test_what_htmx_cannot_do_is_said(desk: Page) -> None:
    desk.goto("/kit")
    desk.get_by_role("button", name="htmx 409").click()
    expect(desk.get_by_role("alert")).to_contain_text("Việc này vừa được bà Lan xử lý.")
    expect(desk.locator("#hx")).to_have_text("cũ")
    desk.get_by_role("button", name="htmx 200").click()
    expect(desk.locator("#hx")).to_have_text("Mới")
    expect(desk.locator(".q-toast").filter(has_text="Đã nhắc 3 đơn vị.")).to_be_visible()


def test_a_message_goes_once_somebody_is_there_and_an_undo_only_for_the_next_one(desk: Page, tmp_path: Path) -> None:
    desk.clock.install()
    desk.goto("/kit")
    desk.get_by_role("button", name="htmx 200").click()
    message = desk.locator(".q-toast").filter(has_text="Đã nhắc 3 đơn vị.")
    expect(message).to_be_visible()
    desk.clock.fast_forward("01:00")
    expect(message).to_be_visible()
    desk.keyboard.press("Shift")
    desk.clock.fast_forward("01:00")
    expect(message).to_have_count(0)
    desk.goto("/step")
    files = [tmp_path / "một.txt", tmp_path / "hai.txt"]
    for file in files:
        file.write_text("minh chứng")
    desk.get_by_label("Minh chứng").set_input_files(files)
    for file in files:
        desk.get_by_role("button", name=f"Bỏ tệp {file.name}").click()
        desk.clock.fast_forward("01:00")
        expect(desk.get_by_role("button", name="Hoàn tác")).to_have_count(1)


def test_a_password_can_be_looked_at(desk: Page) -> None:
    desk.goto("/signin")
    desk.get_by_label("Mật khẩu hoặc mã một lần").fill("bí mật")
    desk.get_by_role("button", name="Hiện mật khẩu").click()
    expect(desk.get_by_label("Mật khẩu hoặc mã một lần")).to_have_attribute("type", "text")


def test_text_is_copied_for_pasting(desk: Page) -> None:
    desk.goto("/kit")
    desk.get_by_role("button", name="Chép lời đôn đốc").click()
    expect(desk.get_by_text("Đã chép. Dán vào nơi cần gửi.")).to_be_visible()


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(desk: Page) -> None:
    desk.goto("/kit")
    menu = desk.locator("details.q-menu").first
    menu.locator("summary").click()
    desk.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    desk.get_by_role("heading", level=1).click(position={"x": 5, "y": 5})
    expect(menu).not_to_have_attribute("open", "")
