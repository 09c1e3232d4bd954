"""Take the guide's screenshots from a running demo ward: `python scripts/guide_images.py http://127.0.0.1:8000`.

The demo ward must be freshly loaded. Needs the development requirements and Debian's chromium.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "guide" / "images"
PASSWORD = "quytrinh-demo"  # noqa: S105  the demo ward's, printed at its loading
SHOTS = {
    "hop-viec": ("vhxh.cv1", ["/hop-viec"]),
    "trang-viec": ("vhxh.cv1", ["/hop-viec", "a[href^='/viec/']"]),
    "bao-cao-don-vi": ("vhxh.cv1", ["/bao-cao-don-vi"]),
    "ke-hoach": ("vhxh.tonghop", ["/ke-hoach", "main a[href^='/ke-hoach/']:not([href$='nhap'])"]),
    "ky-bao-cao": ("vhxh.tonghop", ["/ky-bao-cao", "main table a[href^='/ky-bao-cao/']"]),
    "phat-hanh": ("vanthu", ["/phat-hanh"]),
    "thiet-lap": ("quantri", ["/thiet-lap"]),
    "nguoi-dung": ("quantri", ["/nguoi-dung"]),
    "quy-trinh": ("quantri", ["/quy-trinh"]),
}


def main(base: str) -> None:
    """Take every picture anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        for name, (person, way) in SHOTS.items():
            page = _sign_in(browser, base, person)
            _walk(page, base, way)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.context.close()
        browser.close()


def _sign_in(browser: Browser, base: str, person: str) -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    page = context.new_page()
    page.goto(f"{base}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(person)
    page.get_by_label("Mật khẩu", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(lambda url: "dang-nhap" not in url)
    return page


def _walk(page: Page, base: str, way: list[str]) -> None:
    """A path is opened, anything else is a link to follow."""
    for step in way:
        if step.startswith("/"):
            page.goto(base + step)
        else:
            page.locator(step).first.click()
        page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
