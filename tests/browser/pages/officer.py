"""Somebody at work in a browser of their own."""

import re
import time
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

from playwright.sync_api import Error, Locator, Page, TimeoutError, expect

from tests.support.browsers import leaving
from webapp.demo.organisation import PASSWORD

PATIENCE_SECONDS = 300
GLANCE_MS = 400


class Officer:
    """A signed-in person; pages are reached as people reach them."""

    def __init__(self, page: Page, username: str) -> None:
        self.page = page
        page.goto("/dang-nhap")
        page.get_by_label("Tên đăng nhập").fill(username)
        page.get_by_role("textbox", name="Mật khẩu").fill(PASSWORD)
        self.press("Đăng nhập")
        expect(page.locator("body[data-signed-in]")).to_be_visible()

    # --- getting about ---

    def go(self, place: str) -> None:
        """Follow an entry of the main navigation."""
        places = self.page.get_by_role("navigation", name="Các phần", exact=True)
        self.open(places.get_by_role("link", name=place))

    def follow(self, name: str, within: Locator | None = None) -> None:
        self.open((within or self.page).get_by_role("link", name=name).first)

    def press(self, name: str, *, exact: bool = True) -> None:
        """Send a form by one of its buttons."""
        self.open(self.page.get_by_role("button", name=name, exact=exact))

    def open(self, leading: Locator) -> None:
        """Click what leads to another page, and be there."""
        with leaving(self.page):
            leading.click()

    def stays_when_asked(self, leading: Locator) -> None:
        """Click what would lose what was typed: the browser asks, and they stay."""
        with self.page.expect_event("dialog") as asked:
            self.page.once("dialog", lambda dialog: dialog.dismiss())
            leading.click(no_wait_after=True)
        assert asked.value.type == "beforeunload"

    def ask(self, name: str) -> None:
        """Press a button that asks first."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def agree(self, name: str) -> None:
        """Say yes in the dialog that asks."""
        self.open(self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True))

    def notices(self, text: str) -> None:
        """The page says so."""
        expect(self.page.locator(".q-flashes")).to_contain_text(text)

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def waits_for(self, locator: Locator) -> Locator:
        """Load the page anew until something is there that background work brings about."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = locator.first
            try:
                found.wait_for(timeout=GLANCE_MS)
            except TimeoutError:
                assert time.monotonic() < deadline, f"{locator} did not come at {self.page.url}"
                with suppress(Error):  # A page whose loading was broken off is asked for again.
                    self.page.reload()
            else:
                return found

    # --- steps ---

    def open_step(self, step: str, about: str = "") -> None:
        """Open a step from Hộp việc, in whichever of its lists it stands, when it has come."""
        name = re.compile(rf"{re.escape(step)}.*{re.escape(about)}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (link := self._listed(name)) is None:
            assert time.monotonic() < deadline, f"{name.pattern} did not come to {self.page.url}"
            self.page.wait_for_timeout(GLANCE_MS)
        self.open(link)

    def _listed(self, name: re.Pattern[str]) -> Locator | None:
        """A page is looked at when it is there: its address is followed, for a click returns before that."""
        links = self.page.get_by_role("link", name=name)
        for tab in ("cua-toi", "cho-nhan"):
            self.page.goto(f"/hop-viec?ds={tab}")
            far = self.page.get_by_role("link", name="Còn xa hạn")
            if not links.count() and far.count():
                self.page.goto(far.get_attribute("href") or "")
            if links.count():
                return links.first
        return None

    def choose(self, option: str, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("radio", name=option, exact=True).check()

    def pick(self, label: str, option: str) -> None:
        """Choose from a list by how the choice begins."""
        chooser = self.page.get_by_label(label).and_(self.page.get_by_role("combobox"))
        value = chooser.get_by_role("option", name=option).first.get_attribute("value")
        chooser.select_option(value)

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """The text field whose label begins so; what must be filled in ends with a star."""
        return (within or self.page).get_by_role("textbox", name=re.compile(rf"^{re.escape(label)}")).first

    def fill(self, label: str, text: str, within: Locator | None = None) -> None:
        self.field(label, within).fill(text)

    def fill_kept(self, label: str, text: str) -> None:
        """Type what is then on the server as a draft."""
        with self.page.expect_response(
            lambda answer: answer.url.endswith("/nhap") and text in unquote_plus(answer.request.post_data or "")
        ):
            self.fill(label, text)

    def attach(self, name: str, content: bytes, media_type: str, within: Locator | None = None) -> None:
        """Choose a file and wait until it has gone up."""
        area = (within or self.page).locator("[data-upload]").first
        file: Any = {"name": name, "mimeType": media_type, "buffer": content}
        area.locator("input[type=file]").first.set_input_files(file)
        expect(area.locator("[data-upload-list]")).to_contain_text(f"{name}")
        expect(area.locator("[data-uploading]")).to_have_count(0)
        expect(area.locator("[data-upload-list] input[type=hidden]")).to_have_count(1)

    def told(self, title: str) -> Locator:
        """A notification of that title."""
        self.page.goto("/thong-bao")
        return self.waits_for(self.page.get_by_role("button", name=title))
