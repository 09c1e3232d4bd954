"""A step that is added behind another, by the panel or upon an arrow."""

from itertools import product
from typing import Any, NamedTuple

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests.browser.pages.editor import choose, drawing_of, edit, expect_saved, panel
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.servers import StartServer

STEPS = {"accept": "Nhận việc", "self_check": "Kiểm tra chéo (tự báo cáo)", "execute": "Thực hiện, báo kết quả"}
NAMES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL", "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}  # fmt: skip
NODES = "//bpmn:lane/bpmn:flowNodeRef/text()"


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not beside and self.top < other.bottom and other.top < self.bottom


def box_of(drawing: Any, element: str) -> Box:
    (bounds,) = drawing.xpath(f"//di:BPMNShape[@bpmnElement='{element}']/dc:Bounds", namespaces=NAMES)
    x, y, width, height = (float(bounds.get(side)) for side in ("x", "y", "width", "height"))
    return Box(x, y, x + width, y + height)


def lane_of(drawing: Any, element: str | None) -> str:
    (lane,) = drawing.xpath(f"//bpmn:lane[bpmn:flowNodeRef='{element}']/@id", namespaces=NAMES)
    return str(lane)


@pytest.mark.prove
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_it_stands_in_the_lane_of_the_step_before_it_and_over_no_other(
    start_server: StartServer, organisation_url: str, new_page: NewPage
) -> None:
    """The lane says who does it. These lanes have little room."""
    server = start_server(organisation_url, "--no-scheduler")
    page = Officer(new_page(base_url=server.url), "quantri").page
    edit(page, "Thực hiện nhiệm vụ của kế hoạch")
    added = {}
    for step, name in STEPS.items():
        field = choose(page, step, name)
        panel(page).get_by_role("button", name="Thêm bước sau hình này").press("Enter")
        expect(field).to_have_value("")
        added[page.locator(".djs-shape.selected").get_attribute("data-element-id") or ""] = step
    expect_saved(page)
    drawing = etree.fromstring(drawing_of(page, "task_lifecycle"))
    assert {one: lane_of(drawing, one) for one in added} == {one: lane_of(drawing, step) for one, step in added.items()}
    boxes = {node: box_of(drawing, node) for node in drawing.xpath(NODES, namespaces=NAMES)}
    others = [(one, other) for one, other in product(added, boxes) if one != other]
    assert [pair for pair in others if boxes[pair[0]].meets(boxes[pair[1]])] == []


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_upon_an_arrow_too_short_for_it_what_lies_ahead_makes_room(
    start_server: StartServer, organisation_url: str, new_page: NewPage
) -> None:
    """An arrow of 25 points between two shapes: the step stands between them, in their row, tied to both."""
    server = start_server(organisation_url, "--no-scheduler")
    page = Officer(new_page(base_url=server.url), "quantri").page
    edit(page, "Thực hiện nhiệm vụ của kế hoạch")
    ahead = page.locator('.djs-shape[data-element-id="unit_approved"]')
    before = ahead.get_attribute("transform") or ""
    drop_step_upon(page, "unit_review_to_unit_approved")
    expect(panel(page).get_by_label("Tên", exact=True)).to_have_value("")
    added = page.locator(".djs-shape.selected").get_attribute("data-element-id") or ""
    expect_saved(page)
    drawing = etree.fromstring(drawing_of(page, "task_lifecycle"))
    flows = {(flow.get("sourceRef"), flow.get("targetRef")) for flow in drawing.iterfind(".//bpmn:sequenceFlow", NAMES)}
    assert flows >= {("unit_review", added), (added, "unit_approved")}
    behind, step, next_one = (box_of(drawing, one) for one in ("unit_review", added, "unit_approved"))
    assert behind.right < step.left < step.right < next_one.left
    assert behind.top + behind.bottom == step.top + step.bottom
    boxes = {node: box_of(drawing, node) for node in drawing.xpath(NODES, namespaces=NAMES)}
    assert [one for one, box in boxes.items() if one != added and box.meets(step)] == []
    page.keyboard.press("Escape")
    page.get_by_label("Hoàn tác").press("Enter")
    expect(page.locator(f'.djs-shape[data-element-id="{added}"]')).to_have_count(0)
    expect(ahead).to_have_attribute("transform", before)


def drop_step_upon(page: Page, arrow: str) -> None:
    """By the mouse: the palette's step, then the middle of an arrow."""
    page.locator('.djs-palette [data-action="create.task"]').click()
    box = page.locator(f'.djs-connection[data-element-id="{arrow}"] .djs-hit').bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.up()
