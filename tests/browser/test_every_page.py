"""Every page that people can reach in the demo ward by following links: it opens, fits a phone, and is accessible.

A page that throws an error or violates the content security policy fails in any case: the fixture sees to it.
"""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import be_ready, violations
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.proofs import is_thorough
from tests.support.servers import StartServer

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d")
FILES = re.compile(r"^/tep/|\.(pdf|docx|xlsx|xml|zip|bpmn|form|json)$")
FORM = re.compile(r"(?<=-bieu-mau/)\w+")
MOST_OF_A_KIND = 1
MUST_SEE = {
    "khdt.cv1": {"/hop-viec", "/viec/…", "/ho-so/…", "/bao-cao-don-vi/…/…", "/ke-hoach", "/thong-bao", "/tai-khoan"},
    "khdt.truong": {
        "/hop-viec", "/viec/…", "/bao-cao-don-vi/…/…", "/tai-khoan/ma", "/vang-mat/moi", "/ket-qua", "/kho-khan",
    },
    "0900000001": {"/hop-viec", "/viec/…", "/bao-cao-don-vi/…/…"},
    "vhxh.tonghop": {
        "/ke-hoach/…", "/ke-hoach/nhap", "/ky-bao-cao/…", "/ky-bao-cao/mo", "/ky-bao-cao/…/kiem-tra",
        "/ke-hoach/…/chi-tieu", "/chi-tieu/…", "/ke-hoach/…/lich", "/ke-hoach/…/dieu-chinh",
    },
    "vhxh.truong": {"/hop-viec", "/duyet-ky", "/ky-bao-cao/…"},
    "vanphong": {"/duyet-ky", "/ky-bao-cao/…", "/quy-trinh"},
    "pct.vhxh": {"/duyet-ky", "/hop-viec", "/viec/…"},
    "chutich": {"/duyet-ky", "/ky-bao-cao/…", "/ke-hoach/…", "/ho-so/…"},
    "vanthu": {"/phat-hanh", "/quy-trinh"},
    "quantri": {"/nguoi-dung/…", "/nguoi-dung/nhap", "/don-vi/…", "/lich-lam-viec", "/thiet-lap", "/su-co", "/dong-ho"},
}  # fmt: skip
NOTHING = re.compile("(?!)")
SHARES = {
    ("vhxh.tonghop", "phone"): re.compile("/quy-trinh"),
    ("quantri", "desk"): re.compile("/(ke-hoach|ky-bao-cao|bao-cao-don-vi|chi-tieu|ket-qua|kho-khan|lien-he|vang-mat)"),
}
"""Each time those who see most between them, each without the pages that the other one goes to."""
WALKS = [pytest.param(*walk, left_out, id=f"{'-'.join(walk)}-share") for walk, left_out in SHARES.items()] + [
    pytest.param(who, screen, NOTHING, id=f"{who}-{screen}", marks=pytest.mark.prove)
    for who in MUST_SEE
    for screen in ("desk", "phone")
]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # What a page looks like does not depend on it.
@pytest.mark.parametrize(("username", "screen", "left_out"), WALKS)
def test_every_page_opens_fits_and_is_accessible(
    start_server: StartServer,
    demo_url: str,
    new_page: NewPage,
    pytestconfig: pytest.Config,
    username: str,
    screen: str,
    left_out: re.Pattern[str],
) -> None:
    server = start_server(demo_url, "--no-scheduler")
    page = new_page(base_url=server.url, viewport={"desk": DESK, "phone": PHONE}[screen])
    Officer(page, username)
    be_ready(page)
    walk = Walk(page, each_form=is_thorough(pytestconfig), left_out=left_out)
    walk.on()
    assert not walk.faults, "\n".join(walk.faults)
    assert MUST_SEE[username] <= set(walk.kinds)
    assert "Traceback" not in server.log.read_text()


class Walk:
    """Follows links from page to page, one of each kind; the forms of a procedure are one kind, or each its own."""

    def __init__(self, page: Page, *, each_form: bool, left_out: re.Pattern[str]) -> None:
        self._page, self._each_form, self._left_out = page, each_form, left_out
        self._known: set[str] = set()
        self.kinds: dict[str, int] = {}
        self.faults: list[str] = []

    def on(self) -> None:
        """From the page that is open, as far as links lead."""
        ahead = self._new_links()
        while ahead:
            path = ahead.pop(0)
            if FILES.search(urlsplit(path).path):
                self._fetch(path)
            elif self._open(path):
                self._judge(path)
                ahead += self._new_links()

    def _new_links(self) -> list[str]:
        hrefs = self._page.locator("a[href^='/']").evaluate_all("links => links.map(a => a.getAttribute('href'))")
        found = []
        for path in dict.fromkeys(href.partition("#")[0] for href in hrefs):
            if self._left_out.match(path):
                continue
            kind = self._kind_of(path)
            if path not in self._known and self.kinds.get(kind, 0) < MOST_OF_A_KIND:
                self._known.add(path)
                self.kinds[kind] = self.kinds.get(kind, 0) + 1
                found.append(path)
        return found

    def _fetch(self, path: str) -> None:
        status = self._page.request.get(path).status
        if status != 200:
            self.faults.append(f"{path}: {status}")

    def _open(self, path: str) -> bool:
        answer = self._page.goto(path)
        status = answer.status if answer else 0
        if status != 200:
            self.faults.append(f"{path}: {status}")
        self.kinds.setdefault(self._kind_of(self._page.url), 1)  # Where a redirect leads counts too.
        return status == 200

    def _judge(self, path: str) -> None:
        wide, room = self._page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > room:
            self.faults.append(f"{path}: {wide} wide on {room}")
        self.faults += [f"{path}: {violation}" for violation in violations(self._page)]

    def _kind_of(self, path: str) -> str:
        """The page without what it is about: `/ho-so/…`."""
        kind = NUMBERS.sub("…", urlsplit(path).path)
        return kind if self._each_form else FORM.sub("…", kind)
