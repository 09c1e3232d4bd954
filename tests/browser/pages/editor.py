"""The diagram editor, as whoever draws sees it."""

from playwright.sync_api import Locator, Page, expect


def edit(page: Page, procedure: str) -> None:
    """Open a procedure's draft, from the list of procedures."""
    page.goto("/quy-trinh")
    page.get_by_role("region", name=procedure).get_by_role("button", name="Sửa").press("Enter")
    expect_ready(page)


def expect_ready(page: Page) -> None:
    expect(page.locator("[data-procedure-editor][data-ready]")).to_be_visible()


def status(page: Page) -> Locator:
    """What the editor says of the draft."""
    return page.locator("[data-editor-status]")


def expect_saved(page: Page) -> None:
    expect(status(page)).to_contain_text("Đã lưu nháp lúc")


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Thuộc tính")


def choose(page: Page, step: str, name: str) -> Locator:
    """Choose a shape of that name on the drawing; the field of the name."""
    page.locator(f'.djs-shape[data-element-id="{step}"] .djs-hit').first.dispatch_event("click", {"button": 0})
    field = panel(page).get_by_label("Tên", exact=True)
    expect(field).to_have_value(name)
    return field


def look_around(page: Page) -> None:
    """As the page does every few seconds, and when one comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def drawing_of(page: Page, key: str) -> bytes:
    """What the server has of a draft."""
    body: bytes = page.request.get(f"/quy-trinh/{key}/ban-nhap.bpmn").body()
    return body
