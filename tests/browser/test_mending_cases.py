"""An administrator mends a running case in the browser: what is asked follows what is chosen, and the history tells."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from engine.database import connect
from engine.models import UserTask, UserTaskState
from tests.browser.accessibility import violations
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import LiveServer


def reviewed_case(url: str) -> str:
    """A case of the demo ward whose unit's report is being reviewed."""
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.scalar(
            sa.select(UserTask.instance_id).where(
                UserTask.element_id == "unit_review", UserTask.state == UserTaskState.OPEN
            )
        )
    engine.dispose()
    return str(found)


@pytest.mark.prove
def test_a_case_is_set_back_and_a_step_is_skipped(
    demo_server: LiveServer, demo_url: str, new_page: NewPage, new_phone: NewPage
) -> None:
    case = reviewed_case(demo_url)
    page = new_page(base_url=demo_server.url)
    admin = Officer(page, "quantri")
    page.goto(f"/ho-so/{case}")
    admin.follow("Thao tác quản trị")
    for summary in page.locator("details.q-operation > summary").all():
        summary.click()
    assert violations(page) == []

    back = page.locator("#quay-lai")
    admin.open(back.get_by_role("button", name="Quay lại", exact=True))
    expect(page.locator("#quay-lai [data-error-summary]")).to_contain_text("Chưa nhập lý do.")
    back = page.locator("#quay-lai")
    back.get_by_label("Quay lại bước").select_option(index=1)
    back.get_by_label("Lý do").fill("Thiếu số liệu của quý IV")
    back.get_by_label("Tôi hiểu").check()
    admin.open(back.get_by_role("button", name="Quay lại", exact=True))
    admin.notices("Hồ sơ đã quay lại.")
    admin.sees("Thiếu số liệu của quý IV")
    admin.sees("không còn cần làm")

    admin.follow("Thao tác quản trị")
    page.locator("#sua-du-lieu > summary").click()
    data = page.locator("#sua-du-lieu")
    asked = data.get_by_label("Giá trị đúng", exact=True).locator("visible=true")
    expect(asked).to_have_count(0)  # Until it is known of what.
    data.get_by_label("Dữ liệu cần sửa").select_option(index=1)
    expect(asked).to_have_count(1)

    page.locator("#bo-qua > summary").click()
    skip = page.locator("#bo-qua")
    skip.get_by_label("Bước bỏ qua").select_option(index=1)
    skip.get_by_label("Lý do").fill("Đơn vị đã báo cáo bằng văn bản")
    skip.get_by_label("Tôi hiểu").check()
    page.context.set_offline(True)
    skip.get_by_role("button", name="Bỏ qua", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Mất kết nối mạng. Nội dung bạn nhập vẫn còn trên trang này")
    expect(skip.get_by_label("Lý do")).to_have_value("Đơn vị đã báo cáo bằng văn bản")
    page.context.set_offline(False)
    admin.open(skip.get_by_role("button", name="Bỏ qua", exact=True))
    admin.sees("Bỏ qua bước")
    admin.sees("Đơn vị đã báo cáo bằng văn bản")

    phone = new_phone(base_url=demo_server.url)
    Officer(phone, "quantri")
    phone.goto(f"/ho-so/{case}/thao-tac")
    for summary in phone.locator("details.q-operation > summary").all():
        summary.click()
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    back = phone.locator("#quay-lai")
    back.get_by_label("Lý do").fill("Thiếu số liệu của quý I")
    phone.context.clear_cookies()
    back.get_by_role("button", name="Quay lại", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("Phiên đăng nhập đã hết")
    expect(back.get_by_label("Lý do")).to_have_value("Thiếu số liệu của quý I")
