"""Several rows at once: chosen on a desk and on a phone, counted, and sent together."""

from playwright.sync_api import Page, expect

from tests.browser.test_components import received


def test_all_rows_are_chosen_on_a_phone_too(phone: Page) -> None:
    phone.goto("/list")
    phone.get_by_text("Chọn tất cả", exact=True).click()
    rows = phone.locator("[data-bulk-item]:not(:disabled)")
    expect(phone.locator("[data-bulk-item]:checked")).to_have_count(rows.count())


def test_chosen_rows_are_counted_and_carried_into_the_dialog(desk: Page) -> None:
    desk.goto("/list")
    expect(desk.get_by_role("button", name="Nhận việc")).to_be_hidden()
    boxes = desk.locator("[data-bulk-item]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(desk.get_by_text("Đã chọn 3/6")).to_be_visible()
    boxes.nth(1).uncheck()
    desk.get_by_role("button", name="Trả lại").click()
    desk.get_by_label("Lý do trả lại").fill("Không thuộc đơn vị")
    desk.get_by_role("dialog").get_by_role("button", name="Trả lại").click()
    assert received(desk) == {"csrf_token": ["x"], "why": ["Không thuộc đơn vị"], "task": ["1", "3"]}


def test_pressing_a_decision_that_is_chosen_already_means_its_row(desk: Page) -> None:
    desk.goto("/kit")
    desk.get_by_label("Đạt", exact=True).click()
    expect(desk.get_by_label("Chọn nội dung này")).to_be_checked()


def test_one_choice_sets_those_of_several_steps(desk: Page) -> None:
    desk.goto("/kit")
    desk.get_by_label("Giao cho: tất cả 3 việc").select_option("Bình")
    desk.get_by_label("Giao cho: Việc 2").select_option("An")
    chosen = desk.locator("[data-batch] select[name]")
    assert [choice.input_value() for choice in chosen.all()] == ["Bình", "An", "Bình"]
