"""An administrator moves the running cases to a new version, and looks where they are, on a desk and on a telephone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.test_administration import is_too_wide, sign_in
from tests.engine.edited import with_a_step_after, with_another_id
from tests.support.browsers import NewPage, leaving
from tests.support.servers import LiveServer

KEY = "task_lifecycle"


def looks_well(page: Page) -> None:
    """For those who listen, and without scrolling sideways."""
    expect(page.locator("[data-diagram-message]")).to_have_count(0)
    assert (violations(page), is_too_wide(page)) == ([], False), page.url


@pytest.mark.prove
def test_running_cases_are_moved_and_found_on_the_diagram(
    demo_server: LiveServer, new_page: NewPage, new_phone: NewPage, tmp_path: Path
) -> None:
    edited = with_another_id(with_a_step_after(KEY, lambda step: step == "check"), "accept", "receive")
    file = tmp_path / "edited.bpmn"
    file.write_bytes(edited)
    demo_server.run("definition", "deploy", str(file), "--reason", "Thêm bước xem lại")

    desk, phone = new_page(base_url=demo_server.url), new_phone(base_url=demo_server.url)
    for page in (desk, phone):
        sign_in(page, "quantri")
        page.goto(f"/quy-trinh/{KEY}")
        with leaving(page):
            page.get_by_role("link", name=re.compile("^Chuyển hồ sơ đang chạy sang bản này.*2$")).click()
        looks_well(page)
    desk.get_by_label("Chỗ ở bản 2 cho “Nhận việc”").select_option("receive")
    with leaving(desk):
        desk.get_by_role("button", name="Thử trên").click()
    move = desk.get_by_role("button", name=re.compile(r"^Chuyển \d+ hồ sơ$"))
    cases = move.inner_text().split()[1]
    looks_well(desk)
    desk.get_by_label("Lý do chuyển hồ sơ").fill("Thêm bước xem lại sau kiểm tra")
    move.click()
    expect(desk.get_by_text(f"Đã chuyển cả {cases} hồ sơ")).to_be_visible()
    phone.goto(desk.url)
    looks_well(phone)

    for page in (desk, phone):
        page.goto(f"/quy-trinh/{KEY}")
        with leaving(page):
            page.get_by_role("link", name=re.compile("^Hồ sơ trên sơ đồ.*2$")).click()
        looks_well(page)
    waiting = desk.get_by_role("figure").get_by_role(
        "link", name=re.compile("^Thực hiện, báo kết quả: .* hồ sơ đang chờ")
    )
    (count,) = re.findall(r": (\d+) hồ sơ", waiting.get_attribute("aria-label") or waiting.inner_text())
    waiting.click()
    expect(desk.get_by_role("heading", name="Hồ sơ đang chờ ở “Thực hiện, báo kết quả”")).to_be_visible()
    expect(desk.locator("tbody tr")).to_have_count(int(count))
    looks_well(desk)
