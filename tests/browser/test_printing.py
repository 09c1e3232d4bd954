"""What people print: lists stay tables, nothing to click is on paper, a case's drawing is there whole."""

from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import StartServer

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # Paper does not depend on it.

BETWEEN_MARGINS = {"width": 680, "height": 980}
"""A sheet of A4 in the browser's pixels: narrower than a desk's screen."""
IN_FULL = 9.0
"""Points of the head of a page that is as wide as the paper; of a wider one everything is printed smaller."""


@pytest.fixture
def officer(start_server: StartServer, demo_url: str, new_page: NewPage) -> Officer:
    """Who sees most, before the demo ward's plan."""
    server = start_server(demo_url, "--no-scheduler")
    # Where motion is reduced, what changes is seen a moment later: too late for what looks when printing begins.
    officer = Officer(new_page(base_url=server.url, reduced_motion="no-preference"), "vhxh.tonghop")
    officer.go("Kế hoạch")
    officer.follow("Chuyển đổi số")
    return officer


def test_a_plan_prints_as_tables_with_nothing_to_click(officer: Officer) -> None:
    assert not any("Điềuchỉnh" in sheet for sheet in printed(officer.page))
    officer.page.emulate_media(media="print")
    officer.page.set_viewport_size(BETWEEN_MARGINS)
    expect(officer.page.get_by_role("columnheader", name="Tiến trình").first).to_have_css("display", "table-cell")
    expect(officer.page.get_by_role("row", name="Số hóa hồ sơ hộ tịch")).to_have_css("display", "table-row")


def test_a_case_prints_its_whole_drawing_and_is_not_shrunk_by_it(officer: Officer) -> None:
    officer.follow("Số hóa hồ sơ hộ tịch")
    expect(officer.page.get_by_role("button", name="Xem cả sơ đồ")).to_be_visible()
    officer.page.evaluate(COUNT_CUT_SHAPES)
    assert letter_size(officer.page) == IN_FULL
    assert officer.page.evaluate("window.cutShapes") == 0


@pytest.mark.parametrize("page", ["/lich-lam-viec", "/thiet-lap"])
def test_what_administrators_print_has_nothing_to_click_or_to_fill_in(
    start_server: StartServer, demo_url: str, new_page: NewPage, page: str
) -> None:
    server = start_server(demo_url, "--no-scheduler")
    administrator = Officer(new_page(base_url=server.url), "quantri")
    administrator.page.goto(page)
    expect(administrator.page.locator("main :is(.btn, input):visible")).not_to_have_count(0)
    administrator.page.emulate_media(media="print")
    expect(administrator.page.locator("main :is(.btn, input, textarea, select):visible")).to_have_count(0)


COUNT_CUT_SHAPES = """() => addEventListener("beforeprint", () => {
  const paper = document.querySelector("[data-diagram-canvas]").getBoundingClientRect();
  const shapes = [...document.querySelectorAll(".djs-shape > .djs-visual")].map((one) => one.getBoundingClientRect());
  window.cutShapes = shapes.filter(({ left, right }) => left < paper.left - 1 || right > paper.right + 1).length;
})"""


def paper(page: Page) -> bytes:
    return page.pdf(format="A4", prefer_css_page_size=True)


def printed(page: Page) -> list[str]:
    """What stands on each sheet, without its spaces: on paper each letter with a mark is a piece of its own."""
    return [sheet.extract_text().replace(" ", "") for sheet in PdfReader(BytesIO(paper(page))).pages]


def letter_size(page: Page) -> float:
    """How large the head of the first sheet stands on paper, in points."""
    sizes: list[float] = []

    def measure(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
        if "UBND" in text:
            sizes.append(round(size * tm[0] * cm[0], 2))

    PdfReader(BytesIO(paper(page))).pages[0].extract_text(visitor_text=measure)
    return sizes[0]
